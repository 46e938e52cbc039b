"""What every home of an engine promises to those who drive it."""

from __future__ import annotations

from typing import Protocol

from tinystudio.jobs.events import Event
from tinystudio.jobs.job import Job


class Runner(Protocol):
    """Takes jobs, says events.

    Events of one job come in order; the first is `Started`; exactly one of `Finished`, `Failed`,
    `Cancelled`, `Interrupted` ends it, and after that nothing more of this job comes. Whatever
    happens to the engine, every job sent gets its end.
    """

    def send(self, job: Job) -> None:
        """Hand over a job. Jobs are carried out in the order they were sent."""

    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job, begun or not; unknown and ended ones are ignored.

        `pause`: its end says that it is to go on later.
        """

    def put_next(self, job: str) -> None:
        """Carry out a job that has not begun before the others that have not."""

    def events(self, timeout: float) -> tuple[Event, ...]:
        """Return what the engine has said since the last call; wait up to `timeout` seconds."""

    def close(self) -> None:
        """End the engine and free what it holds; open jobs end as interrupted. May be repeated."""
