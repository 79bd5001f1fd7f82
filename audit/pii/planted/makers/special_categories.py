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
        "schizophrenia|panic attacks|multiple sclerosis|glaucoma|tinnitus|angina|high blood pressure|"
        "gallstones|psoriasis|rheumatoid arthritis|kidney stones|pre-eclampsia|Down syndrome|a slipped disc|"
        "gout|Crohn's disease|endometriosis|sciatica|shingles|coeliac disease|macular degeneration|"
        "atrial fibrillation",
        "de": "Diabetes|Asthma|Epilepsie|Brustkrebs|Tuberkulose|Schilddrüsenunterfunktion|Schizophrenie|"
        "Multiple Sklerose|Tinnitus|Bluthochdruck|Gallensteinen|Schuppenflechte|Rheuma|"
        "einem Bandscheibenvorfall|Gicht|Morbus Crohn|Endometriose|Gürtelrose|Zöliakie|Vorhofflimmern|"
        "grauem Star|Neurodermitis",
        "fr": "asthme|diabète|épilepsie|cancer du sein|tuberculose|hypothyroïdie|schizophrénie|sclérose en plaques|"
        "glaucome|hypertension|psoriasis|polyarthrite|hernie discale|goutte|maladie de Crohn|endométriose|"
        "zona|cataracte|eczéma|drépanocytose|fibromyalgie",
        "es": "diabetes|epilepsia|asma|cáncer de mama|tuberculosis|hipotiroidismo|esquizofrenia|esclerosis múltiple|"
        "glaucoma|hipertensión|cálculos biliares|psoriasis|artritis reumatoide|gota|enfermedad de Crohn|"
        "endometriosis|herpes zóster|cataratas|fibromialgia|celiaquía|arritmia",
        "it": "asma|diabete|epilessia|tumore al seno|tubercolosi|ipotiroidismo|schizofrenia|sclerosi multipla|"
        "glaucoma|ipertensione|calcoli renali|psoriasi|artrite reumatoide|gotta|morbo di Crohn|endometriosi|"
        "celiachia|cataratta|fibromialgia|talassemia|fuoco di Sant'Antonio",
        "nl": "astma|epilepsie|diabetes|borstkanker|tuberculose|schizofrenie|multiple sclerose|glaucoom|"
        "hoge bloeddruk|galstenen|psoriasis|reuma|een hernia|jicht|de ziekte van Crohn|endometriose|"
        "gordelroos|coeliakie|staar|boezemfibrilleren|eczeem",
        "pl": "cukrzycę|padaczkę|astmę|raka piersi|gruźlicę|niedoczynność tarczycy|schizofrenię|"
        "stwardnienie rozsiane|jaskrę|nadciśnienie|kamicę nerkową|łuszczycę|dnę moczanową|chorobę Crohna|"
        "endometriozę|półpasiec|celiakię|zaćmę|migotanie przedsionków|egzemę",
        "pt": "asma|epilepsia|diabetes|cancro da mama|tuberculose|hipotiroidismo|esquizofrenia|esclerose múltipla|"
        "glaucoma|hipertensão|psoríase|artrite reumatoide|gota|doença de Crohn|endometriose|zona|"
        "doença celíaca|catarata|fibromialgia|arritmia",
    },
    "POLITICS": {
        "en": "Democrat|Republican|communist|Tory|Labour|Liberal Democrat|anarchist|Green Party",
        "de": "SPD|CDU|Die Linke|AfD|FDP|Bündnis 90/Die Grünen|Piratenpartei|Volt|Freie Wähler",
        "fr": "communiste|socialiste|La France insoumise|Rassemblement national|gaulliste|écologiste|"
        "Les Républicains|Reconquête",
        "es": "PSOE|Podemos|Partido Popular|Vox|comunista|Ciudadanos|Sumar|Junts",
        "it": "comunista|Forza Italia|Lega|Partito Democratico|Fratelli d'Italia|radicale|Italia Viva|Azione",
        "nl": "VVD|GroenLinks|PvdA|ChristenUnie|communist|SGP|Volt|BoerBurgerBeweging",
        "pl": "Konfederacja|komunista|Platforma Obywatelska|Lewica|ludowiec|Polska 2050|Razem",
        "pt": "comunista|socialista|Bloco de Esquerda|Chega|monárquico|Livre|Iniciativa Liberal",
    },
    "RELIGION": {
        "en": "Catholic|Muslim|Hindu|Jewish|Quaker|Sikh|Jain|Seventh-day Adventist|atheist|Methodist",
        "de": "katholisch|muslimisch|evangelisch|Zeugin Jehovas|alevitisch|konfessionslos|orthodox|zoroastrisch|"
        "mennonitisch",
        "fr": "catholique|musulmane|protestante|athée|sikhe|témoin de Jéhovah|bahá'íe|mennonite",
        "es": "católica|budista|evangélica|testigo de Jehová|atea|musulmana|menonita|bahaí",
        "it": "cattolica|ebrea|valdese|testimone di Geova|atea|buddhista|pentecostale|bahá'í",
        "nl": "katholiek|joods|gereformeerd|hindoe|atheïst|soefi|doopsgezind|bahá'í",
        "pl": "katoliczka|prawosławna|świadek Jehowy|luteranka|ateistka|mariawitka|baptystka",
        "pt": "católica|muçulmana|evangélica|testemunha de Jeová|ateia|umbandista|adventista|menonita",
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
        "en": "trade union|Teamsters|UNISON|United Auto Workers|Unite the Union|shop stewards' committee|RMT|"
        "the Bakers' Union",
        "de": "IG Metall|ver.di|GEW|Marburger Bund|Gewerkschaft der Polizei|EVG",
        "fr": "CGT|CFDT|Force ouvrière|syndicat Solidaires|CFTC|FSU",
        "es": "CCOO|sindicato|UGT|CSIF|Confederación General del Trabajo|USO",
        "it": "CGIL|CISL|UIL|sindacato|FIOM|Cobas",
        "nl": "FNV|vakbond|CNV|VCP",
        "pl": "OPZZ|NSZZ Solidarność|Sierpień 80|związek zawodowy|Forum Związków Zawodowych",
        "pt": "CGTP|sindicato|UGT|FENPROF|STAL",
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
