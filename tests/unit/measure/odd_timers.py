"""Timers that misbehave; they run in a process of their own."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from multiprocessing.connection import Connection

import numpy as np

from tinystudio.measure.stopwatch import Circumstances, array_bytes

CALM = Circumstances(
    busy=False,
    slept=False,
    load=0.0,
    on_battery=None,
    plugged_or_unplugged=False,
    lowered_priority=False,
    counts_switches=True,
)


def dying(connection: Connection) -> None:
    """Die of the order."""
    connection.recv_bytes()
    os._exit(7)


def dying_halfway(connection: Connection) -> None:
    """Die in the middle of the answer."""
    connection.recv_bytes()
    connection.send_bytes(json.dumps(asdict(CALM) | {"arrays": 2}).encode())
    os._exit(8)


def deaf(connection: Connection) -> None:
    """Never answer, and never notice that nobody waits any more."""
    time.sleep(600)


def sleepy(connection: Connection) -> None:
    """Answer that the machine slept in the middle."""
    connection.recv_bytes()
    slept = asdict(CALM) | {"slept": True, "arrays": 2}
    connection.send_bytes(json.dumps(slept).encode())
    connection.send_bytes(array_bytes(np.zeros((0, 4))))
    connection.send_bytes(array_bytes(np.zeros(0)))
