"""Networks with every kind of seam, and samples for them."""

from __future__ import annotations

import numpy as np
from example_networks import network
from level_examples import Case
from onnx import helper

from tinystudio.core.data import Array, Samples
from tinystudio.graph.network import Network

RNG = np.random.default_rng(7)


def weight(*shape: int) -> Array:
    """Return weights whose channels have very different ranges along the first two axes."""
    spread = np.exp(RNG.normal(0, 1.0, (*shape[:2], *[1] * (len(shape) - 2))))
    return (RNG.normal(size=shape) * spread / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def convolutions() -> Case:
    """Conv, depthwise with PRelu, grouped, transposed and grouped transposed, flatten, Gemm."""
    weights = {
        "w1": weight(8, 3, 3, 3), "b1": RNG.normal(size=8).astype("f4"),
        "w2": weight(8, 1, 3, 3), "s2": RNG.uniform(0.1, 0.3, (8, 1, 1)).astype("f4"),
        "w3": weight(12, 4, 3, 3), "b3": RNG.normal(size=12).astype("f4"),
        "w4": weight(12, 6, 2, 2), "w5": weight(6, 2, 2, 2), "b5": RNG.normal(size=4).astype("f4"),
        "w6": weight(5, 4 * 4 * 4), "b6": RNG.normal(size=5).astype("f4"),
    }  # fmt: skip
    same = {"pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["a1"], "conv", **same),
        helper.make_node("Relu", ["a1"], ["r1"], "relu1"),
        helper.make_node("Conv", ["r1", "w2"], ["a2"], "depthwise", group=8, **same),
        helper.make_node("PRelu", ["a2", "s2"], ["r2"], "prelu"),
        helper.make_node("Conv", ["r2", "w3", "b3"], ["a3"], "grouped", group=2, **same),
        helper.make_node("LeakyRelu", ["a3"], ["r3"], "leaky", alpha=0.2),
        helper.make_node("MaxPool", ["r3"], ["p3"], "pool", kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("ConvTranspose", ["p3", "w4"], ["a4"], "up", strides=[2, 2]),
        helper.make_node("Relu", ["a4"], ["r4"], "relu4"),
        helper.make_node(
            "ConvTranspose", ["r4", "w5", "b5"], ["a5"], "up_grouped", group=2, strides=[2, 2]
        ),
        helper.make_node("AveragePool", ["a5"], ["p5"], "mean", kernel_shape=[2, 2],
                         strides=[2, 2]),
        helper.make_node("Flatten", ["p5"], ["f5"], "flat"),
        helper.make_node("Gemm", ["f5", "w6", "b6"], ["y"], "fc", transB=1),
    ]  # fmt: skip
    return _case(network(nodes, weights, {"x": ("n", 3, 8, 8)}, {"y": ("n", 5)}), (3, 8, 8))


def transformer() -> Case:
    """A normalization read by three products, one of its own writing, and a product with a sum."""
    gain = np.ones(12, np.float32)
    gain[3] = 40.0
    weights = {
        "g": gain, "b": RNG.normal(size=12).astype("f4"),
        "q": weight(12, 12), "k": weight(12, 12), "v": weight(12, 12),
        "g2": (gain[::-1] * 1).astype("f4"), "b2": RNG.normal(size=12).astype("f4"),
        "u": weight(12, 20), "ub": RNG.normal(size=20).astype("f4"), "d": weight(20, 12),
    }  # fmt: skip
    nodes = [
        helper.make_node("LayerNormalization", ["x", "g", "b"], ["n1"], "norm", axis=-1),
        *(helper.make_node("MatMul", ["n1", name], [f"m{name}"], name) for name in "qkv"),
        helper.make_node("Sum", ["mq", "mk", "mv"], ["m"], "sum"),
        helper.make_node("Mul", ["m", "g2"], ["scaled"], "gain"),
        helper.make_node("Add", ["scaled", "b2"], ["n2"], "shift"),
        helper.make_node("MatMul", ["n2", "u"], ["up"], "up"),
        helper.make_node("Add", ["up", "ub"], ["up_b"], "up_bias"),
        helper.make_node("Relu", ["up_b"], ["act"], "relu"),
        helper.make_node("MatMul", ["act", "d"], ["y"], "down"),
    ]
    ports = {"x": ("n", 5, 12)}, {"y": ("n", 5, 12)}
    return _case(network(nodes, weights, *ports), (5, 12))


def _case(tested: Network, shape: tuple[int, ...]) -> Case:
    inputs = (np.random.default_rng(1).normal(size=(96, *shape)).astype(np.float32),)
    return Case(tested, Samples(inputs, None, np.arange(96)))


EXAMPLES = {"convolutions": convolutions(), "transformer": transformer()}
