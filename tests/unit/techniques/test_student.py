"""Student: the same graph, narrower and shallower, with inherited weights or fresh ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, residual_cnn, run
from level_examples import case, noise

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.graph.residuals import blocks
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from gradient_networks import transformer
from graph_building import GraphBuilder

STUDENT = find_technique("student")


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def context(tested: Network, samples: Samples | None, seed: int = 0) -> Context:
    return Context(tested, samples, "data", seed, Silent(), Cache(), samples)


def student(tested: Network, samples: Samples | None = None, seed: int = 0, **values: object) -> (
    Outcome
):  # fmt: skip
    return STUDENT.apply(tested, STUDENT.params(**values), context(tested, samples, seed))


def convolutions(tested: Network) -> dict[str, int]:
    """Return how many weights each convolution has, by name."""
    return {
        node.name: tested.weights[node.input[1]].size
        for node in tested.nodes
        if node.op_type == "Conv"
    }


def deep(count: int) -> Network:
    """Return a stem of 32 channels and so many residual blocks."""
    g = GraphBuilder(5)
    x = g.node("Relu", g.conv(g.input("n", 3, 8, 8), 3, 32, (3, 3)))
    for number in range(count):
        y = g.conv(x, 32, 32, (3, 3))
        x = g.node("Relu", g.node("Add", x, y, name=f"add{number}"))
    x = g.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    return g.network(g.gemm(x, 32, 4))


@pytest.mark.parametrize("weights", ["inherit", "fresh"])
def test_a_quarter_of_the_width_is_a_sixteenth_of_the_weights(weights: str) -> None:
    tested, samples = deep(3), noise((3, 8, 8))
    made = student(tested, samples, width=0.25, weights=weights).network
    onnx.checker.check_model(made.model, full_check=True)
    before, after = convolutions(tested), convolutions(made)
    inner = [name for name, size in before.items() if size == 32 * 32 * 9]
    assert len(inner) == 3
    assert all(after[name] * 16 == before[name] for name in inner)
    assert run(made, samples.inputs)[0].shape == (len(samples), 4)


@pytest.mark.parametrize(("depth", "left"), [(1.0, 4), (0.75, 3), (0.5, 2), (0.0, 0)])
@pytest.mark.parametrize("weights", ["inherit", "fresh"])
def test_the_depth_is_the_share_of_blocks_that_stay(depth: float, left: int, weights: str) -> None:
    tested = deep(4)
    made = student(tested, noise((3, 8, 8)), width=1.0, depth=depth, weights=weights)
    assert len(blocks(made.network)) == left
    assert sum("Without" in note for note in made.notes) == 4 - left


def test_fresh_blocks_go_evenly_over_the_depth() -> None:
    made = student(deep(5), width=1.0, depth=0.6, weights="fresh").network
    assert [block.addition for block in blocks(made)] == ["add0", "add2", "add4"]


def test_counts_are_rounded_as_channel_pruning_rounds_them(cnn: Example) -> None:
    plain = student(cnn.network, cnn.calibration, width=0.3, round_to=1).network
    rounded = student(cnn.network, cnn.calibration, width=0.3, round_to=8).network
    assert plain.weights["conv2_w"].shape[:2] == (5, 5)
    assert rounded.weights["conv2_w"].shape[:2] == (8, 8)


def test_heads_go_whole() -> None:
    tested, samples = transformer(), noise((5, 8))
    made = student(tested, samples, width=0.5).network
    onnx.checker.check_model(made.model, full_check=True)
    assert len(made.data) < len(tested.data)
    assert run(made, samples.inputs)[0].shape == run(tested, samples.inputs)[0].shape


def test_inherited_weights_know_more_than_fresh_ones(cnn: Example) -> None:
    inherited = student(cnn.network, cnn.calibration, width=0.5).network
    fresh = student(cnn.network, cnn.calibration, width=0.5, weights="fresh").network
    assert cnn.accuracy(inherited) > cnn.accuracy(fresh) + 0.3


def test_fresh_weights_are_the_seeds_alone(cnn: Example) -> None:
    first, again, other = (
        student(cnn.network, cnn.calibration, seed=seed, weights="fresh").network
        for seed in (0, 0, 1)
    )
    assert first.data == again.data
    assert not np.array_equal(first.weights["conv2_w"], other.weights["conv2_w"])


def test_fresh_weights_hold_nothing_of_the_teacher(cnn: Example) -> None:
    other = cnn.network.with_weights({"conv2_w": cnn.network.weights["conv2_w"] + 1.0})
    one, two = (student(net, width=1.0, weights="fresh").network for net in (cnn.network, other))
    assert one.data == two.data


@pytest.mark.parametrize("folded", [False, True], ids=["normalized", "folded"])
def test_a_fresh_student_that_is_distilled_beats_the_untrained_one(
    cnn: Example, folded: bool
) -> None:
    teacher = fold_batch_normalization(cnn.network) if folded else cnn.network
    made = student(teacher, cnn.calibration, width=0.5, weights="fresh").network
    distillation = find_technique("distillation")
    taught = distillation.apply(
        made,
        distillation.params(epochs=6.0, batch=32, rate=0.01),
        context(teacher, cnn.calibration),
    )
    assert cnn.accuracy(taught.network) > cnn.accuracy(made) + 0.3


def test_a_student_can_be_fine_tuned(cnn: Example) -> None:
    made = student(cnn.network, cnn.calibration, width=0.5, weights="fresh").network
    tuning = find_technique("fine-tuning")
    params = tuning.params(epochs=6.0, rate=0.01, batch=32, held_out=0.0)
    taught = tuning.apply(made, params, context(cnn.network, cnn.calibration)).network
    assert cnn.accuracy(taught) > cnn.accuracy(made) + 0.3


def test_without_samples_weights_are_inherited_by_their_size_and_it_is_said(cnn: Example) -> None:
    outcome = student(cnn.network, None, width=0.5, depth=0.0)
    assert "by their size alone" in outcome.warnings[0]
    assert blocks(outcome.network) == ()


def test_the_whole_width_and_depth_change_nothing(cnn: Example) -> None:
    assert student(cnn.network, cnn.calibration, width=1.0, depth=1.0).network is cnn.network


def test_a_network_without_a_residual_keeps_its_depth_and_says_so() -> None:
    example = mlp()
    told = STUDENT.preflight(example.network)
    assert told.status == "can"  # its width, which is all that is asked for by default
    assert told.reason.startswith("Only width can shrink")
    outcome = student(example.network, example.calibration, depth=0.5)
    assert "no block can be left out" in outcome.warnings[0]


def test_a_student_that_would_be_the_model_itself_is_refused() -> None:
    example = mlp()
    with pytest.raises(UserError, match="nothing would change"):
        student(example.network, example.calibration, width=1.0, depth=0.5)


def test_the_preflight_says_what_can_be_narrower_and_what_not(cnn: Example) -> None:
    told = STUDENT.preflight(cnn.network)
    assert told.status == "can"
    assert "1 block can be left out" in told.reason
    fixed = case("attending").network
    assert STUDENT.preflight(fixed).reason


def test_a_quantized_network_is_refused(cnn: Example) -> None:
    quantization = find_technique("static-quantization")
    done = quantization.apply(
        cnn.network, quantization.params(), context(cnn.network, cnn.calibration)
    ).network
    assert "quantized already" in STUDENT.preflight(done).reason
    with pytest.raises(UserError, match="before you quantize"):
        student(done)


def test_few_bit_codes_are_not_drawn_anew_and_it_is_said(cnn: Example) -> None:
    clustering = find_technique("weight-clustering")
    coded = clustering.apply(
        cnn.network, clustering.example(cnn.network), context(cnn.network, cnn.calibration)
    ).network
    with pytest.raises(UserError, match="few-bit codes"):
        student(coded, weights="fresh")


def test_its_words_tell_width_depth_and_weights() -> None:
    params = STUDENT.params(width=0.1, depth=0.5, weights="fresh")
    assert STUDENT.describe(params) == "student, width 10 %, depth 50 %, fresh"


def test_a_fixed_batch_is_run_as_it_wants() -> None:
    fixed = residual_cnn(batch=8)
    made = student(fixed.network, replace(fixed.calibration, labels=None), depth=0.0).network
    run(made, [fixed.test.inputs[0][:8]])
