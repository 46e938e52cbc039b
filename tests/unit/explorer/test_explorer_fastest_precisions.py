"""Of float, INT8 and mixtures the fastest is found, and a mixture only where it surely gains."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from made_up_database import BITS, database

from tinystudio.explorer.database import Database
from tinystudio.explorer.fastest_precisions import fastest_precisions
from tinystudio.explorer.latency_table import JointTimes, LatencyTable

FLOAT, INT8 = BITS.index("float"), BITS.index("w8a8")


def with_times(layers: tuple[tuple[float, float], ...], border_us: float) -> Database:
    """Return a database whose three layers take these times (float, INT8); a change costs more."""
    made = database()
    table = made.latency
    assert table is not None
    segments = tuple(
        item.model_copy(update={"us": tuple(tuple(pair for _ in row) for row in item.us)})
        for item, pair in zip(table.segments, layers, strict=True)
    )
    change = ((0.0, border_us), (border_us, 0.0))
    joints = tuple(
        JointTimes(producer=first, consumers=(second,), group=None, us=(change,))
        for first, second in (("conv1", "conv2"), ("conv2", "conv3"))
    )
    times = LatencyTable(
        conditions=table.conditions, segments=segments, joints=joints,
        overhead_us=0.0, slope=1.0, error=0.05,
    )  # fmt: skip
    return replace(made, latency=times)


@pytest.mark.parametrize(
    ("layers", "border_us", "expected"),
    [
        (((20, 30), (20, 30), (20, 30)), 0.0, (FLOAT, FLOAT, FLOAT)),
        (((30, 20), (30, 20), (30, 20)), 5.0, (INT8, INT8, INT8)),
        (((10, 30), (90, 30), (10, 30)), 1.0, (FLOAT, INT8, FLOAT)),
        (((10, 30), (40, 30), (10, 30)), 20.0, (FLOAT, FLOAT, FLOAT)),  # conversions eat it up
        (((100, 98), (100, 101), (100, 98)), 0.0, (INT8, INT8, INT8)),  # mixed gains below error
    ],
)
def test_what_is_fastest(
    layers: tuple[tuple[float, float], ...], border_us: float, expected: tuple[int, ...]
) -> None:
    made = with_times(layers, border_us)
    choice = np.array((1, 2, 0, 2, 1), np.int16)
    found = fastest_precisions(made, choice)
    assert tuple(found[2:]) == expected
    assert tuple(found[:2]) == (1, 2)


def test_no_mixture_is_much_faster() -> None:
    draw = np.random.default_rng(3)
    for _ in range(20):
        made = with_times(tuple(map(tuple, draw.uniform(5, 50, (3, 2)))), draw.uniform(0, 10))
        table, space = made.latency, made.space
        assert table is not None
        found = table.predict(space, fastest_precisions(made, space.original))[0]
        every = [np.array((0, 0, *kinds), np.int16) for kinds in product((FLOAT, INT8), repeat=3)]
        best = table.predict_many(space, np.stack(every)).min()
        assert best >= found * (1 - 2 * table.error) - 1e-9


def test_without_times_nothing_can_be_said() -> None:
    made = database(timed=False)
    with pytest.raises(LookupError):
        fastest_precisions(made, made.space.original)
