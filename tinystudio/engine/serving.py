"""Serves jobs that come over a pipe: one thread listens, the main one works."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from pydantic import ValidationError

from tinystudio.core.errors import UserError
from tinystudio.engine.engine import Engine
from tinystudio.engine.idling import AFTER_S, BETWEEN_S
from tinystudio.engine.messages import MESSAGE, CancelIt, CloseDown, PutInOrder, RunIt
from tinystudio.engine.process import OUT_OF_MEMORY, end_children
from tinystudio.engine.waiting import Waiting, patience_s
from tinystudio.engine.watchdog import watch_memory
from tinystudio.jobs.events import EVENT, Cancelled, EngineReady, Event, Started, now
from tinystudio.jobs.job import Job, PreviewJob

_LOG = logging.getLogger(__name__)


def serve(pipe: Connection, artifacts: Path) -> None:
    """Carry out jobs until told to end. When the other side is gone, the process ends at once."""
    desk = _Desk(pipe)
    threading.Thread(target=desk.listen, name="listener", daemon=True).start()
    desk.say(_ready())
    watch_memory(lambda: _end_now(OUT_OF_MEMORY))
    engine = Engine(artifacts)
    while (next_one := _next(desk, engine)) is not None:
        job, is_wanted = next_one
        if is_wanted:
            desk.work(engine, job)
        else:
            desk.say(Started(job=job.id, what=job, at=now()))
            desk.say(Cancelled(job=job.id, at=now()))


def _next(desk: _Desk, engine: Engine) -> tuple[Job, bool] | None:
    """Wait for the next job; do what is worth doing meanwhile."""
    patience = AFTER_S
    while engine.idle.is_pending and desk.waiting.is_empty_for(patience):
        engine.idle.step()
        patience = BETWEEN_S
    return desk.waiting.next()


def _ready() -> EngineReady:
    """Load what jobs will need, so that the first one does not pay for it."""
    import onnxruntime  # noqa: F401 - loaded here for later

    from tinystudio.measure.cpu import cpu_name, instruction_sets
    from tinystudio.techniques import techniques

    techniques()
    return EngineReady(pid=os.getpid(), cpu=cpu_name(), instruction_sets=tuple(instruction_sets()))


class _Desk:
    """What the two threads share: the waiting jobs, and the one being worked on."""

    def __init__(self, pipe: Connection) -> None:
        self.waiting = Waiting()
        self._pipe = pipe
        self._speaking = threading.Lock()
        self._changing = threading.Lock()
        self._job: Job | None = None
        self._stop = threading.Event()
        self._began = 0.0
        self._usual_s: float | None = None
        self._cancelled: set[str] = set()  # heard between leaving the line and being begun

    def say(self, event: Event) -> None:
        """Send an event; the process ends where nobody is left to hear it."""
        with self._speaking:
            try:
                self._pipe.send_bytes(EVENT.dump_json(event))
            except OSError:
                _end_now()

    def work(self, engine: Engine, job: Job) -> None:
        """Carry out one job; `listen` may stop it meanwhile."""
        with self._changing:
            self._job, self._stop, self._began = job, threading.Event(), time.monotonic()
            if job.id in self._cancelled or self.waiting.is_closed:
                self._stop.set()
        engine.run(job, self.say, self._stop)
        with self._changing:
            took = time.monotonic() - self._began
            if isinstance(job, PreviewJob) and not self._stop.is_set():
                self._usual_s = took
            self._job = None

    def listen(self) -> None:
        """Take messages until told to end; runs in a thread of its own."""
        parent = parent_process()
        alive: Sequence[object] = () if parent is None else (parent.sentinel,)
        while True:
            try:
                if self._pipe not in wait([self._pipe, *alive]):  # type: ignore[list-item] # a sentinel is an int
                    _end_now()
                message = MESSAGE.validate_json(self._pipe.recv_bytes())
            except (EOFError, OSError):
                _end_now()
            except (ValidationError, UserError):
                # A runner of another version. Deaf to it, this process is of no use.
                _LOG.exception("a message was not understood")
                _end_now()
            match message:
                case RunIt():
                    self._take(message.job)
                case CancelIt():
                    self._cancel(message.job)
                case PutInOrder():
                    self.waiting.put_in_order(message.jobs)
                case CloseDown():
                    self._close()
                    return

    def _take(self, job: Job) -> None:
        self.waiting.add(job)
        with self._changing:
            running = self._job
            stop, patience = self._stop, patience_s(time.monotonic() - self._began, self._usual_s)
        if not (isinstance(job, PreviewJob) and isinstance(running, PreviewJob)):
            return
        if patience == 0:
            stop.set()
        else:
            timer = threading.Timer(patience, stop.set)  # each job has a stop of its own
            timer.daemon = True
            timer.start()

    def _cancel(self, job: str) -> None:
        with self._changing:
            if self._job is not None and self._job.id == job:
                self._stop.set()
            elif not self.waiting.drop(job):
                self._cancelled.add(job)

    def _close(self) -> None:
        self.waiting.close()
        with self._changing:
            self._stop.set()


def _end_now(code: int = 0) -> None:
    # No exception would do: the working thread may be deep inside a library.
    end_children()
    os._exit(code)
