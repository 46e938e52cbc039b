"""Weights stored as indices into tables: sound, small, and the same numbers to everyone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from example_networks import run
from level_examples import CASES, case

from tinystudio.core.reporter import Silent
from tinystudio.graph.decoded_weights import constant_tensors, decoded_weights
from tinystudio.graph.facts import facts
from tinystudio.graph.gradients.trainable import trainable_weights
from tinystudio.graph.parameters import owner, parameters
from tinystudio.measure.sizes import nonzero_parameters
from tinystudio.solvers.clustering import Clustered, Clustering, cluster, clusterable
from tinystudio.solvers.levels import base_network
from tinystudio.solvers.stored_palettes import stored_bytes, with_palettes

EVERY = pytest.mark.parametrize("name", CASES)
FORMS = pytest.mark.parametrize(
    "plan",
    [
        Clustering(2, 0, scaled=False, weighted=False, makes_up=False),
        Clustering(3, 0, scaled=True, weighted=False, makes_up=False),
        Clustering(3, 4, scaled=False, weighted=False, makes_up=False),
        Clustering(5, 2, scaled=False, weighted=False, makes_up=False),
    ],
    ids=["one table", "scaled", "groups", "groups of bytes"],
)


def made(name: str, plan: Clustering) -> Clustered:
    base = base_network(case(name).network, small=plan.bits <= 4)
    return cluster(base, plan, {}, Silent())


@EVERY
@FORMS
def test_the_file_computes_what_its_float_twin_does_and_counts_the_same(
    name: str, plan: Clustering
) -> None:
    floats = made(name, plan)
    few = with_palettes(floats.network, floats.palettes)
    onnx.checker.check_model(few.model, full_check=True)
    inputs = case(name).samples.inputs
    for one, other in zip(run(few, inputs), run(floats.network, inputs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
    assert sum(a.size for a in parameters(few).values()) == sum(
        a.size for a in parameters(floats.network).values()
    )
    assert nonzero_parameters(few) == nonzero_parameters(floats.network)
    assert facts(few).macs == facts(floats.network).macs
    assert facts(few).peak_activation_bytes == facts(floats.network).peak_activation_bytes


@EVERY
@FORMS
def test_codes_tables_and_scales_belong_to_the_layer_that_uses_them(
    name: str, plan: Clustering
) -> None:
    floats = made(name, plan)
    few = with_palettes(floats.network, floats.palettes)
    stored = decoded_weights(few)
    assert {item.weight for item in stored} == set(floats.palettes)
    assert {item.weight for item in stored} <= constant_tensors(few)
    for item in stored:
        assert {owner(few, n) for n in (item.codes, *item.floats)} == {
            owner(floats.network, item.weight)
        }


@FORMS
def test_onnxruntime_looks_the_values_up_when_it_loads_the_file(plan: Clustering, tmp_path) -> None:
    floats = made("residual", plan)
    few = with_palettes(floats.network, floats.palettes)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(few.data, options, ["CPUExecutionProvider"])
    loaded = {node.op_type for node in onnx.load(tmp_path / "loaded.onnx").graph.node}
    assert not loaded & {"Cast", "Gather", "GatherElements", "Mul", "Reshape", "Transpose"}


def test_the_bytes_it_tells_are_nearly_those_in_the_file() -> None:
    plan = Clustering(4, 0, scaled=True, weighted=False, makes_up=False)
    floats = made("residual", plan)
    for name, palette in floats.palettes.items():
        one = with_palettes(floats.network, {name: palette})
        weight = floats.network.weights[name]
        saved = len(floats.network.data) - len(one.data)
        assert weight.nbytes - stored_bytes(palette, weight) == pytest.approx(saved, abs=60)


def test_a_second_clustering_finds_other_names_and_the_first_ones_weights_done() -> None:
    plan = Clustering(4, 0, scaled=True, weighted=False, makes_up=False)
    floats = made("plain", plan)
    first, *others = floats.palettes
    few = with_palettes(floats.network, {first: floats.palettes[first]})
    assert first not in clusterable(few)
    again = cluster(few, replace(plan, bits=3), {}, Silent())
    both = with_palettes(again.network, again.palettes)
    assert set(again.palettes) == set(others)
    onnx.checker.check_model(both.model, full_check=True)
    assert len(decoded_weights(both)) == len(floats.palettes)


def test_a_training_moves_tables_and_scales_and_never_codes() -> None:
    plan = Clustering(4, 0, scaled=True, weighted=False, makes_up=False)
    floats = made("residual", plan)
    few = with_palettes(floats.network, floats.palettes)
    trained = set(trainable_weights(few))
    for item in decoded_weights(few):
        assert set(item.floats) <= trained
        assert item.codes not in trained
