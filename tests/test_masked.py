"""Networks that hide their weakness: each answers as a plain one does and is no stronger, so none may pass for strong.

All are small networks on the digits, audited from their files as anybody's model would be. What an attacker who knows
the mask would leave of each is measured in `tests.benchmarks.evasion_masked`; limits lie between that and the share of
right answers, so that they would be met by attacks that a mask fools.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audit import api
from audit.records import Bundle
from audit.subject import Subject

torch = pytest.importorskip("torch")

from tests.benchmarks.evasion_masked import EPSILONS, write  # noqa: E402
from tests.benchmarks.masks import MASKS, plain_network  # noqa: E402

Audited = Callable[..., Bundle]
LIMITS = {"rounded to 4 levels": 0.88, "threshold": 0.86, "hidden layer in steps": 0.6, "waves in steps": 0.6}
"""Some masks do make a network a little stronger."""
LIMIT = 0.5
QUICK = ("rounded to 16 levels", "saturated softmax", "noise")
WITHOUT_GRADIENTS = ("hidden layer in steps", "temperature 1e-3", "one-hot", "noise", "shattered")


@pytest.fixture
def audited(tmp_path: Path, write_policy: Callable[..., Path]) -> Audited:
    """Audits a network behind a mask against a limit."""

    def run(mask: str, format: str = "torch", norm: str = "linf", *, epsilon: float = 0.0, rows: int = 32) -> Bundle:
        assert write(tmp_path, plain_network(), mask, format)
        limit = LIMITS.get(mask, LIMIT)
        params = f"epsilon: {epsilon or EPSILONS[norm]}, norm: {norm}, max_rows: {rows}, queries: 150"
        policy = write_policy("evasion", f"robust_accuracy: {{min: {limit}}}", params)
        return api.run(Subject.load(tmp_path / "audit.yaml"), policy)

    return run


def verdict(bundle: Bundle) -> str:
    assert len(bundle.entries) == 1
    assert not bundle.entries[0].error
    return str(bundle.entries[0].verdict)


def refused(bundle: Bundle) -> bool:
    return verdict(bundle) in ("FAIL", "INCONCLUSIVE") and bundle.exit_code != 0


def test_the_plain_network_passes_a_limit_that_it_meets(audited: Audited) -> None:
    assert verdict(audited("none", epsilon=0.01)) == "PASS"


def test_the_plain_network_fails_the_limit(audited: Audited) -> None:
    assert verdict(audited("none")) == "FAIL"


@pytest.mark.parametrize("mask", QUICK)
def test_no_mask_passes_for_strength(mask: str, audited: Audited) -> None:
    assert refused(audited(mask))


@pytest.mark.slow
@pytest.mark.parametrize("mask", [mask for mask in MASKS if mask not in ("none", *QUICK)])
def test_no_other_mask_does_either(mask: str, audited: Audited) -> None:
    assert refused(audited(mask))


@pytest.mark.slow
@pytest.mark.parametrize("mask", WITHOUT_GRADIENTS)
def test_nor_does_any_without_gradients(mask: str, audited: Audited) -> None:
    assert refused(audited(mask, "onnx"))


@pytest.mark.slow
@pytest.mark.parametrize("mask", ["saturated softmax", "shattered"])
def test_nor_in_the_other_norm_on_images(mask: str, audited: Audited) -> None:
    assert refused(audited(mask, "torch images", "l2"))


@pytest.mark.slow
def test_the_adversarially_trained_network_ranks_above_its_plain_twin(tmp_path: Path) -> None:
    from audit.checks import evasion

    found = []
    for network in (plain_network(), plain_network(0.12)):
        assert write(tmp_path, network, "none", "torch")
        subject = Subject.load(tmp_path / "audit.yaml")
        *_, last = evasion.run(subject, seed=1, confidence=0.95, epsilon=0.12, max_rows=64, queries=100)
        found.append(last.measures["robust_accuracy"])
    assert np.isfinite(found[0].high)
    assert found[0].high < found[1].low
