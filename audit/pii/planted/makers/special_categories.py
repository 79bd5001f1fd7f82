"""Words of the special categories of personal data, in eight languages, behind words that tell them of a person.

Illnesses go through the chapters of the International Classification of Diseases (ICD-10), the other words through what
forms and censuses offer, so that no recogniser's list decides what is planted. Some words are on no such list.
"""

from __future__ import annotations

from audit.pii.planted.lists import one_of
from audit.pii.planted.numbers import Maker

_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
_VALUES = {
    "BIOMETRICS": {
        "en": "fingerprint|iris scan|voiceprint|palm vein pattern|DNA profile",
        "de": "Fingerabdruck|Irisscan|Stimmabdruck|DNA-Profil|Gesichtsgeometrie",
        "fr": "empreinte digitale|scan de l'iris|empreinte vocale|profil ADN",
        "es": "huella dactilar|escáner de iris|perfil de ADN|reconocimiento facial",
        "it": "impronta digitale|scansione dell'iride|profilo del DNA|impronta vocale",
        "nl": "vingerafdruk|irisscan|stemafdruk|DNA-profiel",
        "pl": "odcisk palca|skan tęczówki|profil DNA|wzorzec głosu",
        "pt": "impressão digital|leitura da íris|perfil de ADN|reconhecimento facial",
    },
    "ETHNIC_ORIGIN": {
        "en": "Hispanic|African American|Roma|Black Caribbean|Pacific Islander|Native American|White British|Kurdish",
        "de": "Sinti|kurdisch|Roma|sorbisch|jesidisch|afrodeutsch",
        "fr": "kurde|maghrébine|rom|kabyle|antillaise|berbère",
        "es": "gitana|mestizo|mapuche|quechua|afrodescendiente|indígena",
        "it": "rom|sinti|curda|ladina|afrodiscendente",
        "nl": "Koerdisch|Roma|Fries|Molukse|Hindoestaans",
        "pl": "romskie|kaszubskie|łemkowskie|karaimskie|śląskie",
        "pt": "cigana|indígena|quilombola|mestiça|negra",
    },
    "HEALTH": {
        "en": "asthma|epilepsy|breast cancer|HIV|tuberculosis|type 2 diabetes|haemophilia|an underactive thyroid|"
        "schizophrenia|panic attacks|multiple sclerosis|glaucoma|tinnitus|angina|high blood pressure|gallstones|"
        "psoriasis|rheumatoid arthritis|kidney stones|pre-eclampsia|Down syndrome|a slipped disc",
        "de": "Diabetes|Asthma|Epilepsie|Brustkrebs|Tuberkulose|Schilddrüsenunterfunktion|Schizophrenie|"
        "Multiple Sklerose|Tinnitus|Bluthochdruck|Gallensteinen|Schuppenflechte|Rheuma|einem Bandscheibenvorfall",
        "fr": "asthme|diabète|épilepsie|cancer du sein|tuberculose|hypothyroïdie|schizophrénie|sclérose en plaques|"
        "glaucome|hypertension|psoriasis|polyarthrite|hernie discale",
        "es": "diabetes|epilepsia|asma|cáncer de mama|tuberculosis|hipotiroidismo|esquizofrenia|esclerosis múltiple|"
        "glaucoma|hipertensión|cálculos biliares|psoriasis|artritis reumatoide",
        "it": "asma|diabete|epilessia|tumore al seno|tubercolosi|ipotiroidismo|schizofrenia|sclerosi multipla|glaucoma|"
        "ipertensione|calcoli renali|psoriasi|artrite reumatoide",
        "nl": "astma|epilepsie|diabetes|borstkanker|tuberculose|schizofrenie|multiple sclerose|glaucoom|"
        "hoge bloeddruk|galstenen|psoriasis|reuma|een hernia",
        "pl": "cukrzycę|padaczkę|astmę|raka piersi|gruźlicę|niedoczynność tarczycy|schizofrenię|stwardnienie rozsiane|"
        "jaskrę|nadciśnienie|kamicę nerkową|łuszczycę",
        "pt": "asma|epilepsia|diabetes|cancro da mama|tuberculose|hipotiroidismo|esquizofrenia|esclerose múltipla|"
        "glaucoma|hipertensão|psoríase|artrite reumatoide",
    },
    "POLITICS": {
        "en": "Democrat|Republican|communist|Tory|Labour|Liberal Democrat|anarchist|Green Party",
        "de": "SPD|CDU|Die Linke|AfD|FDP|Bündnis 90/Die Grünen|Piratenpartei",
        "fr": "communiste|socialiste|La France insoumise|Rassemblement national|gaulliste|écologiste",
        "es": "PSOE|Podemos|Partido Popular|Vox|comunista|Ciudadanos",
        "it": "comunista|Forza Italia|Lega|Partito Democratico|Fratelli d'Italia|radicale",
        "nl": "VVD|GroenLinks|PvdA|ChristenUnie|communist|SGP",
        "pl": "Konfederacja|komunista|Platforma Obywatelska|Lewica|ludowiec",
        "pt": "comunista|socialista|Bloco de Esquerda|Chega|monárquico",
    },
    "RELIGION": {
        "en": "Catholic|Muslim|Hindu|Jewish|Quaker|Sikh|Jain|Seventh-day Adventist|atheist|Methodist",
        "de": "katholisch|muslimisch|evangelisch|Zeugin Jehovas|alevitisch|konfessionslos|orthodox",
        "fr": "catholique|musulmane|protestante|athée|sikhe|témoin de Jéhovah",
        "es": "católica|budista|evangélica|testigo de Jehová|atea|musulmana",
        "it": "cattolica|ebrea|valdese|testimone di Geova|atea|buddhista",
        "nl": "katholiek|joods|gereformeerd|hindoe|atheïst|soefi",
        "pl": "katoliczka|prawosławna|świadek Jehowy|luteranka|ateistka",
        "pt": "católica|muçulmana|evangélica|testemunha de Jeová|ateia|umbandista",
    },
    "SEXUAL_ORIENTATION": {
        "en": "gay|lesbian|bisexual|asexual|pansexual|heterosexual",
        "de": "lesbisch|bisexuell|schwul|asexuell|heterosexuell",
        "fr": "homosexuel|lesbienne|bisexuelle|asexuelle|hétérosexuel",
        "es": "lesbiana|bisexual|homosexual|asexual|pansexual",
        "it": "lesbica|bisessuale|omosessuale|asessuale",
        "nl": "lesbisch|biseksueel|homoseksueel|aseksueel",
        "pl": "lesbijka|biseksualna|homoseksualna|aseksualna",
        "pt": "lésbica|bissexual|homossexual|assexual",
    },
    "TRADE_UNION": {
        "en": "trade union|Teamsters|UNISON|United Auto Workers|Unite the Union|shop stewards' committee",
        "de": "IG Metall|ver.di|GEW|Marburger Bund|Gewerkschaft der Polizei",
        "fr": "CGT|CFDT|Force ouvrière|syndicat Solidaires|CFTC",
        "es": "CCOO|sindicato|UGT|CSIF|Confederación General del Trabajo",
        "it": "CGIL|CISL|UIL|sindacato|FIOM",
        "nl": "FNV|vakbond|CNV|VCP",
        "pl": "OPZZ|NSZZ Solidarność|Sierpień 80|związek zawodowy",
        "pt": "CGTP|sindicato|UGT|FENPROF",
    },
}
_BEFORE = {
    "BIOMETRICS": ("her", "Mitarbeiter:", "salarié :", "empleado:", "paziente:", "haar", "pacjent:", "paciente:"),
    "HEALTH": (
        "diagnosed with", "leidet an", "elle est atteinte :", "padece", "affetta da", "lijdt aan", "choruje na",
        "sofre de",
    ),
    "TRADE_UNION": (
        "member of", "Mitglied:", "membre :", "miembro de", "iscritta:", "lid van", "członek:", "membro:",
    ),
}  # fmt: skip
_OF_A_PERSON = ("she is", "Patientin:", "elle est", "paciente:", "paziente:", "hij is", "pacjentka:", "paciente:")


def _maker(values: dict[str, str]) -> Maker:
    return lambda rng, language: one_of(values, rng, language)


MAKERS = {entity: _maker(values) for entity, values in _VALUES.items()}
LABELS = {entity: dict(zip(_LANGUAGES, _BEFORE.get(entity, _OF_A_PERSON), strict=True)) for entity in _VALUES}
BY_LABEL_ALONE = tuple(_VALUES)
"""A word such as "asthma" is about somebody only where a person is spoken of."""
