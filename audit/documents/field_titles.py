"""Titles under which people write the fields of model cards and datasheets.

Source: sections of Mitchell et al., "Model Cards for Model Reporting", FAT* 2019, and of Gebru et al., "Datasheets for
Datasets", CACM 64 (2021); names in the templates of the Hugging Face Hub, CycloneDX 1.6 `modelCard`, the Model Card
Toolkit's JSON and Croissant RAI 1.0. The synonyms are our own collection.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Titles:
    """How a field is titled, in singular words of `plain_text.words`.

    Attributes:
        inside: phrases that a title holds.
        whole: titles that count only as a whole.
        never: words that no title of this field holds.
    """

    inside: tuple[str, ...]
    whole: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


_OUTSIDE = ("out", "unintended", "misuse", "prohibited", "not", "non", "forbidden", "unsuitable", "inappropriate")

KNOWN = {
    "owner": Titles(
        inside=(
            "developed by", "contact", "maintained by", "created by", "model owner", "dataset owner",
            "point of contact", "responsible", "dataset curator", "model card author",
        ),
        whole=(
            "owner", "developer", "author", "maintainer", "provider", "creator", "supplier", "publisher",
            "manufacturer", "organization", "organisation", "curator", "team",
        ),
    ),
    "version": Titles(
        inside=(
            "model version", "version of the model", "dataset version", "version number", "model release",
        ),
        whole=(
            "version", "release", "revision",
        ),
        never=(
            "python", "library", "software", "framework", "sklearn", "api", "history", "template",
        ),
    ),
    "licence": Titles(
        inside=(
            "license", "licensing",
        ),
        whole=(
            "term of use", "right", "sd license",
        ),
        never=(
            "training data", "third party",
        ),
    ),
    "intended use": Titles(
        inside=(
            "intended use", "intended purpose", "direct use", "primary use", "use case", "intended user",
            "intended application",
        ),
        whole=(
            "use", "purpose", "intended usage", "application", "intended for", "how it is used",
        ),
        never=_OUTSIDE,
    ),
    "out-of-scope use": Titles(
        inside=(
            "out of scope", "unintended use", "misuse", "not intended", "prohibited use", "unsuitable use",
            "non intended", "inappropriate use", "must not be used", "should not be used", "excluded use",
            "forbidden use",
        ),
    ),
    "training data": Titles(
        inside=(
            "training data", "training set", "training dataset", "trained on", "training corpu",
            "training and evaluation data", "data used for training", "data for training", "train data",
        ),
        whole=(
            "dataset", "train", "data",
        ),
    ),
    "evaluation data": Titles(
        inside=(
            "evaluation data", "test data", "testing data", "test set", "evaluation set", "evaluation dataset",
            "test dataset", "evaluated on", "training and evaluation data", "benchmark data",
            "data used for evaluation",
        ),
        whole=(
            "test",
        ),
    ),
    "metrics": Titles(
        inside=(
            "metric", "performance measure", "model performance measure", "evaluation measure",
        ),
        whole=(
            "measure",
        ),
    ),
    "results": Titles(
        inside=(
            "evaluation result", "quantitative analysi", "quantitative analyse", "performance metric", "test result",
            "benchmark result", "model index", "model performance", "evaluation metric",
        ),
        whole=(
            "result", "evaluation", "performance", "accuracy",
        ),
    ),
    "limitations": Titles(
        inside=(
            "limitation", "caveat", "known issue", "weakness", "weaknesse", "shortcoming", "failure mode",
        ),
        whole=(
            "risk",
        ),
    ),
    "ethical considerations": Titles(
        inside=(
            "ethic", "ethical", "fairness", "social impact", "societal impact", "bia", "biase", "harm",
            "fairness assessment", "sensitive",
        ),
    ),
    "motivation": Titles(
        inside=(
            "motivation", "curation rationale", "why wa the dataset created", "purpose of the dataset",
        ),
        whole=(
            "purpose", "rationale",
        ),
    ),
    "composition": Titles(
        inside=(
            "composition", "dataset structure", "data instance", "data field", "record set", "dataset summary",
            "data set content", "what the data hold",
        ),
        whole=(
            "content", "structure", "schema", "column", "feature",
        ),
    ),
    "collection process": Titles(
        inside=(
            "collection", "data source", "source data", "source of the data", "acquisition",
            "how the data were collected", "origin of the data", "provenance",
        ),
        whole=(
            "source", "origin", "collection",
        ),
    ),
    "preprocessing": Titles(
        inside=(
            "preprocessing", "pre processing", "processing", "cleaning", "labeling", "labelling", "annotation",
            "preparation", "data manipulation protocol", "data imputation protocol",
        ),
    ),
    "uses": Titles(
        inside=(
            "intended use", "use case", "direct use", "considerations for using", "recommended use", "using the data",
            "task",
        ),
        whole=(
            "use", "usage",
        ),
    ),
    "distribution": Titles(
        inside=(
            "distribution", "availability", "download", "access to the data",
        ),
        whole=(
            "access", "content url",
        ),
    ),
    "maintenance": Titles(
        inside=(
            "maintenance", "maintained by", "maintainer", "update", "release maintenance plan", "erratum", "errata",
            "retention",
        ),
    ),
}  # fmt: skip
ALIASES = {
    "license": "licence", "contact": "owner", "out of scope use": "out-of-scope use", "caveats": "limitations",
    "intended uses": "intended use", "test data": "evaluation data", "ethics": "ethical considerations",
    "quantitative analyses": "results", "labeling": "preprocessing", "collection": "collection process",
}  # fmt: skip
"""Other names that a policy may use."""
