"""What every technique promises, checked on every technique there is."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from example_reporters import Watching
from onnx import helper
from part_promises import check_params, check_words, corners, loaded_by_file

from tinystudio.core.cache import Cache
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.params import describe
from tinystudio.core.reporter import Silent
from tinystudio.exporters.stamping import stamped
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.jobs.recipe import Recipe, Step, recipe_from_json
from tinystudio.techniques import techniques
from tinystudio.techniques.technique import Context, Outcome, Technique

EVERY = pytest.mark.parametrize("technique", techniques().values(), ids=techniques())
PAIRS = list(itertools.permutations(techniques(), 2))
CORNERS = [(part, values) for part in techniques().values() for values in corners(part.params)]
BATCH = 64
Made = Callable[[Technique[Any]], Network]


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def made(cnn: Example) -> Made:
    """What each technique makes of the network, made once: nothing changes what is made."""
    return functools.cache(lambda technique: apply(technique, cnn).network)


@pytest.fixture(scope="module", params=["cnn", "mlp"])
def example(request: pytest.FixtureRequest) -> Example:
    return residual_cnn() if request.param == "cnn" else mlp()


def context(example: Example, reporter: Silent | None = None, seed: int = 0) -> Context:
    return Context(
        example.network, example.calibration, "calibration", seed, reporter or Silent(), Cache(),
        example.calibration,
    )  # fmt: skip


def apply(part: Technique[Any], example: Example, watching: Silent | None = None) -> Outcome:
    return part.apply(example.network, part.example(example.network), context(example, watching))


def apply_where_it_can(part: Technique[Any], example: Example) -> Outcome:
    """A network may have nothing for a technique (no residual to leave out): it says so."""
    told = part.preflight(example.network)
    if told.status == "cannot":
        pytest.skip(told.reason)
    return apply(part, example)


def sound(outcome: Outcome, example: Example) -> None:
    """A result passes the checker, runs, and answers in the same form with numbers."""
    onnx.checker.check_model(outcome.network.model, full_check=True)
    assert outcome.network.inputs == example.network.inputs
    assert [port.name for port in outcome.network.outputs] == [
        port.name for port in example.network.outputs
    ]
    for mine, original in zip(
        run(outcome.network, example.test.inputs),
        run(example.network, example.test.inputs),
        strict=True,
    ):
        assert mine.shape == original.shape
        assert mine.dtype == original.dtype
        assert np.isfinite(mine).all()


@EVERY
class TestEveryTechnique:
    def test_it_is_described_and_its_parameters_are_bounded(self, technique) -> None:
        check_words(technique)
        check_params(technique.params)
        assert "Source" in technique.help
        assert technique.family in ("pruning", "quantization", "distillation", "training", "other")
        assert 0 < len(technique.describe(technique.params())) <= 40

    def test_its_slider_is_one_of_its_numbers(self, technique) -> None:
        specs = {spec.name: spec for spec in describe(technique.params)}
        assert technique.slider is None or specs[technique.slider].step is not None

    def test_its_step_goes_to_json_and_back(self, technique) -> None:
        recipe = Recipe(steps=(Step.of(technique.id),))
        assert recipe_from_json(recipe.model_dump_json(), "test") == recipe

    def test_an_unknown_parameter_is_named(self, technique) -> None:
        with pytest.raises(UserError, match="no_such_thing"):
            Step.of(technique.id, no_such_thing=1)

    def test_its_result_is_sound(self, technique, example: Example) -> None:
        sound(apply_where_it_can(technique, example), example)

    def test_it_can_do_something_with_a_small_convolutional_network(
        self, technique, cnn: Example
    ) -> None:
        assert technique.preflight(cnn.network).status != "cannot"

    def test_it_leaves_network_and_samples_untouched(self, technique, example: Example) -> None:
        before = example.network.model.SerializeToString()
        samples = [array.copy() for array in example.calibration.inputs]
        apply_where_it_can(technique, example)
        assert example.network.model.SerializeToString() == before
        for array, kept in zip(example.calibration.inputs, samples, strict=True):
            assert np.array_equal(array, kept)

    def test_the_same_seed_gives_the_same_bytes(self, technique, example: Example) -> None:
        once, again = (apply_where_it_can(technique, example) for _ in range(2))
        assert once.network.data == again.network.data
        assert once.notes == again.notes

    def test_its_result_written_and_opened_again_is_the_same_bytes(
        self, technique, example: Example, tmp_path: Path
    ) -> None:
        outcome = apply_where_it_can(technique, example)
        made = stamped(outcome.network, recipe_json='{"version":1,"steps":[]}')
        path = tmp_path / "made.onnx"
        path.write_bytes(made.data)
        assert open_network(path).data == made.data

    def test_progress_never_goes_down_and_ends_within_one(self, technique, cnn: Example) -> None:
        watching = Watching()
        apply(technique, cnn, watching)
        assert watching.fractions == sorted(watching.fractions)
        assert all(0 <= fraction <= 1 + 1e-9 for fraction in watching.fractions)

    def test_it_listens_at_least_every_second_batch(self, technique, cnn: Example) -> None:
        watching = Watching()
        apply(technique, cnn, watching)
        batches = len(cnn.calibration) // BATCH if technique.needs_calibration else 1
        assert watching.checks >= max(1, batches // 2)

    def test_cancelling_ends_it_wherever_it_listens(self, technique, cnn: Example) -> None:
        whole = Watching()
        apply(technique, cnn, whole)
        for at in {1, (whole.checks + 1) // 2, whole.checks}:
            watching = Watching(cancel_at=at)
            with pytest.raises(Cancelled):
                apply(technique, cnn, watching)
            assert watching.checks == at

    def test_without_samples_it_works_or_says_that_it_needs_them(
        self, technique, cnn: Example
    ) -> None:
        bare = Context(cnn.network, None, "", 0, Silent(), Cache())
        if technique.needs_calibration:
            with pytest.raises(UserError):
                technique.apply(cnn.network, technique.example(cnn.network), bare)
        else:
            sound(technique.apply(cnn.network, technique.example(cnn.network), bare), cnn)

    def test_the_preflight_has_an_answer_for_any_network(self, technique, cnn: Example) -> None:
        for odd in (cnn.network, nothing_to_do(), quantized(cnn)):
            found = technique.preflight(odd)
            assert found.reason
            assert found.status in ("can", "partly", "cannot")

    def test_what_it_cannot_do_is_an_error_in_words(self, technique) -> None:
        odd = nothing_to_do()
        if technique.preflight(odd).status == "cannot":
            with pytest.raises(UserError):
                bare = Context(odd, mlp().calibration, "", 0, Silent(), Cache())
                technique.apply(odd, technique.params(), bare)

    def test_importing_its_file_loads_no_engine_library(self, technique) -> None:
        assert loaded_by_file(technique, techniques().values()) == set()


@pytest.mark.parametrize(
    ("technique", "values"), CORNERS, ids=[f"{part.id}-{values}" for part, values in CORNERS]
)
def test_every_setting_at_its_ends_gives_a_sound_network_or_an_error_in_words(
    technique: Technique[Any], values: dict[str, Any], cnn: Example
) -> None:
    params = technique.params(**values)
    assert technique.describe(params)
    few = replace(context(cnn), train=cnn.calibration.first(32))  # hundreds of epochs are an end
    try:
        outcome = technique.apply(cnn.network, params, few)
    except UserError as error:
        assert error.detail
        assert error.hint
    else:
        sound(outcome, cnn)


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=["-then-".join(pair) for pair in PAIRS])
def test_any_two_compose_or_the_second_says_why_not(
    first: str, second: str, cnn: Example, made: Made
) -> None:
    between = made(techniques()[first])
    part = techniques()[second]
    try:
        outcome = part.apply(between, part.example(between), context(cnn))
    except UserError as error:
        assert part.preflight(between).status == "cannot", error
    else:
        sound(outcome, cnn)


def nothing_to_do() -> Network:
    """A network without a single weight."""
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    return network([node], {}, {"x": ("n", 24)}, {"y": ("n", 24)})


def quantized(example: Example) -> Network:
    """A network that is quantized already."""
    return apply(techniques()["static-quantization"], example).network
