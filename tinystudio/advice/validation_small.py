"""There are too few validation samples to tell two variants apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar

from tinystudio.advice.adviser import Advice, Adviser, Begin
from tinystudio.advice.facts import Facts
from tinystudio.advice.figures import change_text
from tinystudio.metrics import known_metric
from tinystudio.session.front import front_of
from tinystudio.session.marks import ProjectVariant

MOST_TIMES = 100  # the samples there are: what would take more is the same for all purposes
LEAST_SHARE = 0.002  # of samples: a smaller difference is not worth telling
Pair = tuple[str, str, float, float, str]  # names, difference, half its interval, "" or "at most "


class ValidationSmall(Adviser):
    """Says how many samples would settle the closest undecided difference among the best.

    Half an interval's width falls with the square root of the samples. Against the original the
    interval is that of pairs; between two variants it is at most what both make together.
    """

    id: ClassVar[str] = "validation-small"
    place: ClassVar[int] = 10

    def look(self, facts: Facts) -> Advice | None:
        """Look at the front and its neighbours."""
        if facts.original is None or not facts.original.samples:
            return None
        samples = facts.original.samples
        undecided = [
            (math.ceil(samples * (half / abs(change)) ** 2), first, second, change, half, most)
            for first, second, change, half, most in _pairs(facts)
            if _matters(change, facts.original.metric) and abs(change) < half
        ]
        undecided = [pair for pair in undecided if pair[0] <= MOST_TIMES * samples]
        if not undecided:
            return None
        needed, first, second, change, half, most = min(undecided)
        told = change_text(change, (change - half, change + half), facts.original.metric)
        return Advice(
            self.id,
            f"{samples:,} validation samples are too few to tell “{first}” from “{second}”.",
            f"They differ by {told} on the same samples: it may be chance. {most}About "
            f"{_rounded(needed):,} samples would tell, if the difference stays as it is.",
            Begin("Attach more data…", "attach-data", "Give data with more validation samples."),
            facts.network,
            f"{first}|{second}",
        )


def _pairs(facts: Facts) -> Iterator[Pair]:
    front = [item for item in front_of(facts.variants, "size_bytes") if _half(item) is not None]
    for item in front:
        change, half = item.measurement.score_change, _half(item)
        if change is not None and half is not None:
            yield item.title, "original", change, half, ""
    for one, other in pairwise(front):
        first, second = _half(one), _half(other)
        a, b = one.measurement.score, other.measurement.score
        if first is not None and second is not None and a is not None and b is not None:
            yield one.title, other.title, a - b, math.hypot(first, second), "At most: "


def _half(item: ProjectVariant) -> float | None:
    interval = item.measurement.score_change_interval
    return None if interval is None else (interval[1] - interval[0]) / 2


def _matters(change: float, metric: str) -> bool:
    known = known_metric(metric)
    is_share = known is not None and known.unit == "%"
    return abs(change) >= LEAST_SHARE if is_share else change != 0


def _rounded(count: int) -> int:
    """Return a count to two digits, rounded up: it is known no better."""
    scale: int = 10 ** max(0, len(str(count)) - 2)
    return math.ceil(count / scale) * scale
