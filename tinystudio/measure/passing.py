"""How long one sample takes on its way through a network, in passing: roughly, within moments."""

from __future__ import annotations

import time

from tinystudio.core.data import Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.running import BATCH, open_session, outputs_of

TIMES = 3


def seconds_per_sample(network: Network, samples: Samples) -> float:
    """Return the seconds per sample of the fastest of some batches, for forecasts of durations.

    It is no measurement of latency: nothing is kept away from it, and it is taken of batches.
    Raises `UserError` where the network cannot be run on the samples.
    """
    some, session = samples.first(BATCH), open_session(network.data)
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        outputs_of(session, some, Silent())
        taken.append(time.perf_counter() - start)
    return min(taken) / len(some)
