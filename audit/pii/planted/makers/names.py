"""Names of people, places, organisations and groups of people in each language: lists of this project's own.

The recognisers' lists come from a census and from `mimesis`; the names here were written down apart from them, common
ones and rare ones, so that some are on no list that a recogniser reads.
"""

from __future__ import annotations

import random

from audit.pii.planted.addresses import address
from audit.pii.planted.lists import one_of
from audit.pii.planted.numbers import Maker

_GIVEN = {
    "en": (
        "Emily Oliver Chloe Harry Megan Callum Niamh Declan Priya Kwame Saoirse Rhys Imogen Tariq Bronwyn "
        "Ewan Tamsin Idris"
    ),
    "de": (
        "Annika Torsten Heike Jürgen Silke Uwe Mareike Detlef Gesa Hauke Leonie Malte Ayşe Cem Rosemarie Gerd "
        "Wiebke Knut"
    ),
    "fr": (
        "Camille Thibault Océane Gaël Maëlys Loïc Solène Yannick Aïcha Bastien Capucine Mehdi Ségolène "
        "Corentin Odile Ludovic"
    ),
    "es": (
        "Lucía Álvaro Rocío Iker Nuria Gonzalo Itziar Borja Marisol Joaquín Yolanda Ignacio Begoña Rubén Leire Moisés"
    ),
    "it": (
        "Chiara Lorenzo Ginevra Matteo Ilaria Salvatore Fiorella Davide Noemi Gennaro Loredana Simone Ornella "
        "Fabrizio Ivana"
    ),
    "nl": (
        "Sanne Joost Femke Daan Lotte Sjoerd Anouk Wouter Maaike Thijs Fatima Gijs Marloes Ruben Hanneke Bram "
        "Tjitske Koen"
    ),
    "pl": (
        "Agnieszka Bartosz Zuzanna Krzysztof Małgorzata Wojciech Oliwia Zbigniew Grażyna Sławomir Halina "
        "Mikołaj Bożena Igor"
    ),
    "pt": (
        "Beatriz Gonçalo Inês Tiago Mafalda Rodrigo Leonor Duarte Catarina Nuno Filipa Afonso Sofia Henrique "
        "Joana Vasco"
    ),
}
_SURNAMES = {
    "en": (
        "Hargreaves Okafor Whitfield Patel O'Connor Sinclair Adeyemi Blackwood Chowdhury Fairclough MacLeod "
        "Pemberton Llewellyn"
    ),
    "de": (
        "Brinkmann Schreiber Özdemir Vogelsang Hoffmann Kröger Lindner Steinbach Wiechert Baumgartner "
        "Zimmermann Yıldız Thiele"
    ),
    "fr": (
        "Bertrand|Lefebvre|Diallo|Chevalier|Moreau|Benhamou|Garnier|Rousseau|Le Goff|Delacroix|Marchand|Traoré|Gauthier"
    ),
    "es": (
        "Navarro Etxeberria Cabrera Domínguez Ferrer Vidal Castellanos Iglesias Montoya Pascual Arrieta Quintana Zamora"
    ),
    "it": (
        "Bianchi Esposito Ferrari Colombo Lombardi Caruso Marchetti Pellegrino Santoro Testa Vitale Zanetti "
        "D'Amico Gallo"
    ),
    "nl": (
        "van den Berg|Hoekstra|de Boer|Vermeulen|van Dijk|Kuipers|Zijlstra|Mulder|van der Meer|Postma|Yilmaz|Dijkstra"
    ),
    "pl": (
        "Kowalczyk Nowicki Mazur Wróblewska Dudek Zielińska Sikora Adamczyk Jabłońska Krawczyk Pietrzak Wieczorek Gajda"
    ),
    "pt": (
        "Carvalho Tavares Figueiredo Magalhães Antunes Nogueira Pacheco Quaresma Simões Teixeira Vasconcelos "
        "Rebelo Barros"
    ),
}
_PLACES = {
    "en": (
        "Aberystwyth|Sheffield|Savannah|Boise|Toronto|Wolverhampton|"
        "Nairobi|Galway|Tucson|New Zealand|Melbourne|South Africa|"
        "Appledore|Blaenavon|Yellow Springs|Upper Hutt"
    ),
    "de": (
        "Oldenburg|Regensburg|Chemnitz|Würzburg|Graz|Schleswig|"
        "Heidelberg|Görlitz|Luxemburg|Tübingen|Flensburg|Österreich|"
        "Hallig Hooge|Bad Muskau|Mittenwald"
    ),
    "fr": (
        "Clermont-Ferrand|Quimper|Tours|Besançon|Namur|Le Mans|Perpignan|Limoges|Belgique|Saint-Malo|Annecy|Madagascar|"
        "Locronan|Rocamadour|Collioure"
    ),
    "es": (
        "Salamanca|Pontevedra|Logroño|Cuenca|Montevideo|San Sebastián|Badajoz|Guayaquil|Colombia|Tarragona|Uruguay|"
        "Lugo|Albarracín|Cudillero|Villa de Leyva"
    ),
    "it": "Perugia|Reggio Emilia|Lecce|Udine|Siracusa|Ferrara|Lugano|Cagliari|Svizzera|La Spezia|Bergamo|Argentina|"
    "Alberobello|Vipiteno|Castelmola",
    "nl": (
        "Zwolle|Leeuwarden|Hasselt|Amersfoort|Den Bosch|Middelburg|"
        "Deventer|Paramaribo|Oostenrijk|Mechelen|Emmen|Marokko|"
        "Giethoorn|Zoutkamp|Thorn"
    ),
    "pl": "Zakopane|Gliwice|Nowy Sącz|Opole|Słupsk|Zielona Góra|Kalisz|Tarnów|Norwegia|Ełk|Płock|Hiszpania|"
    "Lanckorona|Szczyrk|Tykocin",
    "pt": (
        "Évora|Viseu|Guimarães|Leiria|Florianópolis|Vila Real|Santarém|Beja|Angola|Viana do Castelo|Natal|Moçambique|"
        "Monsaraz|Paraty|Piódão"
    ),
}
_ACTIVITIES = {
    "en": "Roofing|Freight|Analytics|Dairy|Optics",
    "de": "Maschinenbau|Spedition|Bäckerei|Elektrotechnik|Optik",
    "fr": "Transports|Conseil|Menuiserie|Optique|Distribution",
    "es": "Transportes|Consultores|Carpintería|Óptica|Distribución",
    "it": "Trasporti|Consulenza|Falegnameria|Ottica|Distribuzione",
    "nl": "Transport|Advies|Timmerwerken|Optiek|Techniek",
    "pl": "Transport|Doradztwo|Stolarstwo|Optyka|Technika",
    "pt": "Transportes|Consultoria|Carpintaria|Ótica|Distribuição",
}
_FORMS = {
    "en": ("Ltd", "Inc", "LLC", "plc"),
    "de": ("GmbH", "AG", "KG", "GmbH & Co. KG"),
    "fr": ("SARL", "S.A.", "SAS"),
    "es": ("S.L.", "S.A."),
    "it": ("S.p.A.", "S.r.l."),
    "nl": ("B.V.", "N.V."),
    "pl": ("Sp. z o.o.", "S.A."),
    "pt": ("Lda", "S.A."),
}
_GROUPS = {
    "en": (
        "Nigerian Finnish Vietnamese Ukrainian Muslim Lutheran Hindu Cuban Welsh Ethiopian Jewish Buddhist "
        "Chilean Catholic Yoruba Tamil Zoroastrian Bhutanese"
    ),
    "de": "Finne Ukrainerin Vietnamese Muslim Katholikin Kubaner Chilene Buddhist Jude Ungar Lettin Kroatin Tamilin",
    "fr": (
        "nigérian finlandais vietnamienne ukrainienne musulman catholique cubain chilien bouddhiste hongroise croate "
        "tamoule"
    ),
    "es": "nigeriano finlandesa vietnamita ucraniana musulmán católica cubano chilena budista húngaro croata tamil",
    "it": "nigeriano finlandese vietnamita ucraina musulmano cattolica cubano cilena buddista ungherese croato tamil",
    "nl": (
        "Nigeriaanse Finse Vietnamese Oekraïense moslim katholiek Cubaans Chileense boeddhist Hongaarse Kroatisch Tamil"
    ),
    "pl": "Ukrainka Wietnamczyk muzułmanin katoliczka Chińczyk buddysta Węgier Chorwat Szwedka Norweg Rumun Tamilka",
    "pt": "nigeriano finlandesa vietnamita ucraniana muçulmano católica cubano chilena budista húngaro croata tâmil",
}


def _person(rng: random.Random, language: str) -> str:
    given, surname = one_of(_GIVEN, rng, language), one_of(_SURNAMES, rng, language)
    form = rng.random()
    if form < 0.7:
        return f"{given} {surname}"
    if form < 0.8:
        return f"{given} {rng.choice('ABCDEFGHJKLMNPRST')}. {surname}"
    if form < 0.9:
        return f"{surname}, {given}"
    return f"{given} {surname}".upper()


def _location(rng: random.Random, language: str) -> str:
    # What tells where somebody lives is an address more often than the name of a town.
    return address(rng, language) if rng.random() < 2 / 3 else one_of(_PLACES, rng, language)


def _organisation(rng: random.Random, language: str) -> str:
    form = rng.choice(_FORMS.get(language, _FORMS["en"]))
    activity = one_of(_ACTIVITIES, rng, language)
    return f"{one_of(_SURNAMES, rng, language)} {rng.choice((f'{activity} ', ''))}{form}"


MAKERS: dict[str, Maker] = {
    "LOCATION": _location,
    "NRP": lambda rng, language: one_of(_GROUPS, rng, language),
    "ORGANIZATION": _organisation,
    "PERSON": _person,
}

LABELS = {
    "LOCATION": {
        "en": "lives in", "de": "wohnt in", "fr": "habite à", "es": "vive en",
        "it": "abita a", "nl": "woont in", "pl": "miasto:", "pt": "mora em",
    },
    "NRP": {
        "en": "nationality or faith:", "de": "Herkunft oder Glaube:", "fr": "origine ou religion :",
        "es": "origen o religión:", "it": "origine o fede:", "nl": "afkomst of geloof:",
        "pl": "pochodzenie lub wyznanie:", "pt": "origem ou religião:",
    },
    "ORGANIZATION": {
        "en": "employer:", "de": "Arbeitgeber:", "fr": "employeur :", "es": "empresa:",
        "it": "azienda:", "nl": "werkgever:", "pl": "pracodawca:", "pt": "empresa:",
    },
    "PERSON": {
        "en": "name:", "de": "Name:", "fr": "nom :", "es": "nombre:",
        "it": "nome:", "nl": "naam:", "pl": "imię i nazwisko:", "pt": "nome:",
    },
}  # fmt: skip
