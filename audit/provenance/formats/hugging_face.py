"""Hugging Face cards: what the YAML at the top of a README says of base models, data and licence.

A card holds no digests, so it ties no file to its bytes: it tells a lineage and facts for a reviewer, no more.

Source: "Model Cards", "Dataset Cards" and "Model card metadata" in the documentation of the Hugging Face Hub; the shape
of `model-index` as `huggingface_hub.repocard_data` 2.4 demands it.
"""

from __future__ import annotations

from typing import Any

from audit.front_matter import FrontMatter, split
from audit.provenance.record import Link, Malformed, Record
from audit.provenance.record_file import RecordFile
from audit.yaml_file import YamlError

KIND = "hugging_face"
_KEYS = frozenset(
    (
        "license", "license_name", "license_link", "language", "tags", "datasets", "metrics", "base_model",
        "model-index", "pipeline_tag", "library_name", "base_model_relation", "task_categories", "size_categories",
        "pretty_name", "source_datasets", "dataset_info", "configs", "annotations_creators", "model_name",
        "new_version", "thumbnail",
    )
)  # fmt: skip
"""Keys of the Hub; a file with none of them is another kind of page."""
_RELATIONS = ("adapter", "merge", "quantized", "finetune")
_FACTS = ("license", "license_name", "license_link", "pipeline_tag", "library_name", "language", "new_version")
_MOST, _LONGEST = 200, 300


def recognises(file: RecordFile) -> bool:
    """Whether it is Markdown that begins with a line of dashes."""
    first = file.content[:200].partition(b"\n")[0]
    return file.name.lower().endswith(".md") and first.rstrip() == b"---"


def read(file: RecordFile) -> tuple[Record, ...]:
    """The lineage and the facts of the card.

    Raises:
        Malformed: the YAML never ends, is not acceptable, has none of the Hub's keys, or one of another shape.
    """
    path, values = file.path, _values(file)
    if not _KEYS & set(values):
        raise Malformed(f"{path}: YAML at the top with none of the keys of a Hugging Face card, such as license")
    name = _name(values, path)
    relation = _relation(values, path)
    links = [Link(base, name, relation) for base in _texts(values, "base_model", path)]
    links += [Link(data, name, "trained on") for data in _texts(values, "datasets", path)]
    links += [Link(data, name, "made from") for data in _texts(values, "source_datasets", path)]
    facts = {key: ", ".join(_texts(values, key, path)) for key in _FACTS if values.get(key) is not None}
    notes = (f"{path}: a card holds no digests, so it ties no file to its bytes",)
    own = [link for link in links if link.source == link.target]
    if own:
        raise Malformed(f"{path}: {name[:60]!r} is said to be made from itself")
    return (Record(path, KIND, (), names_are_paths=False, notes=notes, links=tuple(links), facts=facts),)


def _values(file: RecordFile) -> dict[str, Any]:
    try:
        text = file.content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Malformed(f"{file.path}: not UTF-8 at byte {problem.start}") from problem
    front: FrontMatter | None = split(text)
    if front is None:
        raise Malformed(f"{file.path}:1: the YAML at the top has no closing line of dashes")
    try:
        return front.values(file.path).value
    except YamlError as problem:
        raise Malformed(problem.problems[0]) from problem


def _name(values: dict[str, Any], path: str) -> str:
    """What the card is about: the first name of `model-index`, another name, or the card itself."""
    index = values.get("model-index")
    if index is not None:
        _check_index(index, path)
        return str(index[0]["name"])
    for key in ("model_name", "pretty_name"):
        if values.get(key) is not None:
            return _texts(values, key, path)[0]
    return path


def _check_index(index: Any, path: str) -> None:
    """Hold the shape that the Hub demands: names, and results with a task, a dataset and metrics."""
    if not isinstance(index, list) or not index or not all(isinstance(model, dict) for model in index):
        raise Malformed(f"{path}: model-index: a list of mappings is expected")
    for model in index:
        if not isinstance(model.get("name"), str) or not 0 < len(model["name"]) <= _LONGEST:
            raise Malformed(f"{path}: model-index: a model has no name")
        results = model.get("results")
        if not isinstance(results, list):
            raise Malformed(f"{path}: model-index: results: a list is expected")
        for result in results:
            _check_result(result, f"{path}: model-index: results")


def _check_result(result: Any, where: str) -> None:
    if not isinstance(result, dict):
        raise Malformed(f"{where}: a mapping is expected")
    for key, needed in (("task", ("type",)), ("dataset", ("name", "type"))):
        part = result.get(key)
        if not isinstance(part, dict) or not all(isinstance(part.get(name), str) for name in needed):
            raise Malformed(f"{where}: {key}: {' and '.join(needed)} are expected")
    metrics = result.get("metrics")
    if not isinstance(metrics, list) or not metrics:
        raise Malformed(f"{where}: metrics: a list is expected")
    for metric in metrics:
        if not isinstance(metric, dict) or not isinstance(metric.get("type"), str) or metric.get("value") is None:
            raise Malformed(f"{where}: metrics: type and value are expected")


def _relation(values: dict[str, Any], path: str) -> str:
    """How the model came from its base; `base model` where the card does not say."""
    given = values.get("base_model_relation")
    if given is None:
        return "base model"
    if given not in _RELATIONS:
        raise Malformed(f"{path}: base_model_relation: one of {', '.join(_RELATIONS)} is expected")
    return str(given)


def _texts(values: dict[str, Any], key: str, path: str) -> list[str]:
    """A text or a list of texts; none where the key is absent."""
    given = values.get(key)
    found = [] if given is None else given if isinstance(given, list) else [given]
    if len(found) > _MOST or not all(isinstance(item, str) and 0 < len(item) <= _LONGEST for item in found):
        raise Malformed(f"{path}: {key}: a text or a list of at most {_MOST} short texts is expected")
    return list(dict.fromkeys(found))
