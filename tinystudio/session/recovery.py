"""After a crash: runs that never got their end are said to be interrupted."""

from __future__ import annotations

from collections.abc import Iterable

from tinystudio.jobs.events import Event, Interrupted, now
from tinystudio.session.runs import Runs

REASON = "The program ended before the job did."


def interruptions(events: Iterable[Event]) -> tuple[Interrupted, ...]:
    """Return the ends that the stored `events` lack."""
    at = now()
    return tuple(Interrupted(job=run.id, reason=REASON, at=at) for run in Runs(events).open)
