"""The time left of work whose stretches were forecast, corrected by what the stretches show."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tinystudio.core.moment import Moment
from tinystudio.engine.reporting import JobReporter

TRUSTED_FROM = 0.2  # of a stretch: from there on its own pace counts alone
NEWEST = 0.4  # weight of the newest ratio: follows a change within a few, shrugs off one
FIRST = 0.7  # of a job's first: it counts for more than earlier jobs
OVERDUE = 0.15  # of what a stretch has taken beyond its forecast is what it may still take
ENTERED_BY = 0.2  # of a stretch: what was entered later tells nothing of how long it takes
PRIOR_S = 2.0  # that a family is taken to have kept to its forecast, before anything is seen
SKIPPED = 0.1  # of a forecast: what took less was there already, and tells nothing of the next
LEAST_S = 0.05  # stretches shorter than this tell of their setup alone
TICK_S = 0.5  # between words of a stretch that tells nothing of itself
MOST_MARKS = 200


@dataclass(frozen=True)
class Stretch:
    """A part of a work's progress, up to `end` of the whole, that is forecast to take `seconds`.

    Those of one `kind` err alike; one without a kind takes what it was given. In an even one the
    progress grows with time. `once_met` is what an unexpected one (of 0 seconds) takes where it is
    met after all.
    """

    end: float
    kind: str
    seconds: float
    is_even: bool = False
    once_met: float = 0.0


class Outlook:
    """A reporter that knows from the progress which stretch the work is in.

    What a kind of stretch has taken, against its forecast, is expected of the next of its kind. Of
    a kind not met yet it is expected by half what others of its family (the word before the colon)
    have shown, the more the longer they took: a busy machine slows down all of them, a wrong
    forecast only its own. `known` are ratios from earlier jobs, `learnt` hears of new ones.
    """

    def __init__(
        self,
        whole: JobReporter,
        stretches: Sequence[Stretch],
        known: Mapping[str, float] | None = None,
        learnt: Callable[[str, float], None] | None = None,
    ) -> None:
        self._whole, self._stretches = whole, stretches
        self._ends = [stretch.end for stretch in stretches]
        self._ratios: dict[str, float] = dict(known or {})
        self._met: set[str] = set()
        self._learnt = learnt
        self._at, self._share = 0, 0.0
        self._families: dict[str, tuple[float, float]] = {}  # seconds forecast and taken so far
        self._began = time.monotonic()
        self._marks: list[tuple[float, float]] = [(self._began, 0.0)]  # moments and shares
        self._told_at = self._began
        self._whole.seconds_left = self.seconds_left()

    def progress(self, done: float, total: float, text: str) -> None:
        fraction = min(1.0, done / total) if total > 0 else 1.0
        self._move(fraction)
        self._whole.seconds_left = self.seconds_left()
        self._told_at = time.monotonic()
        self._whole.progress(done, total, text)

    def check(self) -> None:
        self._whole.check()
        now = time.monotonic()
        if now - self._told_at >= TICK_S:  # a timing says nothing for seconds
            self._told_at = now
            self._whole.tell_left(self.seconds_left())

    def learned(self, moment: Moment) -> None:
        self._whole.learned(moment)

    def end(self) -> None:
        """Learn from the last stretch, which nothing follows."""
        if self._at + 1 == len(self._stretches):
            self._leave(time.monotonic(), is_whole=True)

    def _move(self, fraction: float) -> None:
        at = max(self._at, min(bisect_right(self._ends, fraction), len(self._ends) - 1))
        now = time.monotonic()
        if at > self._at:
            passed_over = self._stretches[self._at + 1 : at]
            self._leave(now, is_whole=all(item.seconds == 0 for item in passed_over))
            self._at, self._began = at, now
            self._marks = []
        start = self._ends[at - 1] if at else 0.0
        width = max(self._ends[at] - start, 1e-9)
        self._share = min(1.0, max(0.0, (fraction - start) / width))
        if not self._marks or self._share > self._marks[-1][1]:
            self._marks.append((now, self._share))
            if len(self._marks) > MOST_MARKS:
                self._marks = self._marks[::2]

    def _leave(self, now: float, is_whole: bool) -> None:
        """Learn from a stretch that is over; one that was passed over teaches nothing."""
        stretch, taken = self._stretches[self._at], now - self._began
        was_seen = is_whole and (not self._marks or self._marks[0][1] <= ENTERED_BY)
        told_something = taken >= LEAST_S and taken >= SKIPPED * stretch.seconds
        if not (was_seen and stretch.kind and stretch.seconds > 0 and told_something):
            return
        ratio = taken / stretch.seconds
        before = self._ratios.get(stretch.kind, 1.0)
        # In powers: a timing that had to be repeated, at four times the forecast, is no rule.
        weight = NEWEST if stretch.kind in self._met else FIRST
        self._ratios[stretch.kind] = before * (ratio / before) ** weight
        self._met.add(stretch.kind)
        family = _family(stretch.kind)
        forecast_s, taken_s = self._families.get(family, (0.0, 0.0))
        self._families[family] = forecast_s + stretch.seconds, taken_s + taken
        if self._learnt is not None:
            self._learnt(stretch.kind, ratio)

    def seconds_left(self) -> float:
        """Return what the rest is expected to take, now."""
        rest = self._stretches[self._at + 1 :]
        return self._left_here() + sum(self._expected(stretch) for stretch in rest)

    def _expected(self, stretch: Stretch) -> float:
        if not stretch.kind:
            return stretch.seconds
        known = self._ratios.get(stretch.kind)
        if known is None:
            forecast_s, taken_s = self._families.get(_family(stretch.kind), (0.0, 0.0))
            known = math.sqrt((taken_s + PRIOR_S) / (forecast_s + PRIOR_S))
        return stretch.seconds * known

    def _left_here(self) -> float:
        stretch, now = self._stretches[self._at], time.monotonic()
        if self._share >= 1.0:
            return 0.0
        elapsed = now - self._began
        expected = self._expected(stretch) or stretch.once_met
        guessed = max(expected - elapsed, OVERDUE * max(elapsed - expected, 0.0))
        shown = self._shown(now) if stretch.is_even else None
        if shown is None:
            return guessed
        trust = min(1.0, self._share / TRUSTED_FROM)
        return trust * shown + (1.0 - trust) * guessed

    def _shown(self, now: float) -> float | None:
        """Return what the pace of the later half of the stretch so far makes of its rest."""
        half = [mark for mark in self._marks if mark[1] <= self._share / 2]
        when, share = half[-1] if half else (self._began, 0.0)
        if self._share <= share or now <= when:
            return None
        return (1.0 - self._share) * (now - when) / (self._share - share)


def _family(kind: str) -> str:
    return kind.partition(":")[0]
