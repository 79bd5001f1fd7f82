"""Whatever stands in a policy or waiver file, it is loaded or refused with places; nothing else can happen."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from audit import policy
from audit.errors import PolicyError
from audit.policy.schema import PolicyFile, RuleFile, TrustedTypeFile, WaiverFile
from audit.records import Policy

WORDS = tuple(PolicyFile.model_fields) + tuple(RuleFile.model_fields) + tuple(WaiverFile.model_fields)
WORDS += ("with", "waivers", "min", "max", "evasion", "performance", "accuracy", "epsilon", "robust_accuracy", "${a}")
WORDS += (*TrustedTypeFile.model_fields, "required", "mypackage.layers.Gate", "os.system", "sklearn.*")
WORDS += ("a", "high", "GDPR/Article 5", "builtin:baseline", "8/255", "2026-01-01")
SCALARS = st.one_of(
    st.sampled_from(WORDS), st.none(), st.booleans(), st.integers(-3, 10), st.floats(-2, 2), st.text(max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)),
    max_leaves=12,
)
RULE = {
    "id": "r",
    "check": "evasion",
    "with": {"epsilon": "${a}"},
    "require": {"robust_accuracy": {"min": 0.5}},
    "severity": "high",
    "controls": ["GDPR/Article 5"],
}
WHOLE: dict[str, Any] = {"policy": "p", "version": "1", "params": {"a": 0.1}, "extends": [], "seed": 1, "rules": [RULE]}


def loaded_or_refused(content: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.yaml"
        path.write_text(json.dumps(content), encoding="utf-8")
        found: tuple[str, ...] = ("",)
        try:
            loaded = policy.load(path)
        except PolicyError as error:
            found = error.problems
        else:
            assert isinstance(loaded, Policy)
            assert any(rule.blocking and rule.limits for rule in loaded.rules)
            return
        assert all(found)
        assert all("p.yaml:" in line or line.startswith("builtin:") for line in found)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=6))
def test_any_mapping(content: dict[str, Any]) -> None:
    loaded_or_refused(content)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*WHOLE, "confidence"]), VALUES)
def test_any_value_in_place_of_a_good_one(key: str, value: Any) -> None:
    loaded_or_refused({**WHOLE, key: value})


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["name", "owner", "expires", "why", "until"]), VALUES)
def test_any_value_in_place_of_a_good_one_in_a_trusted_type(key: str, value: Any) -> None:
    trusted = {"name": "mypackage.layers.Gate", "owner": "o", "expires": "2026-01-01"}
    loaded_or_refused({**WHOLE, "trusted_types": [{**trusted, key: value}, trusted]})
    loaded_or_refused({**WHOLE, "trusted_types": [{**trusted, key: value}]})
    loaded_or_refused({**WHOLE, "trusted_types": value, "isolation": value, "allow_trusted_types": value})


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*RULE, "blocking", "min_power", "timeout_seconds", "why"]), VALUES)
def test_any_value_in_place_of_a_good_one_in_a_rule(key: str, value: Any) -> None:
    loaded_or_refused({**WHOLE, "rules": [{**RULE, key: value}]})


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_any_waivers(value: Any) -> None:
    trial = Policy(name="p", version="1", owner="", rules=())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.yaml"
        path.write_text(json.dumps({"waivers": value}), encoding="utf-8")
        refused = False
        try:
            found = policy.load_waivers(path, trial)
        except PolicyError:
            refused = True
        assert refused or found == ()  # a policy without rules can have no waiver
