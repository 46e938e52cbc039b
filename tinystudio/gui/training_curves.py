"""The curves of a project's trainings, and what is said about them; plain values, no widgets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tinystudio.core.measurement import Measurement
from tinystudio.core.moment import Moment
from tinystudio.gui import wording
from tinystudio.gui.number_marks import plain
from tinystudio.jobs.job import PASSING, VariantsJob
from tinystudio.session.runs import Run, RunState, Training

SHOWN = 6  # curves at once: more could not be told apart
HEADINGS = ("training", "epoch", "loss", "score", "metric", "best so far")
NOTHING = (
    "Nothing was trained yet.\n\nAdd fine-tuning or distillation to the recipe and measure it:"
    " loss, and accuracy on samples held out, appear here while it runs."
)
SOON = "A training is about to begin: its curves appear here after the first steps."
NO_SCORES = "No samples are held out of these trainings, so there is no score to draw."
START_KEPT = "no epoch was better than the start on validation samples: its weights are kept"
_ENDED = {
    RunState.CANCELLED: "cancelled; Retry in Jobs goes on from here",
    RunState.PAUSED: "paused; Resume in Jobs goes on from here",
    RunState.INTERRUPTED: "interrupted; Retry in Jobs goes on from here",
    RunState.FAILED: "failed",
}


@dataclass(frozen=True)
class Curve:
    """One training. `number` gives it its look and stays the same while others come."""

    number: int
    training: Training
    state: RunState
    is_running: bool

    @property
    def title(self) -> str:
        """Return what is trained."""
        return self.training.title or "training"

    @property
    def last(self) -> Moment:
        """Return where it stands."""
        return self.training.moments[-1]

    @property
    def losses(self) -> tuple[tuple[float, float], ...]:
        """Return (epoch, loss) of every moment that has one."""
        moments = self.training.moments
        return tuple((item.epoch, item.loss) for item in moments if item.loss is not None)

    @property
    def scores(self) -> tuple[tuple[float, float], ...]:
        """Return (epoch, score as shown) of every moment that has one."""
        moments, factor = self.training.moments, wording.score_factor(self.figures)
        return tuple(
            (item.epoch, item.score * factor) for item in moments if item.score is not None
        )

    @property
    def best(self) -> Moment | None:
        """Return the moment whose weights are kept, where samples are held out."""
        scored = [item for item in self.training.moments if item.score is not None]
        if self.start_kept:
            return scored[0] if scored else None
        found = [item for item in scored if item.is_best]
        return found[-1] if found else None

    @property
    def start_kept(self) -> bool:
        """Say whether no epoch was better than the start."""
        return self.last.start_kept

    @property
    def figures(self) -> Measurement:
        """Return a measurement of the metric, to word scores by."""
        named = [item.metric for item in self.training.moments if item.metric]
        return Measurement(metric=named[0]) if named else Measurement()

    def score_text(self, score: float) -> str:
        """Return a score in words."""
        return wording.score_text(self.figures.model_copy(update={"score": score}))


def curves_of(runs: Iterable[Run], network: str | None) -> tuple[Curve, ...]:
    """Return the newest trainings of a network, oldest first.

    One that was stopped is left out once a later run goes on with it: that one tells it all.
    """
    found = [
        (run, training)
        for run in runs
        if run.job.network == network and not isinstance(run.job, PASSING)
        for training in run.trainings
    ]
    newest = {training.title: run.id for run, training in found}
    curves = [
        Curve(number, training, run.state, _is_running(run, training))
        for number, (run, training) in enumerate(found)
        if training.moments[-1].is_over or newest[training.title] == run.id
    ]
    return tuple(curves[-SHOWN:])


def why_empty(runs: Iterable[Run], network: str | None) -> str:
    """Return what is said where there is no curve."""
    is_soon = any(
        isinstance(run.job, VariantsJob)
        and not run.is_ended
        and run.job.network == network
        and any(step.part.trains for recipe in run.job.recipes for step in recipe.steps)
        for run in runs
    )
    return SOON if is_soon else NOTHING


def words(curve: Curve) -> str:
    """Return where a training stands, in a line."""
    last, best = curve.last, curve.best
    told = [f"epoch {_epoch(last.epoch)} of {_epoch(last.epochs)}"]
    if curve.is_running and last.seconds_left is not None:
        told.append(f"{wording.duration_text(last.seconds_left)} left")
    elif not curve.is_running:
        told.append(_ended_words(curve))
    if curve.losses:
        told.append(f"loss {wording.rounded(curve.losses[-1][1], 3)}")
    if curve.start_kept:
        told.append(START_KEPT)
    elif best is not None and best.score is not None:
        name = wording.metric_title(best.metric)
        text = curve.score_text(best.score)
        told.append(f"best {name} on samples held out {text}, after epoch {_epoch(best.epoch)}")
    return " · ".join(told)


def score_axis(curves: Sequence[Curve]) -> str:
    """Return the caption of the scores' axis."""
    figures = curves[-1].figures if curves else Measurement()
    name = wording.metric_title(figures.metric)
    held_out = f"{name} held out"
    return wording.axis_title(figures).replace(name, held_out, 1)


def rows(curves: Iterable[Curve]) -> list[tuple[str | float | None, ...]]:
    """Return one row per moment, in the order of `HEADINGS`."""
    return [
        (
            curve.title, round(item.epoch, 3), item.loss, item.score, item.metric,
            "yes" if item.is_best else "",
        )
        for curve in curves
        for item in curve.training.moments
    ]  # fmt: skip


def heads(curves: Iterable[Curve]) -> list[str]:
    """Return the headings of a table: where all have one metric, the score is called by it."""
    metrics = {item.metric for curve in curves for item in curve.training.moments if item.metric}
    name = wording.metric_title(metrics.pop()) if len(metrics) == 1 else "score"
    return [name if head == "score" else head for head in HEADINGS]


def as_csv(curves: Iterable[Curve]) -> str:
    """Return the rows as CSV text with its headings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows(rows(curves))
    return text.getvalue()


def _is_running(run: Run, training: Training) -> bool:
    is_last = training is run.trainings[-1]
    return is_last and run.state is RunState.RUNNING and not training.moments[-1].is_over


def _ended_words(curve: Curve) -> str:
    if curve.last.is_over:
        is_early = curve.last.epoch < curve.last.epochs - 1e-9
        return "stopped early" if is_early else "done"
    return _ENDED.get(curve.state, "stopped")


def _epoch(epoch: float) -> str:
    """Return a number of epochs with at most one decimal; 3.03 is 3, which was asked for."""
    return plain(round(epoch, 1))
