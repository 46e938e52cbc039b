"""Many networks are timed beside one another; nothing here depends on how long they take."""

from __future__ import annotations

import numpy as np
import odd_timers
import psutil
import pytest
from example_networks import mlp

from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.measure import layer_timing
from tinystudio.measure.layer_timing import Timed, summed_up, time_together
from tinystudio.measure.timer_process import TimingFailed

MLP = mlp()


class Telling(Silent):
    """Remembers what was told."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.told: list[float] = []
        self._left = cancel_after

    def progress(self, done: float, total: float, text: str) -> None:
        self.told.append(done / total)

    def check(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Cancelled


def fitting() -> Timed:
    (port,) = MLP.network.inputs
    shape = [size if isinstance(size, int) else 1 for size in port.shape]
    return Timed(MLP.network.data, {port.name: np.zeros(shape, np.float32)})


def test_the_least_of_the_medians_counts() -> None:
    times = summed_up(np.array([[3.0, 1.0], [2.0, 1.5], [9.0, 1.2]]))
    assert times.seconds.tolist() == [2.0, 1.0]
    assert times.spread == pytest.approx([0.5, 0.2])


def test_every_network_gets_a_time() -> None:
    times = time_together([fitting()] * 3, 1, 0, 0.0, Silent())
    assert times.seconds.shape == (3,)
    assert (times.seconds > 0).all()
    assert (times.spread >= 0).all()


def test_nothing_to_time_takes_no_process() -> None:
    assert time_together([], 1, 0, 0.0, Silent()).seconds.shape == (0,)


def test_networks_that_do_not_fit_together_are_timed_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layer_timing, "TOGETHER_BYTES", len(MLP.network.data))
    assert time_together([fitting()] * 2, 1, 0, 0.0, Silent()).seconds.shape == (2,)


def test_progress_only_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    telling = Telling()
    time_together([fitting()] * 40, 1, 0, 0.3, telling)
    assert telling.told == sorted(telling.told)
    assert all(0 <= share <= 1 for share in telling.told)


def test_cancelling_is_heard_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_timing, "time_many", odd_timers.deaf)
    with pytest.raises(Cancelled):
        time_together([fitting()], 1, 0, 0.0, Telling(cancel_after=1))
    assert not [child for child in psutil.Process().children() if "timer" in child.name()]


def test_a_timer_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_timing, "time_many", odd_timers.dying)
    with pytest.raises(TimingFailed, match="ended with code 7"):
        time_together([fitting()], 1, 0, 0.0, Silent())


def test_what_onnxruntime_says_is_passed_on() -> None:
    wrong = Timed(MLP.network.data, {"x": np.zeros((1, 5), np.float32)})
    with pytest.raises(TimingFailed, match="onnxruntime stopped in the timer"):
        time_together([wrong], 1, 0, 0.0, Silent())
