"""Times whole networks of the front and corrects the latency table by them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import CONFIDENCE
from tinystudio.core.reporter import Reporter
from tinystudio.explorer.latency_building import LEAST_ERROR, chosen_network
from tinystudio.explorer.latency_refit import refitted
from tinystudio.explorer.latency_table import LatencyTable
from tinystudio.explorer.small_networks import made_up
from tinystudio.explorer.space import Choice, Space
from tinystudio.graph.network import Network
from tinystudio.measure.layer_timing import Timed, time_together
from tinystudio.measure.timer_process import TimingFailed

CHECK_S = 1.2  # of a round of timing
MOST, LEAST = 24, 6  # networks a round, fewer where one takes long
WEIGHT = 5  # of the original: all others are told as shares of its time
CALLS = 24  # of every network in a round, about


class LatencyChecks:
    """What was timed of one network's space so far: rounds of choices, each beside the original."""

    def __init__(self, network: Network, space: Space, seed: int) -> None:
        """`network` has no open sizes but the batch."""
        self._network, self._space, self._seed = network, space, seed
        self._choices: list[Choice] = []
        self._shares: list[float] = []  # of the original's time, by choice

    def corrected(
        self, table: LatencyTable, wanted: Sequence[Choice], reporter: Reporter
    ) -> LatencyTable:
        """Time some of the choices `wanted` and return the table corrected by all timed so far.

        Its `error` is what the table was off on nine in ten of those timed now, which it had not
        seen; of the first at least what it was believed to be. As it was where the timer fails.
        """
        new = self._picked(table, wanted)
        if not new:
            return table
        choices = [self._space.original, *new]
        networks = [chosen_network(self._network, self._space, choice) for choice in choices]
        try:
            timed = [Timed(item.data, made_up(item)) for item in networks]
            # Every network twice: a session that lies badly in memory stays slow to its end.
            both = time_together([*timed, *timed], 1, self._seed, CHECK_S, reporter).seconds
        except TimingFailed:
            return table
        seconds = both.reshape(2, -1).min(axis=0)
        shares = seconds / seconds[0]
        forecast = table.predict_many(self._space, np.stack(choices))
        off = np.abs(shares / (forecast / forecast[0]) - 1.0)[1:]
        is_first = not self._choices
        self._choices += new
        self._shares += shares[1:].tolist()
        better = self._refitted(table)
        error = max(LEAST_ERROR, _nine_in_ten(off), table.error if is_first else 0.0)
        return better.model_copy(update={"error": error})

    def _refitted(self, table: LatencyTable) -> LatencyTable:
        choices = np.stack([*[self._space.original] * WEIGHT, *self._choices])
        # The machine may be faster or slower now than when the table was made: shares count.
        original_ms = float(table.predict_many(self._space, choices[:1])[0])
        times = np.array([*[1.0] * WEIGHT, *self._shares]) * original_ms
        return refitted(table, self._space, choices, times)

    def _picked(self, table: LatencyTable, wanted: Sequence[Choice]) -> list[Choice]:
        """Return some of the choices, evenly, that were not timed yet."""
        known = {choice.tobytes() for choice in (self._space.original, *self._choices)}
        left = [choice for choice in wanted if choice.tobytes() not in known]
        if not left:
            return []
        each_s = float(table.predict_many(self._space, np.stack(left)).mean()) / 1e3
        count = int(np.clip(CHECK_S / (CALLS * max(each_s, 1e-9)), LEAST, MOST))
        at = np.unique(np.linspace(0, len(left) - 1, count).round().astype(int))
        return [left[int(one)] for one in at]


def _nine_in_ten(off: Array) -> float:
    """Return what nine in ten of the next will stay below (conformal, so slightly above 90 %)."""
    place = min(len(off), math.ceil(CONFIDENCE * (len(off) + 1)))
    return float(np.sort(off)[place - 1])
