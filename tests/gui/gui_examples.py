"""Measured variants as a project would hold them, for tests and pictures of widgets."""

from __future__ import annotations

import math
from typing import Any

from tinystudio.core.intervals import wilson
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant
from tinystudio.session.marks import Mark, ProjectVariant

SAMPLES = 649


def figures(
    accuracy: float = 0.884,
    size: int = 718_000,
    latency: float | None = 0.168,
    original: Measurement | None = None,
    **more: Any,
) -> Measurement:
    """Return a measurement of `SAMPLES` validation samples; compared where there is an original."""
    right = round(accuracy * SAMPLES)
    score = right / SAMPLES
    interval = wilson(right, SAMPLES)
    values: dict[str, Any] = {
        "metric": "accuracy", "score": score, "score_interval": interval,
        "score_status": "measured", "accuracy": score, "accuracy_interval": interval,
        "accuracy_status": "measured", "split": "validation", "samples": SAMPLES,
        "size_bytes": size, "size_bytes_status": "measured", "download_bytes": round(size * 0.9),
        "download_bytes_status": "measured",
        "peak_memory_bytes": 96_000, "peak_memory_bytes_status": "estimated",
        "energy_mj": 0.004, "energy_mj_status": "estimated",
    }  # fmt: skip
    if latency is not None:
        values |= {
            "latency_ms": latency, "latency_interval_ms": (latency * 0.98, latency * 1.03),
            "latency_ms_status": "measured",
        }  # fmt: skip
    if original is not None and original.score is not None:
        change = score - original.score
        values |= {
            "score_change": change, "score_tied": abs(change) < 0.02,
            "score_change_interval": (change - 0.015, change + 0.015),
        }  # fmt: skip
    if original is not None and latency is not None and original.latency_ms:
        ratio = latency / original.latency_ms
        verdict = "faster" if ratio < 0.97 else "slower" if ratio > 1.03 else "same"
        values |= {
            "latency_ratio": ratio, "latency_ratio_interval": (ratio * 0.98, ratio * 1.02),
            "latency_ratio_status": "measured", "verdict": verdict, "verdict_status": "measured",
            "verdict_reason": "VNNI used in 5 of 6 layers",
        }  # fmt: skip
    return Measurement(**(values | more))


ORIGINAL = figures()


def variant(
    id: str,
    title: str = "",
    series: str = "channel-pruning",
    measurement: Measurement | None = None,
    recipe: Recipe | None = None,
    **mark: Any,
) -> ProjectVariant:
    """Return a variant with a name, in a series."""
    measured = measurement or figures(0.88, 71_000, 0.041, ORIGINAL)
    steps = recipe or Recipe(steps=(Step.of("static-quantization"),))
    made = Variant(
        id=id, network="gallery:watch", data="gallery:watch", seed=0, recipe=steps,
        series=series, measurement=measured,
    )  # fmt: skip
    return ProjectVariant(made, Mark(name=title, **mark), measured)


def original() -> ProjectVariant:
    """Return the network as it came."""
    return variant("original", series="original", measurement=ORIGINAL, recipe=Recipe())


def project() -> tuple[ProjectVariant, ...]:
    """Return what a sweep of an hour leaves: a front, other techniques, a random control."""
    found = [original()]
    for step in range(1, 18):
        share = step * 0.05
        size, latency = 718_000 * (1 - share) ** 1.6 + 9_000, 0.168 * (1 - share) ** 1.3 + 0.009
        kept = 0.884 - 0.12 * share**5 - 0.004 * math.sin(step)
        chance = 0.884 - 0.5 * share**1.4
        title = f"channels −{share:.0%}"
        found.append(variant(f"p{step}", title, "channel-pruning",
                             figures(kept, round(size), latency, ORIGINAL)))  # fmt: skip
        found.append(variant(f"r{step}", f"{title}, random", "random-control",
                             figures(chance, round(size), latency, ORIGINAL)))  # fmt: skip
        if step % 3 == 0:
            small = figures(kept - 0.006, round(size / 3.6), latency * 0.55, ORIGINAL)
            found.append(variant(f"q{step}", f"{title}, INT8", "static-quantization", small))
            zeros = figures(kept - 0.02, 718_000, None, ORIGINAL)
            found.append(variant(f"w{step}", f"weights −{share:.0%}", "weight-pruning", zeros))
    return tuple(found)
