"""Decides when the open model is explored in the background: once, and never in anyone's way."""

from __future__ import annotations

from enum import Enum, auto

from tinystudio.jobs.job import PASSING, ExploreJob, InspectJob, Job
from tinystudio.session.runs import Run, RunState
from tinystudio.session.session import Session

Place = tuple[str, str, int]  # network, data, seed


class Turn(Enum):
    """What is to be done now."""

    NOTHING = auto()
    START = auto()
    GIVE_WAY = auto()


class ExploreTurn:
    """Looks at the session after every change of its runs; what it says is to be done at once.

    The engine for long jobs does one after the other, and what a user has asked for goes first:
    an exploration gives way to it, and begins again where it was once that engine is idle. What
    the user has cancelled, and what has failed, is not begun again by itself.
    """

    def __init__(self) -> None:
        self._settled: set[Place] = set()  # explored, refused, or impossible
        self._seen: set[str] = set()  # ended explorations that were counted
        self._gave_way: set[str] = set()

    def look(self, session: Session) -> Turn:
        """Return what is to be done."""
        for run in session.runs:
            if isinstance(run.job, ExploreJob) and run.is_ended and run.id not in self._seen:
                self._seen.add(run.id)
                self._settle(run)
        self._settled -= {_place_of(run.job) for run in session.exploring}  # tried again
        place = _place(session)
        is_busy = any(_takes_long(run.job) for run in session.runs.open)
        if session.exploring:
            return (
                self._in_the_way({run.id for run in session.exploring}) if is_busy else Turn.NOTHING
            )
        is_due = place is not None and place not in self._settled
        return Turn.START if is_due and not is_busy else Turn.NOTHING

    def forget(self) -> None:
        """Explore again what was explored or refused before: it was opened anew."""
        self._settled.clear()

    def _in_the_way(self, exploring: set[str]) -> Turn:
        if exploring <= self._gave_way:
            return Turn.NOTHING
        self._gave_way |= exploring
        return Turn.GIVE_WAY

    def _settle(self, run: Run) -> None:
        gave_way = run.id in self._gave_way and run.state is RunState.CANCELLED
        if not gave_way:
            self._settled.add(_place_of(run.job))


def _place(session: Session) -> Place | None:
    """Return what is to be explored: a model that could be opened, with data."""
    if session.network is None or session.data is None or session.inspection is None:
        return None
    if session.lost:
        return None  # it would only fail, and may be found again
    return session.network, session.data, session.state.seed


def _place_of(job: Job) -> Place:
    return job.network, getattr(job, "data", None) or "", job.seed


def _takes_long(job: Job) -> bool:
    return not isinstance(job, (ExploreJob, InspectJob, *PASSING))
