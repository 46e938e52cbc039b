"""What a network is fed when one call of it is timed or weighed."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.measure.running import Inlet, batch_size, feed, inlets, open_session


def one_call(data: bytes, samples: Samples | None, seed: int) -> dict[str, Array]:
    """Return the inputs of one call: the first sample, or as many as the graph's batch fixes.

    Without samples they are random numbers of the shape that the network wants, open sizes taken
    as 1, and zeros where whole numbers are wanted, which may be indices.
    """
    wanted = inlets(open_session(data))
    if samples is None:
        return {inlet.name: _made_up(inlet, seed) for inlet in wanted}
    return feed(wanted, samples, 0, batch_size(wanted, samples, 1))


def _made_up(inlet: Inlet, seed: int) -> Array:
    shape = tuple(size if isinstance(size, int) and size > 0 else 1 for size in inlet.shape)
    if inlet.dtype.kind != "f":
        return np.zeros(shape, inlet.dtype)
    return np.random.default_rng(seed).standard_normal(shape).astype(inlet.dtype)
