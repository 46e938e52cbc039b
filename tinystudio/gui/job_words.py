"""What the jobs list says about a run, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from tinystudio.gui import wording
from tinystudio.gui.number_marks import plain
from tinystudio.jobs.job import (
    PASSING,
    CompareJob,
    ExploreJob,
    ExportJob,
    InspectJob,
    Job,
    MeasureJob,
    VariantsJob,
)
from tinystudio.session.going_on import goes_on
from tinystudio.session.runs import Run, RunState

# What the bar's colour follows; the words beside it say the same.
BAR_STATES = {
    RunState.WAITING: "running",
    RunState.RUNNING: "running",
    RunState.FINISHED: "finished",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "stopped",
    RunState.INTERRUPTED: "stopped",
    RunState.PAUSED: "stopped",
}


def is_listed(run: Run) -> bool:
    """Say whether a run belongs into the list; a preview is over before one could read it."""
    return not isinstance(run.job, PASSING)


def listed(runs: Iterable[Run]) -> list[Run]:
    """Return the runs that belong into the list: of the explorations of a model, the newest.

    A paused run makes room for the one that goes on with it.
    """
    runs = list(runs)
    resumed = {run.job.continues for run in runs}
    found = [run for run in runs if is_listed(run) and run.id not in resumed]
    newest = {run.job.network: run.id for run in found if isinstance(run.job, ExploreJob)}
    return [
        run for run in found
        if not isinstance(run.job, ExploreJob) or newest[run.job.network] == run.id
    ]  # fmt: skip


def in_turn(listed: Sequence[Run], most_ended: int) -> list[Run]:
    """Return runs from top to bottom: what runs, what waits in its turn, what ended last."""
    running = [run for run in listed if run.state is RunState.RUNNING]
    waiting = [run for run in listed if run.state is RunState.WAITING]
    ended = [run for run in listed if run.is_ended][-most_ended:]
    return [*running, *waiting, *reversed(ended)]


def turn_before(queue: Sequence[str], job: str, where: str) -> str:
    """Return which job of a queue another begins before once it is moved; "": none, it is last.

    `where`: "first", "up", "down" or "last".
    """
    at = queue.index(job)
    before = {"first": 0, "up": max(0, at - 1), "down": at + 2, "last": len(queue)}[where]
    return queue[before] if before < len(queue) else ""


def turn_text(place: int, count: int) -> str:
    """Return when it is the turn of one that waits, in words; nothing where none else waits."""
    if count < 2 or place < 1:
        return ""
    return "begins next" if place == 1 else f"number {place} in the queue"


# What stands in a row's last columns: all rows keep room for the longest, to stand in line.
ENDINGS, TURNS = ("Resume", "Retry", "Cancel"), ("Run next", "Pause")
STATES = ("waiting", "done", "failed", "cancelled", "interrupted", "paused")


def ending_way(run: Run) -> tuple[str, str]:
    """Return what a run's last button says and explains: to end it, or to ask for it again."""
    match run.state:
        case RunState.FINISHED:
            return "", ""
        case RunState.PAUSED:
            return "Resume", "Go on from where it was paused."
        case _ if run.is_ended:
            return "Retry", "Ask for it again: what was finished is not done twice."
        case _:
            return "Cancel", "End it. What was finished is kept."


def queue_way(run: Run) -> tuple[str, str]:
    """Return what can be done about the place of a run among the others, or nothing."""
    if run.state is RunState.WAITING:
        return "Run next", "Begin it before the other jobs that wait."
    if run.state is RunState.RUNNING and goes_on(run.job):
        return "Pause", "Stop here, let other jobs go first, and go on later, also another day."
    return "", ""


def job_title(job: Job) -> str:
    """Return the job's name: what the asker called it, or what it does."""
    return job.title or _what_it_does(job)


def _what_it_does(job: Job) -> str:
    if isinstance(job, VariantsJob):
        return _what_is_made(job)
    if isinstance(job, ExportJob):
        return f"Export to {job.target}"
    words = {
        InspectJob: "Look at the model",
        MeasureJob: "Measure the model",
        CompareJob: "Compare variants",
        ExploreJob: "Explore the model",
    }
    return words.get(type(job), "Preview")


def _what_is_made(job: VariantsJob) -> str:
    match job.recipes:
        case ():
            return "Measure the original"
        case (only,):
            return f"Compress: {only.title}"
        case many:
            return f"Sweep of {len(many)} variants"


def job_text(run: Run, ago: float = 0.0) -> str:
    """Return what stands beside the bar: the step and the time left, or how it ended.

    `ago` is how many seconds ago the time left was heard of: it goes down by itself.
    """
    match run.state:
        case RunState.WAITING:
            return "waits for its turn"
        case RunState.RUNNING:
            left = _left(run.seconds_left, ago)
            return " · ".join(part for part in (run.text, left) if part) or "begins"
        case RunState.FINISHED:
            return finished_text(run)
        case RunState.CANCELLED:
            return cancelled_text(run)
        case RunState.PAUSED:
            return paused_text(run)
        case _:
            return run.problem.detail if run.problem is not None else ""


def cancelled_text(run: Run) -> str:
    """Return what is left of a cancelled run."""
    if isinstance(run.job, ExploreJob):
        return "what was built is kept"
    if _is_half_trained(run):
        made = f"{_made(run)} kept · " if _made(run) else ""
        return f"{made}Retry goes on with the training from where it was"
    return f"{_made(run)} · what was finished is kept" if _made(run) else "nothing was made"


def paused_text(run: Run) -> str:
    """Return what a paused run has done, and what Resume does."""
    made = f"{_made(run)} done · " if _made(run) else ""
    if run.trainings and not run.trainings[-1].moments[-1].is_over:
        last = run.trainings[-1].moments[-1]
        made += f"epoch {plain(round(last.epoch, 1))} of {plain(round(last.epochs, 1))} · "
    return f"{made}Resume goes on"


def finished_text(run: Run) -> str:
    """Return what came out of a finished run."""
    if run.failures:
        return f"{_made(run)}, {len(run.failures)} could not be made"
    if run.exported is not None:
        passed = sum(check.passed for check in run.exported.checks)
        return f"{passed} of {wording.plural(len(run.exported.checks), 'check')} passed"
    made = "layer database ready" if isinstance(run.job, ExploreJob) else _made(run)
    return " · ".join(part for part in (made, _took(run)) if part)


def state_text(run: Run) -> str:
    """Return the run's state in a word or two."""
    words = {
        RunState.WAITING: "waiting",
        RunState.RUNNING: f"{run.fraction:.0%}".replace("%", " %"),
        RunState.FINISHED: "done",
        RunState.FAILED: "failed",
        RunState.CANCELLED: "cancelled",
        RunState.INTERRUPTED: "interrupted",
        RunState.PAUSED: "paused",
    }
    return words[run.state]


def job_tooltip(run: Run) -> str:
    """Return all that can be said: why it failed and what to do, warnings, failed recipes."""
    lines = [job_title(run.job)]
    if run.problem is not None:
        lines += [run.problem.title, run.problem.detail, run.problem.hint]
    lines += [f"{warned.title}: {warned.detail}" for warned in run.warnings]
    lines += [f"{failed.recipe.title}: {failed.detail}" for failed in run.failures]
    return "\n".join(line for line in lines if line)


def _is_half_trained(run: Run) -> bool:
    return bool(run.trainings) and not run.trainings[-1].moments[-1].is_over


def _took(run: Run) -> str:
    """Return how long an ended run took, where both of its ends are known."""
    try:
        begun, ended = (datetime.fromisoformat(at) for at in (run.started_at, run.ended_at))
    except ValueError:
        return ""
    return f"took {wording.duration_text((ended - begun).total_seconds())}"


def _left(seconds: float | None, ago: float) -> str:
    if seconds is None:
        return ""
    return f"{wording.duration_text(max(0.0, seconds - ago))} left"


def _made(run: Run) -> str:
    # The original comes first in every such job; it was not made by it.
    count = sum(1 for variant in run.variants if variant.recipe.steps)
    return wording.plural(count, "variant") if count else ""
