"""The YAML at the top of a Hugging Face card: its keys as fields, and the results of its `model-index` as claims.

Source: "Model Cards" and "Model card metadata" in the documentation of the Hugging Face Hub; the shape of `model-index`
as `huggingface_hub.repocard_data` 2.4 reads and writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.documents.document import Claim, Entry, Fact, Malformed, Place
from audit.documents.facts import facts_of_entry
from audit.documents.metric_names import AVERAGES, SPLITS
from audit.documents.plain_text import key_words, seen, words
from audit.documents.statements import metric_of
from audit.documents.tokens import first_number
from audit.front_matter import FrontMatter
from audit.yaml_file import Document, KeyPath, YamlError

_LONGEST = 2000


def read_front(path: str, front: FrontMatter) -> tuple[tuple[Entry, ...], tuple[Claim, ...], tuple[Fact, ...]]:
    """Fields, claims and facts of the front matter.

    Raises:
        Malformed: the YAML is not acceptable.
    """
    try:
        document = front.values(path) if _holds_keys(front.yaml) else None
    except YamlError as problem:
        raise Malformed(problem.problems[0]) from problem
    if document is None:
        return (), (), ()
    keys = list(document.value)
    lines = [_line(document, (key,), key=True) for key in keys] + [front.body_line - 1]
    entries = tuple(
        Entry(key_words(key), " ".join(_texts(document.value[key])), 1, Place(lines[turn], lines[turn + 1] - 1))
        for turn, key in enumerate(keys)
    )
    claims = tuple(_results(document))
    return entries, claims, tuple(fact for entry in entries for fact in facts_of_entry(entry))


def _holds_keys(yaml: str) -> bool:
    """Whether anything but comments stands there."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in yaml.split("\n"))


def _results(document: Document) -> Iterator[Claim]:
    """One claim a metric of a result; what has another shape is no claim."""
    for model, entry in _items(document.value.get("model-index")):
        for turn, result in _items(entry.get("results")):
            for place, metric in _items(result.get("metrics")):
                at: KeyPath = ("model-index", model, "results", turn, "metrics", place, "value")
                found = _claim(document, at, metric, result, str(entry.get("name", "")))
                if found is not None:
                    yield found


def _claim(document: Document, at: KeyPath, metric: dict[str, Any], result: dict[str, Any], model: str) -> Claim | None:
    # the text keeps the zeros that a number loses: 0.80 claims more than 0.8
    written = document.source_text(at)
    number = first_number(seen(written or ""))
    if number is None:
        return None
    titles = [str(metric.get(key, "")) for key in ("type", "name")]
    named = [found for title in titles if (found := metric_of(key_words(title)))]
    known = named[0] if named else None
    dataset = result.get("dataset") if isinstance(result.get("dataset"), dict) else {}
    split = str((dataset or {}).get("split", "")).casefold()
    arguments = metric.get("args") if isinstance(metric.get("args"), dict) else {}
    average = str((arguments or {}).get("average", "")).casefold()
    line = _line(document, at)
    return Claim(
        known.metric if known else seen(titles[0][:80]) or "a metric without a type",
        number,
        Place(line, line),
        next((title.average for title in named if title.average), AVERAGES.get(average, "")),
        SPLITS.get(split.partition("[")[0], split),
        str((dataset or {}).get("name") or (dataset or {}).get("type") or ""),
        model,
        words=tuple(word for text in (*titles, str((dataset or {}).get("config", ""))) for word in words(text)),
    )


def _items(value: Any) -> list[tuple[int, dict[str, Any]]]:
    return (
        [(place, item) for place, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []
    )


def _texts(value: Any) -> Iterator[str]:
    """Every value below a key as text, without its keys."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield seen(str(value)[:_LONGEST])


def _line(document: Document, path: KeyPath, *, key: bool = False) -> int:
    return int((document.key_mark(path) if key else document.mark(path)).rsplit(":", 2)[1])
