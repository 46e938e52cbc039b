"""Ctrl+C while a training runs: it ends where its state is kept, and how to go on is said."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from cli_words import TASK

from tinystudio.cli.console import Console
from tinystudio.cli.main import run
from tinystudio.core import places

WORDS = ("compress", TASK, "--data", TASK, "--no-time")
TRAINED = ("--step", "fine-tuning", "epochs=60", "rate=0.001", "patience=0")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")
    return tmp_path


def interrupt_at(word: str, monkeypatch: pytest.MonkeyPatch, times: int = 1) -> None:
    """Press Ctrl+C so often when such a word is said of the progress."""
    real, left_to_press = Console.progress, [times]

    def progress(self: Console, fraction: float, text: str, left: float | None) -> None:
        real(self, fraction, text, left)
        if word in text and left_to_press[0]:
            left_to_press[0] -= 1
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Console, "progress", progress)


def test_a_training_ends_with_its_state_kept_and_says_how_to_go_on(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    output = home / "tuned.onnx"
    with monkeypatch.context() as pressing:
        interrupt_at("epoch 2", pressing)
        assert run([*WORDS, *TRAINED, "--output", str(output), "--json"]) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert "Stopping the training" in said.err
    assert "The same command goes on from there" in said.err
    assert not output.exists()
    settings = said.err.rsplit("--step ", 1)[1].split()
    assert settings[0] == "fine-tuning"
    assert any(word.startswith("stop_after=") for word in settings)
    assert list((home / "cache" / "training").iterdir())
    assert run([*WORDS, "--step", *settings, "--output", str(output)]) == 0
    assert "Stopped after" in capsys.readouterr().out
    assert output.exists()
    assert list((home / "cache" / "training").iterdir())  # the whole can still go on


def test_a_second_ctrl_c_ends_it_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    interrupt_at("epoch 2", monkeypatch, times=2)
    assert run([*WORDS, *TRAINED, "--output", str(home / "tuned.onnx")]) == 130
    assert "Stopped. What was finished is kept." in capsys.readouterr().err


def test_where_nothing_is_trained_it_ends_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    interrupt_at("Evaluating", monkeypatch)
    words = [*WORDS, "--step", "dynamic-quantization", "--output", str(home / "small.onnx")]
    assert run(words) == 130
    assert "Stopped. What was finished is kept." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
