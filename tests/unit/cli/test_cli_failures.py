"""Bad input: one clear error, exit code 1, no traceback, nothing written."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_words import PRUNE, TASK

from tinystudio.cli.commands.gallery import Gallery
from tinystudio.cli.console import Console
from tinystudio.cli.main import run
from tinystudio.core import places

Capture = pytest.CaptureFixture[str]
COMPRESS = ("compress", TASK, "--data", TASK, "--no-time", "--output", "out.onnx")
SWEEP = ("sweep", TASK, "--data", TASK, "--no-time", "--project", "p", *PRUNE)
EXPORT = ("export", TASK, "--data", TASK)
BAD = {
    "no such model": ("inspect", "nowhere.onnx"),
    "no such task": ("inspect", "gallery:moon"),
    "not an ONNX file": ("inspect", "text.onnx"),
    "a cut-off ONNX file": ("inspect", "cut.onnx"),
    "a folder as the model": ("inspect", "folder"),
    "no such data": ("evaluate", TASK, "--data", "nowhere.npz"),
    "data that is no archive": ("evaluate", TASK, "--data", "text.npz"),
    "Python objects in the data": ("evaluate", TASK, "--data", "objects.npz"),
    "data of another shape": ("evaluate", TASK, "--data", "shape.npz"),
    "labels outside the classes": ("evaluate", TASK, "--data", "labels.npz"),
    "data of another task": ("evaluate", TASK, "--data", "gallery:watch"),
    "an unknown technique": (*COMPRESS, "--step", "magic"),
    "an unknown parameter": (*COMPRESS, "--step", "channel-pruning", "beauty=1"),
    "a parameter named technique": (*COMPRESS, "--step", "channel-pruning", "technique=1"),
    "a value out of bounds": (*COMPRESS, "--step", "channel-pruning", "sparsity=1.2"),
    "a value that is no number": (*COMPRESS, "--step", "channel-pruning", "sparsity=NaN"),
    "a word without a value": (*COMPRESS, "--step", "channel-pruning", "sparsity"),
    "no such recipe": (*COMPRESS, "--recipe", "nowhere.json"),
    "a recipe that is not JSON": (*COMPRESS, "--recipe", "text.onnx"),
    "a recipe of a later version": (*COMPRESS, "--recipe", "later.json"),
    "a recipe that is a folder": (*COMPRESS, "--recipe", "folder"),
    "a folder as the output": (*COMPRESS[:-1], "folder", *PRUNE),
    "an output below a file": (*COMPRESS[:-1], "text.npz/deeper/out.onnx", *PRUNE),
    "an unknown target": (*EXPORT, "--to", "toaster", "--output", "out.bin"),
    "an unknown option": (*EXPORT, "--to", "onnx", "--output", "o.onnx", "--option", "x=1"),
    "an export below a file": (*EXPORT, "--to", "onnx", "--output", "text.npz/out.onnx"),
    "a sweep of a missing model": ("sweep", "nowhere.onnx", *SWEEP[2:], "--vary", "sparsity=0.1"),
    "a sweep of an unknown parameter": (*SWEEP, "--vary", "beauty=0:1:0.1"),
    "a sweep out of bounds": (*SWEEP, "--vary", "sparsity=0:2:0.5"),
    "a sweep of a step that is not there": (*SWEEP, "--vary", "3.sparsity=0:0.5:0.1"),
    "a range that is none": (*SWEEP, "--vary", "sparsity=0:0.5"),
    "a goal that is none": (*SWEEP, "--vary", "sparsity=0.1", "--goal", "small"),
    "a goal on time without timing": (*SWEEP, "--vary", "sparsity=0.1", "--goal", "latency_ms<=1"),
    "a project where other files are": (
        "sweep", *SWEEP[1:6], "theirs.tinystudio", *PRUNE, "--vary", "sparsity=0.1",
    ),
    "a demonstration over someone's project": ("demo", "--output", ".", "--task", "gallery:watch"),
    "a demonstration of an unknown task": ("demo", "--task", "gallery:moon"),
    "a demonstration below a file": ("demo", "--output", "text.npz/deeper"),
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with every kind of bad file."""
    model = places.resources() / "gallery" / "breast" / "network.onnx"
    (tmp_path / "folder").mkdir()
    for name in ("theirs.tinystudio", "watch.tinystudio"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "diary.txt").write_text("mine")
    (tmp_path / "text.onnx").write_text("hello")
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "cut.onnx").write_bytes(model.read_bytes()[:5000])
    (tmp_path / "later.json").write_text('{"version": 9, "steps": []}')
    samples = np.zeros((40, 30), np.float32)
    labels = np.arange(40) % 2
    np.savez(tmp_path / "objects.npz", x=np.array([{}, []], object), y=np.arange(2))
    np.savez(tmp_path / "shape.npz", x=samples[:, :7], y=labels)
    np.savez(tmp_path / "labels.npz", x=samples, y=labels * 70)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def everything_in(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    folders = {str(path): b"" for path in folder.rglob("*") if path.is_dir()}
    return {**folders, **{str(path): path.read_bytes() for path in files}}


@pytest.mark.parametrize("words", BAD.values(), ids=BAD)
def test_bad_input_is_one_error_in_words_and_nothing_is_written(
    words: tuple[str, ...], here: Path, capsys: Capture
) -> None:
    before = everything_in(here)
    code = run([*words, "--json"])
    said = capsys.readouterr()
    assert code == 1
    errors = [line for line in said.err.splitlines() if line.startswith("error: ")]
    told = json.loads(said.out)["error"]
    assert errors == [f"error: {told['title']} - {told['detail']} - {told['hint']}"]
    assert all(told.values())
    assert "Traceback" not in said.err
    assert "inside TinyStudio" not in told["title"]
    assert everything_in(here) == before


def test_a_fault_of_the_program_is_told_in_words_and_goes_to_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Gallery, args: argparse.Namespace, console: Console) -> list[Any]:
        raise ZeroDivisionError("who would have thought")

    monkeypatch.setattr(Gallery, "run", fail)
    assert run(["gallery"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("error: Something went wrong inside TinyStudio - ZeroDivisionError")
    assert "Traceback" not in said.err
    log = places.log() / "command-line.log"
    assert "who would have thought" in log.read_text(encoding="utf-8")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    caplog.clear()


def test_ctrl_c_is_no_error_and_leaves_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def stop(self: Gallery, args: argparse.Namespace, console: Console) -> list[Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Gallery, "run", stop)
    assert run(["gallery"]) == 130
    assert "What was finished is kept" in capsys.readouterr().err


def test_a_project_that_someone_writes_to_is_named_with_its_holder(
    here: Path, capsys: Capture
) -> None:
    from tinystudio.session.project import open_project

    with open_project(here / "p", must_write=True):
        assert run([*SWEEP, "--vary", "sparsity=0.1"]) == 1
    assert "being written to by" in capsys.readouterr().err
