"""Which notices a run's news deserve, each of them once."""

from __future__ import annotations

from collections.abc import Iterable

from tinystudio.gui.job_words import job_title
from tinystudio.gui.notice import Notice, Way
from tinystudio.jobs.events import VariantFailed, Warned
from tinystudio.jobs.job import LookJob, PreviewJob, SpreadJob
from tinystudio.session.runs import Run, RunState
from tinystudio.session.stopped import stopped_in

USE_ORDER = "Use this order of the classes"

Told = tuple[bool, int, int]  # its end, how many warnings, how many failed recipes


class RunNotices:
    """Remembers what has been told; `look` returns only what is new."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        # What a reopened project holds was told when it happened.
        self._told: dict[str, Told] = {run.id: _state(run) for run in runs}
        self._last_preview: Notice | None = None

    def look(self, runs: Iterable[Run]) -> list[Notice]:
        """Return the notices that are due."""
        due: list[Notice] = []
        for run in runs:
            before, now = self._told.get(run.id, (False, 0, 0)), _state(run)
            if now != before:
                self._told[run.id] = now
                due += self._due(run, before)
        return due

    def _due(self, run: Run, before: Told) -> list[Notice]:
        if isinstance(run.job, (LookJob, SpreadJob)):
            return []  # the card says what became of it
        return self._preview(run) if isinstance(run.job, PreviewJob) else _due(run, before)

    def _preview(self, run: Run) -> list[Notice]:
        # A drag over a place that does not work fails dozens of times for one reason.
        notice = _ending(run)
        if notice is None or notice == self._last_preview:
            return []
        self._last_preview = notice
        return [notice]


def _state(run: Run) -> Told:
    return run.is_ended, len(run.warnings), len(run.failures)


def _due(run: Run, before: Told) -> list[Notice]:
    ended, warned, failed = before
    due = [_of_warning(item) for item in run.warnings[warned:]]
    due += [_of_failure(item) for item in run.failures[failed:]]
    end = _ending(run)
    return due if ended or end is None else [*due, end]


def _ending(run: Run) -> Notice | None:
    stopped = stopped_in(run)
    if stopped is not None:
        return Notice(
            f"The training was stopped at {stopped.words}", f"{job_title(run.job)}.",
            "Retry, in the list of jobs, goes on from there.", gravity="news",
            way=Way(f"Keep what it had learnt by then: {stopped.words}", run.id),
        )  # fmt: skip
    if run.problem is None or run.state not in (RunState.FAILED, RunState.INTERRUPTED):
        return None
    detail = run.problem.detail
    if not isinstance(run.job, PreviewJob):
        detail = f"{job_title(run.job)}: {detail}"
    return Notice(run.problem.title, detail, run.problem.hint)


def _of_warning(warned: Warned) -> Notice:
    way = Way(USE_ORDER, data=warned.data) if warned.data else None
    return Notice(warned.title, warned.detail, warned.hint, gravity="warning", way=way)


def _of_failure(failed: VariantFailed) -> Notice:
    detail = f"{failed.recipe.title}: {failed.detail}"
    return Notice(failed.title, detail, failed.hint, gravity="warning")
