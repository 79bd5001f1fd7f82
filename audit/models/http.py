"""A model behind an HTTP endpoint that answers JSON.

What may pass is asked again, later each time: dropped connections, answers that break off, the status codes 408, 425,
429 and 5xx. After 429 the endpoint is asked more slowly. What is too large, takes too long or fails three times with a
status that too many rows may cause is asked again with half the rows. What will not pass by itself, such as 401, is an
error at once. No message shows a header, a query or the body of an answer: errors end in bundles and logs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models._answers import Answer, Remote, TooManyRows, from_json, most_bytes, to_json
from audit.models._budget import Budget
from audit.models._pace import LONGEST_TIMEOUT_SECONDS, Batch, Pace
from audit.models._protocols import answer, question
from audit.models._transport import Reply, Transport

SUFFIXES: tuple[str, ...] = ()
RUNS_CODE = False
_TIMEOUT_SECONDS = 30.0
_SHORTEST_SECRET = 8
_TOO_LARGE = (413, 414)
_BEFORE_WORK = (408, 413, 414, 425, 429)
"""Status codes that say that the model did not look at the rows."""
_PERHAPS_TOO_LARGE, _FAULTS_BEFORE_HALVING = (500, 502, 504), 3
"""Status codes of a service that fails by itself, of a proxy that gave up on it, or of one that too many rows broke."""
_MOST_FAULTS, _MOST_FAULTS_AT_FIRST, _MOST_SLOW = 10, 6, 3
_MOST_COMPLAINTS, _LONGEST_HELD_SECONDS = 40, 600.0
_HINTS = {
    401: "; is the variable in headers_from_env the right one?",
    403: "; is the variable in headers_from_env the right one?",
    404: "; is the path of the url right?",
    405: "; is the path of the url right?",
    429: "; lower requests_per_second",
}


def load(source: Source) -> Model:
    """The endpoint that `source.settings` describes, with the keys that audit.yaml has for it.

    Raises:
        SubjectError: the address is none, or an environment variable that a header needs is not set.
    """
    settings = source.settings
    headers = _from_environment(settings.get("headers_from_env", {}), "header")
    query = _from_environment(settings.get("query_from_env", {}), "query parameter")
    seconds = min(settings.get("timeout_seconds", _TIMEOUT_SECONDS), LONGEST_TIMEOUT_SECONDS)
    url = _with_query(settings["url"], query)
    kind = {"Content-Type": "application/json", "Accept": "application/json"}
    endpoint = _Endpoint(
        Transport(url, kind | headers, seconds),
        settings.get("protocol", "json"),
        Budget(settings.get("query_budget"), settings["url"]),
        Pace(settings.get("requests_per_second")),
        _secrets_in(url, headers.values()),
    )
    batch = Batch(settings.get("rows_per_request"), timeout_seconds=seconds)
    return Remote(endpoint.ask, endpoint.budget, batch, source.regression, source.classes).model()


def _from_environment(variables: Mapping[str, str], kind: str) -> dict[str, str]:
    found = {}
    for name, variable in variables.items():
        value = found[name] = os.environ.get(variable, "")
        if not value:
            raise SubjectError(f'the environment variable "{variable}" for the {kind} "{name}" of the model is not set')
        if not value.isprintable() or not value.isascii():
            raise SubjectError(
                f'the environment variable "{variable}" holds a line end or another character that no {kind} may have'
            )
    return found


def _with_query(url: str, more: Mapping[str, str]) -> str:
    if not more:
        return url
    bare = url.partition("#")[0]
    return bare + ("&" if "?" in bare else "?") + urlencode(more)


def _secrets_in(url: str, headers: Iterable[str]) -> tuple[str, ...]:
    """What may be a secret among all that is sent beside the rows: header values, their words, values of the query.

    Short ones are left out: they are found everywhere.
    """
    words = [word for value in headers for word in (value, *value.split())]
    words += [value for pair in parse_qsl(urlsplit(url).query) for value in pair[1:]]
    return tuple(sorted({word for word in words if len(word) >= _SHORTEST_SECRET}))


@dataclass
class _Endpoint:
    """Posts rows and reads answers, patiently."""

    transport: Transport = field(repr=False)
    protocol: str
    budget: Budget
    pace: Pace
    secrets: tuple[str, ...] = field(repr=False)
    answered: bool = False
    slow: int = 0

    def ask(self, x: Any) -> Answer:
        """Answers about some rows.

        Raises:
            TooManyRows: the endpoint refused so many at a time, or took too long.
            SubjectError: there is no answer, or none that can be used.
            NotMeasurable: the budget is used up.
        """
        body, rows = to_json(question(x, self.protocol)), len(x)
        faults = complaints = 0
        held_seconds = 0.0
        while True:
            self.pace.wait()
            self.budget.take(rows, again=faults > 0)
            reply = self.transport.post(body, most_bytes=most_bytes(rows))
            if not reply.sent or reply.status in _BEFORE_WORK:
                self.budget.give_back(rows)
            fault = self._fault(reply)
            if not fault:
                self.pace.answered()
                self.answered, self.slow = True, 0
                found = answer(self._document(reply), self.protocol)
                self._refuse_echoes(found)
                return found
            if reply.status in _TOO_LARGE or reply.slow:
                self._too_many(reply, rows, fault)
            if reply.status == 429:
                complaints += 1
                self.pace.complained()
            else:
                faults += 1
                if reply.status in _PERHAPS_TOO_LARGE and faults == _FAULTS_BEFORE_HALVING and rows > 1:
                    raise TooManyRows(fault, for_ever=False)
            wait_seconds = self._wait_seconds(reply, faults or complaints)
            held_seconds += wait_seconds
            most = _MOST_FAULTS if self.answered else _MOST_FAULTS_AT_FIRST
            if faults >= most or complaints >= _MOST_COMPLAINTS or held_seconds > _LONGEST_HELD_SECONDS:
                raise self._given_up(faults + complaints, fault, reply)
            self.pace.hold(wait_seconds)

    def _fault(self, reply: Reply) -> str:
        """Why a reply is none, if another try may get one; empty if it is one.

        Raises:
            SubjectError: another try will not help.
        """
        if not reply.status:
            return reply.fault
        if reply.status == 200:
            cut = not reply.framed and _breaks_off(reply.content.strip())
            return "the connection broke before the whole answer was there" if cut else ""
        if reply.status in _BEFORE_WORK or reply.status >= 500:
            return f"status {reply.status}"
        hint = "; redirects are not followed: name the address that answers" if 300 <= reply.status < 400 else ""
        raise SubjectError(
            f"{self.transport.origin} answered status {reply.status}{hint}{_HINTS.get(reply.status, '')}"
        )

    def _document(self, reply: Reply) -> Any:
        where = self.transport.origin
        if reply.page or reply.content.lstrip()[:1] == b"<":
            raise SubjectError(f"{where} answered a web page instead of JSON; is the url that of the model?")
        return from_json(reply.content)

    def _refuse_echoes(self, found: Answer) -> None:
        """Labels end in messages and reports, so none may repeat what only the endpoint was to know."""
        labels = {label for label in found.predictions or () if isinstance(label, str)}
        if any(secret in label for label in labels for secret in self.secrets):
            raise SubjectError(
                f"{self.transport.origin} answered a label that repeats a header or a value of the query, which may be "
                "a secret; the answer was not used"
            )

    def _too_many(self, reply: Reply, rows: int, fault: str) -> None:
        """Say so where fewer rows may do; one row that is too slow may be another time."""
        where = self.transport.origin
        self.slow += reply.slow
        if self.slow >= _MOST_SLOW:
            raise SubjectError(f"{where}: {fault}, {self.slow} times in a row; raise timeout_seconds")
        if not reply.slow and rows == 1:
            raise SubjectError(f"{where} answered {fault} to a single row")
        if rows > 1 and reply.sent:
            raise TooManyRows(fault, for_ever=not reply.slow)

    def _wait_seconds(self, reply: Reply, tries: int) -> float:
        asked = reply.retry_after_seconds
        return self.pace.backoff_seconds(tries) if asked is None else asked

    def _given_up(self, tries: int, fault: str, reply: Reply) -> SubjectError:
        hint = _HINTS.get(reply.status, "")
        return SubjectError(f"{self.transport.origin} gave no answer in {tries} tries; the last: {fault}{hint}")


def _breaks_off(content: bytes) -> bool:
    """Whether more of a JSON object has to come."""
    if content[:1] == b"{" and content[-1:] == b"}":
        try:
            json.loads(content)
        except json.JSONDecodeError as error:
            return error.pos >= len(error.doc)
        except (ValueError, RecursionError):
            return False
        return False
    return content[:1] in (b"", b"{")
