"""Which figures are stale: those of another CPU, or of another file than is there now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tinystudio.core.measurement import Measurement, Status
from tinystudio.jobs.events import EngineReady
from tinystudio.session.runs import Run

OF_ANOTHER_FILE = (
    "The model's file, or its teacher's, has changed since this was measured. Measure again."
)
_TIMED = ("latency_ms_status", "latency_ratio_status", "verdict_status",
          "peak_memory_bytes_status", "throughput_status",
          "preparing_ms_status", "energy_mj_status")  # fmt: skip


def sources(runs: Iterable[Run]) -> dict[str, str]:
    """Return the fingerprint that each network had when a run last opened it, by reference.

    Networks that recipes name (a teacher) are among them.
    """
    found: dict[str, str] = {}
    for run in runs:
        for variant in run.variants:
            found |= variant.models
        seen = run.inspection.fingerprint if run.inspection is not None else ""
        seen = run.variants[-1].source if run.variants else seen
        if seen:
            found[run.job.network] = seen
    return found


def of_here(measurement: Measurement, here: EngineReady | None) -> Measurement:
    """Mark times of another CPU as stale: they must never stand beside times of this one."""
    cpu = measurement.conditions.cpu
    if here is None or not cpu or not here.cpu or cpu == here.cpu:
        return measurement
    return _stale(measurement, _TIMED, ("measured",))


def of_another_file(measurement: Measurement) -> Measurement:
    """Mark all figures as stale and say why."""
    names = [name for name in type(measurement).model_fields if name.endswith("_status")]
    aged = _stale(measurement, names, ("measured", "estimated"))
    return aged.model_copy(update={"warnings": (OF_ANOTHER_FILE, *measurement.warnings)})


def _stale(
    measurement: Measurement, names: Iterable[str], statuses: Sequence[Status]
) -> Measurement:
    """Mark the figures of these status fields as stale, where they have one of the statuses."""
    aged = {name: "stale" for name in names if getattr(measurement, name) in statuses}
    return measurement.model_copy(update=aged)
