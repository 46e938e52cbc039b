"""What a summary says: what will happen, to what, and how long it takes."""

from __future__ import annotations

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.figure_statements import before_words, preview_words
from tinystudio.gui.forms.sweep_range import sweepable
from tinystudio.gui.number_marks import grouped
from tinystudio.gui.wizards.forecast import variant_seconds
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.gui.wizards.summary_page import Row
from tinystudio.jobs.inspection import about_seconds
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.front import Limits
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.sweeps import Vary

MEASURED_ONE = (
    "It is measured on the validation data and timed against the original in the same run. When "
    "you press Keep, it is measured once on the test data."
)
MEASURED_MANY = (
    "Each variant is measured on the validation data and timed against the original in the same "
    "run. Those that you keep are measured once on the test data."
)
PLACE_ONE = "It appears in the plots and in the Runs table."
PLACE_MANY = "They appear in the plots and in the Runs table."
REPLACED = "The current recipe is replaced by this one; Undo brings it back."
# What the samples that are set aside for calibration tell, by what the steps do.
ROUNDS = "how far values range"
CUTS = "what can be spared"
COMPUTES = "what the layers compute"
CUTS_ROUNDS = "what can be spared and how far values range"
CUTS_COMPUTES = "what can be spared and what the layers compute"


def plan_rows(plan: Plan, subject: Subject, worth: Measurement | None = None) -> list[Row]:
    """Return what running the plan will do, in words; `worth` is what is known of it before."""
    made = None if plan.varied else subject.made_by(plan.recipe)
    rows = [("What is made", _made_words(plan, subject, made))]
    if made is not None:
        known = figures_words(made.measurement)
        rows.append(("Measured already", f"“{made.title}” is in the Runs table.\n{known}"))
    steps = [
        f"{number}. {_told(step, [vary for vary in plan.varied if vary.step == number - 1])}"
        for number, step in enumerate(plan.recipe.steps, 1)
    ]
    steps += [*_calibrated(plan.recipe, subject), *_trained(plan.recipe, subject)]
    if steps:
        rows.append(("The steps", "\n".join(steps)))
    if worth is not None and made is None:  # what was measured says more than what is expected
        rows.append(("Expected", worth_words(worth)))
    then = [MEASURED_ONE if plan.count == 1 else MEASURED_MANY]
    if plan.varied and plan.limits != Limits():
        then.append(
            f"The most accurate variant is marked that has {limits_words(plan.limits, subject)}."
        )
    rows += [("Then", " ".join(then)), ("Where it appears", _place(plan, subject))]
    rows.append(("Time", _time(plan, subject)))
    return rows


def _made_words(plan: Plan, subject: Subject, made: ProjectVariant | None) -> str:
    title = subject.title or subject.network
    if made is not None:
        return f"Running makes and measures it again from “{title}”, which stays as it is."
    if plan.count == 1:
        return f"1 variant will be made from “{title}”, which stays as it is."
    return f"{grouped(plan.count)} variants will be made from “{title}”, which stays as it is."


def worth_words(figures: Measurement) -> str:
    """Return what is known of a variant before it is made, and how it is known."""
    how = {
        "predicted": "predicted", "estimated": "estimated",
    }.get(figures.score_status, preview_words(figures))  # fmt: skip
    interval = wording.score_interval_text(figures)
    between = f" ({interval})" if interval else ""
    score = f"{wording.metric_title(figures.metric)} {wording.score_text(figures)}{between}"
    lines = ((score, *_costs(figures)), (how, before_words(figures)))
    return "\n".join(" · ".join(filter(None, line)) for line in lines)


def figures_words(figures: Measurement) -> str:
    """Return what was measured of a variant, in a line."""
    score = f"{wording.metric_title(figures.metric)} {wording.score_text(figures)}"
    return " · ".join((score, *_costs(figures)))


def _costs(figures: Measurement) -> list[str]:
    told = []
    if figures.size_bytes is not None:
        told.append(wording.size_text(figures.size_bytes))
    if figures.latency_ms is not None:
        latency = wording.latency_text(figures.latency_ms)
        is_predicted = figures.latency_ms_status == "predicted"
        told.append(f"latency ≈ {latency}, predicted" if is_predicted else f"latency {latency}")
    return told


def _place(plan: Plan, subject: Subject) -> str:
    """Say where the result is found, and what becomes of the recipe there is."""
    place = PLACE_ONE if plan.count == 1 else PLACE_MANY
    if not subject.recipe.steps or subject.recipe == plan.recipe:
        return place
    return f"{place} {REPLACED}"


def _told(step: Step, swept: list[Vary]) -> str:
    """Return a step in words that say nothing twice: "Static quantization (INT8) for ARM"."""
    title, how = step.part.title, _how(step, swept)
    short = title.rpartition("(")[2].rstrip(")")
    if how.lower().startswith(title.lower()):
        how = how[len(title) :].lstrip(" ,:")
        return f"{title}: {how}" if how else title
    if short != title and how.startswith(short):
        return f"{title}{how.removeprefix(short)}"
    return f"{title}: {how}"


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
    """Say how many calibration samples the steps read, with the settings that they have."""
    data = None if subject.inspection is None else subject.inspection.data
    readers = {n: step.part.reads(step.params) for n, step in enumerate(recipe.steps)}
    most = max(readers.values(), default=0)
    if data is None or not most or not data.calibration:
        return []
    used = min(most, data.calibration)
    why = _looked_for([step for n, step in enumerate(recipe.steps) if readers[n]])
    if used == data.calibration:
        return [
            f"All {grouped(used)} calibration samples are read: training samples set aside to show "
            f"{why}."
        ]
    return [
        f"{grouped(used)} of the {grouped(data.calibration)} calibration samples are read: "
        f"training samples set aside to show {why}."
    ]


def _looked_for(readers: list[Step]) -> str:
    """Return what the calibration samples tell the steps that read them.

    What quantizes and cannot do without samples rounds values; the rest rounds weights alone.
    """
    cuts = any(step.part.family == "pruning" for step in readers)
    rest = [step.part for step in readers if step.part.family != "pruning"]
    if any(part.family == "quantization" and part.needs_calibration for part in rest):
        return CUTS_ROUNDS if cuts else ROUNDS
    if cuts:
        return CUTS_COMPUTES if rest else CUTS
    return COMPUTES


def _trained(recipe: Recipe, subject: Subject) -> list[str]:
    """Say on how many samples is trained, where something is."""
    data = None if subject.inspection is None else subject.inspection.data
    if data is None or not any(step.part.trains for step in recipe.steps):
        return []
    return [f"It is trained on the {grouped(data.train)} training samples."]


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
    return (
        f"It takes {total} to make and measure; you can go on working, and pause or cancel at any "
        "time."
    )
