"""How well personal data is found in German, French, Spanish, Italian, Dutch, Polish and Portuguese sentences.

Run: python -m tests.benchmarks.pii_languages [LANGUAGE ...] [--count N] [--seed N] [--development [--errors KIND]]
Faker picks Italian towns from sets: with PYTHONHASHSEED=0 before it they are the same in each run.

The sentences are those of `language_sentences`: the held-out half, unless `--development` asks for the other one. For
each language and kind of value, with what is embedded: precision, recall and F2 where a finding has to overlap a value
by 0.9 (judged as in `pii_sentences`: `any kind`, `right kind`, then each), and recall and precision where any overlap
of the right kind is enough. Presidio's own patterns of the language, on a blank pipeline, are the peer in the same run.

Then, over the clean sentences: findings of at least 0.4 in a thousand of them, of kinds that count by default and of
those that tell nothing of a person alone (dates, titles, organisations and the like).
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from audit.pii import Span, scan_texts
from audit.pii.entities import HARMLESS_ALONE
from tests.benchmarks.labelled_sentences import Label, Sentence
from tests.benchmarks.language_sentences import LOCALES, clean, labelled
from tests.benchmarks.pii_sentences import LEAST_SCORE, Found, scores
from tests.benchmarks.presidio_engine import presidios_findings

PLATES = ("DE_KFZ", "UK_VEHICLE_REGISTRATION")


def main() -> None:
    """Scan the sentences of each language with both engines and print the scores."""
    options = _options()
    logging.getLogger("presidio_evaluator").setLevel(logging.ERROR)
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    half = "development" if options.development else "held out"
    print(f"{options.count} sentences a language, {half}, seed {options.seed}")
    for language in options.languages or LOCALES:
        sentences = labelled(language, options.count, held_out=not options.development, seed=options.seed)
        harmless = clean(language, held_out=not options.development)
        ours = _engine(language, presidio=False)
        _report(f"{language} ours", sentences, harmless, ours)
        if not options.development:
            _report(f"{language} presidio", sentences, harmless, _engine(language, presidio=True))
        elif options.errors:
            _show_errors(sentences, harmless, ours, options.errors)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("languages", nargs="*", choices=[*LOCALES, []])
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--count", type=int, default=440)
    parser.add_argument("--seed", type=int, default=71_903)
    parser.add_argument("--errors", action="append", default=[], metavar="KIND", help="of the development half")
    return parser.parse_args()


def _engine(language: str, *, presidio: bool) -> Callable[[Sequence[str]], Found]:
    def scan(texts: Sequence[str]) -> Found:
        if presidio:
            found: Found = [list(presidios_findings(text, language)) for text in texts]
        else:
            found = scan_texts(texts, language=language)
        return [_as_labelled(spans) for spans in found]

    return scan


def _as_labelled(spans: Sequence[Span]) -> list[Span]:
    """Findings that count, with plates under one name, and a birthday as that alone."""
    counted = [span for span in spans if span.score >= LEAST_SCORE]
    births = [span for span in counted if span.entity == "DATE_OF_BIRTH"]
    return [
        replace(span, entity="LICENSE_PLATE") if span.entity in PLATES else span
        for span in counted
        if span.entity != "DATE_TIME" or not any(_overlap(span, birth) for birth in births)
    ]


def _report(
    engine: str, sentences: Sequence[Sentence], harmless: Sequence[str], scan: Callable[[Sequence[str]], Found]
) -> None:
    found = scan([sentence.text for sentence in sentences])
    print(f"\n{engine}")
    for kind, score in scores(sentences, found).items():
        print(f"  {kind:18s} {score}{_any_overlap(kind, sentences, found)}")
    false = Counter(span.entity for spans in scan(harmless) for span in spans)
    for name, alone in (("counted by default", False), ("harmless alone", True)):
        kinds = {kind: count for kind, count in false.most_common() if (kind in HARMLESS_ALONE) == alone}
        rate = 1000 * sum(kinds.values()) / len(harmless)
        print(f"  false findings in 1,000 clean sentences, {name}: {rate:.0f} {kinds}", flush=True)


def _any_overlap(kind: str, sentences: Sequence[Sentence], found: Found) -> str:
    """Recall and precision of one kind where a finding only has to touch a value."""
    pairs = [
        ([one for one in sentence.labels if one.entity == kind], [one for one in spans if one.entity == kind])
        for sentence, spans in zip(sentences, found, strict=True)
    ]
    values = [any(_overlap(one, span) for span in spans) for labels, spans in pairs for one in labels]
    findings = [any(_overlap(span, one) for one in labels) for labels, spans in pairs for span in spans]
    if not values:
        return ""
    precision = f"{sum(findings) / len(findings):.2f}" if findings else "nan"
    return f"  touched: precision {precision} recall {sum(values) / len(values):.2f}"


def _overlap(one: Span | Label, other: Span | Label) -> bool:
    return one.start < other.end and other.start < one.end


def _show_errors(
    sentences: Sequence[Sentence], harmless: Sequence[str], scan: Callable[[Sequence[str]], Found], kinds: Sequence[str]
) -> None:
    everything = [*sentences, *(Sentence(text, ()) for text in harmless)]
    for sentence, spans in zip(everything, scan([one.text for one in everything]), strict=True):
        text = sentence.text
        right = {(one.entity, text[one.start : one.end]) for one in sentence.labels if one.entity in kinds}
        said = {(one.entity, text[one.start : one.end]) for one in spans if one.entity in kinds}
        if right != said:
            print(f"  {text!r}\n    missed {sorted(right - said)}  wrong {sorted(said - right)}")


if __name__ == "__main__":
    main()
