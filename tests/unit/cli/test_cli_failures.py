"""Bad input: one clear error, exit code 1, no traceback, nothing written."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_words import PRUNE, TASK
from onnx import TensorProto, helper, numpy_helper

from tinystudio.cli.commands.gallery import Gallery
from tinystudio.cli.console import Console
from tinystudio.cli.main import run
from tinystudio.core import places

FULL = Path("/dev/full")
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
    "a recipe with a slip in a word": (*COMPRESS, "--recipe", "slip.json"),
    "a recipe that is a list": (*COMPRESS, "--recipe", "list.json"),
    "a recipe of brackets without end": (*COMPRESS, "--recipe", "brackets.json"),
    "a recipe with a number without end": (*COMPRESS, "--recipe", "digits.json"),
    "a recipe that is a folder": (*COMPRESS, "--recipe", "folder"),
    "a folder as the output": (*COMPRESS[:-1], "folder", *PRUNE),
    "no name for the output": (*COMPRESS[:-1], ".", *PRUNE),
    "a device as the output": (*COMPRESS[:-1], "/dev/null", *PRUNE),
    "an output with too long a name": (*COMPRESS[:-1], "o" * 300, *PRUNE),
    "an output below a file": (*COMPRESS[:-1], "text.npz/deeper/out.onnx", *PRUNE),
    "an unknown target": (*EXPORT, "--to", "toaster", "--output", "out.bin"),
    "a list as an option": (*EXPORT, "--to", "onnx", "--output", "o.onnx", "--option", "x=[1]"),
    "an export with data of another shape": (
        "export", TASK, "--data", "shape.npz", "--to", "onnx", "--output", "o.onnx",
    ),
    "an export with labels outside the classes": (
        "export", TASK, "--data", "labels.npz", "--to", "onnx", "--output", "o.onnx",
    ),
    "an export over a folder": (*EXPORT, "--to", "onnx", "--output", "folder"),
    "an export of a model that asks for too much memory": (
        "export", "absurd.onnx", "--to", "onnx", "--output", "o.onnx",
    ),
    "a table with nothing in it": (*EXPORT, "--to", "csv", "--output", "out.csv"),
    "an unknown option": (*EXPORT, "--to", "onnx", "--output", "o.onnx", "--option", "x=1"),
    "an export below a file": (*EXPORT, "--to", "onnx", "--output", "text.npz/out.onnx"),
    "a sweep of a missing model": ("sweep", "nowhere.onnx", *SWEEP[2:], "--vary", "sparsity=0.1"),
    "a sweep of an unknown parameter": (*SWEEP, "--vary", "beauty=0:1:0.1"),
    "a sweep out of bounds": (*SWEEP, "--vary", "sparsity=0:2:0.5"),
    "a sweep of a step that is not there": (*SWEEP, "--vary", "3.sparsity=0:0.5:0.1"),
    "a sweep with labels outside the classes": (
        "sweep", TASK, "--data", "labels.npz", *SWEEP[4:], "--vary", "sparsity=0.1",
    ),
    "a sweep with hardly a step": (*SWEEP, "--vary", "sparsity=0:0.5:1e-320"),
    "a sweep of a switch that is neither on nor off": (*SWEEP, "--vary", "resolve=perhaps"),
    "a file as the project": (
        "sweep", *SWEEP[1:6], "file.tinystudio", *PRUNE, "--vary", "sparsity=0.1",
    ),
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
    (tmp_path / "slip.json").write_text('{"version": 1, "step": []}')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "brackets.json").write_text("[" * 100_000)
    (tmp_path / "digits.json").write_text("9" * 5000)
    (tmp_path / "file.tinystudio").write_text("mine")
    (tmp_path / "absurd.onnx").write_bytes(asking_for_a_terabyte())
    samples = np.zeros((40, 30), np.float32)
    labels = np.arange(40) % 2
    np.savez(tmp_path / "objects.npz", x=np.array([{}, []], object), y=np.arange(2))
    np.savez(tmp_path / "shape.npz", x=samples[:, :7], y=labels)
    np.savez(tmp_path / "labels.npz", x=samples, y=labels * 70)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asking_for_a_terabyte() -> bytes:
    """Return a model whose absurd size is known only once it runs."""
    nodes = [
        helper.make_node("Cast", ["x"], ["whole"], to=TensorProto.INT64),
        helper.make_node("ReduceMax", ["whole"], ["highest"], keepdims=0),
        helper.make_node("Mul", ["highest", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "many"], ["shape"]),
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    weights = {"zero": np.array(0, np.int64), "many": np.array([2**38], np.int64)}
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2]) for name in "xy")
    stored = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "absurd", [x], [y], stored)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


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


def test_a_full_disk_behind_the_output_is_told_and_leaves_no_traceback() -> None:
    if not FULL.exists():
        pytest.skip("this system has no device that is always full")
    command = [sys.executable, "-m", "tinystudio", "gallery", "--json"]
    with FULL.open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: The result was not printed - ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_home_that_cannot_be_written_to_does_not_stop_a_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "home"))
    assert run(["gallery", "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_when_the_disk_is_full_nothing_is_left_of_a_project_with_nothing_in_it(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    before = everything_in(here)
    assert run([*SWEEP, "--vary", "sparsity=0.1"]) == 1
    assert "is full" in capsys.readouterr().err
    assert everything_in(here) == before


def test_when_the_disk_fills_up_the_project_keeps_what_was_measured(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert run([*SWEEP, "--vary", "sparsity=0.25"]) == 0

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert run([*SWEEP, "--vary", "sparsity=0.5"]) == 1
    capsys.readouterr()
    assert run([*SWEEP, "--vary", "sparsity=0.25", "--json"]) == 0
    titles = [item["title"] for item in json.loads(capsys.readouterr().out)["variants"]]
    assert titles == ["original", "channels −25 %"]
