"""What static quantization decides by itself: ranges, inputs in float, answers in float."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from example_networks import Example, mlp, residual_cnn, run
from example_networks import network as build
from onnx import TensorProto, helper
from static_examples import STATIC, apply, context, int8_weights, ops, signal_db

from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.graph.network import Network


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def uneven() -> Example:
    """Return linear layers one of whose sensors speaks in thousands."""
    return one_loud(mlp(), "w1", 0)


@pytest.fixture(scope="module")
def loud(cnn: Example) -> Example:
    """Return convolutions one of whose channels speaks in thousands."""
    return one_loud(cnn, "conv1_w", 1)


def one_loud(example: Example, weight: str, axis: int) -> Example:
    """Return the same function of a first channel that is 2,000 times as large.

    `weight` reads the channels along `axis`.
    """
    weights = example.network.weights[weight]
    louder = np.ones(weights.shape[axis], np.float32)
    louder[0] = 2000.0

    def along(rank: int, axis: int) -> np.ndarray:
        return louder.reshape([-1 if at == axis else 1 for at in range(rank)])

    def scaled(samples: Samples) -> Samples:
        (values,) = samples.inputs
        return replace(samples, inputs=(values * along(values.ndim, 1),))

    quiet = weights / along(weights.ndim, axis)
    made = replace(
        example,
        network=example.network.with_weights({weight: quiet}),
        test=scaled(example.test),
        calibration=scaled(example.calibration),
    )
    assert made.accuracy(made.network) == pytest.approx(example.accuracy(example.network))
    return made


def test_automatic_keeps_the_outputs_no_worse_than_any_method_it_tries(cnn: Example) -> None:
    chosen = apply(cnn)
    kept = {
        method: signal_db(cnn.network, apply(cnn, method=method).network, cnn.calibration.inputs)
        for method in ("minmax", "percentile", "mse")
    }
    automatic = signal_db(cnn.network, chosen.network, cnn.calibration.inputs)
    assert automatic in kept.values()
    assert automatic >= max(kept.values()) - 0.5  # it compares on some of these samples
    assert any("keeps the outputs best" in note for note in chosen.notes)


def test_automatic_leaves_extremes_out_where_they_spoil_the_rest(cnn: Example) -> None:
    wild = cnn.calibration.inputs[0].copy()
    wild[-3, 0, 0, 0] *= 60  # among those that ranges are read from, not those compared
    odd = replace(cnn, calibration=replace(cnn.calibration, inputs=(wild,)))
    automatic, everything = (apply(odd, input_in_float="off", **way).network for way in WAYS)
    inputs = cnn.test.inputs
    assert signal_db(cnn.network, automatic, inputs) > 3 + signal_db(
        cnn.network, everything, inputs
    )


WAYS = ({}, {"method": "minmax"})


def test_an_input_that_8_bits_would_spoil_stays_in_float(loud: Example) -> None:
    kept, spoilt = apply(loud), apply(loud, input_in_float="off")
    assert loud.accuracy(kept.network) > loud.accuracy(spoilt.network) + 0.1
    assert any("rounding it to 8 bits, alone" in note for note in kept.notes)
    assert "QuantizeLinear" not in readers(kept.network, loud.network.inputs[0].name)
    assert len(int8_weights(kept.network)) == len(int8_weights(spoilt.network))


def test_light_layers_that_read_the_input_compute_in_float_and_store_8_bits(
    uneven: Example,
) -> None:
    kept, spoilt = apply(uneven), apply(uneven, input_in_float="off")
    assert uneven.accuracy(kept.network) > uneven.accuracy(spoilt.network) + 0.1
    assert any("they do only 768 multiplications a sample" in note for note in kept.notes)
    assert "in float, with weights in 8 bits: linear1" in kept.notes
    assert "QuantizeLinear" not in readers(kept.network, uneven.network.inputs[0].name)
    assert len(int8_weights(kept.network)) == len(int8_weights(spoilt.network))


def test_a_table_has_a_scale_for_every_row() -> None:
    """Rows of very different size, as of rare and frequent symbols, keep their digits."""
    network, texts = symbols()

    def made(processor: str) -> Network:
        given = STATIC.params(processor=processor)
        return STATIC.apply(network, given, context(network, texts)).network

    by_rows, whole = made("this"), made("cortex-m")
    scales = [weight for weight in by_rows.weights.values() if weight.shape == (9, 1)]
    assert [len(np.unique(rows)) for rows in scales] == [9]
    assert not [weight for weight in whole.weights.values() if weight.shape == (9, 1)]
    kept = [signal_db(network, one, texts.inputs) for one in (by_rows, whole)]
    assert kept[0] > kept[1] + 3


def symbols() -> tuple[Network, Samples]:
    """Return a mean over rows of a table and a linear layer, and texts of six symbols."""
    rng = np.random.default_rng(0)
    table = rng.normal(0, 1, (9, 16)) * np.geomspace(0.01, 10, 9)[:, None]
    weights = {"table": table.astype("f4"), "w": rng.normal(0, 1, (16, 5)).astype("f4")}
    nodes = [
        helper.make_node("Cast", ["x"], ["ids"], "whole", to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "ids"], ["rows"], "symbols"),
        helper.make_node("Tanh", ["rows"], ["bent"], "bend"),
        helper.make_node("ReduceMean", ["bent"], ["mean"], "mean", axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "w"], ["y"], "linear"),
    ]
    made = build(nodes, weights, {"x": ("batch", 6)}, {"y": ("batch", 5)})
    return made, Samples((rng.integers(0, 9, (64, 6)).astype("f4"),), None, np.arange(64))


def test_an_ordinary_input_becomes_8_bits_unless_asked_for(cnn: Example) -> None:
    name = cnn.network.inputs[0].name
    assert readers(apply(cnn).network, name) == ["QuantizeLinear"]
    assert readers(apply(cnn, input_in_float="on").network, name) == ["Conv"]


def test_a_microcontroller_gets_integers_from_end_to_end(uneven: Example) -> None:
    made = apply(uneven, processor="cortex-m").network
    assert readers(made, made.inputs[0].name) == ["QuantizeLinear"]
    assert makers(made) == ["DequantizeLinear"]


def test_linear_layers_give_their_answers_unrounded(cnn: Example) -> None:
    made = apply(cnn).network
    assert makers(made) == ["Gemm"]
    assert len(np.unique(run(made, cnn.test.inputs)[0])) > 256
    whole = apply(cnn, processor="cortex-m").network
    assert ops(made).count("QuantizeLinear") < ops(whole).count("QuantizeLinear")


def test_not_every_layer_can_stay_in_float() -> None:
    with pytest.raises(UserError, match="Input in float"):
        apply(mlp(), keep_ends=True, input_in_float="on")


def readers(network: Network, name: str) -> list[str]:
    return [node.op_type for node in network.consumers(name)]


def makers(network: Network) -> list[str]:
    made = (network.producer(port.name) for port in network.outputs)
    return [node.op_type for node in made if node is not None]
