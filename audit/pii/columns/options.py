"""How the cells of a column are scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from audit.pii.custom import Custom
from audit.pii.entities import HARMLESS_ALONE
from audit.pii.scanner import scan_texts
from audit.pii.spans import Span


@dataclass(frozen=True)
class Options:
    """How cells are scanned.

    Attributes:
        language: as in `scan_texts`; so are `names`, `model`, `entities` and `custom`.
        min_score: the least score of a finding that counts.
    """

    language: str = "en"
    names: Literal["wordlists", "model"] = "wordlists"
    model: str | None = None
    entities: tuple[str, ...] = ()
    min_score: float = 0.4
    custom: Custom | None = None

    def counts(self, span: Span) -> bool:
        """Whether a finding counts: it is sure enough and of a kind that is looked for."""
        wanted = span.entity in self.entities if self.entities else span.entity not in HARMLESS_ALONE
        return wanted and span.score >= self.min_score


def spans_of(texts: list[str], context: Sequence[str], options: Options) -> list[list[Span]]:
    """All findings in texts, in the order of the texts. Errors as `scan_texts`."""
    if not texts:
        return []
    return scan_texts(
        texts,
        language=options.language,
        names=options.names,
        model=options.model,
        context=context,
        entities=options.entities,
        custom=options.custom,
    )


@dataclass(frozen=True)
class Scanned:
    """Findings in a text, and whether the user's rules allow another that would have counted to stand in it."""

    spans: list[Span]
    allowed: bool = False


def scanned(texts: list[str], context: Sequence[str], options: Options) -> list[Scanned]:
    """All findings in texts, in the order of the texts, and where rules dropped one. Errors as `scan_texts`."""
    if options.custom is None or not options.custom.allow:
        return [Scanned(spans) for spans in spans_of(texts, context, options)]
    every = spans_of(texts, context, replace(options, custom=options.custom.allowing_nothing))
    held = [place for place, spans in enumerate(every) if any(map(options.counts, spans))]
    kept = dict(zip(held, spans_of([texts[place] for place in held], context, options), strict=True))
    return [
        Scanned(kept.get(place, []), any(options.counts(span) and span not in kept[place] for span in spans))
        for place, spans in enumerate(every)
    ]
