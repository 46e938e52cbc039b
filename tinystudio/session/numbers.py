"""Numbers that a user writes into goals and ranges."""

from __future__ import annotations

import math


def finite(text: str) -> float:
    """Read a number one can reach; raises ValueError with a sentence for the user."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a number.") from None
    if not math.isfinite(number):
        raise ValueError(f"{text.strip()!r} is not a number one can reach.")
    return number
