"""How much memory a network needs at most for one call: counted by onnxruntime, or estimated."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tinystudio.core.data import Array
from tinystudio.core.measurement import Status
from tinystudio.graph.liveness import peak_activation_bytes
from tinystudio.graph.network import Network
from tinystudio.measure.running import FIRST_CALL_S, open_session, run

_PEAK = "mem_in_use_peak"


def measured_or_estimated(
    data: bytes, network: Network | None, fed: dict[str, Array]
) -> tuple[int | None, Status]:
    """Return the peak of one run on `fed` as onnxruntime counted it, or as the graph tells it.

    The graph (`network`, where `data` has one) tells what activations are alive at once, without
    what the layers need to work: such a figure is an estimate. Raises `UserError` where the
    network cannot be run.
    """
    counted = peak_memory(data, fed)
    if counted is not None:
        return counted, "measured"
    told = peak_activation_bytes(network) if network is not None else None
    return told, "unavailable" if told is None else "estimated"


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
            run(session, None, fed, FIRST_CALL_S)
        finally:
            written = Path(session.end_profiling())  # else it would be written after the folder
        events = json.loads(written.read_text(encoding="utf-8"))
    return highest_peak(events)


def highest_peak(events: Iterable[dict[str, Any]]) -> int | None:
    """Return the largest peak that a profile's nodes tell; they tell it as text."""
    peaks = [int(event["args"][_PEAK]) for event in events if _PEAK in event.get("args", {})]
    return max(peaks, default=None)
