"""Words around a number that say what it is about: other rows, another model, a demand, a difference, a denial.

A number with such a word is not compared with the measured value, and it does not vanish either: it is counted among
the claims that could not be checked, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from audit.documents.metric_names import SPLITS, TEST_WORDS
from audit.documents.plain_text import word_set

DEMAND = word_set(
    "should must shall target targets goal goals aim aims aimed required requires require requirement requirements "
    "acceptable acceptance minimum maximum needs need expected expect expects hoped planned plan ought "
    "if unless would could might may"
)
OTHER_MODEL = word_set(
    "baseline baselines dummy majority constant previous predecessor earlier former prior competitor "
    "competitors human humans random guessing chance benchmark rival sota than compared versus vs"
)
CHANGE_NOUNS = word_set("drop drops gap gaps difference differences change changes gain gains loss losses")
CHANGE_VERBS = word_set(
    "improved improves improve improving increased increases increase rose rises raised dropped drops drop fell falls "
    "decreased decreases decrease reduced reduces degraded degrades lost loses gained gains"
)
DENIAL = word_set("not no never cannot neither nor without hardly")
CONDITIONS = word_set(
    "attack attacks attacked adversarial noise noisy corrupted corruption corruptions perturbed perturbation "
    "perturbations shifted poisoned drifted robust"
)
CHANGERS = word_set("top robust adversarial certified worst token pixel per")
"""Words that make another metric of the name that follows."""

_DATA_NOUNS = word_set("set sets data dataset split splits fold folds sample samples rows part partition")
_STOPS = word_set(", ( ) [ ] but while whereas which better worse compared versus vs than above over and |")
_GENERIC = word_set(
    "the this these our all a an its test testing data set sets dataset model models rows row whole entire held out "
    "holdout unseen evaluation task tasks classification regression prediction predictions examples samples both"
    " classes class positive purpose example overall complete full of in on and final our total "
    "average mean avg macro micro weighted score scores value values result results metric metrics performance with at "
    "by to is was are were has have reaches achieved achieves accuracy precision recall we it its"
)
_PART = frozenset(("for", "among", "within"))


def split_of(head: Sequence[str], tail: Sequence[str]) -> str:
    """`test`, `training` or `validation` by the nearest phrase such as "on the training set"; empty where none is.

    Args:
        head: words before the number.
        tail: words after it.
    """
    after = _splits(tail)
    if after:
        return after[0]
    before = _splits(head)
    return before[-1] if before else ""


def split_of_title(title: Sequence[str]) -> str:
    """The split that the head of a column or a row names; `test` wins where several are."""
    found = {SPLITS[word] for word in title if word in SPLITS}
    return next((split for split in ("test", "validation", "training") if split in found), "")


def tail_of(words: Sequence[str]) -> list[str]:
    """The words after a number that still belong to it: up to a comma, a bracket or the next label."""
    following = (*words[1:], "")
    ends = (place for place, word in enumerate(words) if word in _STOPS or following[place] == ":")
    return list(words[: next(ends, len(words))])


def aside(head: Sequence[str], tail: Sequence[str]) -> str:
    """Why a number is no statement about what the model reaches; empty where it is one.

    Args:
        head: words before the number, of its own sentence.
        tail: words after it, see `tail_of`.
    """
    clause = _clause(head)
    around = {*head, *tail}
    if DEMAND & {*clause, *tail}:
        return "it is a demand or an expectation"
    if OTHER_MODEL & around:
        return "it is about another model"
    if _is_change(clause):
        return "it is a difference, not a value"
    if DENIAL & set(clause) or "n't" in "".join(clause):
        return "it is denied"
    if CONDITIONS & around:
        return "it was measured under other conditions"
    return 'it says "up to"' if clause[-2:] == ["up", "to"] else ""


def narrows(words: Sequence[str]) -> bool:
    """Whether the words around a number may narrow it to a part of the rows: "for customers in Spain"."""
    start = next((place for place, word in enumerate(words[:4]) if word in _PART), None)
    return start is not None and is_special(words[start + 1 : start + 5])


def is_special(words: Sequence[str]) -> bool:
    """Whether any of some words could name a part of the rows, a class or another model."""
    return bool({word for word in words if word.isalpha()} - _GENERIC)


def labelled_split(head: Sequence[str]) -> str:
    """The split that a word before a colon gives for all that follows: "Train: precision = 0.7, recall = 0.6"."""
    return next((SPLITS[word] for word, mark in pairwise(head) if mark == ":" and word in SPLITS), "")


def _splits(words: Sequence[str]) -> list[str]:
    found = []
    plain = [word for word in words if word != "-"]
    for place, word in enumerate(plain):
        after = plain[place + 1 : place + 3]
        if word == "cross" and after[:1] and after[0].startswith("validat"):
            found.append("validation")
        elif word in ("out", "in") and after[:1] == ["sample"]:
            found.append("training")
        elif word == "out" and after == ["of", "sample"]:
            found.append("test")
        elif word == "out" and after in (["of", "bag"], ["of", "fold"]):
            found.append("validation")
        elif word in SPLITS and (word in TEST_WORDS or _DATA_NOUNS & set(after[:1])):
            found.append(SPLITS[word])
    return found


def _clause(head: Sequence[str]) -> list[str]:
    """The words since the last comma or bracket."""
    start = max((place for place, word in enumerate(head) if word in (",", "(", "but", "however")), default=-1)
    return list(head[start + 1 :])


def _is_change(clause: Sequence[str]) -> bool:
    near = list(clause[-4:])
    if near[-1:] == ["to"]:  # "fell to 0.6" tells a value
        return False
    return "by" in near[-2:] or bool(CHANGE_NOUNS & set(near)) or bool(CHANGE_VERBS & set(near))


def split_of_section(title: Sequence[str]) -> str:
    """The split that the heading of a section names for the numbers below: "Training results", "Validation"."""
    named = [SPLITS[word] for word in title if word in SPLITS]
    numbers = _RESULTS & set(title)
    return "test" if "test" in named else named[-1] if named and (numbers or named[-1] == "validation") else ""


def aside_of_section(words: Sequence[str]) -> str:
    """Why numbers under such headings are no statements about what the model reaches; empty where they are."""
    found = set(words)
    if found & _DEMANDED:
        return "it is a demand or an expectation"
    return "it is about another model" if found & _BASELINES else ""


_RESULTS = word_set("result results metrics performance scores accuracy loss history log curves")
_DEMANDED = word_set("requirements requirement acceptance targets goals")
_BASELINES = word_set("baseline baselines competitors predecessor")
