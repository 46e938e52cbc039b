"""All figures of a file's exact bytes, and honest words where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from example_networks import mlp, network, residual_cnn, run
from odd_timers import CALM
from onnx import helper

from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.graph.network import Network
from tinystudio.measure import measuring, memory
from tinystudio.measure.latency import Timing
from tinystudio.measure.measuring import Baseline, baseline_of, measure_file
from tinystudio.measure.sizes import download_bytes
from tinystudio.measure.timer_process import TimingFailed

CNN = residual_cnn()
CLASSES = ("a", "b", "c", "d")
UNLABELLED = Samples(CNN.test.inputs, None, CNN.test.ids)


def measured(
    data: bytes,
    samples: Samples | None = CNN.test,
    *,
    original: Baseline | None = None,
    time: bool = False,
    reporter: Reporter | None = None,
    metric: str = "accuracy",
) -> Measurement:
    return measure_file(
        data,
        samples,
        metric,
        CLASSES,
        "test",
        reporter or Silent(),
        original=original,
        time=time,
    )


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return baseline_of(CNN.network.data, CNN.test, "accuracy", Silent())


def noisy(amount: float) -> Network:
    """Return the network with its first layer disturbed."""
    weight = CNN.network.weights["conv2_w"]
    noise = np.random.default_rng(0).normal(0, amount, weight.shape).astype(np.float32)
    return CNN.network.with_weights({"conv2_w": weight + noise})


def test_the_figures_are_those_of_plain_onnxruntime() -> None:
    found = measured(CNN.network.data)
    right = run(CNN.network, CNN.test.inputs)[0].argmax(axis=1) == CNN.test.labels
    assert found.accuracy == found.score == pytest.approx(right.mean())
    assert (found.samples, found.split) == (len(CNN.test), "test")
    for number, item in enumerate(found.per_class):
        assert item.name == CLASSES[number]
        assert item.accuracy == pytest.approx(right[CNN.test.labels == number].mean())
    assert found.size_bytes == len(CNN.network.data)
    assert found.download_bytes == download_bytes(CNN.network.data)
    assert found.peak_memory_bytes is not None
    assert found.macs == 8 * 8 * 9 * (3 * 16 + 16 * 16 + 16) + 64 * 4
    assert found.nonzero_parameters is not None
    assert found.parameters is not None
    assert 0 < found.nonzero_parameters <= found.parameters
    assert not found.warnings


def test_without_timing_the_latency_is_unavailable_and_there_is_no_verdict(
    baseline: Baseline,
) -> None:
    found = measured(CNN.network.data, original=baseline)
    assert (found.latency_ms, found.latency_ms_status) == (None, "unavailable")
    assert (found.latency_ratio, found.latency_ratio_status) == (None, "unavailable")
    assert (found.verdict, found.verdict_status) == ("unknown", "unavailable")
    assert found.energy_mj_status == "estimated"
    assert found.conditions.timing_method == ""


def test_without_samples_there_is_no_score_but_the_file_is_weighed() -> None:
    found = measured(CNN.network.data, None)
    assert (found.score, found.score_status, found.samples) == (None, "unavailable", 0)
    assert (found.accuracy_status, found.per_class) == ("unavailable", ())
    assert found.peak_memory_bytes_status == found.size_bytes_status == "measured"


def test_without_labels_there_is_a_warning_instead_of_a_score() -> None:
    found = measured(CNN.network.data, UNLABELLED)
    assert (found.score, found.score_status) == (None, "unavailable")
    assert found.warnings == ("The data has no labels, so there is no score.",)


def test_the_original_against_itself_is_a_tie(baseline: Baseline) -> None:
    found = measured(CNN.network.data, original=baseline)
    assert (found.score_change, found.score_tied) == (0.0, True)


def test_a_ruined_network_is_no_tie(baseline: Baseline) -> None:
    found = measured(noisy(3.0).data, original=baseline)
    assert found.score_change is not None
    assert found.score is not None
    assert baseline.per_sample is not None
    assert found.score_change == pytest.approx(found.score - baseline.per_sample.mean())
    assert found.score_change < -0.1
    assert found.score_tied is False


@pytest.mark.parametrize("samples", [None, UNLABELLED])
def test_a_baseline_without_labels_compares_no_scores(samples: Samples | None) -> None:
    base = baseline_of(CNN.network.data, samples, "accuracy", Silent())
    assert base.per_sample is None
    assert measured(CNN.network.data, original=base).score_change is None


def test_a_file_in_onnxruntimes_own_format_is_measured_as_well(
    tmp_path_factory: pytest.TempPathFactory, baseline: Baseline
) -> None:
    path = tmp_path_factory.mktemp("ort") / "network.ort"
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(path)
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(CNN.network.data, options, ["CPUExecutionProvider"])
    found = measured(path.read_bytes(), original=baseline)
    assert found.score == measured(CNN.network.data).score
    assert found.score_tied
    assert found.size_bytes == path.stat().st_size
    assert (found.parameters, found.parameters_status) == (None, "unavailable")
    assert found.peak_memory_bytes_status == "measured"
    assert found.energy_mj_status == "unavailable"


def test_answers_that_are_not_numbers_are_a_warning_not_a_score() -> None:
    node = helper.make_node("Log", ["x"], ["y"], "log")
    tested = network([node], {}, {"x": ("n", 1)}, {"y": ("n", 1)})
    values = np.array([[-1.0], [2.0], [0.0]], np.float32)
    samples = Samples((values,), np.array([[1.0], [1.0], [1.0]]), np.arange(3))
    base = baseline_of(tested.data, samples, "mean-absolute-error", Silent())
    found = measured(tested.data, samples, metric="mean-absolute-error", original=base)
    assert (found.score, found.score_status) == (None, "unavailable")
    assert found.score_change is None
    assert "not finite" in found.warnings[0]


def test_a_single_sample_of_numbers_shows_no_change() -> None:
    node = helper.make_node("Identity", ["x"], ["y"], "same")
    tested = network([node], {}, {"x": ("n", 1)}, {"y": ("n", 1)})
    one = Samples((np.ones((1, 1), np.float32),), np.array([[1.5]]), np.arange(1))
    base = Baseline(tested.data, np.array([0.25]))
    found = measured(tested.data, one, metric="mean-absolute-error", original=base)
    assert (found.score, found.score_change, found.score_tied) == (0.5, None, None)


def test_data_of_another_model_is_told() -> None:
    with pytest.raises(UserError, match="does not fit the model"):
        measured(CNN.network.data, mlp().test)


def test_a_timer_that_fails_is_a_warning_and_the_rest_is_measured(
    monkeypatch: pytest.MonkeyPatch, baseline: Baseline
) -> None:
    def fail(*_: object) -> None:
        raise TimingFailed("the timer process ended with code 7")

    monkeypatch.setattr(measuring, "time_network", fail)
    found = measured(CNN.network.data, original=baseline, time=True)
    said = "The latency was not measured: the timer process ended with code 7."
    assert found.warnings == (said,)
    assert (found.latency_ms_status, found.verdict_status) == ("unavailable", "unavailable")
    assert found.score_status == found.peak_memory_bytes_status == "measured"


class ScriptedTimer:
    """Reads one ratio after the other, of a network that takes 20 µs; None: fails."""

    def __init__(self, *ratios: float | None) -> None:
        self._ratios = list(ratios)

    def __call__(self, *_: object) -> Timing:
        ratio = self._ratios.pop(0)
        if ratio is None:
            raise TimingFailed("the timer process ended with code 7")
        interval = (ratio * 0.99, ratio * 1.01)
        times = (0.02 * interval[0], 0.02 * interval[1])
        timing = Timing(0.02 * ratio, times, None, None, None, CALM)
        return replace(timing, original_ms=0.02, ratio=ratio, ratio_interval=interval)


def test_a_small_difference_of_a_fast_network_is_timed_again_before_it_counts(
    monkeypatch: pytest.MonkeyPatch, baseline: Baseline
) -> None:
    monkeypatch.setattr(measuring, "time_network", ScriptedTimer(0.96, 0.97, 0.97, 0.97))
    found = measured(CNN.network.data, original=baseline, time=True)
    assert found.verdict == "faster"
    assert found.latency_ratio == pytest.approx(0.97)
    assert "3 % less" in found.verdict_reason
    assert "3 fresh processes repeat it" in found.verdict_reason
    assert "3 more fresh processes" in found.conditions.timing_method


def test_a_small_difference_that_is_not_repeated_is_none(
    monkeypatch: pytest.MonkeyPatch, baseline: Baseline
) -> None:
    monkeypatch.setattr(measuring, "time_network", ScriptedTimer(0.96, 1.0, 1.0, 1.0))
    found = measured(CNN.network.data, original=baseline, time=True)
    assert (found.verdict, found.latency_ratio) == ("same", pytest.approx(1.0))
    assert "One process read 4 % less" in found.verdict_reason


def test_where_timing_again_fails_the_first_timing_is_kept_and_no_difference_claimed(
    monkeypatch: pytest.MonkeyPatch, baseline: Baseline
) -> None:
    monkeypatch.setattr(measuring, "time_network", ScriptedTimer(0.96, 0.97, None))
    found = measured(CNN.network.data, original=baseline, time=True)
    assert (found.verdict, found.latency_ratio) == ("same", 0.96)
    said = "A small difference in latency was not timed again: "
    assert found.warnings == (said + "the timer process ended with code 7.",)


def test_memory_that_nobody_counted_is_estimated_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "highest_peak", lambda _: None)
    found = measured(CNN.network.data)
    assert found.peak_memory_bytes_status == "estimated"
    assert found.peak_memory_bytes is not None


def test_with_timing_there_is_a_verdict_with_its_reason(baseline: Baseline) -> None:
    found = measured(CNN.network.data, original=baseline, time=True)
    assert found.latency_ms_status == found.latency_ratio_status == "measured"
    assert found.latency_ms is not None
    assert found.latency_interval_ms is not None
    low, high = found.latency_interval_ms
    assert 0 < low <= found.latency_ms <= high
    assert found.latency_ratio == pytest.approx(1, rel=0.5)
    assert found.verdict_reason
    assert found.conditions.timing_method
    assert found.energy_mj is not None
    assert not found.warnings


def test_progress_never_goes_back_and_ends_at_the_whole() -> None:
    class Written(Silent):
        def __init__(self) -> None:
            self.shares: list[float] = []

        def progress(self, done: float, total: float, text: str) -> None:
            assert text
            self.shares.append(done / total)

    reporter = Written()
    measured(CNN.network.data, reporter=reporter)
    assert reporter.shares == sorted(reporter.shares)
    assert (reporter.shares[0], reporter.shares[-1]) == (0, 1)


def test_measuring_twice_gives_the_same_figures() -> None:
    first, second = (measured(noisy(0.2).data) for _ in range(2))
    there, back = (found.model_dump(exclude={"conditions"}) for found in (first, second))
    assert there == back
