"""Ranges of activations were read from too few samples."""

from __future__ import annotations

from typing import ClassVar

from tinystudio.advice.adviser import Action, Advice, Adviser, Begin, UseRecipe
from tinystudio.advice.facts import Facts
from tinystudio.advice.figures import change_text, score_text
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.marks import ProjectVariant

CALIBRATED = ("static-quantization", "smooth-quantization", "mixed-precision")
FEW_PER_CLASS = 20
FEW = 128
ENOUGH = 512
ROUND_TO = 8  # the step of the parameter


class CalibrationSmall(Adviser):
    """Looks at variants that lost accuracy and whose ranges come from few samples of each class.

    Where the same recipe was measured with other counts, that curve is told.
    """

    id: ClassVar[str] = "calibration-small"
    place: ClassVar[int] = 60

    def look(self, facts: Facts) -> Advice | None:
        """Find the worst of them."""
        data = facts.about_data
        if data is None:
            return None
        classes = max(1, len(data.classes))
        lossy = [
            (item, at, used)
            for item in facts.variants
            if item.measurement.score_tied is False and _is_worse(item)
            for at, used in _used(item.variant.recipe, data.calibration)
            if used < FEW or used < FEW_PER_CLASS * classes
        ]
        if not lossy:
            return None
        item, at, used = max(lossy, key=lambda found: abs(found[0].measurement.score_change or 0))
        figures = item.measurement
        wanted = min(data.calibration, max(ENOUGH, FEW_PER_CLASS * classes)) // ROUND_TO * ROUND_TO
        action = _action(facts, item.variant.recipe, at, used, wanted)
        if action is None:
            return None
        each = f", {used / classes:.0f} for each of {classes} classes" if data.classes else ""
        change, interval = figures.score_change or 0.0, figures.score_change_interval
        lost = change_text(change, interval, figures.metric)
        return Advice(
            self.id,
            f"“{item.title}” was calibrated on only {used} samples.",
            f"It lost {lost}; its ranges were read from {used} of {data.calibration:,} calibration "
            f"samples{each}.{_curve(facts, item.variant.recipe, at)}",
            action,
            facts.network,
            item.variant.recipe.fingerprint,
        )


def _is_worse(item: ProjectVariant) -> bool:
    change = item.measurement.score_change or 0.0
    return change < 0 if item.measurement.higher_is_better else change > 0


def _used(recipe: Recipe, available: int) -> list[tuple[int, int]]:
    """Return the places of calibrated steps, each with how many samples it could read."""
    return [
        (at, min(available, int(getattr(step.params, "samples", available))))
        for at, step in enumerate(recipe.steps)
        if step.technique in CALIBRATED
    ]


def _action(facts: Facts, recipe: Recipe, at: int, used: int, wanted: int) -> Action | None:
    if wanted <= used:
        instead = "Give more training data: calibration is cut from it."
        return Begin("Attach more data…", "attach-data", instead)
    more = recipe.with_step(at, recipe.steps[at].replace(samples=wanted))
    if facts.measured(more) is not None:
        return None  # it was tried, and is still as it is
    return UseRecipe(f"Calibrate on {wanted} samples", more, measures=True)


def _curve(facts: Facts, recipe: Recipe, at: int) -> str:
    """Return what the same recipe scored with other counts of samples."""
    points = sorted(
        (int(getattr(steps[at].params, "samples", 0)), score_text(item.measurement))
        for item in facts.variants
        if (steps := item.variant.recipe.steps)
        and len(steps) == len(recipe.steps)
        and item.measurement.score is not None
        and _but_for_samples(steps, at) == _but_for_samples(recipe.steps, at)
    )
    if len(points) < 2:
        return ""
    return f" Measured so far: {', '.join(f'{score} with {count}' for count, score in points)}."


def _but_for_samples(steps: tuple[Step, ...], at: int) -> list[dict[str, object]]:
    dumped = [step.model_dump(mode="json") for step in steps]
    return [{**item, "samples": None} if n == at else item for n, item in enumerate(dumped)]
