"""One recipe at growing numbers of calibration samples: what to measure, and what was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.sweeps import Vary

QUANTIZATION = "static-quantization"
SAMPLES = "samples"
LEAST = 8  # what the technique takes at least
MOST = 1024  # beyond, ranges have long been seen


@dataclass(frozen=True)
class CalibrationSweep:
    """`recipe` with its step `step` reading so many samples, one variant for each number."""

    recipe: Recipe
    step: int
    samples: tuple[int, ...]

    @property
    def varied(self) -> Vary:
        """Return the sweep's axis."""
        return Vary(SAMPLES, self.samples, self.step)


def calibration_sweep(recipe: Recipe, available: int) -> CalibrationSweep | None:
    """Return the sweep for a recipe, or for static quantization alone where it has none.

    None where so few calibration samples are `available` that there is nothing to compare.
    """
    counts = [LEAST * 2**power for power in range(12)]
    # Multiples of 8 alone are allowed; the last one takes all there is.
    all_there = min(available, MOST) // LEAST * LEAST
    samples = tuple(dict.fromkeys([*(n for n in counts if n < all_there), all_there]))
    if len(samples) < 2 or samples[0] < LEAST:
        return None
    steps = [at for at, step in enumerate(recipe.steps) if step.technique == QUANTIZATION]
    if not steps:
        return CalibrationSweep(Recipe(steps=(Step.of(QUANTIZATION),)), 0, samples)
    return CalibrationSweep(recipe, steps[-1], samples)


def samples_of(
    sweep: CalibrationSweep, variants: Sequence[ProjectVariant]
) -> Iterator[tuple[int, ProjectVariant]]:
    """Yield the variants that differ from the sweep's recipe in their samples alone, by number."""
    found = []
    for item in variants:
        count = _count(sweep, item.variant.recipe)
        if count is not None and not item.is_outdated and item.measurement.score is not None:
            found.append((count, item))
    yield from sorted(found, key=lambda pair: pair[0])


def _count(sweep: CalibrationSweep, recipe: Recipe) -> int | None:
    """Return how many samples a recipe reads; None where it differs in anything else."""
    base, steps, at = sweep.recipe.steps, recipe.steps, sweep.step
    if len(steps) != len(base) or steps[at].technique != QUANTIZATION:
        return None
    if any(
        mine != theirs for n, (mine, theirs) in enumerate(zip(steps, base, strict=True)) if n != at
    ):
        return None
    mine, theirs = steps[at].params.model_dump(), base[at].params.model_dump()
    count = mine.pop(SAMPLES)
    theirs.pop(SAMPLES)
    return int(count) if mine == theirs else None
