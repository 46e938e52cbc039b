"""Measuring what is known already once more: what is stale, or with several samples a call."""

from __future__ import annotations

from tinystudio.session.session import Session

BATCHES = (1, 8, 32)  # samples a call, of which the throughput is told


def measure_throughput(session: Session, variant: str) -> str | None:
    """Measure a variant and the original again, and samples a second in batches as well.

    Returns the job; None where there is no such variant.
    """
    found = session.variant(variant)
    if found is None:
        return None
    recipes = () if found.is_original else (found.variant.recipe,)
    return session.measure_recipes(recipes, f"Throughput of {found.title}", batches=BATCHES)


def measure_stale(session: Session) -> str | None:
    """Measure again all variants whose figures no longer hold; None where there are none."""
    stale = [item for item in session.variants() if item.is_stale]
    recipes = tuple(item.variant.recipe for item in stale if not item.is_original)
    if not stale:
        return None
    words = "1 stale variant" if len(stale) == 1 else f"{len(stale)} stale variants"
    return session.measure_recipes(recipes, f"Measure {words} again")
