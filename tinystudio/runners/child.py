"""An engine in a process of its own, replaced when it dies."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil

from tinystudio.engine import process as engine_process
from tinystudio.engine.messages import MESSAGE, CancelIt, CloseDown, Message, PutInOrder, RunIt
from tinystudio.jobs.events import (
    ENDINGS,
    EVENT,
    Cancelled,
    EngineReady,
    Event,
    Interrupted,
    Started,
    now,
)
from tinystudio.jobs.job import Job
from tinystudio.jobs.turns import in_order

CANCEL_PATIENCE_S = 3.0  # longer than any batch; an engine that does not hear by then is ended
CLOSE_PATIENCE_S = 2.0
MOST_FAILED_STARTS = 3
MOST_EVENTS = 500  # at once, so that a flood cannot keep the reader from its other duties

# macOS kills a child that forks after Qt has started, hence spawn.
_SPAWN = multiprocessing.get_context("spawn")
_LOG = logging.getLogger(__name__)


@dataclass
class _Sent:
    """A job on its way: how often it was sent, whether it began, when its end was asked for."""

    job: Job
    tries: int = 0
    has_begun: bool = False
    cancelled_at: float | None = None
    is_paused: bool = False


class ChildEngine:
    """Promises of `Runner`, kept even when the engine is killed.

    `send` and `cancel` may be called from any thread and return at once; `events` and `close`
    belong to one thread, which starts the process with its first call of `events`.

    When the engine dies, the job it was working on ends as interrupted (cancelled, where that had
    been asked for), and jobs that had not begun go to its replacement, unless two engines have
    died of them.
    """

    def __init__(self, artifacts: Path, cancel_patience_s: float = CANCEL_PATIENCE_S) -> None:
        self._artifacts = artifacts
        self._cancel_patience_s = cancel_patience_s
        self._lock = threading.Lock()
        self._open: dict[str, _Sent] = {}
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._failed_starts = 0
        self._ready_at: float | None = None
        self._left: list[Event] = []
        self._is_closed = False
        # multiprocessing waits at exit for processes that are not daemons; ours would wait for us.
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """Return the engine's process id, or None while there is none."""
        return self._process.pid if self._process is not None else None

    def send(self, job: Job) -> None:
        """Hand over a job."""
        with self._lock:
            sent = self._open[job.id] = _Sent(job)
            self._transmit(sent)

    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job; `pause`: its end says that it is to go on later."""
        with self._lock:
            sent = self._open.get(job)
            if sent is None or sent.cancelled_at is not None:
                return
            sent.cancelled_at, sent.is_paused = time.monotonic(), pause
            self._tell(CancelIt(job=job))

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Begin these jobs in this order, as far as they have not begun."""
        with self._lock:
            wanted = tuple(job for job in jobs if job in self._open)
            waiting = [id for id, sent in self._open.items() if not sent.has_begun]
            # The order in which a replacement would get them, and in which they end when closed.
            for id in in_order(waiting, wanted):
                self._open[id] = self._open.pop(id)
            if wanted:
                self._tell(PutInOrder(jobs=wanted))

    def events(self, timeout: float) -> tuple[Event, ...]:
        """Return what there is, after at most `timeout` seconds; starts and replaces the engine."""
        if self._is_closed:
            left, self._left = self._left, []
            return tuple(left)
        if self._process is None and not self._may_start():
            time.sleep(timeout)
            return ()
        if self._process is None:
            try:
                self._start()
            except OSError as error:
                with self._lock:
                    return self._bury(f"The engine could not be started: {error.strerror}.")
        said, is_alive = self._listen(timeout)
        # Waited for outside the lock: nobody who sends a job may have to wait along.
        reason = "" if is_alive else self._why_it_died()
        with self._lock:
            heard = [noted for event in said if (noted := self._noted(event)) is not None]
            if is_alive:
                self._end_when_deaf()
                return tuple(heard)
            return (*heard, *self._bury(reason))

    def close(self) -> None:
        """End the engine; a last call of `events` says so of open jobs.

        What was worked on ends as interrupted, and what waited as paused: the queue is there again
        in its order when the project is opened next.
        """
        if self._is_closed:
            return
        self._is_closed = True
        atexit.unregister(self.close)
        with self._lock:
            self._tell(CloseDown())
        self._stop_process(CLOSE_PATIENCE_S)
        with self._lock:
            self._left = [event for sent in self._open.values() for event in _put_off(sent)]
            self._open.clear()

    def _may_start(self) -> bool:
        # An engine that never comes up is tried again only when there is something to do.
        return self._failed_starts < MOST_FAILED_STARTS or bool(self._open)

    def _start(self) -> None:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=engine_process.main,
            args=(theirs, str(self._artifacts)),
            name="tinystudio-engine",
            daemon=False,  # the engine starts a timer, which a daemon may not
        )
        process.start()
        theirs.close()
        with self._lock:
            self._process, self._pipe, self._ready_at = process, ours, None
            for sent in self._open.values():
                self._transmit(sent)

    def _transmit(self, sent: _Sent) -> None:
        if self._pipe is not None:
            sent.tries += 1
            self._tell(RunIt(job=sent.job))
            if sent.cancelled_at is not None:  # asked for while there was no engine to tell
                self._tell(CancelIt(job=sent.job.id))

    def _tell(self, message: Message) -> None:
        if self._pipe is None:
            return
        try:
            self._pipe.send_bytes(MESSAGE.dump_json(message))
        except OSError:
            _LOG.info("the engine is gone; its replacement will be told")

    def _listen(self, timeout: float) -> tuple[list[Event], bool]:
        """Return what the engine said, and whether it is alive."""
        said: list[Event] = []
        pipe = self._pipe
        if pipe is None:
            return said, False
        try:
            if pipe.poll(timeout):
                said.append(EVENT.validate_json(pipe.recv_bytes()))
            while len(said) < MOST_EVENTS and pipe.poll(0):
                said.append(EVENT.validate_json(pipe.recv_bytes()))
        except (EOFError, OSError):
            return said, False
        return said, True

    def _noted(self, event: Event) -> Event | None:
        """Keep the books; return the event as it is to be told, None where nobody is to see it."""
        if isinstance(event, EngineReady):
            self._failed_starts = 0
            self._ready_at = time.monotonic()
            return event
        sent = self._open.get(event.job)
        if sent is None:
            return None
        sent.has_begun = True
        if isinstance(event, ENDINGS):
            del self._open[event.job]
        if isinstance(event, Cancelled) and sent.is_paused:
            return event.model_copy(update={"paused": True})
        return event

    def _end_when_deaf(self) -> None:
        asked = [sent.cancelled_at for sent in self._open.values() if sent.cancelled_at is not None]
        if self._ready_at is None or not asked:
            return  # an engine that is still loading hears nothing yet, and need not
        if time.monotonic() - max(self._ready_at, min(asked)) > self._cancel_patience_s:
            _LOG.warning("the engine did not hear that a job is cancelled; it is ended")
            if self._process is not None:
                _kill(self._process)

    def _bury(self, reason: str) -> tuple[Event, ...]:
        """End the dead engine's jobs, and let the next call start another."""
        self._failed_starts += 1
        gives_up = self._failed_starts >= MOST_FAILED_STARTS
        said: list[Event] = []
        for sent in tuple(self._open.values()):
            is_over = sent.has_begun or sent.cancelled_at is not None or sent.tries >= 2
            if is_over or gives_up:
                said.extend(_ending(sent, reason))
                del self._open[sent.job.id]
        return tuple(said)

    def _why_it_died(self) -> str:
        code = self._stop_process(CLOSE_PATIENCE_S)
        if code == engine_process.OUT_OF_MEMORY:
            return "The engine needed more memory than there is, and ended itself."
        if code == -9:  # SIGKILL, by its number since Windows has no name for it
            return "The engine was ended from outside, perhaps because memory ran out."
        return f"The engine stopped unexpectedly (code {code})."

    def _stop_process(self, patience_s: float) -> int | None:
        """Wait for the process, kill it where it does not end, and return its exit code."""
        with self._lock:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
        if process is None:
            return None
        process.join(patience_s)
        if process.is_alive():
            _kill(process)
            process.join()
        if pipe is not None:
            pipe.close()
        code = process.exitcode
        process.close()
        return code


def _ending(sent: _Sent, reason: str) -> tuple[Event, ...]:
    """Return the end of a job whose engine can say nothing more."""
    job = sent.job
    begin = () if sent.has_begun else (Started(job=job.id, what=job, at=now()),)
    if sent.cancelled_at is not None:
        return (*begin, Cancelled(job=job.id, at=now(), paused=sent.is_paused))
    return (*begin, Interrupted(job=job.id, reason=reason, at=now()))


def _put_off(sent: _Sent) -> tuple[Event, ...]:
    """Return the end of a job that was closed over: what had not begun is to go on later."""
    if not sent.has_begun and sent.cancelled_at is None:
        sent.cancelled_at, sent.is_paused = time.monotonic(), True
    return _ending(sent, "It was closed.")


def _kill(process: SpawnProcess) -> None:
    """Kill an engine and what it has started."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        family = []
    process.kill()
    for child in family:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
