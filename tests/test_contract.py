"""The outer contract of every plugin file: a new file is picked up here by itself."""

from __future__ import annotations

import inspect

import pytest

from audit import plugins, signature

NEEDS = {
    "model", "training", "provenance", "baseline", "documents",
    "data.train", "data.test", "data.reference", "data.current", "data.trusted",
}  # fmt: skip
CHECKS = signature.check_names()
ATTACKS = plugins.names("attacks.evasion")
FORMATS = plugins.names("audit.models")
REPORTS = plugins.names("audit.reports")


def test_every_promised_check_is_there() -> None:
    promised = (
        "backdoor calibration documentation drift evasion feedback_loop leakage performance pii poisoned_data "
        "poisoning provenance reidentification unsafe_file"
    )
    assert set(promised.split()) <= set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_declares_itself(name: str) -> None:
    spec = signature.describe(name)
    assert spec.summary.endswith("."), "the first line is a sentence"
    assert set(spec.sections) == {"Why", "Blind to", "Source"}
    assert {word for need in spec.needs for word in need.split("|")} <= NEEDS
    assert spec.measures
    assert all(text for text in spec.measures.values())
    assert set(spec.scales) <= set(spec.measures)
    assert spec.plants, "a pass has to show its power"
    for parameter in spec.parameters.values():
        assert parameter.text, f"{parameter.name} is explained under Args"
    taken = set(inspect.signature(spec.module.plant).parameters) - {"subject", *signature.FROM_RUNNER}
    assert taken <= set(spec.parameters), "plant takes parameters of run"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_declares_itself(name: str) -> None:
    module = plugins.load("attacks.evasion", name)
    assert module.ACCESS in ("labels", "scores", "gradients", "structure")
    assert list(inspect.signature(module.run).parameters)[:3] == ["target", "x", "y"]
    assert {"epsilon", "norm", "seed"} <= set(inspect.signature(module.run).parameters)
    assert inspect.getdoc(module.run)


@pytest.mark.parametrize("name", FORMATS)
def test_a_model_format_declares_itself(name: str) -> None:
    module = plugins.load("audit.models", name)
    assert isinstance(module.SUFFIXES, tuple)
    assert isinstance(module.RUNS_CODE, bool)
    assert callable(module.load)
    assert inspect.getdoc(module.load)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_declares_itself(name: str) -> None:
    module = plugins.load("audit.reports", name)
    assert isinstance(module.FILE, str)
    assert list(inspect.signature(module.render).parameters) == ["bundle"]


def test_no_two_formats_share_a_suffix() -> None:
    suffixes = [suffix for name in FORMATS for suffix in plugins.load("audit.models", name).SUFFIXES]
    assert len(suffixes) == len(set(suffixes))
