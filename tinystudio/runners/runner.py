"""What every home of an engine promises to those who drive it."""

from __future__ import annotations

from collections.abc import Sequence
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
        """Hand over a job. Jobs are carried out in the order they were sent, or are put in."""

    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job, begun or not; unknown and ended ones are ignored.

        `pause`: its end says that it is to go on later.
        """

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Begin these jobs in this order, as far as they have not begun; unknown ones are ignored.

        Every other job keeps its place.
        """

    def events(self, timeout: float) -> tuple[Event, ...]:
        """Return what the engine has said since the last call; wait up to `timeout` seconds."""

    def close(self) -> None:
        """End the engine and free what it holds; may be repeated.

        What it worked on ends as interrupted, what had not begun as paused, in its order.
        """
