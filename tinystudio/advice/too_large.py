"""The model is larger than its task needs."""

from __future__ import annotations

from typing import ClassVar

from tinystudio.advice.adviser import Advice, Adviser, UseRecipe
from tinystudio.advice.facts import Facts
from tinystudio.advice.figures import change_text, score_text, size_text
from tinystudio.core.measurement import Measurement

MUCH_SMALLER = 0.5  # of the original's bytes
SURELY_WITHIN = 0.03  # of the original's score: a tie of few samples may hide more


class TooLarge(Adviser):
    """Finds the smallest measured variant that scores as the original does, as far as can be told.

    A tie counts only where the whole interval of the difference lies within 3 % of the
    original's score.
    """

    id: ClassVar[str] = "too-large"
    place: ClassVar[int] = 20

    def look(self, facts: Facts) -> Advice | None:
        """Compare sizes and paired differences with the original's."""
        original = facts.original
        if original is None or not original.size_bytes or original.score is None:
            return None
        alike = [
            item
            for item in facts.variants
            if (item.measurement.size_bytes or original.size_bytes)
            <= MUCH_SMALLER * original.size_bytes
            and _is_as_good(item.measurement, original)
        ]
        if not alike:
            return None
        best = min(alike, key=lambda item: item.measurement.size_bytes or 0)
        figures = best.measurement
        assert figures.size_bytes is not None and figures.score_change is not None
        times = original.size_bytes / figures.size_bytes
        change = change_text(figures.score_change, figures.score_change_interval, figures.metric)
        return Advice(
            self.id,
            f"The model is larger than this task needs: {times:.1f} times smaller does it too.",
            f"“{best.title}” takes {size_text(figures.size_bytes)} instead of "
            f"{size_text(original.size_bytes)} and scores {score_text(figures)} against "
            f"{score_text(original)}: {change} on the same {figures.samples:,} samples.",
            UseRecipe(f"Go on with “{best.title}”", best.variant.recipe),
            facts.network,
        )


def _is_as_good(figures: Measurement, original: Measurement) -> bool:
    interval, score = figures.score_change_interval, original.score
    if figures.score_change is None or interval is None or score is None:
        return False
    worst = interval[0] if figures.higher_is_better else -interval[1]
    best = interval[1] if figures.higher_is_better else -interval[0]
    return best >= 0 and worst >= -SURELY_WITHIN * abs(score)
