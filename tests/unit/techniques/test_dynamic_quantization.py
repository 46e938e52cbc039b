"""Dynamic quantization: linear layers by default, others on request, no samples needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

DYNAMIC = find_technique("dynamic-quantization")


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def linear() -> Example:
    return mlp()


def apply(example: Example, **values: object) -> Outcome:
    context = Context(example.network, example.calibration, "data", 0, Silent(), Cache())
    outcome = DYNAMIC.apply(example.network, DYNAMIC.params(**values), context)
    onnx.checker.check_model(outcome.network.model, full_check=True)
    return outcome


def count(network: Network, *ops: str) -> int:
    return sum(node.op_type in ops for node in network.nodes)


@pytest.mark.parametrize("weights", ["uint8", "int8"])
@pytest.mark.parametrize("per_channel", [True, False])
def test_linear_layers_become_8_bits_and_keep_their_answers(
    linear: Example, weights: str, per_channel: bool
) -> None:
    outcome = apply(linear, weights=weights, per_channel=per_channel)
    assert count(outcome.network, "MatMulInteger") == 2
    assert count(outcome.network, "MatMul", "Gemm") == 0
    matrices = {str(w.dtype) for w in outcome.network.weights.values() if w.ndim == 2}
    assert matrices == {weights}
    assert linear.accuracy(outcome.network) >= linear.accuracy(linear.network) - 0.02
    assert outcome.warnings == ()


def test_convolutions_stay_in_float_unless_asked_for(cnn: Example) -> None:
    assert count(apply(cnn).network, "Conv") == 3
    every = apply(cnn, layers="all").network
    assert (count(every, "Conv"), count(every, "ConvInteger")) == (0, 3)
    assert cnn.accuracy(every) >= cnn.accuracy(cnn.network) - 0.02


def test_the_notes_count_what_was_really_converted(cnn: Example) -> None:
    assert apply(cnn).notes == ("1 of 4 layers with 8-bit weights",)
    assert apply(cnn, layers="all").notes == ("4 of 4 layers with 8-bit weights",)


def test_seven_bits_use_half_the_range(linear: Example) -> None:
    weights = apply(linear, weights="int8", seven_bits=True).network.weights.values()
    assert max(np.abs(w.astype(int)).max() for w in weights if w.dtype == np.int8) <= 64


def test_samples_are_not_needed(linear: Example) -> None:
    context = Context(linear.network, None, "", 0, Silent(), Cache())
    outcome = DYNAMIC.apply(linear.network, DYNAMIC.params(), context)
    assert outcome.network.data == apply(linear).network.data


def test_weights_that_one_scale_does_not_fit_are_found_out(linear: Example) -> None:
    spiked = linear.network.weights["w1"].copy()
    spiked[0, 0] = 1e5
    bias = linear.network.weights["b1"].copy()
    bias[0] = -1e9  # shut by the rectifier: the float network does not see the spike
    changed = linear.network.with_weights({"w1": spiked, "b1": bias})
    outcome = apply(replace(linear, network=changed), weights="int8")
    assert "layer linear1" in outcome.warnings[0]
    assert apply(replace(linear, network=changed), per_channel=True).warnings == ()


def lstm() -> tuple[Network, Array]:
    rng = np.random.default_rng(0)
    weights = {
        "w": rng.normal(0, 0.3, (1, 20, 8)).astype("f4"),
        "r": rng.normal(0, 0.3, (1, 20, 5)).astype("f4"),
        "axis": np.array([0]),
    }
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], "turn", perm=[1, 0, 2]),
        helper.make_node("LSTM", ["t", "w", "r"], ["all", "last"], "lstm", hidden_size=5),
        helper.make_node("Squeeze", ["last", "axis"], ["y"], "squeeze"),
    ]
    return (
        network(nodes, weights, {"x": ("n", 6, 8)}, {"y": ("n", 5)}),
        rng.normal(size=(32, 6, 8)).astype("f4"),
    )


def test_an_lstm_becomes_smaller_when_asked_for() -> None:
    before, inputs = lstm()
    context = Context(before, None, "", 0, Silent(), Cache())
    after = DYNAMIC.apply(before, DYNAMIC.params(layers="recurrent"), context).network
    assert count(after, "DynamicQuantizeLSTM") == 1
    assert agreement(run(before, (inputs,)), run(after, (inputs,))).sqnr_db > 20


def test_where_no_layer_is_of_the_kind_chosen_it_says_so() -> None:
    before, _ = lstm()
    assert DYNAMIC.preflight(before).status == "partly"
    with pytest.raises(UserError, match="no layer of the kinds chosen"):
        context = Context(before, None, "", 0, Silent(), Cache())
        DYNAMIC.apply(before, DYNAMIC.params(), context)


def test_the_preflight_points_convolutions_to_static_quantization(
    cnn: Example, linear: Example
) -> None:
    assert DYNAMIC.preflight(linear.network).status == "can"
    found = DYNAMIC.preflight(cnn.network)
    assert found.status == "partly"
    assert "1 of 4" in found.reason
    assert "static" in found.remedy


def test_a_quantized_network_is_refused(linear: Example) -> None:
    once = apply(linear).network
    assert DYNAMIC.preflight(once).status == "cannot"
    with pytest.raises(UserError, match="already"):
        apply(replace(linear, network=once))


def test_no_file_and_no_word_is_left(linear: Example, tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    apply(linear)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
