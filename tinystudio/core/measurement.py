"""The figures of one file: what was measured, how surely, and under which conditions."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["measured", "predicted", "estimated", "stale", "unavailable"]
Verdict = Literal["faster", "same", "slower", "unknown"]
Interval = tuple[float, float]

CONFIDENCE = 0.90  # every interval TinyStudio shows


class Conditions(BaseModel):
    """Where and how the figures were taken; figures from other conditions are stale."""

    model_config = ConfigDict(frozen=True)

    cpu: str = ""
    instruction_sets: tuple[str, ...] = ()
    threads: int = 1
    onnxruntime: str = ""
    tinystudio: str = ""
    system: str = ""
    load: float | None = None  # CPU share in use by others while timing, 0..1
    busy: bool = False  # the quiet lock was not granted, intervals are widened
    on_battery: bool | None = None
    timing_method: str = ""
    taken_at: str = ""  # ISO 8601, UTC


class ClassScore(BaseModel):
    """How one class fares."""

    model_config = ConfigDict(frozen=True)

    name: str
    accuracy: float
    interval: Interval
    samples: int


class Throughput(BaseModel):
    """How many samples a second when `batch` of them go in at once."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    batch: int
    call_ms: float  # of one call with all of them
    samples_per_s: float
    interval_per_s: Interval
    busy: bool = False  # the quiet lock was not granted


class Measurement(BaseModel):
    """Accuracy, size, latency, memory, energy of one file. The keys are a contract.

    Units are in the names. A figure whose status is "unavailable" is None. `score` is in the
    metric's own unit (accuracy: 0..1). Intervals are 90 %.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    metric: str = "accuracy"
    score: float | None = None
    score_interval: Interval | None = None
    score_status: Status = "unavailable"
    higher_is_better: bool = True
    split: str = ""
    samples: int = 0
    accuracy: float | None = None
    accuracy_interval: Interval | None = None
    accuracy_status: Status = "unavailable"
    per_class: tuple[ClassScore, ...] = ()

    # Against the original on the very same samples (paired); None where there is no original.
    score_change: float | None = None
    score_change_interval: Interval | None = None
    score_tied: bool | None = None
    compared_with: str = ""  # title of the variant that changes are against; empty: the original

    size_bytes: int | None = None
    size_bytes_status: Status = "unavailable"
    download_bytes: int | None = None
    download_bytes_status: Status = "unavailable"
    parameters: int | None = None
    parameters_status: Status = "unavailable"
    nonzero_parameters: int | None = None
    nonzero_parameters_status: Status = "unavailable"
    macs: int | None = None
    macs_status: Status = "unavailable"

    latency_ms: float | None = None
    latency_interval_ms: Interval | None = None
    latency_ms_status: Status = "unavailable"
    latency_p95_ms: float | None = None
    latency_p99_ms: float | None = None
    latency_p999_ms: float | None = None
    latency_ratio: float | None = None  # variant / original, from the same timing run
    latency_ratio_interval: Interval | None = None
    latency_ratio_status: Status = "unavailable"
    throughput: tuple[Throughput, ...] = ()  # where it was asked for
    throughput_status: Status = "unavailable"
    preparing_ms: float | None = None  # from raw numbers to the input, files already read
    preparing_ms_status: Status = "unavailable"
    verdict: Verdict = "unknown"
    verdict_reason: str = ""
    verdict_status: Status = "unavailable"

    peak_memory_bytes: int | None = None
    peak_memory_bytes_status: Status = "unavailable"
    energy_mj: float | None = None
    energy_interval_mj: Interval | None = None
    energy_mj_status: Status = "unavailable"
    energy_method: str = ""

    conditions: Conditions = Conditions()
    warnings: tuple[str, ...] = ()
