"""Runs networks over calibration samples, drawn by seed, for the solvers that ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.measure.activations import stream_activations
from tinystudio.measure.running import (
    batch_size,
    check_samples,
    feed,
    inlets,
    open_session,
    run,
)
from tinystudio.solvers.calibration import Calibration

# A repair is one run over samples; so many that a slider's preview stays live.
REPAIR_MACS = 7e8
REPAIR_BYTES = 2**28
REPAIR_SAMPLES = (32, 256)


def calibration_of(
    network: Network,
    samples: Samples | None,
    fingerprint: str,
    count: int,
    seed: int,
    reporter: Reporter,
    cache: Cache,
) -> Calibration | None:
    """Draw `count` of the samples by seed; None where there are none.

    `fingerprint` names the samples. Raises `UserError` where they do not fit the network.
    """
    if samples is None or len(samples) == 0:
        return None
    check_samples(network, samples)
    drawn = samples.take(np.random.default_rng(seed).permutation(len(samples))[:count])
    key = (network.fingerprint, fingerprint, count, seed)
    quick = cache.get(("repair-samples", key), lambda: _repair_samples(network), lambda _: 8)
    return Calibration(
        wide=CalibrationProbe(drawn, reporter),
        quick=CalibrationProbe(drawn.first(quick), reporter),
        samples=len(drawn),
        key=key,
    )


class CalibrationProbe:
    """The samples, and how networks are run over them (a `solvers.calibration.Probe`)."""

    def __init__(self, samples: Samples, reporter: Reporter) -> None:
        self._samples = samples
        self._reporter = reporter

    def stream(self, network: Network, tensors: Sequence[str]) -> Iterator[dict[str, Array]]:
        """Yield the values of these tensors, batch by batch."""
        return stream_activations(network, tensors, self._samples, self._reporter)

    def once(self, data: bytes) -> Sequence[Array] | None:
        """Return the outputs over all samples in one batch; None where the graph takes fewer."""
        self._reporter.check()
        session = open_session(data)
        wanted = inlets(session)
        count = len(self._samples)
        if batch_size(wanted, self._samples, count) != count:
            return None
        try:
            return run(session, None, feed(wanted, self._samples, 0, count))
        except UserError:
            return None  # the graph promises an open batch and does not keep it


def _repair_samples(network: Network) -> int:
    known = facts(network)
    by_work = REPAIR_MACS / max(known.macs or 1, 1)
    by_memory = REPAIR_BYTES / max(known.peak_activation_bytes or 1, 1)
    return int(np.clip(min(by_work, by_memory), *REPAIR_SAMPLES))
