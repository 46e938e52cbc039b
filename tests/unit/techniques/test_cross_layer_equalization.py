"""Cross-layer equalization: nothing changes but what rounding loses afterwards."""

from __future__ import annotations

import onnx
from example_networks import run
from seam_examples import EXAMPLES

from tinystudio.core.cache import Cache
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

CASE = EXAMPLES["convolutions"]


def apply(name: str, network: Network, **values: object) -> Outcome:
    technique = find_technique(name)
    context = Context(CASE.network, CASE.samples, "samples", 0, Silent(), Cache())
    return technique.apply(network, technique.params(**values), context)


def decibels(network: Network) -> float:
    onnx.checker.check_model(network.model, full_check=True)
    inputs = CASE.samples.inputs
    return agreement(run(CASE.network, inputs), run(network, inputs)).sqnr_db


def test_the_outputs_stay_and_the_note_tells_what_was_evened_out() -> None:
    outcome = apply("cross-layer-equalization", CASE.network)
    assert decibels(outcome.network) > 90
    assert "5 places" in outcome.notes[0]
    assert len(outcome.network.data) == len(CASE.network.data)


def test_one_scale_per_layer_then_loses_less() -> None:
    even = apply("cross-layer-equalization", CASE.network).network
    plain, better = (
        decibels(apply("static-quantization", network, per_channel=False).network)
        for network in (CASE.network, even)
    )
    assert better > plain + 1.5


def test_weights_stored_in_16_bits_are_refused_in_words() -> None:
    half = apply("half-precision", CASE.network).network
    technique = find_technique("cross-layer-equalization")
    told = technique.preflight(half)
    assert told.status == "cannot"
    assert told.remedy
