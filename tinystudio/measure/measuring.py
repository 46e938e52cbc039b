"""Measures one file: accuracy, size, memory, latency, energy, and the verdict with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import onnx

from tinystudio.core.data import Array, Samples
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.graph.ort_format import is_ort
from tinystudio.measure.arithmetic import int8_share, moved_bytes
from tinystudio.measure.conditions import conditions_of
from tinystudio.measure.energy import estimate_energy, rapl_energy
from tinystudio.measure.feeding import made_up_words, one_call
from tinystudio.measure.latency import Timing, time_network
from tinystudio.measure.memory import measured_or_estimated
from tinystudio.measure.one_clock import on_clock
from tinystudio.measure.repeating import describe, is_repeated, settle
from tinystudio.measure.running import open_session
from tinystudio.measure.scoring import describe_metric, score_file
from tinystudio.measure.sizes import download_bytes, nonzero_parameters
from tinystudio.measure.timer_process import TimingFailed
from tinystudio.measure.verdict import explain, facts_of, judge
from tinystudio.metrics import find_metric

# Shares of the progress bar: scoring, then size and memory, then timing, then timing again.
SCORED, WEIGHED, TIMED = 0.4, 0.6, 0.75


@dataclass(frozen=True)
class Baseline:
    """The original, as variants are compared with it: its bytes, what each sample adds (n,).

    `latency_ms` is the time it was found to take once. A variant's time is this times the ratio,
    so that all points of a plot stand on one time of the original, however busy the machine was
    while each of them was timed.
    """

    data: bytes
    per_sample: Array | None
    latency_ms: float | None = None


def baseline_of(
    data: bytes,
    samples: Samples | None,
    metric: str,
    reporter: Reporter,
    latency_ms: float | None = None,
) -> Baseline:
    """Run the original once, for any number of variants to be compared with."""
    if samples is None:
        return Baseline(data, None, latency_ms)
    score = score_file(data, samples, metric, (), reporter, None)
    return Baseline(data, None if score is None else score.per_sample, latency_ms)


def measure_file(
    data: bytes,
    samples: Samples | None,
    metric: str,
    classes: tuple[str, ...],
    split: str,
    reporter: Reporter,
    *,
    original: Baseline | None = None,
    time: bool = True,
    threads: int = 1,
    seed: int = 0,
) -> Measurement:
    """Return the figures of the exact bytes `data`.

    Without samples there is no score; with `time` off, no latency and no verdict. What cannot be
    had is "unavailable", with a warning that says why; only data that does not fit raises
    `UserError`.
    """
    figures: dict[str, Any] = describe_metric(find_metric(metric))
    warnings: list[str] = []
    if samples is not None:
        figures |= _scored(data, samples, metric, classes, split, reporter, original, warnings)
    reporter.progress(SCORED, 1, "Weighing the file")
    network = _network_of(data)
    fed = one_call(data, samples, seed)
    figures |= _weighed(data, network, fed)
    made_up = made_up_words(data, fed) if samples is None else None
    warnings += [made_up] if made_up is not None else []
    reporter.progress(WEIGHED, 1, "Timing" if time else "Weighing the file")
    timing = None
    if time:
        timing = _timed(data, original, samples, threads, seed, reporter, warnings)
        figures |= _latency(timing, data, original) if timing is not None else {}
    figures |= _energy(data, network, fed, timing)
    reporter.progress(1, 1, "Measured")
    conditions = conditions_of(threads, timing)
    measured = Measurement(**figures, conditions=conditions, warnings=tuple(warnings))
    if original is None or original.latency_ms is None:
        return measured
    return on_clock(measured, original.latency_ms)


def _scored(
    data: bytes,
    samples: Samples,
    metric: str,
    classes: tuple[str, ...],
    split: str,
    reporter: Reporter,
    original: Baseline | None,
    warnings: list[str],
) -> dict[str, Any]:
    reporter.progress(0, 1, "Evaluating")
    before = original.per_sample if original is not None else None
    part = Part(reporter, 0, SCORED)
    score = score_file(data, samples, metric, classes, part, before)
    if score is None:
        warnings.append("The data has no labels, so there is no score.")
        return {"split": split, "samples": len(samples)}
    if "score" not in score.figures:
        warnings.append(score.missing)
    return {"split": split, **score.figures}


def _network_of(data: bytes) -> Network | None:
    """Return the graph in `data`; None for onnxruntime's own format, which can only be run."""
    if is_ort(data):
        return None
    return Network.of(onnx.load_model_from_string(data))


def _weighed(data: bytes, network: Network | None, fed: dict[str, Array]) -> dict[str, Any]:
    figures: dict[str, Any] = {"size_bytes": len(data), "download_bytes": download_bytes(data)}
    if network is not None:
        found = facts(network)
        figures |= {
            "parameters": found.parameters,
            "nonzero_parameters": nonzero_parameters(network),
            "macs": found.macs,
        }
    states = {
        f"{name}_status": "unavailable" if value is None else "measured"
        for name, value in figures.items()
    }
    peak, status = measured_or_estimated(data, network, fed)
    memory = {"peak_memory_bytes": peak, "peak_memory_bytes_status": status}
    return figures | states | memory


def _timed(
    data: bytes,
    original: Baseline | None,
    samples: Samples | None,
    threads: int,
    seed: int,
    reporter: Reporter,
    warnings: list[str],
) -> Timing | None:
    before = original.data if original is not None else None

    def time_once(number: int) -> Timing:
        return time_network(data, before, samples, threads, seed + number, reporter)

    try:
        first = time_once(0)
    except TimingFailed as error:
        warnings.append(f"The latency was not measured: {error}.")
        return None
    try:
        return settle(first, time_once, Part(reporter, TIMED, 1))
    except TimingFailed as error:
        warnings.append(f"A small difference in latency was not timed again: {error}.")
        return first


def _latency(timing: Timing, data: bytes, original: Baseline | None) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "latency_ms": timing.latency_ms,
        "latency_interval_ms": timing.interval_ms,
        "latency_ms_status": "measured",
        "latency_p95_ms": timing.p95_ms,
        "latency_p99_ms": timing.p99_ms,
        "latency_p999_ms": timing.p999_ms,
    }
    ratio, interval, before = timing.ratio, timing.ratio_interval, timing.original_ms
    if original is None or ratio is None or interval is None or before is None:
        return figures
    verdict = judge(ratio, interval, before, is_repeated(timing))
    reason = explain(verdict, ratio, facts_of(original.data, data, before), describe(timing))
    return figures | {
        "latency_interval_ms": tuple(timing.latency_ms * bound / ratio for bound in interval),
        "latency_ratio": ratio,
        "latency_ratio_interval": interval,
        "latency_ratio_status": "measured",
        "verdict": verdict,
        "verdict_reason": reason,
        "verdict_status": "measured",
    }


def _energy(
    data: bytes,
    network: Network | None,
    fed: dict[str, Array],
    timing: Timing | None,
) -> dict[str, Any]:
    """Read the processor's counter where that may be read and time is taken; else estimate."""
    found = None
    if timing is not None:
        session = open_session(data)
        found = rapl_energy(lambda: session.run(None, fed))
    if (found is None or found.mj is None) and network is not None:
        latency_ms = timing.latency_ms if timing is not None else None
        share, moved = int8_share(network), moved_bytes(network)
        found = estimate_energy(facts(network).macs, share, moved, latency_ms)
    if found is None:
        return {}
    return {
        "energy_mj": found.mj,
        "energy_interval_mj": found.interval_mj,
        "energy_mj_status": found.status,
        "energy_method": found.method,
    }
