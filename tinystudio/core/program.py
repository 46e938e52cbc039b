"""How this program is started again, in a process of its own."""

from __future__ import annotations

import sys


def program() -> list[str]:
    """Return the words that start this program; a bundled one is its own executable."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "tinystudio"]
