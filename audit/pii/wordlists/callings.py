"""Words for what people do for a living, in eight languages.

Source: the occupations of the `mimesis` package; the English list of last words ("manager", "nurse") is this project's
own.
"""

from __future__ import annotations

from functools import cache

from audit.pii.wordlists import sources

_LAST_WORDS = (
    "accountant actor actress adjuster administrator adviser advisor agent aide analyst anthropologist architect "
    "archivist artist assembler assessor assistant associate astronomer attendant attorney auctioneer auditor "
    "author baker banker barber barista barrister bartender biologist bookkeeper botanist brewer bricklayer broker "
    "builder butcher buyer caregiver caretaker carpenter cartographer cashier caterer ceo cfo chauffeur chef "
    "chemist chiropractor choreographer cleaner clerk coach collector columnist comedian commissioner composer "
    "conductor consultant contractor controller coo coordinator copywriter counsellor counselor courier cto "
    "curator custodian dancer dealer dentist designer detective developer dietitian director dispatcher diver "
    "doorman drafter driver drummer ecologist economist editor electrician engineer engraver entertainer "
    "entrepreneur epidemiologist estimator examiner executive farmer filmmaker firefighter fisherman fitter "
    "florist forester founder fundraiser gardener geneticist geographer geologist glazier grocer guard guide "
    "hairdresser handler handyman historian housekeeper hygienist illustrator inspector installer instructor "
    "interpreter investigator janitor jeweler jeweller journalist judge keeper laborer labourer landscaper lawyer "
    "lecturer librarian lifeguard linguist lobbyist locksmith machinist magistrate maid manager marketer mason "
    "masseur mathematician mechanic mediator merchandiser meteorologist microbiologist midwife miller miner "
    "minister model mover musician neurologist notary novelist nurse nutritionist oceanographer officer operator "
    "optician optometrist orderly organizer painter paralegal paramedic pathologist pediatrician pharmacist "
    "photographer physician physicist physiotherapist pianist pilot planner plasterer plumber podiatrist policeman "
    "politician porter postman practitioner presenter principal printer processor producer professor programmer "
    "psychiatrist psychologist publisher radiographer radiologist ranger realtor receptionist recruiter reporter "
    "representative researcher retailer roofer sailor salesman salesperson saleswoman scientist sculptor "
    "seamstress secretary shepherd singer sociologist soldier solicitor specialist statistician stenographer "
    "steward stewardess stockbroker strategist superintendent supervisor surgeon surveyor tailor teacher "
    "technician technologist teller therapist toxicologist trader trainer translator treasurer tutor typist "
    "undertaker underwriter upholsterer urologist vet veterinarian waiter waitress warden watchmaker weaver "
    "webmaster welder worker writer zoologist "
    # Further ones from the Standard Occupational Classification of the United States (2018).
    "actuary announcer arbitrator bailiff bellhop boilermaker brickmason cabinetmaker cardiologist caseworker "
    "chaplain concierge conservator copilot correspondent deckhand decorator dermatologist dishwasher distributor "
    "dressmaker embalmer erector esthetician fabricator groundskeeper hostess inseminator ironworker legislator "
    "logger longshoreman manicurist millwright mortician mudlogger nanny negotiator neurosurgeon obstetrician "
    "optometrist orthodontist paperhanger patternmaker phlebotomist pipefitter pipelayer preacher priest "
    "prosthetist psychotherapist radiotherapist rancher referee repairer repairman rigger roustabout sawyer "
    "searcher steamfitter steelworker stonemason umpire usher valet videographer woodworker"
)
LAST_WORDS = frozenset(_LAST_WORDS.split())
"""English words with which the name of an occupation ends."""


@cache
def occupations(language: str) -> frozenset[str]:
    """Names of occupations in small letters; of "Arzt / Ärztin" both forms."""
    listed = sources.flat(sources.mimesis(language, "person").get("occupation"))
    return frozenset(form.strip().lower() for name in listed for form in name.split(" / "))


@cache
def first_words(language: str) -> frozenset[str]:
    """Words that stand before the last one in names of occupations, such as "sales" and "registered"."""
    return frozenset(word for name in occupations(language) for word in name.split()[:-1])
