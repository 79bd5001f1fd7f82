"""Writes `keras_names.json`, the exact names that a Keras model may refer to, from the installed Keras.

Run `python -m audit.artifact.introspect_keras > audit/artifact/keras_names.json` in an environment with keras and one
of its backends; nothing else here needs them. A class is listed under its public module and under the one that
defines it; left out are those that take code, other files or other objects by name, and the abstract ones.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

_LEFT_OUT = frozenset({
    "Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "Vectorize", "Layer", "Wrapper", "InputSpec",
    "Initializer", "Regularizer", "Constraint", "Optimizer", "Loss", "Metric", "LearningRateSchedule", "Quantizer",
    "OptimizerMap", "MultiOptimizer", "Operation",
})  # fmt: skip
_CLASSES_IN = (
    "layers", "initializers", "regularizers", "constraints", "optimizers", "optimizers.schedules", "losses", "metrics",
    "models", "dtype_policies", "quantizers", "random",
)  # fmt: skip
_OPERATIONS_IN = ("numpy", "nn", "math", "linalg", "image")
"""Modules of operations on tensors alone; the operations of `core` take functions."""
_TOP = ("Sequential", "Model", "DTypePolicy", "FloatDTypePolicy", "SeedGenerator")
_FUNCTIONS_IN = ("activations", "losses", "metrics")
_NO_PARTS = frozenset({"get", "serialize", "deserialize"})
_OLDER = {
    "keras": "Functional",
    "keras.engine.functional": "Functional",
    "keras.engine.sequential": "Sequential",
    "keras.layers": "Functional",
    "keras.mixed_precision": "LossScaleOptimizer Policy",
    "keras.models": "Functional",
    "keras.src.engine.functional": "Functional",
    "keras.src.engine.sequential": "Sequential",
    "keras.src.engine.training": "Model",
    "keras.src.models.functional": "Functional",
}
"""Where earlier releases kept some classes."""
_TORCH = "Adadelta Adagrad Adam Adamax AdamW Lion Nadam RMSprop SGD"
"""Optimizers that the torch backend keeps in modules of its own."""
_LEGACY = (
    "BatchNormalizationV1 BatchNormalizationV2 CuDNNGRU CuDNNLSTM DepthwiseConvolution2D Functional GRUV2 LSTMV2 "
    "LocallyConnected1D LocallyConnected2D Model Policy PolicyV1 RandomHeight RandomWidth SyncBatchNormalization "
    "ThresholdedReLU"
)
"""Classes of Keras 1 and 2, whose files name no modules."""
_SHORT = (
    "MAE MSE acc accuracy bce ce cosine cosine_proximity crossentropy kld kullback_leibler_divergence logcosh mae mape "
    "mse msle"
)
"""Further words for losses and metrics."""
_TENSORFLOW = (
    "__operators__.add __operators__.getitem __operators__.ne abs add argmax argmin broadcast_to cast clip_by_value "
    "concat divide einsum equal exp expand_dims fill gather greater greater_equal identity image.resize less "
    "less_equal linalg.matmul linalg.norm logical_and logical_not logical_or math.abs math.add math.divide math.equal "
    "math.exp math.greater math.less math.log math.maximum math.minimum math.multiply math.negative math.not_equal "
    "math.pow math.reduce_max math.reduce_mean math.reduce_min math.reduce_prod math.reduce_std math.reduce_sum "
    "math.reduce_variance math.rsqrt math.sigmoid math.sqrt math.square math.squared_difference math.subtract "
    "math.tanh math.truediv matmul maximum minimum multiply negative nn.avg_pool nn.bias_add nn.conv2d nn.dropout "
    "nn.elu nn.gelu nn.l2_normalize nn.leaky_relu nn.log_softmax nn.max_pool nn.relu nn.relu6 nn.selu nn.sigmoid "
    "nn.silu nn.softmax nn.softplus not_equal one_hot ones ones_like pad pow range rank reduce_max reduce_mean "
    "reduce_min reduce_prod reduce_sum repeat reshape reverse round shape sigmoid sign slice split sqrt square squeeze "
    "stack strided_slice subtract tanh tile transpose truediv unstack where zeros zeros_like"
)
"""Functions of TensorFlow that a TFOpLambda layer of Keras 2 may call; others write files or run code."""


def collect() -> dict[str, Any]:
    """The document for `keras_names.json`.

    Raises:
        ImportError: keras is not installed.
    """
    keras = importlib.import_module("keras")
    classes: dict[str, set[str]] = defaultdict(set)
    for place in _CLASSES_IN:
        for name, part in _public(importlib.import_module(f"keras.{place}")):
            if inspect.isclass(part) and not {name, part.__name__} & _LEFT_OUT:
                classes[f"keras.{place}"].add(name)
                classes[part.__module__].add(part.__name__)
    operation = importlib.import_module("keras.src.ops.operation").Operation
    for place in _OPERATIONS_IN:
        module = importlib.import_module(f"keras.src.ops.{place}")
        for name, part in _public(module):
            own = inspect.isclass(part) and issubclass(part, operation) and part.__module__ == module.__name__
            if own and name not in _LEFT_OUT:
                classes[module.__name__].add(name)
    classes["keras"].update(name for name in _TOP if hasattr(keras, name))
    for module_name, words in _OLDER.items():
        classes[module_name].update(words.split())
    for name in _TORCH.split():
        classes[f"keras.src.backend.torch.optimizers.torch_{name.lower()}"].add(name)
    functions = {
        name
        for place in _FUNCTIONS_IN
        for name, part in _public(importlib.import_module(f"keras.{place}"))
        if inspect.isfunction(part) and name not in _NO_PARTS
    }
    return {
        "version": keras.__version__,
        "classes": {name: sorted(classes[name]) for name in sorted(classes)},
        "functions": sorted(functions | set(_SHORT.split())),
        "legacy": sorted(set(_LEGACY.split())),
        "tensorflow": sorted(set(_TENSORFLOW.split())),
    }


def _public(module: Any) -> Iterator[tuple[str, Any]]:
    return ((name, part) for name, part in vars(module).items() if not name.startswith("_"))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump(collect(), sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
