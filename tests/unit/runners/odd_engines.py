"""Engines that misbehave; they run in a process of their own."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection

from tinystudio.engine.messages import MESSAGE, CloseDown, RunIt
from tinystudio.jobs.events import EVENT, EngineReady, Started, now


def deaf(pipe: Connection, artifacts: str) -> None:
    """Begin the first job and then hear nothing any more."""
    _ready(pipe)
    message = MESSAGE.validate_json(pipe.recv_bytes())
    assert isinstance(message, RunIt)
    pipe.send_bytes(EVENT.dump_json(Started(job=message.job.id, what=message.job, at=now())))
    time.sleep(600)


def hung_up(pipe: Connection, artifacts: str) -> None:
    """Begin the first job, fall silent for good, and take long to die."""
    _ready(pipe)
    message = MESSAGE.validate_json(pipe.recv_bytes())
    if isinstance(message, RunIt):
        pipe.send_bytes(EVENT.dump_json(Started(job=message.job.id, what=message.job, at=now())))
    pipe.close()
    time.sleep(600)


def poisoned(pipe: Connection, artifacts: str) -> None:
    """Die of the first job before it has begun."""
    _ready(pipe)
    if not isinstance(MESSAGE.validate_json(pipe.recv_bytes()), CloseDown):
        os._exit(3)


def stillborn(pipe: Connection, artifacts: str) -> None:
    """Die before saying a word."""
    os._exit(4)


def _ready(pipe: Connection) -> None:
    pipe.send_bytes(EVENT.dump_json(EngineReady(pid=os.getpid(), cpu="", instruction_sets=())))
