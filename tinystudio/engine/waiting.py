"""Which job is next: in order, but of live previews only the newest."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from tinystudio.jobs.job import Job, PreviewJob
from tinystudio.jobs.turns import in_order

PATIENCE_S = 0.3  # a preview that ends sooner is let finish, or a drag would show nothing


class Waiting:
    """The jobs that have not begun. Filled by one thread, emptied by another."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._dropped: deque[Job] = deque()
        self._changed = threading.Condition()
        self._is_closed = False

    def add(self, job: Job) -> None:
        """Put a job at the end; a preview pushes out the previews that wait."""
        with self._changed:
            if isinstance(job, PreviewJob):
                self._drop([item for item in self._jobs if isinstance(item, PreviewJob)])
            self._jobs.append(job)
            self._changed.notify()

    def drop(self, job: str) -> bool:
        """Take a job out; False where it is not waiting."""
        with self._changed:
            found = [item for item in self._jobs if item.id == job]
            self._drop(found)
            self._changed.notify()
            return bool(found)

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Let these jobs, as far as they wait, begin in this order; others keep their places."""
        with self._changed:
            waiting = {item.id: item for item in self._jobs}
            self._jobs = deque(waiting[id] for id in in_order(tuple(waiting), jobs))

    def close(self) -> None:
        """Let `next` return None from now on."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Say whether no job is to begin any more."""
        return self._is_closed

    def is_empty_for(self, seconds: float) -> bool:
        """Wait so long for a job or the end; say whether neither has come."""
        with self._changed:
            return not self._changed.wait_for(
                lambda: bool(self._jobs or self._dropped or self._is_closed), seconds
            )

    def next(self) -> tuple[Job, bool] | None:
        """Wait for a job; return it and whether it is to be carried out (else: was dropped)."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._dropped or self._is_closed)
            if self._is_closed:
                return None
            if self._dropped:
                return self._dropped.popleft(), False
            return self._jobs.popleft(), True

    def _drop(self, jobs: list[Job]) -> None:
        for job in jobs:
            self._jobs.remove(job)
            self._dropped.append(job)


def patience_s(elapsed_s: float, usual_s: float | None) -> float:
    """Return how long a running preview may still take once a newer one waits.

    One that is expected to end within `PATIENCE_S` gets that long; one that is not gets nothing.
    """
    if usual_s is not None and usual_s - elapsed_s > PATIENCE_S:
        return 0.0
    return PATIENCE_S
