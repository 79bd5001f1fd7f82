"""Writes a first `audit.yaml` and a first policy for a model and data that lie in a folder.

It only looks: model files are recognised by suffix and never opened, tables are read to tell the target and the task.
What cannot be seen is asked for, not guessed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from audit import models
from audit.data import Table, content, read_table
from audit.errors import SubjectError
from audit.plugins import unknown

ROLES = ("train", "test", "reference", "current", "trusted")
TARGETS = ("target", "label", "labels", "class", "y", "outcome", "default")
PROVENANCE = (
    "SHA256SUMS", "SHA512SUMS", "*.sig", "*.cdx.json", "*.spdx.json", "*croissant*.json", "dvc.lock", "*.dvc",
    "MLmodel", "mlflow.db", "*.intoto.jsonl", "*.intoto.json", "*.dsse.json", "*.sigstore.json",
)  # fmt: skip
"""How records of provenance are usually named."""
DOCUMENTS = {"model_card": "MODEL_CARD.md", "datasheet": "DATASHEET.md"}
_FEW_CLASSES = 20


@dataclass(frozen=True)
class Started:
    """The two files that were written."""

    subject: Path
    policy: Path


def start(folder: Path, *, target: str | None = None, positive: str | None = None) -> Started:
    """Write `audit.yaml` and `policy.yaml` into a folder.

    Args:
        folder: where the model and its data lie.
        target: name of the target column; None looks for a usual name.
        positive: label of the positive class of two; None takes the rarer one.

    Raises:
        SubjectError: the folder holds nothing to audit, several candidates, no recognisable target, or one of the two
            files already.
    """
    if not folder.is_dir():
        raise SubjectError(f'"{folder}" is not a folder; give the one that holds the model and its data')
    subject, policy = folder / "audit.yaml", folder / "policy.yaml"
    for path in (subject, policy):
        if path.exists():
            raise SubjectError(f"{path} exists; remove it first, nothing is overwritten")
    model = _model(folder)
    tables = _tables(folder)
    if model is None and not tables:
        raise SubjectError(f'"{folder}" holds no model and no table; known suffixes: {", ".join(_known())}')
    lines = [f"subject: {json.dumps(folder.resolve().name)}", 'version: "1"']
    task = "classification"
    if tables:
        role = "test" if "test" in tables else next(iter(tables))
        table = read_table(tables[role], role=f"data.{role}", target=None)
        described = _describe(table, target, positive)
        task, words = described.task, described.lines
        lines += [f"task: {task}", *words]
    if model is not None:
        lines.append(f"model: {{path: {json.dumps(model.name)}}}")
    if tables:
        lines.append("data:")
        lines += [f"  {role}: {{path: {json.dumps(path.name)}}}" for role, path in tables.items()]
    records = sorted({path.name for pattern in PROVENANCE for path in folder.glob(pattern) if path.is_file()})
    if records:
        lines.append(f"provenance: {json.dumps(records)}")
    if documents := {kind: name for kind, name in DOCUMENTS.items() if (folder / name).is_file()}:
        lines += ["documents:", *(f"  {kind}: {name}" for kind, name in documents.items())]
    subject.write_text("\n".join(lines) + "\n", encoding="utf-8")
    policy.write_text(_policy(folder.resolve().name, model is not None, tables, task), encoding="utf-8")
    return Started(subject, policy)


@dataclass(frozen=True)
class _Described:
    task: str
    lines: tuple[str, ...]


def _known() -> tuple[str, ...]:
    return tuple(sorted({*models.suffixes(), *content.SUFFIXES}))


def _model(folder: Path) -> Path | None:
    data = content.SUFFIXES
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix.lower() in models.suffixes() and path.suffix.lower() not in data
    ]
    named = [path for path in found if "model" in path.stem.lower()]
    found = named or [path for path in found if path.suffix.lower() not in (".json", ".txt")]
    if len(found) > 1:
        raise SubjectError(
            f"{folder} holds several models: {', '.join(path.name for path in found)}; "
            "keep one in the folder, or write audit.yaml by hand"
        )
    return found[0] if found else None


def _tables(folder: Path) -> dict[str, Path]:
    found = [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix.lower() in content.SUFFIXES]
    tables = {role: path for role in ROLES for path in found if path.stem.lower() == role}
    if not tables and len(found) == 1:
        return {"test": found[0]}
    if not tables and found:
        raise SubjectError(
            f"{folder} holds several tables: {', '.join(path.name for path in found)}; "
            f"name them {', '.join(ROLES)}, or write audit.yaml by hand"
        )
    return tables


def _describe(table: Table, target: str | None, positive: str | None) -> _Described:
    import numpy as np

    if table.frame is None:
        labels, lines = table.labels, []
    else:
        name = _target(table, target)
        labels, lines = table.frame[name].dropna().to_numpy(), [f"target: {json.dumps(name)}"]
    if labels is None:
        return _Described("classification", ())
    classes, counts = np.unique(labels, return_counts=True)
    if labels.dtype.kind == "f" or (labels.dtype.kind in "iu" and len(classes) > _FEW_CLASSES):
        return _Described("regression", tuple(lines))
    if len(classes) == 2:
        words = {str(label): label for label in classes.tolist()}
        if positive is not None and positive not in words:
            raise unknown("label", positive, words)
        chosen = words[positive] if positive is not None else classes.tolist()[int(np.argmin(counts))]
        lines.append(f"positive: {json.dumps(chosen)}")
    return _Described("classification", tuple(lines))


def _target(table: Table, target: str | None) -> str:
    if target is not None:
        if target not in table.columns:
            raise unknown("column", target, table.columns)
        return target
    usual = [column for column in table.columns if column.lower() in TARGETS]
    if len(usual) != 1:
        raise SubjectError(f"which column is the target? give it with --target; columns: {', '.join(table.columns)}")
    return usual[0]


def _policy(name: str, model: bool, tables: dict[str, Path], task: str) -> str:
    """A first policy with the rules that this subject can answer; the comment says how to go on."""
    rules = []
    if model:
        rules.append(_rule("safe-to-open", "unsafe_file", "unsafe_globals: {max: 0}, unreadable_parts: {max: 0}"))
        if "test" in tables:
            rules.append(_rule("better-than-guessing", "performance", "skill_over_dummy: {min: 0}"))
    if "train" in tables and "test" in tables:
        rules.append(_rule("no-leak", "leakage", "duplicate_share: {max: 0.01}"))
    if "reference" in tables and "current" in tables:
        rules.append(_rule("no-drift", "drift", "shifted_columns: {max: 0}"))
    if tables and not rules:
        rules.append(_rule("no-personal-data", "pii", "cell_share: {max: 0}"))
    head = (
        "# A first policy. `audit checks` lists what else can be measured, `audit policy explain` reads it out,\n"
        "# and `extends: [builtin:release]` adds the rules of a release.\n"
    )
    opening = f"policy: {json.dumps(f'{name}-first')}\nversion: 0.1.0\nowner: {json.dumps('to be named')}\nrules:\n"
    return head + opening + "".join(rules)


_WHY = {
    "unsafe_file": "Opening the model must not run a stranger's code.",
    "performance": "A model that is no better than always giving the same answer is not worth its risk.",
    "leakage": "Rows that were trained on flatter every other number.",
    "drift": "A model answers for the world that it was built for.",
    "pii": "Nobody may be named in this data.",
}


def _rule(name: str, check: str, limits: str) -> str:
    return f"  - id: {name}\n    check: {check}\n    require: {{{limits}}}\n    why: {json.dumps(_WHY[check])}\n"
