"""Words of postal addresses: kinds of streets, units of houses, states and countries.

Sources: kinds of American streets and units are those of USPS Publication 28, appendices C1 and C2; states and
provinces ISO 3166-2; names of countries in eight languages come with the `phonenumbers` package (Unicode CLDR). The
words of the other languages are a list of this project's own.
"""

from __future__ import annotations

import re
from functools import cache

STREETS = (
    "street road avenue boulevard lane highway parkway expressway turnpike alley crescent mews "
    "rd ave blvd ln hwy pkwy cres"
)
"""Kinds of streets that are hardly anything else, even without a number of a house."""

STREETS_BY_NUMBER = (
    "st dr ct pl sq ter trl cir drive court place square terrace trail way circle close grove gardens garden row walk "
    "plaza loop path pike route bypass causeway common commons cove crossing curve dale divide estate estates "
    "extension fall falls ferry field fields flat flats ford forest forge forges fork forks fort freeway gate "
    "gateway glen "
    "green groves harbor harbour harbors haven heights hill hills hollow inlet island islands isle junction junctions "
    "key keys knoll knolls lake lakes land landing light lights loaf lock locks lodge mall manor manors meadow "
    "meadows mill mills mission motorway mount mountain mountains neck orchard oval overpass park parks passage pass "
    "pine pines plain plains point points port ports prairie quay radial ramp ranch rapid rapids rest ridge ridges "
    "rise river roads rue run shoal shoals shore shores skyway spring springs spur spurs squares station streets "
    "stravenue stream summit throughway trace track trafficway tunnel underpass union unions valley valleys via "
    "viaduct view views villa villas village villages ville vista walks wall ways well wells wharf yard bank banks "
    "bay bayou beach bend bluff bluffs bottom branch bridge broadway brook brooks burg burgs camp canyon cape center "
    "centers centre chase circles circus cliff cliffs club corner corners course courts coves creek crest crossroad "
    "dam drives embankment esplanade parade approach marg nagar chowk ganj"
)
"""Kinds of streets that need a number before the name, because the words are common ones too."""

ROMANCE_STREETS = (
    # French
    "rue avenue boulevard bd place chemin ruelle venelle promenade esplanade impasse "
    "allée allee quai cours route square passage faubourg sentier "
    # Spanish
    "calle c/ avenida avda av plaza pza paseo camino carretera ronda glorieta travesía callejón cuesta rambla "
    "urbanización pasaje pasadizo prolongación retorno cerrada andador circuito periférico ramblas "
    "vía vial cañada acceso alameda calz calzada privada "
    # Italian
    "via viale vicolo contrada piazza piazzale corso largo lungotevere strada contrada borgo rotonda incrocio canale "
    "stretto "
    # Portuguese
    "rua beco viela ladeira rodovia servidão calçada azinhaga avenida travessa praça praceta largo "
    "alameda estrada rotunda "
    # Polish; French and Polish abbreviations with a point stand without it
    "ulica ul aleja aleje al plac pl osiedle os"
)
"""Kinds of streets that stand before the name."""

GERMANIC_ENDS = (
    "straße strasse str weg platz allee gasse ring damm ufer steig pfad berg graben hof chaussee stieg twiete "
    "straat laan plein gracht kade weg dijk singel hof steeg dreef pad baan boulevard park plantsoen ring"
)
"""Ends of German and Dutch names of streets, joined to the name or behind a space."""

UNITS = (
    "apartment apt suite ste unit flat room rm floor fl building bldg bld edif edificio depto dept department dpto "
    "block blk studio level lot box door house wohnung whg etage étage appartement appt app bâtiment bât escalier "
    "piso puerta pta esc bajo ático planta interno int interior appartamento scala piano lokal lok mieszkanie andar "
    "bloco "
    "apartamento apartado sala bus unidad local"
)
"""Words before the number of a flat, an office or a floor."""

BOXES = (
    r"p\.? ?o\.? ?box|post office box|post ?box|postboks"
    r"|postfach|postbus|boîte postale|b\.?p\.?|apartado(?: de correos)?|casella postale"
    r"|skrytka pocztowa|caixa postal"
)
"""Words before the number of a post box, as a regular expression."""

COUNTED = (
    "page chapter section table figure step level version part unit room gate floor row line item day week phase "
    "grade class type model windows python java season episode volume number no article act round group team zone "
    "terminal platform track exit highway route interstate league formula channel lesson appendix annex note rule "
    "task stage size lot series window top best under over january february march april may june july august "
    "september october november december monday tuesday wednesday thursday friday saturday sunday jan feb mar apr "
    "jun jul aug sep oct nov dec"
)
"""Words with a number that is none of a house, in small letters."""

DIRECTIONS = "north south east west northeast northwest southeast southwest n s e w ne nw se sw"

_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "PR": "Puerto Rico", "GU": "Guam", "VI": "Virgin Islands", "AS": "American Samoa",
    "MP": "Northern Mariana Islands", "FM": "Federated States of Micronesia", "MH": "Marshall Islands", "PW": "Palau",
    "AA": "Armed Forces Americas", "AE": "Armed Forces Europe", "AP": "Armed Forces Pacific", "AB": "Alberta",
    "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick", "NL": "Newfoundland", "NS": "Nova Scotia",
    "NT": "Northwest Territories", "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec",
    "SK": "Saskatchewan", "YT": "Yukon", "NSW": "New South Wales", "QLD": "Queensland", "TAS": "Tasmania",
    "VIC": "Victoria", "ACT": "Australian Capital Territory",
}  # fmt: skip
STATE_CODES = frozenset(_STATES)
"""Codes of states and provinces where addresses end in one: the United States, Canada, Australia."""
STATE_NAMES = frozenset(_STATES.values())

_COUNTRIES_OF_SPEECH = (
    "usa, u.s.a., us, u.s., united states of america, uk, u.k., great britain, england, scotland, wales, northern "
    "ireland, the netherlands, holland, czech republic, deutschland, brasil, méxico, polska, españa, italia, "
    "nederland, österreich, schweiz, suisse, svizzera, belgique, belgië, russia, south korea, north korea, korea, "
    "vietnam, ivory coast, uae, burma, macedonia, swaziland, hong kong, taiwan, republic of ireland, russian "
    "federation, türkiye, turkey"
)


def either(listed: str) -> str:
    """A regular expression for any of the words, the longest first."""
    return "|".join(sorted({re.escape(word) for word in listed.split()}, key=lambda word: (-len(word), word)))


@cache
def areas() -> frozenset[str]:
    """Names of countries and of American, Canadian and Australian states, in small letters."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    countries = set()
    for names in LOCALE_DATA.values():
        for language in ("en", "de", "fr", "es", "it", "nl", "pl", "pt"):
            name = names.get(language, "")
            # "*fr" stands for "as in French".
            countries.add(names[name[1:]] if name.startswith("*") else name)
    told = {*_COUNTRIES_OF_SPEECH.split(", "), *(name.lower() for name in (*_STATES.values(), *countries))}
    return frozenset(told - {""})
