"""Lets the window work between two pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

SETTLED_S = 0.4  # the plots' own timers have run by then
LONGEST_S = 120.0  # two engines start, and measure what was asked for


def settle(application: QApplication, seconds: float = SETTLED_S) -> None:
    """Let layouts and the plots' own timers do what is due."""
    turn(application, lambda: False, seconds)


def turn(
    application: QApplication, is_done: Callable[[], bool], seconds: float = LONGEST_S
) -> None:
    """Let the window work until it is done, or the time is over."""
    end = time.monotonic() + seconds
    while not is_done() and time.monotonic() < end:
        application.processEvents()
        time.sleep(0.01)
