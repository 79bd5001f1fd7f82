"""ONNX: a graph of standard operators is safe; custom operators and paths out of the folder are not."""

from __future__ import annotations

import pytest

from audit import artifact

onnx = pytest.importorskip("onnx")


def model(*, domain: str = "", operator: str = "Relu", location: str = "", nested: bool = False, local: bool = False):
    helper, proto = onnx.helper, onnx.TensorProto
    node = helper.make_node(operator, ["x"], ["y"], domain=domain)
    shape = helper.make_tensor_value_info("x", proto.FLOAT, [1])
    if nested:
        body = helper.make_graph([node], "body", [], [helper.make_tensor_value_info("y", proto.FLOAT, [1])])
        node = helper.make_node("If", ["c"], ["y"], then_branch=body, else_branch=body)
    weights = proto(name="w", data_type=proto.FLOAT, dims=[1])
    if location:
        weights.data_location = proto.EXTERNAL
        weights.external_data.add(key="location", value=location)
    else:
        weights.float_data.append(1.0)
    graph = helper.make_graph([node], "g", [shape], [helper.make_tensor_value_info("y", proto.FLOAT, [1])], [weights])
    functions = []
    if local:
        inner = helper.make_node("Relu", ["x"], ["y"])
        functions = [helper.make_function(domain, operator, ["x"], ["y"], [inner], [helper.make_opsetid("", 18)])]
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(domain or "ai.onnx.ml", 1)]
    return helper.make_model(graph, opset_imports=opsets, functions=functions).SerializeToString()


def test_standard_operators_are_safe() -> None:
    for content in (model(), model(nested=True), model(domain="ai.onnx.ml", operator="Scaler")):
        report = artifact.scan_bytes(content, "m.onnx")
        assert (report.safe, report.format) == (True, "onnx"), report


def test_converted_models_are_safe() -> None:
    skl2onnx = pytest.importorskip("skl2onnx")
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    rows = np.random.default_rng(0).normal(size=(40, 3)).astype("f4")
    for estimator in (LogisticRegression(), RandomForestClassifier(3)):
        converted = skl2onnx.to_onnx(estimator.fit(rows, rows[:, 0] > 0), rows[:1]).SerializeToString()
        assert artifact.scan_bytes(converted, "m.onnx").safe


@pytest.mark.parametrize("nested", [False, True])
def test_custom_operators_are_unknown(nested: bool) -> None:
    report = artifact.scan_bytes(model(domain="evil.ops", operator="Run", nested=nested), "m.onnx")
    assert report.unknown == ("onnx.domain.evil.ops",)
    assert artifact.scan_bytes(model(domain="evil.ops"), "m.onnx", trusted=("onnx.domain.evil.ops",)).safe


def test_operators_that_the_model_defines_itself_are_safe() -> None:
    assert artifact.scan_bytes(model(domain="mine", operator="Twice", local=True), "m.onnx").safe


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x", "..\\x"])
def test_external_data_outside_the_folder_is_unknown(path: str) -> None:
    assert artifact.scan_bytes(model(location=path), "m.onnx").unknown == (f"onnx.external_data.{path}",)


def test_external_data_inside_the_folder_is_safe() -> None:
    assert artifact.scan_bytes(model(location="weights/m.bin"), "m.onnx").safe


def test_a_second_graph_behind_the_first_is_read() -> None:
    """Protobuf merges what is appended into the message."""
    assert not artifact.scan_bytes(model() + model(domain="evil.ops"), "m.onnx").safe


def test_every_cut_is_noticed_or_harmless() -> None:
    content = model(domain="evil.ops", nested=True)
    reports = [artifact.scan_bytes(content[:length], "m.onnx") for length in range(len(content))]
    for length, report in enumerate(reports):
        if report.safe:
            cut = onnx.ModelProto.FromString(content[:length])
            assert not any(node.domain for node in cut.graph.node)
