"""How much memory onnxruntime has in use at most while a network runs one sample."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tinystudio.core.data import Array
from tinystudio.measure.running import open_session, run

_PEAK = "mem_in_use_peak"


def peak_memory(data: bytes, fed: dict[str, Array]) -> int | None:
    """Return the bytes in use at the peak of one run on `fed`; None where nobody counted.

    The figure is that of onnxruntime's own allocator since the network was opened, from its
    profile: activations and what the layers need to work; not the weights, nor the process around
    it. It is the same at every repeat, which a process's resident memory is not. A profiled
    session is slow: never take a time from it. Raises `UserError` where the network cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
        session = open_session(data, profile=Path(folder) / "profile")
        try:
            run(session, None, fed)
        finally:
            written = Path(session.end_profiling())  # else it would be written after the folder
        events = json.loads(written.read_text(encoding="utf-8"))
    return highest_peak(events)


def highest_peak(events: Iterable[dict[str, Any]]) -> int | None:
    """Return the largest peak that a profile's nodes tell; they tell it as text."""
    peaks = [int(event["args"][_PEAK]) for event in events if _PEAK in event.get("args", {})]
    return max(peaks, default=None)
