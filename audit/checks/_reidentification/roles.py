"""Which columns of a table are compared: as declared, else guessed, and for what reason.

A guess goes by what audit.yaml declares (`personal: true`, groups), then by what the names of the columns say, and
only where neither tells anything by how often values repeat.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from audit.errors import NotMeasurable
from audit.pii.column_names import ARTICLE_9, says
from audit.pii.tables.header import shown
from audit.plugins import unknown
from audit.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

Role = Literal["quasi-identifier", "sensitive", "person", "direct identifier", "number of the row", "removed", "other"]

KNOWN_TO_OTHERS = frozenset(
    {"AGE", "DATE_OF_BIRTH", "ZIP_CODE", "LOCATION", "NRP", "ORGANIZATION", "TITLE", "ETHNIC_ORIGIN"}
)
"""Kinds of personal data that neighbours, colleagues or a register know of somebody."""

SECRET = ARTICLE_9 - {"ETHNIC_ORIGIN", "BIOMETRICS"}
"""Kinds that a person would not want to be told from a row."""

_SAYS_WHO = re.compile(
    r"(?i)(?<![a-z])(?:sex|gender|geschlecht|sexe|genre|sexo|g[eé]nero|sesso|genere|geslacht|p[lł]e[cć]"
    r"|marital|civil[ _.-]?stat(?:us|e)|familienstand|[eé]tat[ _.-]?civil|estado[ _.-]?civil|stato[ _.-]?civile"
    r"|burgerlijke[ _.-]?staat|stan[ _.-]?cywilny|education|schooling|bildung|ausbildung|[eé]tudes|estudios|istruzione"
    r"|opleiding|wykszta[lł]cenie|escolaridade|state|region|district|province|kreis|household|haushalt|children|kinder"
    r"|mother[ _.-]?tongue|muttersprache|race|native)(?![a-z])"
)
"""Words for sex, family, schooling and region, which others know of somebody, in eight languages."""

_OF_PERSON = re.compile(
    r"(?i)^(?:customer|client|patient|person|user|member|employee|subject|participant|respondent|student|citizen"
    r"|kunden?|patienten|personen|mitglieds?|cliente|paziente|paciente|usuario|utilisateur|klant|klient|pacjent)"
    r"[ _.-]?(?:id|no|nr|num|number|nummer|key|code|uuid|hash|pseudonym)$"
)

MANY_VALUES = 20
"""Different values from which on a column that is named after a direct identifier is believed to hold one, as it is
where most of its values differ; a column `phone` of yes and no holds none."""


REPEATS = "its values repeat"
"""The reason of last resort: a value that several rows share may be one that others know."""


@dataclass(frozen=True)
class Column:
    """What part a column plays, and why."""

    name: str
    role: Role
    why: str


@dataclass(frozen=True)
class Roles:
    """The parts of all columns of one table.

    Attributes:
        columns: in the order of the table.
        guessed: whether the quasi-identifiers were guessed.
    """

    columns: tuple[Column, ...]
    guessed: bool

    def named(self, role: Role) -> tuple[str, ...]:
        """Names of the columns with a role."""
        return tuple(column.name for column in self.columns if column.role == role)

    @property
    def repeating(self) -> tuple[str, ...]:
        """Names of the columns that play no part though their values repeat."""
        return tuple(column.name for column in self.columns if column.role == "other" and column.why == REPEATS)

    @cached_property
    def quasi_identifiers(self) -> tuple[str, ...]:
        """Names of the columns that are compared."""
        return self.named("quasi-identifier")

    @property
    def person(self) -> str | None:
        """The column that numbers people, None where each row is taken for a person of its own."""
        return next(iter(self.named("person")), None)


@dataclass(frozen=True)
class Wish:
    """What the policy says about the columns; empty means that it is to be guessed."""

    quasi_identifiers: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    person: str | None = None
    leave_out: tuple[str, ...] = ()

    def check(self, columns: Sequence[str]) -> None:
        """Make sure that a table has all columns that are named, and that none has two parts.

        Raises:
            UnknownName: a column is not there.
            NotMeasurable: a column is named twice.
        """
        person = () if self.person is None else (self.person,)
        parts = (*self.quasi_identifiers, *self.sensitive, *person, *self.leave_out)
        for name in parts:
            if name not in columns:
                raise unknown("column", name, shown(columns))
            if parts.count(name) > 1:
                raise NotMeasurable(f'the column "{name}" cannot have two parts; name it once')


def roles(subject: Subject, first: pd.DataFrame, wish: Wish) -> Roles:
    """The part that each column of a table plays.

    Args:
        first: the first rows, by which the number of different values is judged.

    Raises:
        UnknownName: the policy names a column that is not there.
        NotMeasurable: the policy gives a column two parts, or no column can be compared.
    """
    wish.check([str(name) for name in first.columns])
    columns = [_declared(name, wish) or _told(subject, first, str(name)) for name in map(str, first.columns)]
    if all(column.role != "sensitive" for column in columns):
        columns = [_target(column) if column.name == subject.target else column for column in columns]
    guessed = not wish.quasi_identifiers
    if not guessed:
        columns = [_demoted(column) if column.name not in wish.quasi_identifiers else column for column in columns]
    elif all(column.role != "quasi-identifier" for column in columns):
        columns = [
            Column(column.name, "quasi-identifier", column.why) if column.why == REPEATS else column
            for column in columns
        ]
    found = Roles(tuple(columns), guessed)
    if not found.quasi_identifiers:
        raise NotMeasurable("no column is known to tell people apart; name some: quasi_identifiers: [age, city, ...]")
    return found


def _declared(name: str, wish: Wish) -> Column | None:
    if name in wish.quasi_identifiers:
        return Column(name, "quasi-identifier", "named by the policy")
    if name in wish.sensitive:
        return Column(name, "sensitive", "named by the policy")
    if name == wish.person:
        return Column(name, "person", "named by the policy")
    if name in wish.leave_out:
        return Column(name, "removed", "named by the policy")
    return None


def _told(subject: Subject, first: pd.DataFrame, name: str) -> Column:
    """The part of a column that the policy does not name."""
    cells, kinds = first[name], says(name)
    known = int(cells.notna().sum())
    different = cells.dropna().astype(str).nunique()
    spec = subject.features.get(name)
    if kinds - KNOWN_TO_OTHERS - SECRET and (different >= MANY_VALUES or different * 2 > known):
        return Column(name, "direct identifier", "its name")
    if _OF_PERSON.search(_apart(name)):
        repeated = different < known
        return Column(name, "person", "its name") if repeated else Column(name, "number of the row", "its name")
    if spec is not None and spec.personal:
        return Column(name, "quasi-identifier", "declared as personal")
    if name in subject.groups:
        return Column(name, "quasi-identifier", "declared as a group")
    if kinds & SECRET:
        return Column(name, "sensitive", "its name")
    if (kinds or _SAYS_WHO.search(_apart(name))) and name != subject.target:
        return Column(name, "quasi-identifier", "its name")
    if _counts_rows(name, cells, different):
        return Column(name, "number of the row", "a value of its own in each row")
    return Column(name, "other", REPEATS if different * 2 <= known else "hardly a value repeats")


def _apart(name: str) -> str:
    """A name whose words are parted by underlines and no longer by capitals alone."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


def _demoted(column: Column) -> Column:
    """A guessed quasi-identifier beside those that the policy names: the policy has decided."""
    return Column(column.name, "other", "not named by the policy") if column.role == "quasi-identifier" else column


def _target(column: Column) -> Column:
    """What is predicted of people is what a group betrays, unless something else is known to be sensitive."""
    return Column(column.name, "sensitive", "it is the target") if column.role == "other" else column


def _counts_rows(name: str, cells: pd.Series, different: int) -> bool:
    from pandas.api import types

    if different < len(cells) or len(cells) < 2:
        return False
    called = re.search(r"(?i)(?:^|[ _.-])(?:id|uuid|guid|index|row|nr|no|key)$|[a-z](?:Id|ID)$", name) is not None
    return called or (types.is_integer_dtype(cells) and bool((cells.diff().dropna() == 1).all()))
