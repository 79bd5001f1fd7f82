"""Asks a PyTorch module: batches, types, and the gradient of the cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError
from audit.models import Model, as_float32
from audit.models._outputs import Scores

if TYPE_CHECKING:
    import numpy as np
    import torch

HINT = "save it with torch.jit.script(model).save(...) or torch.export.save(...), or as ONNX"
_BATCH = 1024
_LEAST = 1e-37
"""Smallest probability with a slope: its inverse is still a float32, in which most networks compute."""


def model_of(module: Any, *, regression: bool) -> Model:
    """A Model around a module that takes one array of floats and answers (n, classes), or numbers for regression."""
    import torch

    torch.set_num_threads(1)  # sums in another order differ in the last digits, and a bundle has to come out the same
    network = _Network(module, _dtype(module))
    if regression:
        return Model(predict=network)
    scores = Scores(network)
    gradient = _Gradient(network, scores)
    return Model(predict=scores.labels, scores=scores, gradient=gradient, decision=scores.logits, numbered=True)


def first_line(error: Exception) -> str:
    """First line of a message of PyTorch, which often runs over pages."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _dtype(module: Any) -> torch.dtype:
    """Type in which the network computes: that of its first weights."""
    import torch

    kinds = [weights.dtype for weights in module.parameters() if weights.is_floating_point()]
    return kinds[0] if kinds else torch.float32


@dataclass(frozen=True, eq=False)
class _Network:
    """Asks a module in batches."""

    module: Callable[[torch.Tensor], Any]
    dtype: torch.dtype

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Raw outputs of the network."""
        import numpy as np
        import torch

        with torch.no_grad():
            parts = [self.answer(self.tensor(x[start : start + _BATCH])).numpy() for start in range(0, len(x), _BATCH)]
        return np.concatenate(parts)

    def tensor(self, x: np.ndarray) -> torch.Tensor:
        """Inputs as the network computes with them."""
        import numpy as np
        import torch

        if self.dtype == torch.float64:
            return torch.from_numpy(np.array(x, dtype=np.float64))
        return torch.from_numpy(as_float32(x)).to(self.dtype)

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        """Raw outputs as float64, with what autograd needs."""
        import torch

        try:
            found = self.module(x)
        except (RuntimeError, AssertionError) as error:
            raise SubjectError(
                f"the network failed on an input of shape {tuple(x.shape)}: {_last_line(error)}"
            ) from error
        if isinstance(found, tuple | list) and len(found) == 1:
            found = found[0]
        if not isinstance(found, torch.Tensor):
            raise SubjectError(
                f"the network answered {type(found).__name__}; expected one tensor of shape (n, classes)"
            )
        return found.double()


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


@dataclass(frozen=True, eq=False)
class _Gradient:
    """Gradient of the cross-entropy by autograd."""

    network: _Network
    scores: Scores

    def __call__(self, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Gradient with respect to x, same shape."""
        import numpy as np

        logits = self.scores.are_logits(x)
        parts = [
            self._batch(x[start : start + _BATCH], codes[start : start + _BATCH], logits)
            for start in range(0, len(x), _BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros(np.shape(x))

    def _batch(self, x: np.ndarray, codes: np.ndarray, logits: bool) -> np.ndarray:
        import torch
        from torch.nn import functional

        inputs = self.network.tensor(x).requires_grad_(True)
        values = self.network.answer(inputs)
        if values.ndim == 1 or values.shape[1] == 1:
            values = values.reshape(len(x), 1)
            zeros = torch.zeros_like(values)
            values = torch.hstack([zeros, values] if logits else [1 - values, values])
        losses = values if logits else values.clamp_min(_LEAST).log()
        loss = functional.cross_entropy if logits else functional.nll_loss
        total = loss(losses, torch.as_tensor(codes, dtype=torch.int64), reduction="sum")
        # a step such as argmax cuts the answer off from the input: nothing there has a slope
        (gradient,) = torch.autograd.grad(total, inputs, allow_unused=True) if total.requires_grad else (None,)
        found: np.ndarray = (torch.zeros_like(inputs) if gradient is None else gradient).detach().double().numpy()
        return found
