"""Keeps None, True, False and NotImplemented alive under Python 3.11.

PySide6 6.12.0 is built against headers for Python 3.12 and later, where these four are immortal
and returned without being counted. Under 3.11 every Qt method that returns one of them takes a
reference it was never given: after about 5,000 signals the interpreter ends with "none_dealloc:
deallocating None". References to spare make them what 3.12 makes them.
"""

from __future__ import annotations

import ctypes
import sys

SPARE = 1 << 40  # at a million calls a second they last two weeks


def make_immortal() -> None:
    """Give the four references to spare, where this Python counts them."""
    if sys.implementation.name != "cpython" or sys.version_info >= (3, 12):
        return
    for singleton in (None, True, False, NotImplemented):
        if sys.getrefcount(singleton) < SPARE:
            # The count comes first, save in debug builds, which put two links before it.
            place = id(singleton) + (16 if hasattr(sys, "gettotalrefcount") else 0)
            ctypes.c_ssize_t.from_address(place).value += SPARE
