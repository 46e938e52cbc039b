"""Timings are judged fairly, and a timer that fails is told and leaves nothing behind."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import odd_timers
import psutil
import pytest
from example_networks import mlp, network
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_timers import CALM
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure import latency
from tinystudio.measure.latency import Timing, _judge, time_network
from tinystudio.measure.stopwatch import time_networks
from tinystudio.measure.timer_process import TimingFailed
from tinystudio.measure.verdict import judge

SECONDS, ROUNDS, PER_ROUND = 2e-4, 40, 5
ORIGINAL, CONTROL, VARIANT = range(3)
NOTHING = np.zeros(0)
MLP = mlp()


def rows(
    ratio: float = 1.0,
    control: float = 1.0,
    seed: int = 0,
    noise: float = 0.02,
    rounds: int = ROUNDS,
) -> Array:
    """Return samples (n, 4) of three contestants: noise only ever makes a call longer."""
    rng = np.random.default_rng(seed)
    made = [
        (number, at, SECONDS * factor * (1 + rng.exponential(noise)), 0.0)
        for number in range(rounds)
        for at, factor in ((ORIGINAL, 1.0), (CONTROL, control), (VARIANT, ratio))
        for _ in range(PER_ROUND)
    ]
    return np.array(made)


def judged(samples: Array, tail: Array = NOTHING, busy: bool = False) -> Timing:
    return _judge(samples, tail, replace(CALM, busy=busy), seed=0, paired=True)


def ratio_interval(timing: Timing) -> tuple[float, float]:
    assert timing.ratio_interval is not None
    return timing.ratio_interval


def width(interval: tuple[float, float]) -> float:
    return math.log(interval[1] / interval[0])


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 20), st.integers(0, 1000))
def test_a_known_ratio_is_found_and_covered(ratio: float, seed: int) -> None:
    timing = judged(rows(ratio, seed=seed))
    assert timing.ratio == pytest.approx(ratio, rel=0.01)
    low, high = ratio_interval(timing)
    assert low <= ratio <= high
    assert high / low < 1.06


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.005, 0.05))
def test_a_network_is_never_faster_or_slower_than_itself(seed: int, noise: float) -> None:
    timing = judged(rows(1.0, seed=seed, noise=noise))
    assert timing.ratio is not None
    assert judge(timing.ratio, ratio_interval(timing), 1.0) == "same"


def test_both_times_of_the_pair_are_told_in_milliseconds() -> None:
    timing = judged(rows(0.5))
    assert timing.original_ms == pytest.approx(SECONDS * 1e3, rel=0.03)
    assert timing.latency_ms == pytest.approx(SECONDS * 1e3 / 2, rel=0.03)
    low, high = timing.interval_ms
    assert low < timing.latency_ms < high


def test_a_network_alone_has_a_time_but_no_ratio() -> None:
    alone = rows()
    alone = alone[alone[:, 1] < VARIANT]
    timing = _judge(alone, NOTHING, CALM, seed=0, paired=False)
    assert timing.latency_ms == pytest.approx(SECONDS * 1e3, rel=0.03)
    assert (timing.ratio, timing.ratio_interval, timing.original_ms) == (None, None, None)


def test_a_noisy_machine_widens_the_intervals() -> None:
    calm, busy = judged(rows(0.8)), judged(rows(0.8), busy=True)
    assert width(ratio_interval(busy)) > width(ratio_interval(calm))
    assert width(busy.interval_ms) > width(calm.interval_ms)
    assert busy.ratio == calm.ratio


@pytest.mark.parametrize("control", [0.9, 1.1])
def test_what_the_control_shows_is_doubted_of_the_variant_as_well(control: float) -> None:
    steady, shaky = judged(rows(0.95)), judged(rows(0.95, control=control))
    assert shaky.control_ratio == pytest.approx(control, rel=0.01)
    doubt = abs(math.log(control)) - latency.BETWEEN_PROCESSES
    assert width(ratio_interval(shaky)) > width(ratio_interval(steady)) + 1.8 * doubt
    assert judge(0.95, ratio_interval(shaky), 1.0) == "same"


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 100), st.integers(0, 1000))
def test_interrupted_samples_count_for_nothing(factor: float, seed: int) -> None:
    undisturbed = rows(0.7, seed=seed)
    disturbed = undisturbed.copy()
    disturbed[:, 2] *= factor
    disturbed[:, 3] = 1
    both = judged(np.concatenate([undisturbed, disturbed]))
    assert both == judged(undisturbed)


def test_where_hardly_anything_was_undisturbed_the_rest_counts_as_well() -> None:
    disturbed = rows(0.7)
    disturbed[10:, 3] = 1
    assert judged(disturbed) == judged(rows(0.7))


def test_a_percentile_is_told_only_where_calls_stand_behind_it() -> None:
    tail = np.linspace(1e-3, 2e-3, 500)
    timing = judged(rows(), tail)
    assert timing.p95_ms == pytest.approx(timing.latency_ms * 1.95 / 1.5)
    assert timing.p99_ms == pytest.approx(timing.latency_ms * 1.99 / 1.5)
    assert timing.p999_ms is None
    assert judged(rows()).p95_ms is None


def test_percentiles_never_lie_below_the_median_however_fast_their_calls_were() -> None:
    timing = judged(rows(), np.linspace(0.5, 0.6, 500) * SECONDS)
    assert timing.p95_ms is not None and timing.p99_ms is not None
    assert timing.latency_ms < timing.p95_ms < timing.p99_ms


def wide(units: int) -> Network:
    """Return a network of two square layers."""
    weights = {name: np.ones((units, units), np.float32) / units for name in ("w1", "w2")}
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["h"], "one"),
        helper.make_node("MatMul", ["h", "w2"], ["y"], "two"),
    ]
    return network(nodes, weights, {"x": ("n", units)}, {"y": ("n", units)})


def test_a_network_with_many_times_the_work_takes_longer() -> None:
    original, larger = wide(256), wide(1024)
    timing = time_network(larger.data, original.data, None, 1, 0, Silent())
    assert timing.ratio is not None
    assert timing.original_ms is not None
    assert timing.control_ratio is not None
    low, high = ratio_interval(timing)
    assert 2 < low <= timing.ratio <= high
    assert judge(timing.ratio, (low, high), timing.original_ms) == "slower"
    assert timing.interval_ms[0] <= timing.latency_ms <= timing.interval_ms[1]
    assert timing.latency_ms > timing.original_ms > 0
    assert timing.p95_ms is not None
    assert timing.p99_ms is None or timing.p99_ms >= timing.p95_ms
    assert 0 <= timing.circumstances.load <= 1


@pytest.mark.parametrize(
    ("timer", "said"),
    [
        (odd_timers.dying, "the timer process ended with code 7"),
        (odd_timers.dying_halfway, "the timer process ended with code 8"),
        (odd_timers.sleepy, "the machine slept"),
    ],
)
def test_a_timer_that_fails_is_told(
    monkeypatch: pytest.MonkeyPatch, timer: object, said: str
) -> None:
    monkeypatch.setattr(latency, "time_networks", timer)
    with pytest.raises(TimingFailed, match=said):
        time_network(MLP.network.data, None, MLP.test, 1, 0, Silent())


def test_a_timer_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "time_networks", odd_timers.deaf)
    monkeypatch.setattr(latency, "LIMIT_S", 0.1)
    with pytest.raises(TimingFailed, match="gave no answer"):
        time_network(MLP.network.data, None, MLP.test, 1, 0, Silent())
    assert not timers()


def test_what_onnxruntime_says_in_the_timer_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"x": np.zeros((1, 5), np.float32)}
    monkeypatch.setattr(latency, "one_call", lambda *_: wrong)
    with pytest.raises(TimingFailed, match=r"onnxruntime stopped in the timer: .*x"):
        time_network(MLP.network.data, None, MLP.test, 1, 0, Silent())


@pytest.mark.parametrize("timer", [odd_timers.deaf, time_networks], ids=["deaf", "real"])
def test_cancelling_is_heard_in_the_middle_and_leaves_no_process(
    monkeypatch: pytest.MonkeyPatch, timer: object
) -> None:
    class Impatient(Silent):
        asked = 0

        def check(self) -> None:
            self.asked += 1
            assert timers()
            if self.asked == 2:
                raise Cancelled

    monkeypatch.setattr(latency, "time_networks", timer)
    with pytest.raises(Cancelled):
        time_network(MLP.network.data, None, MLP.test, 1, 0, Impatient())
    assert not timers()


def timers() -> list[psutil.Process]:
    """Return our timer processes that live; the resource tracker of the library stays."""
    children = psutil.Process().children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
