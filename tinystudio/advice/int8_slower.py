"""INT8 runs slower than float on this computer."""

from __future__ import annotations

from typing import ClassVar

from tinystudio.advice.adviser import Advice, Adviser, UseRecipe
from tinystudio.advice.facts import Facts
from tinystudio.advice.figures import percent
from tinystudio.jobs.recipe import Recipe, Step

IN_INT8 = ("static-quantization", "dynamic-quantization", "smooth-quantization")
WEIGHTS = "weight-only-quantization"
BITS = 8


class Int8Slower(Adviser):
    """Takes the verdict of variants that compute in 8 bits, and offers 8 bits for weights alone.

    Those run as float does and keep the smaller file.
    """

    id: ClassVar[str] = "int8-slower"
    place: ClassVar[int] = 30

    def look(self, facts: Facts) -> Advice | None:
        """Find the variant of the slowest verdict whose last step is INT8."""
        slow = [
            item
            for item in facts.variants
            if item.measurement.verdict == "slower"
            and item.measurement.verdict_status == "measured"
            and item.measurement.latency_ratio is not None
            and any(step.technique in IN_INT8 for step in item.variant.recipe.steps)
        ]
        if not slow or not facts.can(WEIGHTS):
            return None
        worst = max(slow, key=lambda item: item.measurement.latency_ratio or 0)
        figures, recipe = worst.measurement, _in_weights(worst.variant.recipe)
        known = facts.measured(recipe)
        told = f" “{known.title}” was measured already." if known is not None else ""
        assert figures.latency_ratio is not None  # looked for above
        return Advice(
            self.id,
            f"INT8 is {percent(figures.latency_ratio - 1)} slower than the original here.",
            f"“{worst.title}”: {figures.verdict_reason.rstrip('.')}. Weights alone in {BITS} bits "
            f"compute as float does and keep the file small.{told}",
            UseRecipe(
                "Use it" if known is not None else f"Try {BITS}-bit weights", recipe, known is None
            ),
            facts.network,
            worst.variant.recipe.fingerprint,
        )


def _in_weights(recipe: Recipe) -> Recipe:
    """Return a recipe whose INT8 steps are one that rounds weights, in the last one's place."""
    others = [step for step in recipe.steps if step.technique not in IN_INT8]
    at = max(n for n, step in enumerate(recipe.steps) if step.technique in IN_INT8)
    before = sum(step.technique not in IN_INT8 for step in recipe.steps[:at])
    weights = Step.of(WEIGHTS, bits=BITS)
    return Recipe(steps=(*others[:before], weights, *others[before:]))
