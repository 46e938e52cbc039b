"""Mixed precision: the bits that are given are spent where they are needed most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
from example_networks import Example, network, residual_cnn
from example_reporters import Watching
from level_examples import CASES, case
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.decoded_weights import decoded_weights
from tinystudio.graph.network import Network
from tinystudio.measure.divergence import divergence
from tinystudio.measure.running import outputs_of
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

MIXED = find_technique("mixed-precision")


def context(tested: Network, samples: Samples | None, cache: Cache | None = None) -> Context:
    return Context(tested, samples, "calibration", 0, Silent(), cache or Cache())


def on(example: Example, cache: Cache | None = None, **values: object) -> Outcome:
    made = context(example.network, example.calibration, cache)
    return MIXED.apply(example.network, MIXED.params(**values), made)


def lost(example: Example, made: Network) -> float:
    before, after = (
        outputs_of(item.data, example.test, Silent())[0] for item in (example.network, made)
    )
    return divergence(before, after, classifies=True)


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def average_bits(before: Network, made: Network) -> float:
    """Return the bits a weight by what stands in the file: codes of 4 and 8 bits, and floats."""
    codes = {item.name: item for item in made.model.graph.initializer}
    bits = {item.weight: codes[item.codes] for item in decoded_weights(made)}
    total = spent = 0
    for node in before.nodes:
        for name in node.input[1:2]:
            if name in before.weights and before.weights[name].size >= 64:
                size = before.weights[name].size
                small = name in bits and bits[name].data_type == onnx.TensorProto.INT4
                total += size
                spent += size * ((4 if small else 8) if name in bits else 32)
    return spent / total


@pytest.mark.parametrize("bits", [4.0, 4.5, 6.0, 8.0, 12.0])
def test_the_average_is_kept_to(cnn: Example, bits: float) -> None:
    made = on(cnn, bits=bits)
    onnx.checker.check_model(made.network.model, full_check=True)
    assert average_bits(cnn.network, made.network) <= bits
    assert float(made.notes[0].split()[0]) <= bits


def test_more_bits_move_the_answers_less_and_make_a_larger_file(cnn: Example) -> None:
    made = [on(cnn, bits=bits).network for bits in (4.0, 5.5, 8.0)]
    losses = [lost(cnn, item) for item in made]
    assert losses == sorted(losses, reverse=True)
    assert len(made[0].data) < len(made[1].data) < len(made[2].data) < len(cnn.network.data)


def test_at_an_average_between_it_is_better_than_the_lower_precision_for_all(cnn: Example) -> None:
    mixed, uniform = on(cnn, bits=6.0), on(cnn, bits=4.0)
    assert lost(cnn, mixed.network) < 0.7 * lost(cnn, uniform.network)
    moved = next(note for note in mixed.notes if note.startswith("Answers moved by"))
    assert "4-bit weights throughout" in moved


def test_a_layer_that_bits_hurt_most_gets_more_of_them(cnn: Example) -> None:
    name = cnn.network.node("conv2").input[1]
    weight = cnn.network.weights[name].copy()
    flat = weight.reshape(len(weight), -1)
    flat[:, 0] *= 40  # one weight of each channel makes the steps of all others rough
    rough = replace(cnn, network=cnn.network.with_weights({name: weight}))
    notes = on(rough, bits=7.0).notes
    assert any(note.startswith("Most sensitive: conv2") for note in notes)
    assert not any(note.startswith("4-bit") and "conv2" in note for note in notes)


def test_the_notes_name_every_layer_once(cnn: Example) -> None:
    notes = on(cnn, bits=6.0).notes
    named = [
        layer
        for note in notes
        if note.startswith(("4-bit weights: ", "8-bit weights: ", "float: "))
        for layer in note.split(": ")[1].split(", ")
    ]
    assert sorted(named) == ["conv1", "conv2", "conv3", "fc"]


def test_labels_are_not_asked_for(cnn: Example) -> None:
    bare = replace(cnn.calibration, labels=None)
    once = MIXED.apply(cnn.network, MIXED.params(), context(cnn.network, bare))
    assert once.network.data == on(cnn).network.data


def test_in_int8_eight_bit_layers_compute_in_integers(cnn: Example) -> None:
    made = on(cnn, bits=8.0, computing="int8")
    assert any(node.op_type == "QuantizeLinear" for node in made.network.nodes)
    assert any(note.startswith("INT8: ") for note in made.notes)
    assert cnn.accuracy(made.network) >= cnn.accuracy(cnn.network) - 0.03


def test_another_budget_is_answered_from_the_same_measurements(cnn: Example) -> None:
    cache, watching = Cache(), Watching()
    first = on(cnn, cache, bits=5.0).network
    again = replace(context(cnn.network, cnn.calibration, cache), reporter=watching)
    MIXED.apply(cnn.network, MIXED.params(bits=6.0), again)
    whole = Watching()
    MIXED.apply(
        cnn.network,
        MIXED.params(bits=6.0),
        replace(context(cnn.network, cnn.calibration), reporter=whole),
    )
    assert watching.checks < whole.checks / 2
    assert on(cnn, bits=5.0).network.data == first.data


def test_without_samples_it_says_what_to_do(cnn: Example) -> None:
    with pytest.raises(UserError, match="samples") as raised:
        MIXED.apply(cnn.network, MIXED.params(), context(cnn.network, None))
    assert "labels are not needed" in raised.value.hint


def test_it_stops_in_the_middle_of_the_measuring(cnn: Example) -> None:
    whole = Watching()
    made = context(cnn.network, cnn.calibration)
    MIXED.apply(cnn.network, MIXED.params(), replace(made, reporter=whole))
    watching = Watching(cancel_at=whole.checks * 2 // 3)
    with pytest.raises(Cancelled):
        stopped = replace(context(cnn.network, cnn.calibration), reporter=watching)
        MIXED.apply(cnn.network, MIXED.params(), stopped)


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_network_is_taken_or_refused_in_words(name: str) -> None:
    tested = case(name)
    told = MIXED.preflight(tested.network)
    made = context(tested.network, tested.samples)
    if told.status == "cannot":
        with pytest.raises(UserError):
            MIXED.apply(tested.network, MIXED.params(), made)
        return
    outcome = MIXED.apply(tested.network, MIXED.params(computing="int8"), made)
    onnx.checker.check_model(outcome.network.model, full_check=True)


def test_what_is_quantized_already_and_what_has_no_weights_is_refused(cnn: Example) -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"], "relu")]
    bare = network(nodes, {}, {"x": ("n", 3)}, {"y": ("n", 3)})
    assert MIXED.preflight(bare).status == "cannot"
    static = find_technique("static-quantization")
    done = static.apply(cnn.network, static.params(), context(cnn.network, cnn.calibration)).network
    assert "already" in MIXED.preflight(done).reason


def test_a_single_layer_leaves_nothing_to_divide() -> None:
    rng = np.random.default_rng(0)
    weights = {"w": rng.normal(size=(12, 10)).astype(np.float32)}
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], "one")]
    alone = network(nodes, weights, {"x": ("n", 12)}, {"y": ("n", 10)})
    assert MIXED.preflight(alone).status == "partly"
