"""Distillation: today's defaults stay what they were, and every further way does what it says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from example_networks import Example, network, patterns, residual_cnn
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe, Step, recipe_from_json
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

DISTILLATION = find_technique("distillation")
TRAIN = patterns(192, 2)
# What a recipe of this step was called before the step had more parameters.
FINGERPRINT_BEFORE = "1cdd6de733b2925c"


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def pruned(cnn: Example) -> Network:
    step = Step.of("channel-pruning", sparsity=0.5)
    narrow = step.part.apply(cnn.network, step.params, context(cnn)).network
    rng = np.random.default_rng(0)  # and worn, so that there is something to learn
    worn = {
        name: array + rng.normal(0, 0.2, array.shape).astype("f4")
        for name, array in narrow.weights.items()
        if array.ndim > 1
    }
    return narrow.with_weights(worn)


def context(example: Example) -> Context:
    return Context(
        example.network, example.calibration, "data", 0, Silent(), Cache(), TRAIN
    )  # fmt: skip


def distil(tested: Network, example: Example, **values) -> Outcome:
    return DISTILLATION.apply(tested, DISTILLATION.params(**values), context(example))


def test_recipes_from_before_keep_their_fingerprint_and_their_text() -> None:
    recipe = Recipe(steps=(Step.of("distillation", epochs=2.0),))
    assert recipe.fingerprint == FINGERPRINT_BEFORE
    assert set(json.loads(recipe.model_dump_json())["steps"][0]) == {
        "technique", "epochs", "labels", "temperature", "rate", "batch",
    }  # fmt: skip


def test_what_is_not_as_it_was_is_in_the_recipe() -> None:
    recipe = Recipe(steps=(Step.of("distillation", answers="relational", held_out=0.1),))
    assert recipe.fingerprint != Recipe(steps=(Step.of("distillation"),)).fingerprint
    assert recipe_from_json(recipe.model_dump_json(), "test") == recipe


@pytest.mark.parametrize(
    "values",
    [
        {"answers": "decoupled"},
        {"answers": "relational"},
        {"inside": "hints"},
        {"inside": "attention"},
        {"augment": "fits"},
        {"answers": "relational", "inside": "attention", "augment": "fits", "held_out": 0.2},
    ],
    ids=str,
)
def test_every_way_teaches_a_pruned_network(cnn: Example, pruned: Network, values) -> None:
    done = distil(pruned, cnn, epochs=8, rate=0.01, **values)
    assert cnn.accuracy(done.network) > cnn.accuracy(pruned) + 0.05
    assert done.network.outputs == cnn.network.outputs
    same = distil(pruned, cnn, epochs=8, rate=0.01)
    assert done.network.data != same.network.data


def test_it_says_what_it_compared_inside(cnn: Example, pruned: Network) -> None:
    done = distil(pruned, cnn, epochs=0.5, inside="hints")
    assert any(note.startswith("Compared inside: t2") for note in done.notes)


def test_a_model_that_is_not_of_the_original_has_nothing_to_compare_inside(cnn: Example) -> None:
    nodes = [
        helper.make_node("Flatten", ["x"], ["f"], "flat"),
        helper.make_node("Gemm", ["f", "w", "b"], ["y"], "fc", transB=1),
    ]
    weights = {"w": np.full((4, 192), 0.01, np.float32), "b": np.zeros(4, np.float32)}
    other = network(nodes, weights, {"x": ("batch", 3, 8, 8)}, {"y": ("batch", 4)})
    with pytest.raises(UserError, match="no hidden tensor"):
        distil(other, cnn, inside="attention")
    assert distil(other, cnn, epochs=1.0).network.data != other.data


def test_samples_can_be_held_out_of_it_too(cnn: Example, pruned: Network) -> None:
    done = distil(pruned, cnn, epochs=3, held_out=0.25)
    assert any(note.startswith("Held out 48 of 192") for note in done.notes)
    assert any("Kept the weights after epoch" in note for note in done.notes)
