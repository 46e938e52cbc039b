"""Every level of every kind of network: sound files that answer nearly as before."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import run
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, Case, case, levels_of

from tinystudio.core.data import Array
from tinystudio.graph.decoded_weights import decoded_weights
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.solvers.int8_islands import int8_able
from tinystudio.solvers.levels import Levels, base_network, read_ranges, storable
from tinystudio.solvers.precision import PRECISIONS, Precision

EVERY = pytest.mark.parametrize("name", CASES)
# Signal to noise in dB that random networks keep when all weights are so coarse.
LEAST_DB: dict[Precision, float] = {"float": 90, "w8": 28, "w4": 8, "w3": 2, "w8a8": 18}
_LEVELS: dict[str, Levels] = {}


def levels(name: str) -> Levels:
    """Return a case's levels, made once."""
    if name not in _LEVELS:
        _LEVELS[name] = case(name).levels()
    return _LEVELS[name]


def precisions_of(tested: Levels, wanted: Precision) -> dict[str, Precision]:
    """Return that precision for every layer that can have it."""
    nodes = storable(tested.study.network)
    if wanted == "w8a8":
        able = int8_able(tested.study.network)
        nodes = {node: names for node, names in nodes.items() if node in able}
    return dict.fromkeys(nodes, wanted)


def answers(network: Network, tested: Case) -> list[Array]:
    """Check that a network is sound and return what it answers."""
    onnx.checker.check_model(network.model, full_check=True)
    found = run(network, tested.samples.inputs)
    assert all(np.isfinite(array).all() for array in found)
    return found


def decibels(network: Network, name: str) -> float:
    return agreement(answers(case(name).network, case(name)), answers(network, case(name))).sqnr_db


@EVERY
@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_precision_gives_a_sound_network_that_answers_alike(
    name: str, precision: Precision
) -> None:
    tested = levels(name)
    made = tested.network({}, precisions_of(tested, precision))
    assert decibels(made, name) > LEAST_DB[precision]
    assert made.inputs == case(name).network.inputs
    assert [port.name for port in made.outputs] == [
        port.name for port in case(name).network.outputs
    ]


@EVERY
def test_few_bits_make_the_file_smaller(name: str) -> None:
    tested = levels(name)
    sizes = {
        precision: sum(
            len(p.raw_data) for p in made.model.graph.initializer if p.name.startswith("~q")
        )
        for precision in ("w8", "w4", "w3")
        if (made := tested.network({}, precisions_of(tested, precision)))
    }
    assert sizes["w8"] > sizes["w4"] == sizes["w3"] > 0


@EVERY
@pytest.mark.parametrize("precision", ["w8", "w4", "w3"])
def test_codes_times_scale_are_the_weights_of_the_twin_in_floats(
    name: str, precision: Precision
) -> None:
    tested = levels(name)
    keep = {group.id: group.channels // 2 for group in tested.study.groups}
    chosen = precisions_of(tested, precision)
    few, floats = tested.network(keep, chosen), tested.in_float(keep, chosen)
    found = {item.weight for item in decoded_weights(few)}
    assert found == {
        tensor for names in storable(tested.study.network).values() for tensor in names
    }
    for item in decoded_weights(few):
        product = few.weights[item.codes].astype("f4") * few.weights[item.scale]
        assert np.allclose(product, floats.weights[item.weight], rtol=1e-5, atol=1e-6)
    one, other = answers(few, case(name)), answers(floats, case(name))
    assert np.allclose(one[0], other[0], rtol=1e-4, atol=1e-4)


@EVERY
@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000))
def test_any_mixture_of_levels_is_sound(name: str, seed: int) -> None:
    rng, tested = np.random.default_rng(seed), levels(name)
    keep = {g.id: int(rng.integers(1, g.channels + 1)) for g in tested.study.groups}
    int8 = precisions_of(tested, "w8a8")
    chosen = {
        node: str(rng.choice([p for p in PRECISIONS if p != "w8a8" or node in int8]))
        for node in storable(tested.study.network)
    }
    answers(tested.network(keep, chosen), case(name))  # type: ignore[arg-type]


@EVERY
def test_an_int8_layer_leaves_the_stored_weights_of_the_others_alone(name: str) -> None:
    tested = levels(name)
    able = list(precisions_of(tested, "w8a8"))
    rest = [node for node in storable(tested.study.network) if node != able[0]]
    chosen: dict[str, Precision] = {able[0]: "w8a8", **dict.fromkeys(rest, "w4")}  # type: ignore[dict-item]
    mixed, alone = tested.network({}, chosen), tested.network({}, dict.fromkeys(rest, "w4"))
    codes = {item.codes for item in decoded_weights(mixed)}
    assert codes == {item.codes for item in decoded_weights(alone)}
    for code in codes:
        assert np.array_equal(mixed.weights[code], alone.weights[code])
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in mixed.nodes}


def test_float_layers_beside_an_int8_one_read_what_was_not_rounded() -> None:
    """As the latency table times them: see `int8_islands.partly_quantized`."""
    tested = levels("residual")
    made = tested.network({}, {"conv4": "w8a8"})
    reading = {
        node.name: made.producer(node.input[0]) for node in made.nodes if node.name == "conv2"
    }
    before = reading["conv2"]
    assert before is not None
    assert before.op_type == "Relu"


@EVERY
def test_what_is_not_named_is_the_network_itself(name: str) -> None:
    tested = levels(name)
    made = tested.network({}, {})
    assert np.allclose(
        answers(made, case(name))[0], answers(case(name).network, case(name))[0], atol=1e-4
    )


@EVERY
def test_without_samples_weights_can_still_be_stored_and_channels_go(name: str) -> None:
    tested = case(name).levels(calibrated=False)
    keep = {group.id: max(1, group.channels - 1) for group in tested.study.groups}
    answers(tested.network(keep, precisions_of(tested, "w4")), case(name))


def test_without_samples_there_are_no_ranges() -> None:
    tested = case("plain").levels(calibrated=False)
    with pytest.raises(ValueError, match="samples"):
        tested.network({}, {"conv0": "w8a8"})


def test_without_the_operator_set_there_are_no_four_bits() -> None:
    tested = case("plain").levels(small=False)
    tested.network({}, {"conv0": "w8"})
    for precision in ("w4", "w3"):
        with pytest.raises(ValueError, match="operator set"):
            tested.network({}, {"conv0": precision})  # type: ignore[dict-item]


def test_ranges_hold_every_value_that_comes_by_and_zero() -> None:
    tested = levels("linear")
    assert tested.study.calibration is not None
    ranges = read_ranges(tested.study.network, tested.study.calibration)
    (inputs,) = case("linear").samples.inputs
    low, high = ranges["x"]
    assert (low, high) == (inputs.min(), inputs.max())
    relu = tested.study.network.node("relu1").output[0]
    assert ranges[relu][0] == 0.0


@pytest.mark.parametrize("name", ["residual", "linear", "feed_forward"])
def test_made_again_a_network_is_the_same_to_the_byte(name: str) -> None:
    tested = levels(name)
    keep = {group.id: group.channels // 2 for group in tested.study.groups}
    nodes = list(storable(tested.study.network))
    kinds: tuple[Precision, ...] = ("w4", "w8a8", "w8")
    chosen = {node: kinds[at % 3] for at, node in enumerate(nodes)}
    chosen = {n: p if n in precisions_of(tested, "w8a8") else "w4" for n, p in chosen.items()}
    first = tested.network(keep, chosen).data
    tested.network({}, {})
    assert tested.network(keep, chosen).data == first
    assert case(name).levels().network(keep, chosen).data == first


def test_small_weights_tables_and_states_are_counted_right() -> None:
    assert set(storable(base_network(case("feed_forward").network))) == {
        "gather0", "matmul1", "matmul4", "gemm7",
    }  # fmt: skip
    assert storable(base_network(case("lstm").network))["lstm1"] == ("w0", "w1")
    assert "gemm5" not in storable(base_network(case("plain").network))  # 32 weights only


def test_weights_that_two_layers_share_are_not_stored() -> None:
    from graph_building import GraphBuilder

    g = GraphBuilder(0)
    x, weight = g.input("n", 16), g.weight(16, 16)
    x = g.node("MatMul", g.node("Relu", g.node("MatMul", x, weight)), weight)
    assert storable(base_network(g.network(g.gemm(x, 16, 8)))) == {"gemm3": ("w1",)}


def test_a_network_with_batch_normalization_has_it_folded() -> None:
    made = levels("plain").network({}, {"conv0": "w8"})
    assert "BatchNormalization" not in {node.op_type for node in made.nodes}


def test_samples_that_do_not_fit_are_refused() -> None:
    from tinystudio.core.errors import UserError

    with pytest.raises(UserError):
        levels_of(case("plain").network, case("linear").samples)
