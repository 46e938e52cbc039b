"""Files in onnxruntime's own format: measured like any other, never changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_words import PRUNE, TASK, in_json

from tinystudio.cli.main import run

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Write a gallery network in this format, once."""
    path = tmp_path_factory.mktemp("ort") / "small.ort"
    assert run(["export", TASK, "--to", "ort", "--output", str(path)]) == 0
    return path.read_bytes()


@pytest.fixture
def ort_file(tmp_path: Path, written: bytes) -> Path:
    """Return a file of the test's own."""
    path = tmp_path / "small.ort"
    path.write_bytes(written)
    return path


def test_an_ort_file_is_as_accurate_as_what_it_was_made_from(
    ort_file: Path, capsys: Capture
) -> None:
    made = in_json(capsys, "evaluate", str(ort_file), "--data", TASK)
    original = in_json(capsys, "evaluate", TASK, "--data", TASK)
    assert made["accuracy"] == original["accuracy"]
    assert made["size_bytes"] == ort_file.stat().st_size


def test_an_ort_file_is_timed_against_its_original(ort_file: Path, capsys: Capture) -> None:
    found = in_json(capsys, "profile", str(ort_file), "--against", TASK)
    assert found["variant"]["latency_ms"] > 0
    assert found["variant"]["latency_ratio_status"] == "measured"


def test_data_that_does_not_fit_an_ort_file_is_refused(ort_file: Path, capsys: Capture) -> None:
    assert run(["evaluate", str(ort_file), "--data", "gallery:watch"]) == 1
    assert "The data does not fit the model" in capsys.readouterr().err


def test_a_damaged_ort_file_is_refused(ort_file: Path, capsys: Capture) -> None:
    ort_file.write_bytes(ort_file.read_bytes()[:200])
    assert run(["profile", str(ort_file)]) == 1
    assert "The model could not be run" in capsys.readouterr().err


def test_an_ort_file_is_not_changed(ort_file: Path, tmp_path: Path, capsys: Capture) -> None:
    words = ("--data", TASK, "--no-time", "--output", str(tmp_path / "out.onnx"), *PRUNE)
    assert run(["compress", str(ort_file), *words]) == 1
    said = capsys.readouterr().err
    assert "measured but not changed" in said
    assert "tinystudio profile" in said
