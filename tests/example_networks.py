"""Small networks and data that tests of several packages use; real answers, made in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from tinystudio.core.data import Array, Samples
from tinystudio.graph.network import Network

CLASSES = 4
OPSET = 17


@dataclass(frozen=True)
class Example:
    """A network that has learned its data, and that data."""

    network: Network
    calibration: Samples
    test: Samples

    def accuracy(self, network: Network) -> float:
        """Return the share of the test samples that `network` gets right."""
        logits = run(network, self.test.inputs)[0]
        assert self.test.labels is not None
        return float((logits.argmax(axis=1) == self.test.labels).mean())


def network(
    nodes: Sequence[object],
    weights: dict[str, Array],
    inputs: dict[str, tuple[int | str, ...]],
    outputs: dict[str, tuple[int | str, ...]],
    opset: int = OPSET,
    element: int = TensorProto.FLOAT,
) -> Network:
    """Return a network of these nodes."""
    graph = helper.make_graph(
        list(nodes),
        "example",
        [helper.make_tensor_value_info(n, element, s) for n, s in inputs.items()],
        [helper.make_tensor_value_info(n, element, s) for n, s in outputs.items()],
        [numpy_helper.from_array(np.ascontiguousarray(w), n) for n, w in weights.items()],
    )
    imports = [helper.make_opsetid("", opset)]
    return Network.of(helper.make_model(graph, opset_imports=imports, ir_version=8))


def run(
    tested: Network, inputs: Sequence[Array], names: Sequence[str] | None = None
) -> list[Array]:
    """Run a network in plain onnxruntime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(tested.data, options, ["CPUExecutionProvider"])
    fed = {port.name: array for port, array in zip(tested.inputs, inputs, strict=True)}
    return list(session.run(names, fed))


def patterns(count: int, seed: int, shape: tuple[int, ...] = (3, 8, 8)) -> Samples:
    """Return samples of four classes: a pattern each, with as much noise as pattern."""
    prototypes = np.random.default_rng(1).normal(size=(CLASSES, *shape))
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    inputs = (prototypes[labels] + rng.normal(size=(count, *shape))).astype(np.float32)
    return Samples((inputs,), labels, np.arange(count))


def residual_cnn(batch: int | str = "batch", opset: int = OPSET) -> Example:
    """Return a network of conv-bn-relu, a residual block, a depthwise block and a linear layer."""
    rng = np.random.default_rng(0)
    weights: dict[str, Array] = {}
    nodes: list[object] = []

    def layer(name: str, given: str, made: str, kernel: tuple[int, ...], group: int = 1) -> None:
        weights[f"{name}_w"] = rng.normal(0, 1 / np.sqrt(np.prod(kernel[1:])), kernel).astype("f4")
        for part, low, high in (("s", 0.5, 1.5), ("b", -0.2, 0.2), ("m", -0.1, 0.1), ("v", 0.5, 2)):
            weights[f"{name}_{part}"] = rng.uniform(low, high, kernel[0]).astype("f4")
        nodes.append(
            helper.make_node("Conv", [given, f"{name}_w"], [f"{name}_c"], name,
                             pads=[1, 1, 1, 1], group=group)
        )  # fmt: skip
        bn = [f"{name}_c", *(f"{name}_{part}" for part in "sbmv")]
        nodes.append(helper.make_node("BatchNormalization", bn, [made], f"{name}_bn"))

    layer("conv1", "x", "t1", (16, 3, 3, 3))
    nodes.append(helper.make_node("Relu", ["t1"], ["t2"], "relu1"))
    layer("conv2", "t2", "t3", (16, 16, 3, 3))
    nodes.append(helper.make_node("Add", ["t3", "t2"], ["t4"], "add"))
    nodes.append(helper.make_node("Relu", ["t4"], ["t5"], "relu2"))
    layer("conv3", "t5", "t6", (16, 1, 3, 3), group=16)
    nodes.append(helper.make_node("Relu", ["t6"], ["t7"], "relu3"))
    nodes.append(helper.make_node("AveragePool", ["t7"], ["t8"], "pool",
                                  kernel_shape=[4, 4], strides=[4, 4]))  # fmt: skip
    nodes.append(helper.make_node("Flatten", ["t8"], ["t9"], "flatten"))
    nodes.append(helper.make_node("Gemm", ["t9", "fc_w", "fc_b"], ["y"], "fc", transB=1))
    weights["fc_w"] = np.zeros((CLASSES, 64), np.float32)
    weights["fc_b"] = np.zeros(CLASSES, np.float32)
    shapes = {"x": (batch, 3, 8, 8)}, {"y": (batch, CLASSES)}
    return _taught(network(nodes, weights, *shapes, opset=opset), "t9", ("fc_w", "fc_b"), True)


def mlp() -> Example:
    """Return a network of two linear layers, one of them a MatMul and an Add."""
    rng = np.random.default_rng(0)
    weights = {
        "w1": rng.normal(0, 0.2, (24, 32)).astype("f4"),
        "b1": rng.normal(0, 0.2, 32).astype("f4"),
        "w2": np.zeros((CLASSES, 32), np.float32),
        "b2": np.zeros(CLASSES, np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["h1"], "linear1"),
        helper.make_node("Add", ["h1", "b1"], ["h2"], "bias1"),
        helper.make_node("Relu", ["h2"], ["h3"], "relu"),
        helper.make_node("Gemm", ["h3", "w2", "b2"], ["y"], "linear2", transB=1),
    ]
    shapes = {"x": ("batch", 24)}, {"y": ("batch", CLASSES)}
    return _taught(network(nodes, weights, *shapes), "h3", ("w2", "b2"), False)


def _taught(untaught: Network, features: str, last: tuple[str, str], images: bool) -> Example:
    """Fit the last layer by least squares on what the layers before it give."""
    shape = (3, 8, 8) if images else (24,)
    train, test = patterns(512, 2, shape), patterns(256, 3, shape)
    batch = untaught.inputs[0].shape[0]
    size = batch if isinstance(batch, int) else 512
    model = untaught.annotated()
    model.graph.output.append(helper.make_empty_tensor_value_info(features))
    rows = [
        run(Network(model), [train.inputs[0][at : at + size]], [features])[0]
        for at in range(0, 512, size)
    ]
    known = np.c_[np.concatenate(rows), np.ones(512)]
    assert train.labels is not None
    solved, *_ = np.linalg.lstsq(known, np.eye(CLASSES)[train.labels] * 8 - 4, rcond=None)
    weights = {last[0]: solved[:-1].T.astype("f4"), last[1]: solved[-1].astype("f4")}
    return Example(untaught.with_weights(weights), train.first(256), test)
