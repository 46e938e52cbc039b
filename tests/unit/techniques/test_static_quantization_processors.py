"""Static quantization for the processor that will run it: types, and biases that make up for it."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import Example, residual_cnn
from static_examples import apply, signal_db, types_of

from tinystudio.measure import int8_form


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(autouse=True)
def on_vnni(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this processor be one with VNNI, whichever it is."""
    monkeypatch.setattr(int8_form, "instruction_sets", lambda: ("AVX2", "AVX512-VNNI"))
    monkeypatch.setattr(int8_form, "multiplies_int8_directly", lambda: True)


@pytest.mark.parametrize("processor", ["avx2", "arm", "cortex-m"])
@pytest.mark.parametrize("per_channel", [True, False])
def test_the_processor_it_runs_on_decides_the_types_and_the_notes_say_why(
    cnn: Example, processor: str, per_channel: bool
) -> None:
    outcome = apply(cnn, processor=processor, per_channel=per_channel)
    assert (
        types_of(outcome.network)
        == {
            "avx2": ({"uint8"}, {"int8"}),
            "arm": ({"uint8"}, {"uint8"}),
            "cortex-m": ({"int8"}, {"int8"}),
        }[processor]
    )
    word = {"avx2": "VNNI", "arm": "ARM", "cortex-m": "CMSIS-NN"}[processor]
    assert word in outcome.notes[-1]
    assert signal_db(cnn.network, outcome.network, cnn.test.inputs) > 15


def test_unsigned_weights_are_around_128(cnn: Example) -> None:
    weights = apply(cnn, processor="arm").network.weights.values()
    zeros = [w for w in weights if w.dtype == np.uint8 and w.ndim == 1]
    assert zeros
    assert all((zero == 128).all() for zero in zeros)


@pytest.mark.parametrize("given", [{"seven_bits": True}, {"processor": "avx2"}])
def test_corrected_biases_bring_rough_weights_nearer_to_the_floats(cnn: Example, given) -> None:
    corrected, plain = (
        signal_db(cnn.network, apply(cnn, bias_correction=way, **given).network, cnn.test.inputs)
        for way in ("auto", "off")
    )
    assert corrected > plain + 2


def test_with_8_bits_per_channel_biases_are_corrected_only_when_asked(cnn: Example) -> None:
    automatic, never, always = (
        apply(cnn, bias_correction=way).network.data for way in ("auto", "off", "on")
    )
    assert automatic == never
    assert automatic != always
