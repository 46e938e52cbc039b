"""Faster, same or slower, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from example_networks import mlp, network, residual_cnn
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tinystudio.graph.network import Network
from tinystudio.measure.verdict import (
    TOO_WIDE,
    VerdictFacts,
    explain,
    facts_of,
    judge,
    optimized_operators,
)

RATIO = st.floats(0.01, 100)
MS = st.floats(0.001, 1000)
CNN = residual_cnn().network
LARGE = VerdictFacts(original_ms=2.0, original_macs=50_000_000, macs=50_000_000)


@given(RATIO, RATIO, RATIO, MS)
def test_a_difference_is_claimed_only_where_the_interval_excludes_one(
    one: float, two: float, three: float, original_ms: float
) -> None:
    low, ratio, high = sorted((one, two, three))
    verdict = judge(ratio, (low, high), original_ms)
    if low <= 1 <= high:
        assert verdict in ("same", "unknown")
    if verdict == "faster":
        assert high < 1
    if verdict == "slower":
        assert low > 1


@given(RATIO, st.floats(1.0, 1.3), st.floats(0.05, 1000))
def test_swapping_original_and_variant_swaps_the_verdict(
    ratio: float, spread: float, original_ms: float
) -> None:
    swapped = {"faster": "slower", "slower": "faster", "same": "same", "unknown": "unknown"}
    there = judge(ratio, (ratio / spread, ratio * spread), original_ms)
    back = judge(1 / ratio, (1 / (ratio * spread), spread / ratio), original_ms)
    edges = (ratio * spread - 1, ratio / spread - 1, spread**2 - TOO_WIDE)
    if min(abs(edge) for edge in edges) > 1e-9:
        assert back == swapped[there]


@given(st.floats(0.951, 1.049), st.floats(0.001, 0.0499))
def test_under_fifty_microseconds_five_percent_are_no_difference(
    ratio: float, original_ms: float
) -> None:
    assert judge(ratio, (ratio - 1e-4, ratio + 1e-4), original_ms) == "same"


def test_under_fifty_microseconds_three_percent_count_where_fresh_processes_repeat_them() -> None:
    assert judge(0.97, (0.96, 0.98), 0.02, is_repeated=True) == "faster"
    assert judge(1.03, (1.02, 1.04), 0.02, is_repeated=True) == "slower"
    assert judge(0.99, (0.98, 1.01), 0.02, is_repeated=True) == "same"


def test_what_was_timed_again_is_said_right_after_the_verdict() -> None:
    told = explain("faster", 0.97, LARGE, "Timed again.")
    assert told.startswith("A call takes 3 % less time than the original's. Timed again.")


def test_above_fifty_microseconds_three_percent_may_be_a_difference() -> None:
    assert judge(0.97, (0.96, 0.98), 0.06) == "faster"
    assert judge(1.03, (1.02, 1.04), 0.06) == "slower"


def test_an_interval_too_wide_to_tell_gives_no_verdict() -> None:
    assert judge(1.0, (0.6, 1.6), 1.0) == "unknown"
    assert judge(0.4, (0.3, 0.5), 1.0) == "faster"  # wide, and yet beyond doubt


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), 0.0, -1.0])
def test_a_ratio_that_cannot_be_gives_no_verdict(broken: float) -> None:
    assert judge(broken, (0.5, 0.6), 1.0) == "unknown"
    assert judge(0.5, (broken, 0.6), 1.0) == "unknown"
    assert "too disturbed" in explain("unknown", broken, LARGE)


def test_fewer_multiplications_explain_what_is_faster() -> None:
    told = explain("faster", 0.62, replace(LARGE, macs=30_000_000))
    assert "38 % less time" in told
    assert "40 % fewer multiplications" in told


def test_zeros_that_do_not_help_are_said_to_be_multiplied() -> None:
    told = explain("same", 1.0, replace(LARGE, zero_share=0.8))
    assert "80 % of the weights are zero, but zeros are still multiplied" in told


def test_the_zeros_that_quantizing_makes_are_no_reason() -> None:
    facts = replace(LARGE, zero_share=0.15, is_quantized=True, integer_layers=3)
    assert "zero" not in explain("same", 1.0, facts)


def test_integers_without_direct_multiplication_are_a_reason() -> None:
    facts = replace(LARGE, is_quantized=True, integer_layers=3, multiplies_int8_directly=False)
    assert "VNNI" in explain("slower", 1.2, facts)
    assert "VNNI" not in explain("slower", 1.2, replace(facts, multiplies_int8_directly=True))
    assert "VNNI" not in explain("slower", 1.2, replace(facts, multiplies_int8_directly=None))


def test_a_small_network_is_the_call_itself() -> None:
    for facts in (replace(LARGE, original_ms=0.02), replace(LARGE, original_macs=2000, macs=2000)):
        assert "likely the call itself" in explain("same", 1.0, facts)
    assert "call itself" not in explain("same", 1.0, LARGE)


def test_where_nothing_explains_it_no_reason_is_made_up() -> None:
    assert "Nothing in the graph explains it" in explain("slower", 1.3, VerdictFacts())
    assert "Nothing in the graph explains it" in explain("faster", 0.8, LARGE)


def test_as_many_or_more_multiplications_are_told_where_it_is_not_faster() -> None:
    assert "as many multiplications" in explain("same", 1.0, LARGE)
    assert "20 % more mult" in explain("slower", 1.2, replace(LARGE, macs=60_000_000))
    assert "does not show" in explain("same", 1.0, replace(LARGE, macs=25_000_000))


@given(
    st.sampled_from(["faster", "same", "slower", "unknown"]),
    RATIO,
    st.builds(
        VerdictFacts,
        original_ms=MS,
        original_macs=st.none() | st.integers(0, 10**9),
        macs=st.none() | st.integers(0, 10**9),
        zero_share=st.floats(0, 1),
        is_quantized=st.booleans(),
        integer_layers=st.integers(0, 5),
        dynamic_layers=st.integers(0, 5),
        float_layers=st.integers(0, 5),
        conversions=st.integers(0, 20),
        multiplies_int8_directly=st.none() | st.booleans(),
        narrowed=st.just(()) | st.just((("conv1", 64, 60),)),
    ),
)
def test_every_verdict_is_told_in_whole_sentences(
    verdict: str, ratio: float, facts: VerdictFacts
) -> None:
    told = explain(verdict, ratio, facts)  # type: ignore[arg-type] # hypothesis knows no Literal
    assert told.endswith(".")
    assert "-" not in told.replace("8-bit", "")  # no negative share
    assert not {"None", "nan", "inf"} & set(told.replace(".", " ").split())


def test_the_facts_of_a_network_against_itself_explain_only_how_small_it_is() -> None:
    found = facts_of(CNN.data, CNN.data, 0.5)
    assert found.macs == found.original_macs
    assert found.macs is not None
    assert (found.zero_share, found.is_quantized, found.narrowed) == (0.0, False, ())
    assert (found.integer_layers, found.float_layers, found.conversions) == (0, 4, 0)
    assert explain("same", 1.0, found).endswith("likely the call itself.")


def test_unstructured_zeros_are_found_and_told() -> None:
    weights = {name: CNN.weights[name] for name in ("conv1_w", "conv2_w", "fc_w")}
    sparse = {
        n: np.where(np.abs(w) < np.quantile(np.abs(w), 0.9), 0, w) for n, w in weights.items()
    }
    found = facts_of(CNN.data, CNN.with_weights(sparse).data, 5.0)
    assert 0.7 < found.zero_share < 0.9
    assert found.macs == found.original_macs
    assert "still multiplied" in explain("same", 1.0, found)


def test_a_convolution_that_lost_its_full_channels_is_named() -> None:
    found = facts_of(_convolution(64).data, _convolution(60).data, 5.0)
    assert found.narrowed == (("wide", 64, 60),)
    assert "wide with 60 instead of 64 likely saves no more than 64 would" in explain(
        "slower", 1.1, found
    )
    assert facts_of(_convolution(64).data, _convolution(48).data, 5.0).narrowed == ()
    assert facts_of(_convolution(60).data, _convolution(50).data, 5.0).narrowed == ()


def _convolution(channels: int) -> Network:
    weight = np.random.default_rng(0).normal(size=(channels, 3, 3, 3)).astype(np.float32)
    node = helper.make_node("Conv", ["x", "w"], ["y"], "wide")
    return network([node], {"w": weight}, {"x": ("n", 3, 9, 9)}, {"y": ("n", channels, 7, 7)})


def _quantized(static: bool) -> Network:
    """Return two MatMul layers in 8 bits: ranges fixed, or only the weights stored so."""
    rng = np.random.default_rng(0)
    scale, zero = np.array(0.05, np.float32), np.array(0, np.int8)
    weights: dict[str, np.ndarray] = {"s": scale, "z": zero}
    nodes, given = [], "x"

    def node(op: str, inputs: list[str], made: str) -> str:
        nodes.append(helper.make_node(op, inputs, [made], made))
        return made

    for at in range(2):
        weights[f"w{at}"] = rng.integers(-127, 128, (16, 16)).astype(np.int8)
        kernel = node("DequantizeLinear", [f"w{at}", "s", "z"], f"f{at}")
        if static:
            quantized = node("QuantizeLinear", [given, "s", "z"], f"q{at}")
            given = node("DequantizeLinear", [quantized, "s", "z"], f"d{at}")
        given = node("MatMul", [given, kernel], f"m{at}")
        if static:
            quantized = node("QuantizeLinear", [given, "s", "z"], f"o{at}")
            given = node("DequantizeLinear", [quantized, "s", "z"], f"p{at}")
    node("Relu", [given], "y")
    return network(nodes, weights, {"x": ("n", 16)}, {"y": ("n", 16)})


def test_layers_that_onnxruntime_computes_in_integers_are_counted() -> None:
    found = facts_of(mlp().network.data, _quantized(static=True).data, 1.0)
    assert (found.is_quantized, found.integer_layers, found.float_layers) == (True, 2, 0)
    assert "2 of 2 layers compute with 8-bit integers" in explain("faster", 0.5, found)


def test_integers_that_are_only_stored_are_told() -> None:
    found = facts_of(mlp().network.data, _quantized(static=False).data, 1.0)
    assert found.is_quantized
    assert found.integer_layers == 0
    assert "compute in floating point" in explain("slower", 1.2, found)


def test_a_dynamically_quantized_layer_finds_its_ranges_at_every_call() -> None:
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "qs", "qz"], "dynamic"),
        helper.make_node("MatMulInteger", ["q", "w", "qz"], ["i"], "layer"),
        helper.make_node("Cast", ["i"], ["y"], "cast", to=1),
    ]
    weights = {"w": np.arange(-8, 8, dtype=np.int8).reshape(4, 4)}
    tested = network(nodes, weights, {"x": ("n", 4)}, {"y": ("n", 4)})
    found = facts_of(mlp().network.data, tested.data, 1.0)
    assert found.dynamic_layers == 1
    assert "anew at every call" in explain("slower", 2.0, found)


def test_a_file_in_onnxruntimes_own_format_has_no_facts(tmp_path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "network.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    onnxruntime.InferenceSession(CNN.data, options, providers=["CPUExecutionProvider"])
    stored = (tmp_path / "network.ort").read_bytes()
    assert facts_of(CNN.data, stored, 0.5) == VerdictFacts(original_ms=0.5)


def test_a_network_that_onnxruntime_refuses_has_no_operators() -> None:
    model = onnx.ModelProto()
    model.CopyFrom(CNN.model)
    model.graph.node[0].op_type = "NoSuchOperator"
    assert not optimized_operators(model.SerializeToString())
