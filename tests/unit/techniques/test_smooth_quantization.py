"""Smoothing: an extreme channel behind a normalization no longer takes all the steps."""

from __future__ import annotations

import onnx
import pytest
from example_networks import run
from seam_examples import EXAMPLES

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

CASE = EXAMPLES["transformer"]


def apply(name: str, network: Network, **values: object) -> Outcome:
    technique = find_technique(name)
    context = Context(network, CASE.samples, "samples", 0, Silent(), Cache())
    return technique.apply(network, technique.params(**values), context)


def decibels(network: Network) -> float:
    onnx.checker.check_model(network.model, full_check=True)
    inputs = CASE.samples.inputs
    return agreement(run(CASE.network, inputs), run(network, inputs)).sqnr_db


def test_int8_loses_less_of_a_network_with_an_extreme_channel() -> None:
    smooth = apply("smooth-quantization", CASE.network).network
    assert decibels(smooth) > 90
    plain, better = (
        decibels(apply("static-quantization", network, layers="heavy").network)
        for network in (CASE.network, smooth)
    )
    assert better > plain + 3


def test_only_behind_normalization_leaves_the_others() -> None:
    made = apply("smooth-quantization", CASE.network, places="normalization").network
    assert (made.weights["ub"] == CASE.network.weights["ub"]).all()
    assert (made.weights["g"] != CASE.network.weights["g"]).any()
    with pytest.raises(UserError, match="normalization"):
        apply("smooth-quantization", EXAMPLES["convolutions"].network, places="normalization")


def test_the_preflight_tells_transformers_from_others() -> None:
    technique = find_technique("smooth-quantization")
    assert technique.preflight(CASE.network).status == "can"
    assert technique.preflight(EXAMPLES["convolutions"].network).status == "partly"
