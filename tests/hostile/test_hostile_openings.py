"""A file is opened for the first time where it can do no harm; what it does is said by name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import odd_openers
import onnx
import onnxruntime
import psutil
import pytest
from example_networks import mlp
from onnx import numpy_helper

from tinystudio.cli.main import run
from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.core.watched_child import GIB, Limits
from tinystudio.engine.artifacts import write_artifact
from tinystudio.engine.engine import Engine
from tinystudio.engine.resolving import resolve_runnable
from tinystudio.graph import opening_process, trying
from tinystudio.graph.ort_format import OrtFile
from tinystudio.graph.trying import Trial, opening_limits, try_opening
from tinystudio.jobs.events import Cancelled, Event, Failed, Finished, Started
from tinystudio.jobs.job import InspectJob
from tinystudio.runners import child
from tinystudio.runners.child import ChildEngine

PATIENCE_S = 60.0
SMALL = Limits(memory_bytes=GIB // 4, seconds=PATIENCE_S)
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # By the environment, which engines inherit: what another test has opened needs no trial there.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return places.cache()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "odd.onnx"
    path.write_bytes(mlp().network.data)
    return path


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[Trial]:
    """Every process that is started to open a file."""
    found: list[Trial] = []

    class Noted(Trial):
        def __init__(self, path: Path, limits: Limits) -> None:
            super().__init__(path, limits)
            found.append(self)

    monkeypatch.setattr(trying, "Trial", Noted)
    return found


def limited(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    monkeypatch.setattr(trying, "opening_limits", lambda _held, _seconds=None: limits)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("opener", "limits", "cause"),
    [
        ("hang", Limits(GIB, 0.6), "Opening it took longer than 1 second."),
        ("eat", SMALL, "Opening it took more than 0.2 GiB of memory"),
        ("crash", SMALL, "stopped unexpectedly (SIGSEGV)"),
        ("be_killed", SMALL, "ended from outside"),
        ("talk_nonsense", SMALL, "a meaningless answer"),
        ("name_what_is_not_its_own", SMALL, "outside the model's folder"),
    ],
)
@pytest.mark.parametrize("way", ["command line", "engine"])
def test_what_a_file_does_to_the_process_that_opens_it_is_said_by_name(
    way: str, opener: str, limits: Limits, cause: str, model: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: Capture,
) -> None:  # fmt: skip
    monkeypatch.setattr(opening_process, "main", getattr(odd_openers, opener))
    limited(monkeypatch, limits)
    if way == "command line":
        assert run(["inspect", str(model)]) == 1
        said = capsys.readouterr().err.splitlines()[-1]
    else:
        events: list[Event] = []
        job = InspectJob(network=str(model))
        Engine(model.parent / "artifacts").run(job, events.append, threading.Event())
        assert isinstance(events[-1], Failed)
        said = f"error: {events[-1].title} - {events[-1].detail} - {events[-1].hint}"
    assert said.startswith("error: odd.onnx was not opened - ")
    assert cause in said
    assert said.rsplit(" - ", 1)[1]  # what to do about it


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux caps a process's memory")
def test_the_system_refuses_such_a_process_more_than_it_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, held = tmp_path / "large.onnx", np.zeros((4096, 2048), np.float32)
    large = onnx.ModelProto()
    large.CopyFrom(mlp().network.model)
    large.graph.initializer.append(numpy_helper.from_array(held, "unread"))
    path.write_bytes(large.SerializeToString())
    limits = Limits(GIB, PATIENCE_S)
    cap = Limits(held.nbytes, PATIENCE_S)
    monkeypatch.setattr(
        trying, "opening_limits",
        lambda held, _seconds=None: cap if held == trying.LARGEST_FILE_BYTES else limits,
    )  # fmt: skip
    with pytest.raises(UserError, match="more memory than it may take"):
        try_opening(path, Silent())


def test_a_file_is_tried_once_and_again_when_it_has_changed(
    model: Path, trials: list[Trial], capsys: Capture
) -> None:
    assert run(["inspect", str(model)]) == 0
    assert len(trials) == 1
    assert run(["inspect", str(model)]) == 0
    copy = model.with_name("copy.onnx")
    copy.write_bytes(model.read_bytes())
    assert run(["inspect", str(copy)]) == 0
    assert len(trials) == 1  # by its content, whatever its name
    changed = onnx.load(model)
    changed.doc_string = "another"
    onnx.save(changed, model)
    assert run(["inspect", str(model)]) == 0
    assert len(trials) == 2
    capsys.readouterr()


def test_a_model_is_tried_again_when_the_data_beside_it_has_changed(
    tmp_path: Path, trials: list[Trial]
) -> None:
    path, beside = tmp_path / "apart.onnx", tmp_path / "apart.bin"
    onnx.save(
        mlp().network.annotated(), path, save_as_external_data=True, location=beside.name,
        size_threshold=0,
    )  # fmt: skip
    for _ in range(2):
        assert try_opening(path, Silent()) == (beside,)
    assert len(trials) == 1
    beside.write_bytes(bytes(beside.stat().st_size))
    assert try_opening(path, Silent()) == (beside,)
    assert len(trials) == 2
    beside.unlink()
    with pytest.raises(UserError, match=r"apart\.bin, which is not there"):
        try_opening(path, Silent())


def test_what_comes_with_the_program_or_from_it_is_not_tried(
    tmp_path: Path, trials: list[Trial], capsys: Capture
) -> None:
    written = write_artifact(tmp_path / "artifacts", mlp().network.data)
    assert run(["inspect", written.path]) == 0
    assert run(["inspect", "gallery:breast"]) == 0
    assert trials == []
    capsys.readouterr()


def test_a_file_in_the_format_of_the_runtime_is_tried_as_well(
    tmp_path: Path, trials: list[Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, options = tmp_path / "small.ort", onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(path)
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(mlp().network.data, options, providers=["CPUExecutionProvider"])
    for _ in range(2):
        assert isinstance(resolve_runnable(str(path), Cache()), OrtFile)
    assert len(trials) == 1
    path.write_bytes(path.read_bytes() + b"changed")
    monkeypatch.setattr(opening_process, "main", odd_openers.crash)
    with pytest.raises(UserError, match=r"small\.ort was not opened - .* \(SIGSEGV\)"):
        resolve_runnable(str(path), Cache())


def test_a_file_whose_time_ran_out_is_given_more_when_it_is_opened_again(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_process, "main", odd_openers.hang)
    monkeypatch.setattr(trying, "LEAST_S", 0.2)
    monkeypatch.setattr(trying, "LONGEST_S", 0.5)
    hints = []
    for _ in range(3):
        with pytest.raises(UserError, match="took longer") as caught:
            try_opening(model, Silent())
        hints.append(caught.value.hint)
    assert hints[0].startswith("Open it again")
    assert hints[1].startswith("Open it again")
    assert "--time-limit" in hints[2]


def test_a_command_can_limit_the_time(
    model: Path, trials: list[Trial], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert run(["inspect", str(model), "--time-limit", "30"]) == 0
    assert len(trials) == 1
    monkeypatch.setattr(opening_process, "main", odd_openers.hang)
    model.write_bytes(b"another" + model.read_bytes())
    assert run(["inspect", str(model), "--time-limit", "1"]) == 1
    assert "took longer than 1 second." in capsys.readouterr().err


def test_a_process_that_may_have_no_children_says_where_to_open_it_first(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Worker:
        daemon = True

    with monkeypatch.context() as inside:
        inside.setattr(trying, "current_process", Worker)
        with pytest.raises(UserError, match="tinystudio inspect"):
            try_opening(model, Silent())
    assert try_opening(model, Silent()) == ()
    monkeypatch.setattr(trying, "current_process", Worker)
    assert try_opening(model, Silent()) == ()  # known by now


def test_time_and_memory_grow_with_what_a_network_holds() -> None:
    small, large = opening_limits(1000), opening_limits(2**30)
    assert small.seconds == pytest.approx(60, abs=1)
    assert large.seconds > 4 * small.seconds
    assert opening_limits(2**60) == opening_limits(2**31)  # whatever a process says of itself
    assert opening_limits(1000, 7).seconds == 7


def until(runner: ChildEngine, kind: type[Event]) -> Event:  # type: ignore[valid-type]
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for event in runner.events(0.05):
            if isinstance(event, kind):
                return event
    raise AssertionError(f"no {kind}")


def opener_of(pid: int | None) -> psutil.Process | None:
    """Return the process in which the process of this id opens a file."""
    children = psutil.Process(pid).children()
    return next((it for it in children if "spawn_main" in " ".join(it.cmdline())), None)


def test_cancelling_ends_the_process_that_opens_the_file_and_spares_the_engine(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child.engine_process, "main", odd_openers.engine_whose_openings_hang)
    runner = ChildEngine(model.parent)
    try:
        job = InspectJob(network=str(model))
        runner.send(job)
        until(runner, Started)
        wait_for(lambda: opener_of(runner.pid) is not None)
        engine, opener = runner.pid, opener_of(runner.pid)
        runner.cancel(job.id)
        until(runner, Cancelled)
        assert runner.pid == engine
        assert opener is not None
        wait_for(lambda: not opener.is_running())
        runner.send(InspectJob(network="gallery:breast"))  # and it goes on
        until(runner, Finished)
    finally:
        runner.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("ending", ["SIGINT", "SIGKILL"])
def test_nothing_is_left_of_a_command_that_is_ended_while_it_opens_a_file(
    model: Path, ending: str
) -> None:
    if ending == "SIGKILL" and sys.platform != "linux":
        pytest.skip("only Linux ends a process that hears nothing with its parent")
    code = "import odd_openers, sys; sys.exit(odd_openers.command(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "inspect", str(model)]
    paths = os.pathsep.join((str(Path(__file__).parent), *sys.path))
    environment = {
        **os.environ, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(model.parent / "fresh"),
    }  # fmt: skip
    begun = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: opener_of(begun.pid) is not None)
    opener = opener_of(begun.pid)
    assert opener is not None
    try:
        wait_for(lambda: opener.cpu_times().user > 0.2)  # it hangs, and hears nothing
        begun.send_signal(signal.Signals[ending])
        said = begun.communicate(timeout=PATIENCE_S)[1]
        assert begun.returncode == (130 if ending == "SIGINT" else -signal.SIGKILL), said
        wait_for(lambda: not opener.is_running() or opener.status() == psutil.STATUS_ZOMBIE)
    finally:
        begun.kill()
        if opener.is_running():
            opener.kill()
