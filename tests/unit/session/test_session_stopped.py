"""What of a cancelled run can still be had: the training until there, as a recipe."""

from __future__ import annotations

import pytest
from session_events import AT, job, ready, started, variant

from tinystudio.core.moment import Moment
from tinystudio.jobs.events import Cancelled, Event, Learned, VariantFailed
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.runs import Runs
from tinystudio.session.stopped import Stopped, stopped_in

TRAINED = Recipe(
    steps=(
        Step.of("channel-pruning"),
        Step.of("distillation", epochs=8),
        Step.of("static-quantization"),
    )
)
TITLE = Recipe(steps=TRAINED.steps[:2]).title


def at(epoch: float, over: bool = False, title: str = TITLE) -> Learned:
    moment = Moment(epoch=epoch, epochs=8, loss=1.0, training=title, is_over=over)
    return Learned(job="job", moments=(moment,))


def cancelled(*events: Event, recipes: tuple[Recipe, ...] = (TRAINED,)) -> Stopped | None:
    runs = Runs([started(job("job", "validation", *recipes)), *events])
    runs.apply(Cancelled(job="job", at=AT))
    return stopped_in(runs["job"])


def test_the_recipe_stops_where_it_was_and_its_other_steps_stay() -> None:
    found = cancelled(at(1), at(3.4027777777))
    assert found is not None
    assert found.words == "epoch 3.4 of 8"
    assert found.step == Step.of("distillation", epochs=8, stop_after=3.402778)
    assert found.recipe == TRAINED.with_step(1, found.step)
    assert "distilled 8 epochs, stopped at epoch 3.4" in found.recipe.title


@pytest.mark.parametrize("events", [(), (at(0),), (at(8, over=True),)])
def test_before_and_after_the_training_there_is_nothing_to_offer(events) -> None:
    assert cancelled(*events) is None


def test_a_run_that_goes_on_offers_nothing() -> None:
    assert stopped_in(Runs([started(job("job", "validation", TRAINED)), at(3)])["job"]) is None


def test_in_a_sweep_it_is_the_recipe_that_was_being_made() -> None:
    """Two recipes whose trainings have the same name, and one that could not be made."""
    steps = [Step.of("distillation", epochs=8, labels=share) for share in (0.1, 0.2, 0.3)]
    recipes = tuple(Recipe(steps=(step,)) for step in steps)
    title = recipes[0].title
    failed = VariantFailed(job="job", recipe=recipes[1], title="t", detail="d", hint="h")
    found = cancelled(
        at(8, True, title), ready(variant(recipes[0])), failed, at(2.5, title=title),
        recipes=recipes,
    )  # fmt: skip
    assert found is not None
    assert found.recipe.steps[0] == steps[2].replace(stop_after=2.5)


def test_a_step_knows_its_whole() -> None:
    cut = Step.of("fine-tuning", stop_after=3.0)
    assert (cut.stop_after, cut.whole) == (3.0, Step.of("fine-tuning"))
    assert Step.of("channel-pruning").whole == Step.of("channel-pruning")
    assert "stop_after" not in cut.whole.model_dump()  # recipes from before keep their fingerprint
