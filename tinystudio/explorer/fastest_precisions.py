"""Which layers to compute in float and which in INT8 so that a network of given channels runs
fastest."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice


def fastest_precisions(database: Database, choice: Choice) -> Choice:
    """Return the choice with every layer in float or in INT8, whichever is forecast fastest.

    A mixture has to gain more than its forecast and that of the plain one may be off together;
    else it is the faster of float and INT8 throughout. Weights in fewer bits are for size:
    onnxruntime unpacks them. The table must be there.
    """
    space, table = database.space, database.latency
    if table is None:
        raise LookupError("no latency table is there yet")
    floats, int8 = (space.with_bits(choice, bits) for bits in ("float", "w8a8"))
    plain = np.stack([floats, int8])
    times = table.predict_many(space, plain)
    best = plain[int(times.argmin())]
    able = np.flatnonzero(floats != int8)
    mixed = _descended(database, _runs(floats, int8, able), floats, int8, able)
    gain = 1 - float(table.predict_many(space, mixed[None])[0]) / float(times.min())
    return mixed if gain > 2 * table.error else best


def _runs(floats: Choice, int8: Choice, able: Array) -> Array:
    """Return choices (n, axes) whose INT8 layers follow one another: ends cost conversions."""
    found = [floats]
    for start in range(len(able)):
        for stop in range(start + 1, len(able) + 1):
            run = floats.copy()
            run[able[start:stop]] = int8[able[start:stop]]
            found.append(run)
    return np.stack(found)


def _descended(
    database: Database, starts: Array, floats: Choice, int8: Choice, able: Array
) -> Choice:
    """Return the fastest of `starts`, single layers changed as long as that makes it faster."""
    space, table = database.space, database.latency
    assert table is not None
    here: Choice = starts[int(table.predict_many(space, starts).argmin())]
    while True:
        around = np.repeat(here[None], len(able) + 1, axis=0)  # the last row stays
        for row, axis in enumerate(able):
            around[row, axis] = floats[axis] if here[axis] == int8[axis] else int8[axis]
        times = table.predict_many(space, around)
        best = int(times.argmin())
        if times[best] >= times[-1]:
            return here
        here = around[best]
