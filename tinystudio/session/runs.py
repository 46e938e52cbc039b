"""The fold: what became of every job, rebuilt from nothing but its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.core.moment import Moment
from tinystudio.jobs.comparison import Comparison, LayerSpread
from tinystudio.jobs.diagnosis import Diagnosis
from tinystudio.jobs.events import (
    Cancelled,
    Compared,
    DatabaseReady,
    DataSeen,
    Diagnosed,
    EngineReady,
    Event,
    Exported,
    Failed,
    Finished,
    Inspected,
    Interrupted,
    Learned,
    Measured,
    PreviewReady,
    Progressed,
    SpreadRead,
    Started,
    VariantFailed,
    VariantReady,
    Warned,
)
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.job import PASSING, Job
from tinystudio.jobs.turns import in_order
from tinystudio.jobs.variant import Variant


class RunState(StrEnum):
    """Where a run stands. All but the first two are ends; what was paused is gone on with anew."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    PAUSED = "paused"


@dataclass(frozen=True)
class Problem:
    """Why a run, or one recipe of it, did not go well, in words for the user."""

    title: str
    detail: str
    hint: str


@dataclass(frozen=True)
class Training:
    """One training of a run: what it trains, and the points of its curves so far."""

    title: str
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Run:
    """All that became of one job so far. Widgets look at this, never at events."""

    job: Job
    state: RunState = RunState.WAITING
    fraction: float = 0.0
    text: str = ""
    seconds_left: float | None = None
    started_at: str = ""
    ended_at: str = ""
    inspection: Inspection | None = None
    seen: DataSeen | None = None
    measurement: Measurement | None = None
    measured_original: Measurement | None = None
    variants: tuple[Variant, ...] = ()
    failures: tuple[VariantFailed, ...] = ()
    preview: PreviewReady | None = None
    database: DatabaseReady | None = None
    diagnosis: Diagnosis | None = None
    comparison: Comparison | None = None
    spread: LayerSpread | None = None
    exported: Exported | None = None
    warnings: tuple[Warned, ...] = ()
    trainings: tuple[Training, ...] = ()  # in the order in which they began
    problem: Problem | None = None
    traceback: str = ""

    @property
    def id(self) -> str:
        """Return the job's id, which is the run's as well."""
        return self.job.id

    @property
    def is_ended(self) -> bool:
        """Say whether nothing more of this run can come."""
        return self.state not in (RunState.WAITING, RunState.RUNNING)

    def raise_problem(self) -> None:
        """Raise the run's problem as a `UserError`, where it has one."""
        if self.problem is not None:
            raise UserError(self.problem.title, self.problem.detail, self.problem.hint)


class Runs:
    """Every run of a project, in the order they were asked for.

    Feed it events in any number; what it holds after each is complete and true so far. Late
    events of an ended run and events of a run it never heard of change nothing.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._runs: dict[str, Run] = {}
        self.engine: EngineReady | None = None  # the engine that spoke last
        for event in events:
            self.apply(event)

    def __iter__(self) -> Iterator[Run]:
        return iter(tuple(self._runs.values()))

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, job: object) -> bool:
        return job in self._runs

    def __getitem__(self, job: str) -> Run:
        return self._runs[job]

    def expect(self, job: Job) -> Run:
        """Note a job that has been asked for and has not begun."""
        return self._runs.setdefault(job.id, Run(job))

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Put runs that wait in this order; what does not wait, or is not named, stays."""
        there = tuple(self._runs)
        waiting = [job for job in jobs if job in self and self[job].state is RunState.WAITING]
        self._runs = {job: self._runs[job] for job in in_order(there, waiting)}

    @property
    def open(self) -> tuple[Run, ...]:
        """Return the runs that wait or work."""
        return tuple(run for run in self if not run.is_ended)

    def apply(self, event: Event) -> Run | None:
        """Take in one event; return the run it changed, or None where it changed nothing."""
        if isinstance(event, EngineReady):
            self.engine = event
            return None
        run = self._runs.get(event.job)
        if run is None and isinstance(event, Started):
            run = Run(event.what)
        if run is None or run.is_ended:
            return None
        run = _after(run, event)
        self._runs[run.id] = run
        self._drop_older_previews(run)
        return run

    def _drop_older_previews(self, latest: Run) -> None:
        # A drag makes a preview per pixel; only the newest ended one is worth its memory.
        if not (isinstance(latest.job, PASSING) and latest.is_ended):
            return
        for run in self:
            if run.is_ended and type(run.job) is type(latest.job) and run.id != latest.id:
                del self._runs[run.id]


def _after(run: Run, event: Event) -> Run:  # noqa: PLR0911, PLR0912 - one case per kind of event
    """Return `run` as `event` leaves it. The only match over events there is."""
    match event:
        case Started():
            return replace(run, state=RunState.RUNNING, started_at=event.at)
        case Progressed():
            fraction = min(1.0, max(run.fraction, event.fraction))
            return replace(run, fraction=fraction, text=event.text, seconds_left=event.seconds_left)
        case Learned():
            return replace(run, trainings=_learned(run.trainings, event.moments))
        case Inspected():
            return replace(run, inspection=event.inspection)
        case DataSeen():
            return replace(run, seen=event)
        case Measured():
            return replace(run, measurement=event.measurement, measured_original=event.original)
        case VariantReady():
            others = tuple(item for item in run.variants if item.id != event.variant.id)
            return replace(run, variants=(*others, event.variant))
        case VariantFailed():
            return replace(run, failures=(*run.failures, event))
        case PreviewReady():
            return replace(run, preview=event)
        case DatabaseReady():
            return replace(run, database=event)
        case Diagnosed():
            return replace(run, diagnosis=event.diagnosis)
        case Compared():
            return replace(run, comparison=event.comparison)
        case SpreadRead():
            return replace(run, spread=event.spread)
        case Exported():
            return replace(run, exported=event)
        case Warned():
            return replace(run, warnings=(*run.warnings, event))
        case Finished():
            return _ended(replace(run, fraction=1.0), RunState.FINISHED, event.at)
        case Failed():
            problem = Problem(event.title, event.detail, event.hint)
            ended = _ended(run, RunState.FAILED, event.at, problem)
            return replace(ended, traceback=event.traceback)
        case Cancelled():
            state = RunState.PAUSED if event.paused else RunState.CANCELLED
            return _ended(run, state, event.at)
        case Interrupted():
            hint = "What was finished is kept. Start the job again to go on."
            problem = Problem("The job was interrupted", event.reason, hint)
            return _ended(run, RunState.INTERRUPTED, event.at, problem)
        case EngineReady():
            return run


def _learned(trainings: tuple[Training, ...], moments: Iterable[Moment]) -> tuple[Training, ...]:
    """Add points to curves; a training that begins again begins its curve again."""
    found = {item.title: item.moments for item in trainings}
    for moment in moments:
        before = found.get(moment.training, ())
        if moment.start_kept and before and before[-1].epoch == moment.epoch:
            before = before[:-1]  # the last one again, with what became of the whole
        goes_on = bool(before) and before[-1].epoch < moment.epoch
        found[moment.training] = (*before, moment) if goes_on else (moment,)
    return tuple(Training(title, points) for title, points in found.items())


def _ended(run: Run, state: RunState, at: str, problem: Problem | None = None) -> Run:
    return replace(run, state=state, ended_at=at, seconds_left=None, problem=problem)
