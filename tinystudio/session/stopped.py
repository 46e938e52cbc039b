"""What a cancelled training had learned by then, as a recipe that trains until there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tinystudio.core.moment import epoch_text
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.runs import Run, RunState, Training

EXACT = 6  # digits of an epoch: names one step even of a million in an epoch


@dataclass(frozen=True)
class Stopped:
    """A training that reached `epoch` of `epochs`; `recipe` ends it there, at its step `at`."""

    recipe: Recipe
    at: int
    epoch: float
    epochs: float

    @property
    def step(self) -> Step:
        """Return the step that trains, and stops."""
        return self.recipe.steps[self.at]

    @property
    def words(self) -> str:
        """Return e.g. "epoch 3.4 of 8"."""
        return f"epoch {epoch_text(self.epoch)} of {epoch_text(self.epochs)}"


def is_training(run: Run) -> bool:
    """Say whether a run is in the middle of a training."""
    return any(not training.moments[-1].is_over for training in run.trainings)


def stopped_in(run: Run) -> Stopped | None:
    """Return the training in whose middle a run was cancelled, once it had learned something."""
    if not isinstance(run.job, VariantsJob) or run.state is not RunState.CANCELLED:
        return None
    for training in reversed(run.trainings):
        last = training.moments[-1]
        if last.is_over or last.epoch <= 0:
            continue
        for recipe, at in _steps_of(training, run, run.job):
            stopping = recipe.steps[at].replace(stop_after=round(last.epoch, EXACT))
            return Stopped(recipe.with_step(at, stopping), at, last.epoch, last.epochs)
    return None


def _steps_of(training: Training, run: Run, job: VariantsJob) -> Iterator[tuple[Recipe, int]]:
    """Yield the recipes that are not done with the place of the step that the training is of.

    A training is named by the recipe up to it.
    """
    done = [*(item.recipe for item in run.variants), *(item.recipe for item in run.failures)]
    for recipe in job.recipes:
        for at, step in enumerate(recipe.steps):
            title = Recipe(steps=recipe.steps[: at + 1]).title
            if recipe not in done and step.part.trains and title == training.title:
                yield recipe, at
