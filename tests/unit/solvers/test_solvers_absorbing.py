"""A factor and a shift end up in the network, whatever stands around the layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from example_networks import network, run
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import Affine, absorb
from tinystudio.solvers.layers import layers

RNG = np.random.default_rng(0)
FACTOR, SHIFT = np.array([0.5, 2.0, 1.5, 3.0]), np.array([1.0, -1.0, 0.5, 0.0])
IMAGE = {"x": ("n", 2, 5, 5)}


def some(*shape: int) -> Array:
    return RNG.normal(size=shape).astype("f4")


def conv(*extra: str, weight: Array | None = None, op: str = "Conv", **attributes: int) -> Network:
    weights = {"w": some(4, 2, 3, 3) if weight is None else weight, "b": some(4), "one": some(1)}
    node = helper.make_node(op, ["x", "w", *extra], ["y"], "layer", **attributes)
    return network([node], weights, IMAGE, {"y": ("n", 4, "h", "w")})


def shared_bias() -> Network:
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["t"], "layer"),
        helper.make_node("Reshape", ["b", "sizes"], ["column"], "reshape"),
        helper.make_node("Mul", ["column", "zero"], ["nothing"], "nothing"),
        helper.make_node("Add", ["t", "nothing"], ["y"], "add"),
    ]
    weights = {"w": some(4, 2, 3, 3), "b": some(4), "zero": np.zeros(1, "f4")}
    weights["sizes"] = np.array([1, 4, 1, 1])
    return network(nodes, weights, IMAGE, {"y": ("n", 4, "h", "w")})


def computed_bias() -> Network:
    nodes = [
        helper.make_node("Relu", ["b"], ["made"], "relu"),
        helper.make_node("Conv", ["x", "w", "made"], ["y"], "layer"),
    ]
    return network(nodes, {"w": some(4, 2, 3, 3), "b": some(4)}, IMAGE, {"y": ("n", 4, "h", "w")})


def gemm(*extra: str, addend: tuple[int, ...] = (4,), **attributes: float) -> Network:
    shape = (4, 3) if attributes.get("transB") else (3, 4)
    node = helper.make_node("Gemm", ["x", "w", *extra], ["y"], "layer", **attributes)
    weights = {"w": some(*shape), "c": some(*addend)}
    return network([node], weights, {"x": ("n", 3)}, {"y": ("n", 4)})


def product(follower: str | None) -> Network:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["t" if follower else "y"], "layer")]
    if follower:
        nodes.append(helper.make_node(follower, ["one", "t"], ["y"], "follower"))
    weights = {"w": some(3, 4), "one": np.zeros(4, "f4") + (follower == "Mul")}
    return network(nodes, weights, {"x": ("n", 2, 3)}, {"y": ("n", 2, 4)})


CASES: dict[str, Callable[[], Network]] = {
    "conv with a bias": lambda: conv("b"),
    "conv without a bias": conv,
    "conv with a shared bias": shared_bias,
    "conv with a computed bias": computed_bias,
    "grouped conv": lambda: conv("b", weight=some(4, 1, 3, 3), group=2),
    "transposed conv": lambda: conv("b", weight=some(2, 4, 3, 3), op="ConvTranspose"),
    "grouped transposed conv": lambda: conv(weight=some(2, 2, 3, 3), op="ConvTranspose", group=2),
    "gemm": lambda: gemm("c"),
    "gemm turned, with a row": lambda: gemm("c", addend=(1, 4), transB=1),
    "gemm with factors": lambda: gemm("c", alpha=0.5, beta=2.0),
    "gemm with one number for all": lambda: gemm("c", addend=(1,)),
    "gemm without an addend": gemm,
    "gemm that ignores its addend": lambda: gemm("c", beta=0.0),
    "gemm with a number per sample": lambda: gemm("c", addend=(6, 4)),
    "product": lambda: product(None),
    "product with a sum behind": lambda: product("Add"),
    "product with a factor behind": lambda: product("Mul"),
}


def values_for(tested: Network) -> Array:
    sizes = [6 if not isinstance(size, int) else size for size in tested.inputs[0].shape]
    return np.random.default_rng(1).normal(size=sizes).astype("f4")


@pytest.mark.parametrize("case", CASES)
def test_the_output_is_scaled_and_shifted(case: str) -> None:
    tested = CASES[case]()
    before = tested.data
    known = layers(tested)
    changed = absorb(tested, {"layer": Affine(FACTOR, SHIFT)}, known)
    onnx.checker.check_model(changed.model, full_check=True)
    values = values_for(tested)
    sizes = [1] * len(tested.outputs[0].shape)
    sizes[known["layer"].channel_axis] = 4
    expected = run(tested, (values,))[0] * FACTOR.reshape(sizes) + SHIFT.reshape(sizes)
    np.testing.assert_allclose(run(changed, (values,))[0], expected, rtol=1e-4, atol=1e-4)
    assert tested.data == before


@pytest.mark.parametrize("negative", [False, True])
def test_normalization_behind_takes_it_into_its_statistics(negative: bool) -> None:
    weights = {"w": some(4, 2, 3, 3), "s": some(4), "b": some(4), "m": some(4)}
    weights["v"] = np.array([0.1, 1, 2, 3], "f4")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["t"], "layer"),
        helper.make_node("BatchNormalization", ["t", "s", "b", "m", "v"], ["y"], "norm"),
    ]
    tested = network(nodes, weights, IMAGE, {"y": ("n", 4, "h", "w")})
    factor = -FACTOR if negative else FACTOR
    changed = absorb(tested, {"layer": Affine(factor, SHIFT)}, layers(tested))
    scaled = weights["w"] * factor.reshape(4, 1, 1, 1)
    node = helper.make_node("Conv", ["x", "w", "c"], ["t"], "layer")
    by_hand = {**weights, "w": scaled.astype("f4"), "c": SHIFT.astype("f4")}
    reference = network([node, nodes[1]], by_hand, IMAGE, {"y": ("n", 4, "h", "w")})
    values = values_for(tested)
    np.testing.assert_allclose(
        run(changed, (values,))[0], run(reference, (values,))[0], rtol=1e-3, atol=1e-4
    )
    assert np.array_equal(changed.weights["w"], weights["w"]) is not negative
    assert len(changed.nodes) == 2


def test_a_layer_with_a_place_for_it_gets_no_new_nodes() -> None:
    for case in ("conv without a bias", "gemm without an addend", "product with a sum behind"):
        tested = CASES[case]()
        changed = absorb(tested, {"layer": Affine(FACTOR, SHIFT)}, layers(tested))
        assert len(changed.nodes) == len(tested.nodes)
