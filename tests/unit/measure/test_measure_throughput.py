"""Samples a second in batches: what is fed, and what is said where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import mlp

from tinystudio.core.data import Preprocessing, Samples
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Silent
from tinystudio.measure import throughput
from tinystudio.measure.latency import Timing
from tinystudio.measure.stopwatch import Circumstances
from tinystudio.measure.throughput import fed_at_once, preparing_ms, with_throughput
from tinystudio.measure.timer_process import TimingFailed

QUIET = Circumstances(False, False, 0.0, None, False, False, True)


def test_batches_are_filled_with_samples_again_where_there_are_too_few() -> None:
    example = mlp()
    few = example.calibration.first(3)
    fed = fed_at_once(example.network.data, few, 8, 0)
    assert fed is not None
    (array,) = fed.values()
    assert len(array) == 8
    np.testing.assert_array_equal(array[3:6], array[:3])


def test_without_data_numbers_are_made_up() -> None:
    fed = fed_at_once(mlp().network.data, None, 4, 0)
    assert fed is not None and all(len(array) == 4 for array in fed.values())


def test_samples_a_second_follow_from_the_time_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def timed(data: bytes, fed: dict[str, object], *_: object) -> Timing:
        (array,) = fed.values()
        if len(array) == 32:  # type: ignore[arg-type]
            raise TimingFailed("the machine slept")
        return Timing(2.0, (1.6, 2.5), None, None, None, QUIET)

    monkeypatch.setattr(throughput, "time_alone", timed)
    example, done = mlp(), Preprocessing((0.0,), (1.0,))
    figures = with_throughput(
        Measurement(), example.network.data, example.calibration, (8, 32), done, Silent()
    )
    (found,) = figures.throughput
    assert (found.batch, found.samples_per_s, found.interval_per_s) == (8, 4000.0, (3200.0, 5000.0))
    assert "At 32 samples a call" in figures.warnings[0] and "slept" in figures.warnings[0]
    assert figures.preparing_ms is not None and figures.preparing_ms_status == "measured"


def test_preparing_is_timed_by_itself() -> None:
    samples = Samples((np.zeros((2, 3, 8, 8), np.float32),), None, np.arange(2))
    assert 0 < preparing_ms(Preprocessing((0.1,) * 3, (1.0,) * 3), samples) < 100
