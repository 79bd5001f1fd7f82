"""How well personal data is found in English sentences: precision, recall and F2 by entity, beside Presidio's.

Run: python -m tests.benchmarks.pii_sentences [--model PATH] [--development] [--count N] [--seed N] [--errors ENTITY]

The judge is `SpanEvaluator` of `presidio-evaluator`: a finding of at least 0.4 counts where it overlaps a labelled
value by at least 0.9 (intersection over union of characters, without stop words). The sentences are the held-out ones
of `labelled_sentences`, unless `--development` or `--seen` asks for those that recognisers are improved with. Findings
of kinds that the sentences do not label are left out, and counted.

Printed for each engine: `any kind`, the evaluator's own pooled score, for which a value has to be found as personal and
its kind does not matter (the bar is on it); `right kind`, the values of all entities pooled where the kind has to be
right too; then each entity. Engines: Presidio's patterns, ours with what is embedded, and with `--model` (name or
folder of a spaCy pipeline) both with it. `--errors` shows sentences in which ours got an entity wrong, to those who
improve a recogniser; the values in them are generated.
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import spacy
from presidio_evaluator import span_to_tag
from presidio_evaluator.evaluation import SpanEvaluator

from audit.pii import scan_texts
from audit.pii.spans import Span
from tests.benchmarks.labelled_sentences import Sentence, development, generated

LEAST_SCORE = 0.4
OVERLAP = 0.9
BARS = {False: 0.55, True: 0.78}
"""Least pooled F2, without and with a medium English pipeline."""

Found = list[list[Span]]


@dataclass(frozen=True)
class Score:
    """How well one kind of value was found."""

    annotated: int
    predicted: int
    right: int

    def __str__(self) -> str:
        precision = self.right / self.predicted if self.predicted else float("nan")
        recall = self.right / self.annotated if self.annotated else float("nan")
        f2 = 5 * self.right / (4 * self.annotated + self.predicted) if self.annotated + self.predicted else float("nan")
        return f"precision {precision:.3f}  recall {recall:.3f}  F2 {f2:.3f}  ({self.annotated} values)"


def main() -> None:
    """Scan the sentences with each engine and print the scores."""
    options = _options()
    logging.getLogger("presidio_evaluator").setLevel(logging.ERROR)
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    sentences = _sentences(options)
    texts = [sentence.text for sentence in sentences]
    part = "development" if options.development else "seen" if options.seen else "held out"
    print(f"{len(texts)} sentences, {part}, seed {options.seed}")
    for model in (None, options.model) if options.model else (None,):
        with_model = " with the model" if model else ""
        choice: dict[str, Any] = {"names": "model", "model": model} if model else {}
        if not options.ours:
            _report(f"presidio{with_model}", sentences, scan_texts(texts, recognisers="presidio", **choice))
        ours = scan_texts(texts, **choice)
        _report(f"ours{with_model} (bar {BARS[bool(model)]})", sentences, ours)
        for entity in options.errors:
            _show_errors(entity, sentences, ours)


def _sentences(options: argparse.Namespace) -> list[Sentence]:
    if options.development:
        return development(options.count, seed=options.seed)
    return generated(options.count, seed=options.seed, seen=options.seen)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--seen", action="store_true", help="the generated sentences that are not held out")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=20_263)
    parser.add_argument("--ours", action="store_true", help="leave Presidio out")
    parser.add_argument("--errors", action="append", default=[], metavar="ENTITY")
    return parser.parse_args()


def _report(engine: str, sentences: Sequence[Sentence], found: Found) -> None:
    judged = scores(sentences, found)
    print(f"\n{engine}")
    for kind, score in judged.items():
        print(f"  {kind:18s} {score}")
    labelled = {label.entity for sentence in sentences for label in sentence.labels}
    others = Counter(
        span.entity for spans in found for span in spans if span.score >= LEAST_SCORE and span.entity not in labelled
    )
    print(f"  findings of other kinds, not counted: {dict(others.most_common())}", flush=True)


def scores(sentences: Sequence[Sentence], found: Found) -> dict[str, Score]:
    """The evaluator's counts: `any kind`, `right kind`, then by entity."""
    labelled = {label.entity for sentence in sentences for label in sentence.labels}
    tokeniser = spacy.blank("en")
    rows = []
    for number, (sentence, spans) in enumerate(zip(sentences, found, strict=True)):
        tokens = tokeniser(sentence.text)
        counted = [span for span in spans if span.score >= LEAST_SCORE and span.entity in labelled]
        truth = _tags(sentence.text, tokens, [(one.start, one.end, one.entity, 1.0) for one in sentence.labels])
        ours = _tags(sentence.text, tokens, [(one.start, one.end, one.entity, one.score) for one in counted])
        rows += [
            (number, token.text, right, said, token.idx) for token, right, said in zip(tokens, truth, ours, strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["sentence_id", "token", "annotation", "prediction", "start_indices"])
    result = SpanEvaluator(iou_threshold=OVERLAP).calculate_score_on_df(frame, beta=2)
    by_entity = {
        entity: Score(one.num_annotated, one.num_predicted, one.true_positives)
        for entity, one in sorted(result.per_type.items())
        if entity != "PII"
    }
    right = Score(*(sum(getattr(one, name) for one in by_entity.values()) for name in Score.__annotations__))
    any_kind = Score(result.pii_annotated, result.pii_predicted, result.pii_true_positives)
    return {"any kind": any_kind, "right kind": right, **by_entity}


def _tags(text: str, tokens: Any, spans: Sequence[tuple[int, int, str, float]]) -> list[str]:
    starts, ends, tags, weights = (list(column) for column in zip(*spans, strict=True)) if spans else ([], [], [], [])
    return list(span_to_tag("IO", text, starts, ends, tags, weights, tokens=tokens))


def _show_errors(entity: str, sentences: Sequence[Sentence], found: Found) -> None:
    print(f"\nsentences in which ours differs on {entity}:")
    shown = 0
    for sentence, spans in zip(sentences, found, strict=True):
        text = sentence.text
        right = {text[one.start : one.end] for one in sentence.labels if one.entity == entity}
        said = {text[one.start : one.end] for one in spans if one.entity == entity and one.score >= LEAST_SCORE}
        if right != said and shown < 40:
            print(f"  {text!r}\n    missed {sorted(right - said)}  wrong {sorted(said - right)}")
            shown += 1


if __name__ == "__main__":
    main()
