"""What a download costs, and which weights are zero."""

from __future__ import annotations

import numpy as np
import pytest
import zstandard
from example_networks import mlp, network, residual_cnn
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tinystudio.graph.network import Network
from tinystudio.graph.parameters import parameters
from tinystudio.measure.sizes import download_bytes, nonzero_parameters, zstd_level

CNN, MLP = residual_cnn().network, mlp().network


@given(st.binary(max_size=2000))
def test_the_download_is_what_zstd_unpacks_to_the_same_bytes(data: bytes) -> None:
    packed = zstandard.ZstdCompressor(level=19).compress(data)
    assert download_bytes(data) == len(packed)
    assert zstandard.ZstdDecompressor().decompress(packed) == data


def test_zeros_make_the_download_smaller_but_not_the_file() -> None:
    weight = CNN.weights["conv2_w"]
    sparse = CNN.with_weights({"conv2_w": np.where(np.abs(weight) < 0.1, 0, weight)})
    assert len(sparse.data) == len(CNN.data)
    assert download_bytes(sparse.data) < download_bytes(CNN.data) * 0.8


def test_the_larger_the_file_the_cheaper_the_level() -> None:
    assert [zstd_level(mib << 20) for mib in (0, 4, 5, 64, 65)] == [19, 19, 9, 9, 3]


@pytest.mark.parametrize("tested", [CNN, MLP], ids=["cnn", "mlp"])
def test_a_network_without_zeros_has_all_its_parameters_nonzero(tested: Network) -> None:
    assert nonzero_parameters(tested) == sum(a.size for a in parameters(tested).values())


@given(st.sets(st.integers(0, 24 * 32 - 1)))
def test_exactly_the_weights_set_to_zero_are_missing(places: set[int]) -> None:
    weight = MLP.weights["w1"].copy()
    weight.reshape(-1)[list(places)] = 0
    pruned = MLP.with_weights({"w1": weight})
    assert nonzero_parameters(MLP) - nonzero_parameters(pruned) == len(places)


def dequantized(stored: np.ndarray, zeros: np.ndarray, **attributes: int) -> Network:
    """Return a network whose one layer reads a quantized weight (6, 4)."""
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["f"], "dq", **attributes),
        helper.make_node("MatMul", ["x", "f"], ["y"], "layer"),
    ]
    weights = {"w": stored, "s": np.ones(zeros.shape, np.float32), "z": zeros}
    return network(nodes, weights, {"x": ("n", 6)}, {"y": ("n", 4)}, opset=21)


STORED = np.full((6, 4), 7, np.uint8)


def test_a_quantized_weight_is_zero_at_its_zero_point() -> None:
    stored = STORED.copy()
    stored[0] = 128
    stored[1] = 0  # the most negative weight, not a zero
    assert nonzero_parameters(dequantized(stored, np.array(128, np.uint8))) == 20


def test_every_channel_has_a_zero_point_of_its_own() -> None:
    zeros = np.array([7, 1, 2, 7], np.uint8)
    assert nonzero_parameters(dequantized(STORED, zeros, axis=1)) == 12


def test_every_block_has_a_zero_point_of_its_own() -> None:
    zeros = np.array([[7, 7, 7, 7], [0, 0, 0, 7]], np.uint8)
    tested = dequantized(STORED, zeros, axis=0, block_size=3)
    assert nonzero_parameters(tested) == 24 - 12 - 3


def test_an_integer_layer_without_a_zero_point_is_zero_at_zero() -> None:
    stored = np.array([[0, 1], [2, 0], [0, 3]], np.int8)
    node = helper.make_node("MatMulInteger", ["q", "w"], ["i"], "layer")
    before = helper.make_node("Cast", ["x"], ["q"], "cast", to=2)  # UINT8
    after = helper.make_node("Cast", ["i"], ["y"], "back", to=1)  # FLOAT
    tested = network([before, node, after], {"w": stored}, {"x": ("n", 3)}, {"y": ("n", 2)})
    assert nonzero_parameters(tested) == 3
