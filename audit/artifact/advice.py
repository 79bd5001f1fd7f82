"""How to store a model instead, by the format that it has now."""

from __future__ import annotations

_DEFAULT = "store the model as ONNX or skops"
_INSTEAD = {
    "keras": "build the model from layers of Keras alone, without Lambda, or store it as ONNX",
    "hdf5": "store the arrays in one file without links, or as safetensors",
    "saved_model": "export the model as ONNX, or build it from operators that only compute",
    "tflite": "convert the model without custom operators, or store it as ONNX",
    "gguf": "write the file again with a chat template that only formats messages",
    "onnx": "export the model with standard operators and all data in the file",
    "torch": "store the weights as safetensors, or the model as ONNX",
    "torchscript": "store the weights as safetensors, or the model as ONNX",
    "torch_export": "store the weights as safetensors, or the model as ONNX",
}


def instead(format_name: str) -> str:
    """What to do instead, as the second half of a sentence."""
    return _INSTEAD.get(format_name, _DEFAULT)
