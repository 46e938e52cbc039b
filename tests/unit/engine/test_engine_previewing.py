"""What a slider's position means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine_examples import DYNAMIC, work_in, write_example

from tinystudio.engine import previewing
from tinystudio.engine.previewing import preview
from tinystudio.jobs.events import Event, PreviewReady
from tinystudio.jobs.job import PreviewJob
from tinystudio.jobs.recipe import Recipe


def look_often(
    folder: Path, recipe: Recipe, samples: int = 30, *, keep_outputs: bool = False
) -> list[PreviewReady]:
    network, data = write_example(folder)
    said: list[Event] = []
    job = PreviewJob(
        network=network, data=data, recipe=recipe, number=7, samples=samples,
        keep_outputs=keep_outputs,
    )  # fmt: skip
    preview(job, work_in(folder, said))
    return [event for event in said if isinstance(event, PreviewReady)]


def look(folder: Path, recipe: Recipe, samples: int = 30) -> PreviewReady:
    (found,) = look_often(folder, recipe, samples)
    return found


def test_a_preview_says_score_change_and_size_and_no_time(tmp_path: Path) -> None:
    found = look(tmp_path, DYNAMIC)
    figures = found.measurement
    assert found.number == 7
    assert figures.samples == 30
    assert figures.split == "validation"
    assert figures.score is not None
    assert figures.score == figures.accuracy
    assert figures.score_change_interval is not None
    assert figures.size_bytes is not None
    assert figures.latency_ms_status == "unavailable"


def test_the_preview_of_nothing_done_is_a_tie_with_the_original(tmp_path: Path) -> None:
    figures = look(tmp_path, Recipe()).measurement
    assert figures.score_change == 0
    assert figures.score_tied
    assert figures.size_bytes == (tmp_path / "net.onnx").stat().st_size


def test_a_preview_asks_for_no_more_samples_than_there_are(tmp_path: Path) -> None:
    assert look(tmp_path, DYNAMIC, samples=100_000).measurement.samples < 256


def test_a_preview_leaves_no_file_behind(tmp_path: Path) -> None:
    look(tmp_path, DYNAMIC)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["data.npz", "net.onnx"]


def test_where_all_samples_take_long_a_first_figure_on_some_comes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = look(tmp_path, DYNAMIC)
    monkeypatch.setattr(previewing, "QUICK_MACS", 0)
    monkeypatch.setattr(previewing, "FEWEST_FIRST", 5)
    first, last = look_often(tmp_path, DYNAMIC)
    assert first.measurement.samples == 30 // previewing.FIRST_SHARE
    assert last.measurement.score == whole.measurement.score
    assert last.measurement.samples == 30
    narrow, wide = last.measurement.score_interval, first.measurement.score_interval
    assert narrow and wide
    assert wide[1] - wide[0] > narrow[1] - narrow[0]


def test_outputs_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    (found,) = look_often(tmp_path, DYNAMIC, keep_outputs=True)
    assert found.outputs is not None
    assert len(np.load(found.outputs)) == 30
