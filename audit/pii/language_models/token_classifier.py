"""Token classifiers of `transformers`, from a folder on this machine.

The folder's weights must be safetensors: older files are pickles, which run code when they are opened. Code that lies
beside the weights is never run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit.errors import AuditError, MissingExtra
from audit.pii.language_models import LanguageModel, labels
from audit.pii.spans import Span

BATCH = 16
"""Texts that the model reads at once."""

LONGEST = 512
"""Tokens of a window, for models that do not say how many they can read."""


def opened(folder: Path) -> LanguageModel:
    """Open a token classifier and its tokeniser.

    Raises:
        AuditError: the folder holds no token classifier with safe weights and a quick tokeniser, or none of its labels
            names a kind of personal data.
        MissingExtra: `transformers` is not installed.
    """
    try:
        import transformers
    except ImportError:
        raise MissingExtra("transformers", "transformers", "to read token classifiers") from None
    transformers.utils.logging.disable_progress_bar()  # it would write into the command's own lines
    here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokeniser = transformers.AutoTokenizer.from_pretrained(folder, use_fast=True, **here)
        model = transformers.AutoModelForTokenClassification.from_pretrained(folder, use_safetensors=True, **here)
    except (OSError, ValueError, KeyError) as error:
        raise AuditError(
            f'"{folder}" is no token classifier that can be opened here: it needs config.json, a tokeniser and weights '
            f"in model.safetensors ({type(error).__name__})"
        ) from None
    meanings = {label: labels.entity(label) for label in model.config.id2label.values()}
    entities = {meaning for meaning in meanings.values() if meaning}
    if not entities or not tokeniser.is_fast:
        reason = "its tokeniser does not keep places" if entities else "none of its labels names personal data"
        raise AuditError(f'"{folder}" cannot find names: {reason}')
    reader = _reader(transformers, model.eval(), tokeniser)
    return LanguageModel(tuple(sorted(entities)), lambda texts: _find_many(reader, texts))


def _reader(transformers: Any, model: Any, tokeniser: Any) -> Any:
    """A pipeline that reads long texts in overlapping windows and gives whole words the label of their first part."""
    room = min(tokeniser.model_max_length, getattr(model.config, "max_position_embeddings", LONGEST), LONGEST)
    tokeniser.model_max_length = room
    return transformers.pipeline(
        "token-classification",
        model=model,
        tokenizer=tokeniser,
        aggregation_strategy="first",
        stride=room // 4,
        device="cpu",
    )


def _find_many(reader: Any, texts: Sequence[str]) -> list[list[Span]]:
    # The pipeline refuses a text without a single token.
    filled = [place for place, text in enumerate(texts) if text.strip()]
    found: list[list[Span]] = [[] for _ in texts]
    answers = reader([texts[place] for place in filled], batch_size=BATCH) if filled else []
    for place, answer in zip(filled, answers, strict=True):
        found[place] = [
            Span(int(one["start"]), int(one["end"]), meaning, float(one["score"]), "language model")
            for one in answer
            if (meaning := labels.entity(one["entity_group"]))
        ]
    return found
