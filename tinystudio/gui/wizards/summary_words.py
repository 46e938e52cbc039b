"""What a summary says: what will happen, to what, and how long it takes."""

from __future__ import annotations

from tinystudio.gui import wording
from tinystudio.gui.forms.sweep_range import sweepable
from tinystudio.gui.wizards.forecast import variant_seconds
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.jobs.inspection import about_seconds
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.front import Limits
from tinystudio.session.sweeps import Vary


def sentences(plan: Plan, subject: Subject) -> list[str]:
    """Return what running the plan will do, in words."""
    what = f"{wording.plural(plan.count, 'variant')} will be made from it:"
    said = [f"{subject.title or subject.network} stays as it is. {what}"]
    for number, step in enumerate(plan.recipe.steps, 1):
        swept = [vary for vary in plan.varied if vary.step == number - 1]
        said.append(f"{number}. {step.part.title}: {_how(step, swept)}")
    said += _calibrated(plan.recipe, subject)
    said.append(
        "Each variant is measured on the validation data and timed against the original in the "
        "same run. The test data is used once, for the variants you keep."
    )
    if plan.varied and plan.limits != Limits():
        said.append(
            "Then the most accurate variant is marked that has "
            f"{limits_words(plan.limits, subject)}."
        )
    said.append(_time(plan, subject))
    return said


def _how(step: Step, swept: list[Vary]) -> str:
    words = step.part.describe(step.params)
    if not swept:
        return words
    values = swept[0].values
    scale = next(
        item.scale for item in sweepable(Recipe(steps=(step,))) if item.spec.name == swept[0].param
    )
    low, high = scale.text(float(values[0])), scale.text(float(values[-1]))
    return f"{swept[0].param.replace('_', ' ')} from {low} to {high}, {len(values)} values"


def _calibrated(recipe: Recipe, subject: Subject) -> list[str]:
    """Say how many samples the steps read that are calibrated."""
    data = None if subject.inspection is None else subject.inspection.data
    counts = [
        int(getattr(step.params, "samples", 0))
        for step in recipe.steps
        if step.part.needs_calibration
    ]
    if data is None or not any(counts):
        return []
    used = min(max(counts), data.calibration)
    return [
        f"{used:,} of the {data.calibration:,} training samples that are set aside for it are read "
        "to calibrate."
    ]


def limits_words(limits: Limits, subject: Subject) -> str:
    """Return limits in words: "at most 50 kB and at most 20 µs"."""
    parts = []
    if limits.size_bytes is not None:
        parts.append(f"at most {wording.size_text(limits.size_bytes)}")
    if limits.latency_ms is not None:
        parts.append(f"at most {wording.latency_text(limits.latency_ms)}")
    if limits.score is not None:
        parts.append(_score_words(limits.score, subject))
    return " and ".join(parts)


def _score_words(least: float, subject: Subject) -> str:
    """Return the score that is asked for, and how much it may lose against what."""
    before = subject.reference
    if before is None or before.score is None:
        return f"a score of at least {least:.3g}"
    limit = before.model_copy(update={"score": least})
    words = "least" if before.higher_is_better else "most"
    loss = abs(before.score - least) * wording.score_factor(before)
    unit = " points" if wording.is_share(before) else wording.score_unit(before)
    lost = f"{wording.rounded(loss)}{unit} from {subject.reference_words}"
    return f"a score of at {words} {wording.score_text(limit)} (a loss of {lost})"


def _time(plan: Plan, subject: Subject) -> str:
    each = variant_seconds(plan.recipe, subject)
    if each is None:
        return "How long it takes is shown as soon as the first variant is done."
    total = about_seconds(plan.count * each)
    return f"It takes {total}; you can go on working, and pause or cancel at any time."
