"""Names of metrics as people write them.

Source: definitions in Powers, "Evaluation: from precision, recall and F-measure to ROC", 2011, and in the documentation
of scikit-learn's `sklearn.metrics`; which spellings occur was read off public model cards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from audit.documents.plain_text import word_set

_SPELLINGS = {
    "accuracy": ("accuracy", "acc", "accuracy score", "classification accuracy", "correct classification rate"),
    "balanced_accuracy": ("balanced accuracy", "balanced acc", "balanced accuracy score", "mean class accuracy"),
    "error_rate": ("error rate", "misclassification rate", "classification error"),
    "precision": ("precision", "precision score", "positive predictive value", "ppv"),
    "recall": ("recall", "recall score", "sensitivity", "true positive rate", "tpr", "hit rate"),
    "specificity": ("specificity", "true negative rate", "tnr"),
    "false_positive_rate": ("false positive rate", "fpr", "false alarm rate"),
    "false_negative_rate": ("false negative rate", "fnr", "miss rate"),
    "f1": ("f1", "f1 score", "f1 measure", "f score", "f measure"),
    "auc": (
        "auc", "auroc", "roc auc", "auc roc", "roc auc score", "auc score", "area under the curve", "area under curve",
        "area under the roc curve", "area under roc curve", "area under the roc", "area under roc",
        "area under the receiver operating characteristic curve", "c statistic", "c index",
    ),
    "gini": ("gini", "gini coefficient", "gini index"),
    "log_loss": ("log loss", "logloss", "logarithmic loss", "cross entropy", "cross entropy loss"),
    "brier": ("brier", "brier score", "brier loss", "brier score loss"),
    "mae": ("mae", "mean absolute error"),
    "mse": ("mse", "mean squared error", "mean square error"),
    "rmse": ("rmse", "root mean squared error", "root mean square error"),
    "r2": ("r2", "r squared", "r2 score", "coefficient of determination"),
    "": (
        "pr auc", "auprc", "auc pr", "area under the precision recall curve", "average precision",
        "mean average precision", "matthews correlation", "matthews correlation coefficient", "mcc",
        "cohen kappa", "kappa", "perplexity", "bleu", "rouge", "rouge l", "wer",
        "word error rate", "iou", "miou", "ndcg", "mrr", "exact match", "ece", "expected calibration error", "mape",
        "mean absolute percentage error", "spearman", "pearson",
        "ks statistic", "jaccard", "robust accuracy", "adversarial accuracy",
        "certified accuracy", "robustness accuracy", "worst group accuracy", "token accuracy", "pixel accuracy",
        "median absolute error", "rmsle", "hamming loss", "hinge loss", "fbeta", "f2", "f2 score",
    ),
}  # fmt: skip
"""Spellings by name; under the empty name those that are not measured here."""

SHARES = word_set(
    "accuracy balanced_accuracy error_rate precision recall specificity false_positive_rate false_negative_rate f1 auc "
    "gini r2"
)
"""Metrics that people also write as a percentage."""
BOUNDED = SHARES - {"r2", "gini"}
"""Metrics that lie between 0 and 1."""
OF_CLASSES = word_set("precision recall f1 specificity false_positive_rate false_negative_rate")
"""Metrics that differ from class to class."""
LOWER_IS_BETTER = word_set("error_rate false_positive_rate false_negative_rate log_loss brier mae mse rmse")

AVERAGES = {"macro": "macro", "micro": "micro", "weighted": "weighted", "unweighted": "macro"}
TEST_WORDS = word_set("test testing evaluation eval holdout held unseen")
SPLITS = {
    **dict.fromkeys(TEST_WORDS, "test"),
    **dict.fromkeys(("training", "train"), "training"),
    **dict.fromkeys(("validation", "val", "dev", "development", "cv", "oob"), "validation"),
}
"""Words before a metric, or in the head of a column, that say which rows it was computed on."""

_BY_WORDS = {tuple(spelling.split()): name for name, spellings in _SPELLINGS.items() for spelling in spellings}
_FIRST = frozenset(words[0] for words in _BY_WORDS)
_LONGEST = max(map(len, _BY_WORDS))


@dataclass(frozen=True)
class Named:
    """A metric that was recognised.

    Attributes:
        metric: its name, or the words that were written where it is not measured here.
        length: how many words name it.
    """

    metric: str
    length: int


def named(words: list[str], start: int) -> Named | None:
    """The metric whose name begins at a word, the longest where several do.

    Args:
        words: lower case, with the digits that belong to a name (`f1`, `r2`).
    """
    if words[start] not in _FIRST:
        return None
    for length in range(min(_LONGEST, len(words) - start), 0, -1):
        found = tuple(words[start : start + length])
        if found in _BY_WORDS:
            return Named(_BY_WORDS[found] or " ".join(found), length)
    return None


def may_name_one(text: str) -> bool:
    """Whether a text holds a word that begins the name of a metric; quick, for the many lines without any."""
    return _ANY_FIRST.search(text) is not None


_ANY_FIRST = re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(_FIRST))})(?![^\W_])", re.IGNORECASE)
