"""Layer removal: the blocks that are missed least go, one after the other."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, residual_cnn, run
from level_examples import noise

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from gradient_networks import transformer
from graph_building import GraphBuilder

REMOVAL = find_technique("layer-removal")


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def shortened(
    tested: Network, samples: Samples | None, cache: Cache | None = None, **values: object
) -> Outcome:
    context = Context(tested, samples, "calibration", 0, Silent(), cache or Cache())
    return REMOVAL.apply(tested, REMOVAL.params(**values), context)


def deep(sizes: tuple[float, ...]) -> Network:
    """Return residual blocks, each adding so much."""
    g = GraphBuilder(5)
    x = g.node("Relu", g.conv(g.input("n", 3, 5, 5), 3, 8, (3, 3)))
    for number, size in enumerate(sizes):
        y = g.conv(x, 8, 8, (3, 3))
        y = g.node("Mul", y, g.constant(np.array(size, np.float32)))
        x = g.node("Add", x, y, name=f"add{number}")
    x = g.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    return g.network(g.gemm(x, 8, 4))


def additions(tested: Network) -> set[str]:
    return {node.name for node in tested.nodes if node.op_type == "Add"}


def test_the_block_that_adds_least_goes_first_and_then_the_next() -> None:
    tested, samples = deep((1.0, 0.01, 0.5, 0.1)), noise((3, 5, 5))
    left = [additions(shortened(tested, samples, blocks=n).network) for n in (1, 2, 3, 4)]
    assert left[0] == {"add0", "add2", "add3"}
    assert left[1] == {"add0", "add2"}
    assert left[2] < left[1]
    assert left[3] == set()


def test_the_clever_choice_changes_the_outputs_less_than_the_random_one() -> None:
    tested, samples = deep((1.0, 0.01, 1.0, 0.8, 1.2)), noise((3, 5, 5))
    before = run(tested, samples.inputs)[0]

    def change(importance: str) -> float:
        made = shortened(tested, samples, blocks=2, importance=importance).network
        return float(np.square(run(made, samples.inputs)[0] - before).sum())

    assert change("output") < change("random")


def test_one_block_more_goes_on_from_the_ones_before() -> None:
    tested, samples, cache = deep((1.0, 0.1, 0.5)), noise((3, 5, 5)), Cache()
    one = shortened(tested, samples, cache, blocks=1)
    two = shortened(tested, samples, cache, blocks=2)
    fresh = shortened(tested, samples, blocks=2)
    assert two.notes[1] == one.notes[1]
    assert two.network.data == fresh.network.data


def test_a_transformers_parts_go() -> None:
    tested, samples = transformer(), noise((5, 8))
    made = shortened(tested, samples, blocks=2).network
    onnx.checker.check_model(made.model, full_check=True)
    assert not any(node.op_type == "Softmax" for node in made.nodes)
    assert run(made, samples.inputs)[0].shape == run(tested, samples.inputs)[0].shape


def test_repair_brings_the_outputs_nearer(cnn: Example) -> None:
    mended = shortened(cnn.network, cnn.calibration, blocks=1)
    bare = shortened(cnn.network, cnn.calibration, blocks=1, repair=False)
    assert cnn.accuracy(mended.network) >= cnn.accuracy(bare.network)
    assert facts(mended.network).macs < 0.6 * facts(cnn.network).macs


def test_asking_for_more_blocks_than_there_are_takes_all_and_says_so(cnn: Example) -> None:
    outcome = shortened(cnn.network, cnn.calibration, blocks=9)
    assert outcome.warnings == ("Only 1 block could be left out, not 9.",)


def test_a_fixed_batch_is_run_as_it_wants() -> None:
    fixed = residual_cnn(batch=8)
    made = shortened(fixed.network, fixed.calibration, blocks=1).network
    run(made, [fixed.test.inputs[0][:8]])


def test_no_blocks_change_nothing(cnn: Example) -> None:
    assert shortened(cnn.network, cnn.calibration, blocks=0).network is cnn.network


def test_the_preflight_names_the_blocks(cnn: Example) -> None:
    assert REMOVAL.preflight(cnn.network).reason == "1 block can go: conv2 (before add)."


def test_a_network_without_a_residual_is_told_so() -> None:
    example = mlp()
    assert "no skip connections" in REMOVAL.preflight(example.network).reason
    with pytest.raises(UserError, match="no skip connections"):
        shortened(example.network, example.calibration)


def test_the_random_control_is_a_series_of_its_own() -> None:
    assert REMOVAL.series(REMOVAL.params(importance="random")) == "random-control"
