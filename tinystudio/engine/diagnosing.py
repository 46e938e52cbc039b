"""Carries out a `DiagnoseJob`: which step costs, which layer of it, and what would help.

The score is measured after every step; the step that costs most is taken apart: each of its layers
in turn is left as it was, and what comes back is that layer's part. Where 8 bits are computed with,
weights and activations are told apart. What is proposed has been measured, unless it trains.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tinystudio.core.data import Array, Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.intervals import paired_difference
from tinystudio.core.reporter import Part
from tinystudio.engine.making import make
from tinystudio.engine.undoing import (
    Rows,
    Undoing,
    rows_of,
    step_of,
    undoings,
    without_activations,
)
from tinystudio.engine.work import Work
from tinystudio.graph.network import Network
from tinystudio.jobs.diagnosis import Cause, Diagnosis, StepScore, What
from tinystudio.jobs.events import Diagnosed
from tinystudio.jobs.job import DiagnoseJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.measure.running import outputs_of
from tinystudio.measure.truth import with_truth
from tinystudio.metrics import find_metric
from tinystudio.techniques.distillation import Distillation

TITLE = "The recipe was not diagnosed"
ENOUGH = 0.8  # of what a step costs, given back: more layers need not be left undone
MOST_UNDONE = 3
NOTABLE = 0.05  # of what a step costs: what is less is no cause worth a row
STEPS_SHARE, CAUSES_SHARE = 0.3, 0.9  # of the progress bar
SHOWN = 12  # causes


def diagnose(job: DiagnoseJob, work: Work) -> None:
    """Carry out a `DiagnoseJob`."""
    if not job.recipe.steps:
        raise UserError(TITLE, "There is no step that could cost anything.", "Add a technique.")
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, network)
    bench = _Bench(job, work, network, dataset)
    work.emit(Diagnosed(job=job.id, diagnosis=_diagnosis(bench)))


@dataclass(frozen=True)
class _Judged:
    network: Network
    per_sample: Array
    size_bytes: int

    @property
    def score(self) -> float:
        return float(self.per_sample.mean())


class _Bench:
    """Makes and scores recipes of one job, on the first of the validation samples."""

    def __init__(self, job: DiagnoseJob, work: Work, network: Network, dataset: Dataset) -> None:
        self.job, self.work, self.network = job, work, network
        self._dataset = dataset
        self.metric = find_metric(dataset.metric)
        some = dataset.validation.first(job.samples)
        self.samples = with_truth(
            some, self.metric, lambda: outputs_of(network.data, some, work.reporter)
        )
        if self.samples.labels is None:
            raise UserError(TITLE, "The data has no labels.", "Choose the metric agreement.")

    @property
    def sign(self) -> int:
        """Return 1 where a higher score is better, else -1."""
        return 1 if self.metric.higher_is_better else -1

    def judged(self, recipe: Recipe, start: float, end: float) -> _Judged:
        """Return what a recipe makes and what each sample adds to its score."""
        part = Part(self.work.reporter, start, end)
        made = make(self.network, recipe, self._dataset, self.job.seed, part, self.work.cache)
        file = self.work.finished(made.network, recipe, self.job.network, self._dataset)
        outputs = outputs_of(file.data, self.samples, part)
        labels = self.samples.labels
        assert labels is not None  # they were looked at in the beginning
        return _Judged(made.network, self.metric.per_sample(outputs, labels), len(file.data))

    def can_train(self, network: Network) -> bool:
        """Say whether a training could follow."""
        status = Distillation().preflight(network).status
        return status != "cannot" and len(self._dataset.train) > 0


def _diagnosis(bench: _Bench) -> Diagnosis:
    recipe = bench.job.recipe
    states = _after_every_step(bench)
    titles = ("original", *(step.part.describe(step.params) for step in recipe.steps))
    found = Diagnosis(
        recipe=recipe,
        metric=bench.metric.id,
        samples=len(bench.samples),
        steps=tuple(
            StepScore(title=title, score=state.score)
            for title, state in zip(titles, states, strict=True)
        ),
        sentence="",
    )
    _, (low, high) = paired_difference(states[0].per_sample, states[-1].per_sample)
    lost = bench.sign * (states[0].score - states[-1].score)
    if lost <= 0 or low <= 0 <= high:
        return found.model_copy(update={"sentence": _nothing(bench, lost)})
    drops = [bench.sign * (a.score - b.score) for a, b in pairwise(states)]
    worst = int(np.argmax(drops))
    found = found.model_copy(update={"worst": worst})
    return _taken_apart(bench, found, states[worst], states[worst + 1])


def _after_every_step(bench: _Bench) -> list[_Judged]:
    steps = bench.job.recipe.steps
    share = STEPS_SHARE / (len(steps) + 1)
    found = []
    for count in range(len(steps) + 1):
        done = Recipe(steps=steps[:count])
        found.append(bench.judged(done, count * share, (count + 1) * share))
    return found


def _taken_apart(bench: _Bench, found: Diagnosis, before: _Judged, after: _Judged) -> Diagnosis:
    """Find which layers of the worst step cost, and propose what to leave undone."""
    recipe, worst = found.recipe, found.worst or 0
    step = recipe.steps[worst]
    rows = rows_of(step, before.network, after.network)
    if not rows:
        return _whole(bench, found, before, after)
    trial = _Trial(bench, recipe.steps[:worst], before, found)
    base = trial.of(rows, STEPS_SHARE, STEPS_SHARE)
    causes = trial.causes(rows, base)
    undone, best = trial.remedy(rows, [undoing for _, undoing in causes], base)
    told = tuple(cause for cause, _ in causes)[:SHOWN]
    if not undone:
        if base.score * bench.sign > after.score * bench.sign:
            return _better_levels(bench, found, rows, told, base, after)
        return _whole(bench, found.model_copy(update={"causes": told}), before, after)
    later = recipe.steps[worst + 1 :]
    remedy = Recipe(steps=(*recipe.steps[:worst], *((step_of(undone),) if undone else ()), *later))
    trains = any(item.part.trains for item in later)
    return found.model_copy(
        update={
            "causes": told,
            "remedy": remedy,
            "remedy_title": _leaving(told, rows, undone),
            "remedy_score": None if trains else best.score if not later else _score(bench, remedy),
            "sentence": _sentence(bench, found, told, before, after),
        }
    )


def _score(bench: _Bench, recipe: Recipe) -> float:
    return bench.judged(recipe, CAUSES_SHARE, 1.0).score


@dataclass(frozen=True)
class _Trial:
    """Tries levels in the place of one step."""

    bench: _Bench
    first: tuple[Step, ...]
    before: _Judged
    found: Diagnosis

    def of(self, rows: Rows, start: float, end: float) -> _Judged:
        """Return what these levels give."""
        steps = (*self.first, *((step_of(rows),) if rows else ()))
        return self.bench.judged(Recipe(steps=steps), start, end)

    def causes(self, rows: Rows, base: _Judged) -> list[tuple[Cause, Undoing]]:
        """Return what every layer costs by itself, the dearest first."""
        found, all_of_them = [], undoings(rows)
        lost = max(self._gain(base, self.before), 1e-12)
        share = (CAUSES_SHARE - STEPS_SHARE) / max(len(all_of_them), 1)
        for number, undoing in enumerate(all_of_them):
            start = STEPS_SHARE + number * share
            without = self.of(undoing.rows, start, start + share)
            points = self._gain(base, without)
            if points / lost < NOTABLE:
                continue
            what: What = "weights" if undoing.has_bits else "channels"
            if undoing.is_int8:
                what = self._side(rows, undoing, base, points, start + share)
            cause = Cause(
                layer=undoing.layer, what=what, points=points, share=min(points / lost, 1.0),
                cost_bytes=without.size_bytes - base.size_bytes,
            )  # fmt: skip
            found.append((cause, undoing))
        return sorted(found, key=lambda item: -item[0].points)

    def _side(self, rows: Rows, undoing: Undoing, base: _Judged, points: float, at: float) -> What:
        """Say whether an INT8 layer's weights or its activations cost."""
        plain = self.of(without_activations(rows, undoing.layer), at, at)
        share = self._gain(base, plain) / points
        if share > 2 / 3:
            return "activations"
        return "weights" if share < 1 / 3 else "weights and activations"

    def remedy(
        self, rows: Rows, undoing: list[Undoing], base: _Judged
    ) -> tuple[Rows | None, _Judged]:
        """Leave the dearest undone, one by one, as long as it helps; None: nothing does."""
        lost, kept, best = max(self._gain(base, self.before), 1e-12), rows, base
        for item in undoing[:MOST_UNDONE]:
            if self._gain(base, best) / lost >= ENOUGH:
                break
            tried = _left_out(kept, item)
            judged = self.of(tried, CAUSES_SHARE, CAUSES_SHARE)
            if self._gain(best, judged) > 0:
                kept, best = tried, judged
        return (None if kept is rows else kept), best

    def _gain(self, worse: _Judged, better: _Judged) -> float:
        return self.bench.sign * (better.score - worse.score)


def _left_out(rows: Rows, item: Undoing) -> Rows:
    """Return the rows without what an undoing leaves out."""
    row = rows[item.layer]
    rest = {name: other for name, other in rows.items() if name != item.layer}
    kept = row.model_copy(update={"bits": None} if item.has_bits else {"keep": None})
    empty = kept.keep is None and kept.bits is None
    return rest if empty else rest | {item.layer: kept}


def _whole(bench: _Bench, found: Diagnosis, before: _Judged, after: _Judged) -> Diagnosis:
    """Say what the step costs as a whole; where a training can follow it, propose one."""
    worst = found.worst or 0
    text = _costs(bench, found, before, after)
    steps = found.recipe.steps
    if any(step.part.trains for step in steps[worst:]) or not bench.can_train(after.network):
        return found.model_copy(update={"sentence": text})
    training = Step.of(Distillation.id)
    remedy = Recipe(steps=(*steps[: worst + 1], training, *steps[worst + 1 :]))
    return found.model_copy(
        update={
            "sentence": f"{text} No single layer is at fault; a training after it may give much "
            "of it back.",
            "remedy": remedy,
            "remedy_title": "Add a distillation after it",
        }
    )


def _better_levels(
    bench: _Bench, found: Diagnosis, rows: Rows, causes: tuple[Cause, ...], base: _Judged,
    after: _Judged,
) -> Diagnosis:  # fmt: skip
    """Propose the same done layer by layer, which costs less."""
    worst = found.worst or 0
    steps = found.recipe.steps
    words = _points(bench, bench.sign * (base.score - after.score))
    return found.model_copy(
        update={
            "causes": causes,
            "sentence": f"{found.steps[worst + 1].title} costs more than it must: the same, layer "
            f"by layer with weights solved again, is {words} better.",
            "remedy": Recipe(steps=(*steps[:worst], step_of(rows), *steps[worst + 1 :])),
            "remedy_title": "Do it layer by layer",
            "remedy_score": base.score if worst + 1 == len(steps) else None,
        }
    )


def _nothing(bench: _Bench, lost: float) -> str:
    count = len(bench.samples)
    if lost <= 0:
        return f"There is nothing to explain: on {count} samples it is no worse than the original."
    return f"There is nothing to explain: on {count} samples it cannot be told from the original."


def _costs(bench: _Bench, found: Diagnosis, before: _Judged, after: _Judged) -> str:
    title = found.steps[(found.worst or 0) + 1].title
    step = bench.sign * (before.score - after.score)
    whole = bench.sign * (found.steps[0].score - found.steps[-1].score)
    of_all = "" if len(found.recipe.steps) == 1 else f" of {_points(bench, whole)} in all"
    return f"“{title}” costs {_points(bench, step)}{of_all}."


def _sentence(
    bench: _Bench, found: Diagnosis, causes: tuple[Cause, ...], before: _Judged, after: _Judged
) -> str:
    first = causes[0]
    undone = "keeping its channels" if first.what == "channels" else "keeping it in float"
    return (
        f"{_costs(bench, found, before, after)} The {first.what} of {first.layer} cost "
        f"{100 * first.share:.0f} % of that; {undone} costs {_bytes(first.cost_bytes)}."
    )


def _leaving(causes: tuple[Cause, ...], rows: Rows, undone: Rows) -> str:
    """Return what the remedy does, e.g. "Keep conv3 in float"."""
    changed = [name for name in rows if rows[name] != undone.get(name)]
    channels = {cause.layer for cause in causes if cause.what == "channels"}
    if set(changed) <= channels:
        whose = changed[0] if len(changed) == 1 else f"{len(changed)} groups"
        return f"Keep the channels of {whose}"
    which = changed[0] if len(changed) == 1 else f"{len(changed)} layers"
    return f"Keep {which} in float"


def _points(bench: _Bench, amount: float) -> str:
    if bench.metric.unit == "%":
        return f"{100 * amount:.1f} points"
    return f"{amount:.3g} {bench.metric.unit}".rstrip()


def _bytes(count: int) -> str:
    return f"{count / 1000:.1f} kB" if abs(count) >= 1000 else f"{count} bytes"
