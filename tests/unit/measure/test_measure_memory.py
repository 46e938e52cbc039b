"""The peak of onnxruntime's memory, from its profile."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from example_networks import residual_cnn

from tinystudio.core.errors import UserError
from tinystudio.measure import memory
from tinystudio.measure.memory import highest_peak, measured_or_estimated, peak_memory

CNN = residual_cnn()
ONE = {"x": CNN.test.inputs[0][:1]}


def test_the_peak_is_the_same_at_every_repeat() -> None:
    assert len({peak_memory(CNN.network.data, ONE) for _ in range(3)}) == 1


def test_the_peak_holds_at_least_the_two_largest_activations_at_once() -> None:
    peak = peak_memory(CNN.network.data, ONE)
    assert peak is not None
    assert peak >= 2 * 16 * 8 * 8 * 4


def test_more_samples_at_once_take_more_memory() -> None:
    one = peak_memory(CNN.network.data, ONE)
    many = peak_memory(CNN.network.data, {"x": CNN.test.inputs[0][:64]})
    assert one is not None
    assert many is not None
    assert many - one >= 63 * 16 * 8 * 8 * 4


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(tmp_path)
    assert peak_memory(CNN.network.data, ONE)
    assert list(tmp_path.rglob("*")) == [temporary]


def test_what_does_not_fit_is_told_and_leaves_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(UserError):
        peak_memory(CNN.network.data, {"x": np.zeros((1, 3, 5, 5), np.float32)})
    assert not list(tmp_path.iterdir())


def test_a_profile_without_the_figure_gives_none() -> None:
    assert highest_peak([]) is None
    assert highest_peak([{"name": "model_run"}, {"name": "conv", "args": {"op": "Conv"}}]) is None


def test_the_figures_are_compared_as_numbers_not_as_text() -> None:
    events = [{"args": {"mem_in_use_peak": peak}} for peak in ("999", "10000")]
    assert highest_peak(events) == 10000


def test_a_peak_that_onnxruntime_counted_is_measured() -> None:
    found = measured_or_estimated(CNN.network.data, CNN.network, ONE)
    assert found == (peak_memory(CNN.network.data, ONE), "measured")


def test_a_peak_that_nobody_counted_is_estimated_from_the_graph(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "highest_peak", lambda _: None)
    peak, status = measured_or_estimated(CNN.network.data, CNN.network, ONE)
    assert status == "estimated"
    assert peak is not None
    assert peak >= 2 * 16 * 8 * 8 * 4


def test_without_a_count_and_a_graph_there_is_no_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "highest_peak", lambda _: None)
    assert measured_or_estimated(CNN.network.data, None, ONE) == (None, "unavailable")
