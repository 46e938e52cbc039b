"""Under which conditions figures were taken."""

from __future__ import annotations

import platform
from datetime import UTC, datetime

import tinystudio
from tinystudio.core.measurement import Conditions
from tinystudio.measure.cpu import cpu_name, instruction_sets
from tinystudio.measure.latency import METHOD, Timing
from tinystudio.measure.repeating import REPEATED_METHOD


def conditions_of(threads: int, timing: Timing | None) -> Conditions:
    """Return this machine's conditions, with what the timer saw where something was timed."""
    import onnxruntime

    seen = timing.circumstances if timing is not None else None
    return Conditions(
        cpu=cpu_name(),
        instruction_sets=instruction_sets(),
        threads=threads,
        onnxruntime=onnxruntime.__version__,
        tinystudio=tinystudio.__version__,
        system=f"{platform.system()} {platform.machine()}",
        load=None if seen is None else round(seen.load, 3),
        busy=bool(seen and seen.busy),
        on_battery=seen.on_battery if seen is not None else None,
        timing_method=_method(timing),
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _method(timing: Timing | None) -> str:
    if timing is None:
        return ""
    return METHOD if timing.repeated_from is None else f"{METHOD}; {REPEATED_METHOD}"
