"""A diagnosis names the step and the layer that cost, and proposes what it has measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_examples import Listening

from tinystudio.core import places
from tinystudio.jobs.diagnosis import Diagnosis
from tinystudio.jobs.events import Diagnosed, Failed, VariantReady
from tinystudio.jobs.job import DiagnoseJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step

TASK = "gallery:satellite"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")


@pytest.fixture
def engine(tmp_path: Path) -> Listening:
    return Listening(tmp_path)


def diagnosed(engine: Listening, *steps: Step) -> Diagnosis:
    said = engine.run(DiagnoseJob(network=TASK, data=TASK, recipe=Recipe(steps=steps)))
    (found,) = [event.diagnosis for event in said if isinstance(event, Diagnosed)]
    return found


def levels(**rows: dict[str, int | str]) -> Step:
    return Step.of("layer-levels", levels=rows)


def test_what_costs_nothing_is_not_explained(engine: Listening) -> None:
    found = diagnosed(engine, levels(conv1={"bits": "w8"}))
    assert found.worst is None
    assert found.causes == ()
    assert found.remedy is None
    assert "nothing to explain" in found.sentence


def test_the_one_layer_that_costs_is_named_and_left_alone(engine: Listening) -> None:
    step = levels(conv2={"keep": 2}, conv3={"bits": "w8"}, combine={"bits": "w8"})
    found = diagnosed(engine, step)
    assert found.worst == 0
    assert [(cause.layer, cause.what) for cause in found.causes] == [("conv2", "channels")]
    assert found.causes[0].share > 0.9
    assert found.causes[0].cost_bytes > 0
    assert "conv2" in found.sentence
    assert found.remedy_title == "Keep the channels of conv2"
    assert found.remedy == Recipe(steps=(levels(conv3={"bits": "w8"}, combine={"bits": "w8"}),))


def test_the_remedy_scores_what_it_says(engine: Listening) -> None:
    found = diagnosed(engine, Step.of("channel-pruning", sparsity=0.9, importance="random"))
    assert found.remedy is not None
    assert found.remedy_score is not None
    assert found.remedy_score > found.steps[-1].score
    job = VariantsJob(network=TASK, data=TASK, recipes=(found.remedy,), time=False)
    made = [event.variant for event in engine.run(job) if isinstance(event, VariantReady)][-1]
    assert made.measurement.score == pytest.approx(found.remedy_score)  # all 887 samples


def test_the_worst_of_several_steps_is_taken_apart(engine: Listening) -> None:
    found = diagnosed(
        engine, levels(conv1={"bits": "w8"}), Step.of("weight-pruning", sparsity=0.97)
    )
    assert found.worst == 1
    assert [step.title for step in found.steps] == ["original", "1× 8-bit weights", "weights −97 %"]
    assert found.remedy is not None  # no single layer is at fault: train after it
    assert [step.technique for step in found.remedy.steps][-1] == "distillation"
    assert found.remedy_score is None


def test_a_recipe_without_steps_is_refused_in_words(engine: Listening) -> None:
    said = engine.run(DiagnoseJob(network=TASK, data=TASK, recipe=Recipe()))
    assert isinstance(said[-1], Failed)
    assert said[-1].title == "The recipe was not diagnosed"
