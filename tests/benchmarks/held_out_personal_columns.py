"""Columns with 1 % of personal values, drawn for `pii_columns` by somebody who had not seen the scan.

Two of each of 55 entries, by different seeds. Every value stands after or before words that people write, amid a cell
like the others of its column: once among sentences of a fixed grammar in its language, once in the notes of forms, log
lines or JSON. Which rows hold one is drawn.

The sample of each column is printed by `python -m tests.benchmarks.held_out_personal_columns`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
from faker import Faker

from tests.benchmarks import held_out_values as values
from tests.benchmarks.held_out_values import one

ROWS = 1000
EVERY = 100
SEEDS = (418_337, 418_338)

_SENTENCES = {
    "en": (
        "notes",
        "Parcel arrived late|Refund approved|Second visit needed|Order changed by phone|Meter read|Key handed over",
        "box slightly dented|waiting for stock|no reply so far|tea towels missing|fits as described|paid in full",
        "Close on Friday|Try again next week|Nothing else to do|See earlier entry|Colour swapped to grey",
    ),
    "de": (
        "bemerkung",
        "Gerät geprüft|Rückfrage offen|Ware unvollständig|Termin verschoben|Filter getauscht|Angebot verschickt",
        "Display ohne Befund|Ersatzteil bestellt|läuft wieder rund|zwei Kartons fehlen|Garantie bis Jahresende",
        "Bitte am Montag erledigen|Sonst nichts zu tun|Siehe letzter Eintrag|Danach ablegen",
    ),
    "fr": (
        "commentaire",
        "Colis reçu|Devis envoyé|Chaudière révisée|Commande en attente|Dossier incomplet|Retour accepté",
        "emballage abîmé|pièce à commander|deux articles manquants|tout fonctionne|remise de 10 %",
        "À revoir la semaine prochaine|Rien à signaler|Voir la fiche précédente|Classer ensuite",
    ),
    "es": (
        "observaciones",
        "Pedido recibido|Caldera revisada|Falta una factura|Cambio de talla|Presupuesto enviado|Visita aplazada",
        "la caja venía rota|esperando repuesto|faltan dos piezas|todo en orden|pagado al contado",
        "Revisar el lunes|Nada más que añadir|Ver la nota anterior|Archivar después",
    ),
    "it": (
        "annotazioni",
        "Pacco consegnato|Preventivo inviato|Filtro sostituito|Ordine sospeso|Pratica incompleta|Reso accettato",
        "imballo rovinato|manca un pezzo|in attesa del ricambio|tutto funziona|sconto del 10 %",
        "Ricontrollare lunedì|Nulla da segnalare|Vedi nota precedente|Poi archiviare",
    ),
    "pl": (
        "uwagi",
        "Paczka dotarła|Filtr wymieniony|Zamówienie wstrzymane|Oferta wysłana|Zwrot przyjęty|Brak faktury",
        "karton uszkodzony|czekamy na część|brakuje dwóch sztuk|wszystko działa|rabat 10 %",
        "Sprawdzić w poniedziałek|Nic więcej|Patrz poprzedni wpis|Potem do archiwum",
    ),
}


@dataclass(frozen=True)
class Kind:
    """Values of one kind.

    Attributes:
        entities: what they have to be found as, one of these parted by bars.
        locale: of Faker's generator, and of the sentences around where they are written in its language.
        phrases: words around a value, parted by bars.
        make: one value.
    """

    entities: str
    locale: str
    phrases: str
    make: Callable[[random.Random, Faker], str]

    @property
    def language(self) -> str:
        """Of the sentences around."""
        return self.locale[:2] if self.locale[:2] in _SENTENCES else "en"


PERSONAL = (
    Kind("EMAIL_ADDRESS", "en_GB", "please reply to {}|write to {} instead|cc {}|{} bounced", values.email),
    Kind("EMAIL_ADDRESS", "fr_FR", "répondre à {}|mon adresse est {}|mél : {}", values.email),
    Kind("EMAIL_ADDRESS", "it_IT", "scrivere a {}|nuova mail {}|inviato a {}", values.email),
    Kind("PHONE_NUMBER", "en_GB", "ring back on {}|mob {}|left voicemail at {}", values.british_phone),
    Kind("PHONE_NUMBER", "en_US", "call me at {}|cell {}|{} after 5 pm", values.american_phone),
    Kind("PHONE_NUMBER", "fr_FR", "joignable au {}|tél. {}|rappeler le {}", values.french_phone),
    Kind("PHONE_NUMBER", "de_DE", "Rückruf unter {}|Tel. {}|erreichbar: {}", values.german_phone),
    Kind("PHONE_NUMBER", "es_ES", "llamar al {}|móvil {}|tfno. {}", values.spanish_phone),
    Kind("PHONE_NUMBER", "pl_PL", "tel. {}|dzwonić {}|kom. {}", values.polish_phone),
    Kind("CREDIT_CARD", "en_GB", "card {} declined|paid with {} exp 04/27|charge {} again", values.card),
    Kind("CREDIT_CARD", "es_ES", "tarjeta {} rechazada|cobrado en {}|pagó con {}", values.card),
    Kind("IBAN_CODE", "de_DE", "bitte auf {} überweisen|IBAN {}|Konto {} geändert", values.iban),
    Kind("IBAN_CODE", "en_GB", "pay into {}|refund to IBAN {}|new account {}", values.iban),
    Kind("IBAN_CODE", "es_ES", "abonar en {}|cuenta {}|IBAN: {}", values.iban),
    Kind("US_SSN", "en_US", "SSN {}|social security number is {}|ssn: {}", lambda draw, fake: fake.ssn()),
    Kind("UK_PASSPORT|PASSPORT|US_PASSPORT", "en_GB", "passport no. {}|passport {} seen|passport: {}", values.passport),
    Kind("US_PASSPORT|PASSPORT|UK_PASSPORT", "en_US", "US passport {}|passport number {}", values.passport),
    Kind("UK_NHS", "en_GB", "NHS no. {}|NHS number {}|nhs: {}", values.nhs),
    Kind("PL_PESEL", "pl_PL", "PESEL {}|pesel: {}|nr PESEL {}", lambda draw, fake: fake.pesel()),
    Kind("ES_NIF", "es_ES", "DNI {}|con NIF {}|firmado, {}", lambda draw, fake: fake.nif()),
    Kind("ES_NIE", "es_ES", "NIE {}|con NIE n.º {}", lambda draw, fake: fake.nie()),
    Kind("IT_FISCAL_CODE", "it_IT", "codice fiscale {}|CF {}|C.F.: {}", lambda draw, fake: fake.ssn()),
    Kind("FI_PERSONAL_IDENTITY_CODE", "fi_FI", "henkilötunnus {}|hetu {}|ID code {}", lambda draw, fake: fake.ssn()),
    Kind("NO_FODSELSNUMMER", "no_NO", "fødselsnummer {}|fnr {}|fnr. {}", lambda draw, fake: fake.ssn()),
    Kind("FR_INSEE", "fr_FR", "n° de sécurité sociale {}|NIR {}|sécu {}", values.french_security),
    Kind("BE_NATIONAL_NUMBER", "fr_BE", "numéro national {}|registre national : {}|NN {}", values.belgian),
    Kind("CH_AHV", "de_CH", "AHV-Nr. {}|AHV {}|Versichertennummer {}", lambda draw, fake: fake.ssn()),
    Kind("IN_AADHAAR", "en_IN", "Aadhaar {}|aadhaar no {}|Aadhaar card {}", values.aadhaar),
    Kind("ZA_ID_NUMBER", "en_US", "ID number {}|SA ID {}|id no. {}", values.south_african),
    Kind("CL_RUT", "es_CL", "RUT {}|rut: {}|con RUT {}", values.chilean),
    Kind("PERSON", "en_GB", "spoke to {}|{} signed for it|as agreed with {}|{} will collect", values.full_name),
    Kind("PERSON", "de_DE", "{} rief an|mit {} besprochen|Rückmeldung von {}|Herr {} holt ab", values.full_name),
    Kind("PERSON", "fr_FR", "vu avec {}|{} a rappelé|signé par {}|à l'attention de {}", values.full_name),
    Kind("PERSON", "es_ES", "habló con {}|{} llamó ayer|firmado por {}", values.full_name),
    Kind("PERSON", "it_IT", "sentito {}|{} ritira domani|firmato da {}", values.full_name),
    Kind("PERSON", "pl_PL", "rozmowa z: {}|{} odbierze|podpisane przez: {}", values.full_name),
    Kind("LOCATION", "en_GB", "deliver to {}|moved to {}|lives at {}", values.british_address),
    Kind("LOCATION", "en_US", "ship to {}|new address {}|left at {}", values.american_address),
    Kind("LOCATION", "fr_FR", "livrer au {}|habite {}|adresse : {}", values.french_address),
    Kind("LOCATION", "es_ES", "entregar en {}|vive en {}|dirección: {}", values.spanish_address),
    Kind("LOCATION", "de_DE", "liefern an {}|wohnt {}|Anschrift: {}", values.faker_address),
    Kind("DATE_OF_BIRTH", "en_GB", "born on {}|DOB {}|date of birth {}|d.o.b. {}", values.birth_words),
    Kind("DATE_OF_BIRTH", "fr_FR", "née le {}|né le {}|date de naissance {}", values.birth_figures),
    Kind("DATE_OF_BIRTH", "es_ES", "nacido el {}|fecha de nacimiento {}|nacida el {}", values.birth_figures),
    Kind("IP_ADDRESS", "en_US", "login from {}|ip {}|blocked {} twice", values.network_address),
    Kind("MAC_ADDRESS", "en_US", "phone with MAC {}|device {}|joined by {}", values.device_address),
    Kind("CRYPTO", "en_US", "sent to wallet {}|BTC/ETH address {}|pays out to {}", values.bitcoin),
    Kind("ACCESS_TOKEN|API_KEY", "en_US", "token {}|use {} for the export|auth {}", values.github_token),
    Kind("ACCESS_TOKEN|API_KEY", "en_US", "api key {}|key={}|works with {}", values.cloud_key),
    Kind("PASSWORD", "en_US", "password: {}|pw={}|password is {}|pwd: {}", values.password),
    Kind("MEDICAL_RECORD_NUMBER", "en_US", "MRN {}|medical record number {}|MRN: {}", values.record_number),
    Kind("VIN", "en_US", "VIN {}|chassis {}|vin: {}", lambda draw, fake: fake.vin()),
    Kind("UK_VEHICLE_REGISTRATION|LICENSE_PLATE", "en_GB", "reg {}|number plate {}", values.british_plate),
    Kind(
        "DE_KFZ|LICENSE_PLATE", "de_DE", "Kennzeichen {}|Kfz-Kennzeichen: {}", lambda draw, fake: fake.license_plate()
    ),
    Kind("LICENSE_PLATE", "it_IT", "targa {}|auto targata {}", values.italian_plate),
)


def personal_columns() -> Iterator[tuple[Kind, pd.Series]]:
    """Each kind with a column of sentences, then each with a column of forms."""
    for framed, seed in enumerate(SEEDS):
        for place, kind in enumerate(PERSONAL):
            draw, fake = random.Random(seed + 1000 * place), Faker(kind.locale)
            fake.seed_instance(seed + 1000 * place)
            planted = set(draw.sample(range(ROWS), ROWS // EVERY))
            phrases = [phrase(kind, draw, fake) if row in planted else "" for row in range(ROWS)]
            style = place % 3 if framed else None
            name = ("data", "col_4", "entry")[place % 3] if framed else _SENTENCES[kind.language][0]
            yield kind, pd.Series([cell(kind.language, style, text, draw) for text in phrases], name=name)


def phrase(kind: Kind, draw: random.Random, fake: Faker) -> str:
    """A value amid its words."""
    return one(draw, kind.phrases).replace("{}", kind.make(draw, fake))


def cell(language: str, style: int | None, text: str, draw: random.Random) -> str:
    """Three parts of a sentence, the middle one the text where there is one; without the last in a form's style."""
    first, middle, last = (one(draw, slot) for slot in _SENTENCES[language][1:])
    if style is None:
        return f"{first}, {text or middle}. {last}."
    job, note = draw.randrange(1000, 9999), f"{first}, {text or middle}"
    return (
        f"T-{job}; prio {draw.randrange(1, 5)}; {note}; open",
        f'2024-05-{draw.randrange(1, 32):02} 10:{draw.randrange(60):02} INFO job={job} note="{note}"',
        f'{{"job": {job}, "state": "open", "note": "{note}"}}',
    )[style]


if __name__ == "__main__":
    for kind, column in personal_columns():
        draw, fake = random.Random(1), Faker(kind.locale)
        fake.seed_instance(1)
        print(column.name, column.iloc[0], kind.entities, *(phrase(kind, draw, fake) for _ in range(3)), sep=" ~ ")
