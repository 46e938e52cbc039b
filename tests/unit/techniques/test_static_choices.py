"""What static quantization decides by itself: ranges, inputs in float, answers in float."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from example_networks import Example, mlp, residual_cnn, run
from static_examples import apply, int8_weights, ops, signal_db

from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.graph.network import Network


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def uneven() -> Example:
    """Return a network one of whose sensors speaks in thousands: the same function, scaled."""
    example = mlp()
    weights = example.network.weights["w1"].copy()
    loud = np.ones(weights.shape[0], np.float32)
    loud[0] = 2000.0
    network = example.network.with_weights({"w1": weights / loud[:, None]})

    def scaled(samples: Samples) -> Samples:
        return replace(samples, inputs=(samples.inputs[0] * loud,))

    made = replace(
        example,
        network=network,
        test=scaled(example.test),
        calibration=scaled(example.calibration),
    )
    assert made.accuracy(network) == pytest.approx(example.accuracy(example.network))
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


def test_an_input_that_8_bits_would_spoil_stays_in_float(uneven: Example) -> None:
    kept, spoilt = apply(uneven), apply(uneven, input_in_float="off")
    assert uneven.accuracy(kept.network) > uneven.accuracy(spoilt.network) + 0.1
    assert any("layers that read the input stay in float" in note for note in kept.notes)
    assert "QuantizeLinear" not in readers(kept.network, uneven.network.inputs[0].name)
    assert len(int8_weights(kept.network)) == len(int8_weights(spoilt.network)) - 1


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
