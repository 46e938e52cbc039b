"""Ends an engine before it takes the machine's last memory, and the window with it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil

LOOK_EVERY_S = 0.25
LEAST_FREE_SHARE = 0.03  # of all memory; below it systems begin to stand still
GUILTY_SHARE = 0.25  # of all memory; an engine smaller than that is not the cause


def is_too_much(own_bytes: int, free_bytes: int, total_bytes: int) -> bool:
    """Say whether memory is running out and this process is why."""
    return free_bytes < LEAST_FREE_SHARE * total_bytes and own_bytes > GUILTY_SHARE * total_bytes


def watch_memory(end: Callable[[], None]) -> None:
    """Look after the memory in a thread of its own; call `end` there when it is too much."""
    me, rest = psutil.Process(), threading.Event()

    def look() -> None:
        while not rest.wait(LOOK_EVERY_S):
            memory = psutil.virtual_memory()
            if is_too_much(me.memory_info().rss, memory.available, memory.total):
                end()

    threading.Thread(target=look, name="memory", daemon=True).start()
