"""Weights stored as few-bit integers: sound, small, and the same numbers to everyone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from example_networks import run
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, case
from onnx import numpy_helper

from tinystudio.core.data import Array
from tinystudio.graph.decoded_weights import constant_tensors, decoded_weights
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.graph.parameters import owner, parameters, stored_bytes
from tinystudio.solvers.levels import base_network, storable
from tinystudio.solvers.rounding import code_range
from tinystudio.solvers.stored_weights import (
    StoredNames,
    StoredWeight,
    codes_of,
    decoding_bytes,
    stored,
)


def coded(weight: Array, bits: int) -> StoredWeight:
    """Return codes of a weight with one scale for each index of the first axis."""
    low, high = code_range(bits)
    axes = tuple(range(1, weight.ndim))
    scale = np.abs(weight).max(axis=axes, keepdims=True) / high
    return StoredWeight(np.clip(np.rint(weight / scale), low, high).astype(np.int8), scale, bits)


def pair(name: str, bits: int) -> tuple[Network, Network]:
    """Return a case with all its weights stored in few bits, and its twin in floats."""
    base = base_network(case(name).network, small=bits <= 4)
    weights = {
        tensor: coded(base.weights[tensor], bits)
        for tensors in storable(base).values()
        for tensor in tensors
    }
    return stored(base, weights), base.with_weights(
        {tensor: item.codes * item.scale for tensor, item in weights.items()}
    )


EVERY = pytest.mark.parametrize("name", CASES)
BITS = pytest.mark.parametrize("bits", [3, 4, 8])


@EVERY
@BITS
def test_the_file_is_sound_and_computes_what_its_float_twin_does(name: str, bits: int) -> None:
    few, floats = pair(name, bits)
    onnx.checker.check_model(few.model, full_check=True)
    inputs = case(name).samples.inputs
    for one, other in zip(run(few, inputs), run(floats, inputs), strict=True):
        assert np.allclose(one, other, rtol=1e-5, atol=1e-5)


@EVERY
def test_the_facts_are_those_of_the_float_twin(name: str) -> None:
    few, floats = pair(name, 4)
    mine, known = facts(few), facts(floats)
    few_count = sum(array.size for array in parameters(few).values())
    assert few_count == sum(array.size for array in parameters(floats).values())
    assert (mine.macs, mine.peak_activation_bytes) == (known.macs, known.peak_activation_bytes)
    there = {layer.name: layer for layer in mine.layers}
    for layer in known.layers:
        twin = there.pop(layer.name)
        assert replace(twin, weight_bytes=0, stored="") == replace(layer, weight_bytes=0, stored="")
    assert "int4" in {layer.stored for layer in mine.layers}
    assert {layer.op for layer in there.values()} == {"Cast", "Mul"}
    assert not any(layer.parameters or layer.macs for layer in there.values())


@EVERY
@BITS
def test_stored_weights_belong_to_the_layer_that_uses_them(name: str, bits: int) -> None:
    few, floats = pair(name, bits)
    for item in decoded_weights(few):
        assert owner(few, item.codes) == owner(floats, item.weight)
        assert owner(few, item.scale) == owner(floats, item.weight)


@EVERY
def test_what_loading_computes_is_no_activation(name: str) -> None:
    few, floats = pair(name, 8)
    made = {item.weight for item in decoded_weights(few)}
    assert made <= constant_tensors(few)
    assert made == {tensor for names in storable(floats).values() for tensor in names}
    assert not constant_tensors(floats) & {tensor for n in few.nodes for tensor in n.output}


def test_four_bits_take_half_the_bytes_of_eight_and_an_eighth_of_floats() -> None:
    name = "linear"
    sizes = {bits: len(pair(name, bits)[0].data) for bits in (4, 8)}
    weights = 10 * 24 + 24 * 18 + 18 * 5
    few, floats = pair(name, 4)
    assert sizes[8] - sizes[4] == pytest.approx(weights / 2, abs=8)
    assert len(floats.data) - sizes[4] > 3 * weights - 3 * (
        decoding_bytes("w" * 9, StoredNames(9)) + 24 * 4 + 60
    )
    codes = {item.codes for item in decoded_weights(few)}
    assert sum(stored_bytes(few.weights[code]) for code in codes) == weights / 2


def test_the_two_nodes_take_the_bytes_that_are_told() -> None:
    few, floats = pair("linear", 8)
    nodes = sum(2 + node.ByteSize() for node in few.nodes)
    before = sum(2 + node.ByteSize() for node in floats.nodes)
    told = sum(
        decoding_bytes(item.weight, StoredNames(number))
        for number, item in enumerate(decoded_weights(few))
    )
    assert nodes - before == told


def test_onnxruntime_folds_the_two_nodes_when_it_loads_the_file(tmp_path) -> None:
    few, _ = pair("residual", 4)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(few.data, options, ["CPUExecutionProvider"])
    loaded = onnx.load(str(tmp_path / "loaded.onnx"))
    assert not {"Cast", "Mul"} & {node.op_type for node in loaded.graph.node}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_codes_of_any_shape_come_back_from_four_bits(seed: int, shape: list[int]) -> None:
    base = base_network(case("linear").network, small=True)
    name = storable(base)["gemm0"][0]
    codes = np.random.default_rng(seed).integers(-8, 8, shape).astype(np.int8)
    made = stored(base, {name: StoredWeight(codes, np.ones((1,) * len(shape)), 4)})
    proto = next(p for p in made.model.graph.initializer if p.name == StoredNames(0).codes)
    assert np.array_equal(numpy_helper.to_array(proto).astype(np.int8), codes)
    assert len(proto.raw_data) == -(-codes.size // 2)
    assert np.array_equal(made.weights[proto.name].astype(np.int8), codes)


def test_eight_bits_need_no_newer_operator_set() -> None:
    few, floats = pair("plain", 8)
    assert few.opset == floats.opset
    assert few.model.ir_version == floats.model.ir_version


def test_nothing_stored_leaves_the_network_as_it_is() -> None:
    base = base_network(case("plain").network)
    assert stored(base, {}) is base


def test_the_other_weights_stay_what_they_are() -> None:
    base = base_network(case("residual").network)
    (name,) = storable(base)["conv2"]
    made = stored(base, {name: coded(base.weights[name], 8)})
    for other in base.weights:
        if other != name:
            assert np.array_equal(made.weights[other], base.weights[other])
    assert name not in made.weights


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 5), st.integers(1, 12))
def test_a_factor_per_row_is_found_again(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-8, 8, (rows, columns)).astype(np.int8)
    factor = rng.uniform(-2, 2, (rows, 1))
    scale = codes_of(codes * factor, codes, (1,))
    assert np.allclose(codes * scale, codes * factor)
    assert scale.shape == (rows, 1)


def test_rows_of_zero_codes_get_a_harmless_scale() -> None:
    scale = codes_of(np.zeros((2, 3)), np.zeros((2, 3), np.int8), (1,))
    assert (scale == 1).all()


def test_sixteen_bit_floats_are_decoded_to_their_own_kind() -> None:
    base = base_network(case("linear").network)
    (name,) = storable(base)["gemm0"]
    item = coded(base.weights[name], 8)
    made = stored(base, {name: replace(item, scale=item.scale.astype(np.float64))})
    (found,) = decoded_weights(made)
    assert made.weights[found.scale].dtype == np.float32


def test_a_cast_of_indices_is_no_decoded_weight() -> None:
    assert decoded_weights(base_network(case("feed_forward").network)) == ()


def test_a_network_that_has_such_names_already_keeps_its_own() -> None:
    base = base_network(case("linear").network, small=True)
    (first, *_) = (name for group in storable(base).values() for name in group)
    node = base.nodes[0]
    other = type(node)()
    other.CopyFrom(node)
    other.name = StoredNames(0).product
    named = base.with_nodes([other, *base.nodes[1:]], base.weights)
    made = stored(named, {first: coded(named.weights[first], 8)})
    assert len({item.name for item in made.nodes}) == len(made.nodes)
    assert any(item.name == other.name and item.op_type == other.op_type for item in made.nodes)
    assert [item.weight for item in decoded_weights(made)] == [first]
