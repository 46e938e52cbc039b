"""What a hostile file may do to the process that opens it; each runs in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import time
from multiprocessing.connection import Connection

from tinystudio.cli.main import run
from tinystudio.core.watched_process import settle
from tinystudio.engine import process as engine_process
from tinystudio.graph import opening_process
from tinystudio.graph.opening_process import OpenIt

_engine = engine_process.main


def hang(_pipe: Connection, _request: OpenIt) -> None:
    """Never end, in a library that lets nothing else of Python run."""
    settle("opening.log")
    re.match("(a+)+$", "a" * 60 + "b")


def eat(_pipe: Connection, _request: OpenIt) -> None:
    """Take more and more memory, on a system that caps nothing."""
    settle("opening.log")
    held = []
    while True:
        held.append(bytearray(b"x") * 20_000_000)
        time.sleep(0.01)


def crash(_pipe: Connection, _request: OpenIt) -> None:
    """Fall over a fault in a library."""
    settle("opening.log")
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)


def be_killed(_pipe: Connection, _request: OpenIt) -> None:
    """Be ended as the system does where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def talk_nonsense(pipe: Connection, _request: OpenIt) -> None:
    """Say what nobody asked for."""
    pipe.send_bytes(b'{"kind":"opened","beside":[["/dev/zero"]]}')


def name_what_is_not_its_own(pipe: Connection, _request: OpenIt) -> None:
    """Have the parent read a file without an end."""
    pipe.send_bytes(b'{"kind":"opened","beside":["/dev/zero"]}')


def engine_whose_openings_hang(pipe: Connection, artifacts: str) -> None:
    """Serve jobs as ever; only that no file can be opened."""
    opening_process.main = hang
    _engine(pipe, artifacts)


def command(words: list[str]) -> int:
    """Carry out a command; only that no file can be opened."""
    opening_process.main = hang
    return run(words)
