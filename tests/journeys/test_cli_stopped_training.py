"""Ctrl+C in the middle of a training: what is said is true, and what was learned can be had."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TASK = "gallery:breast"
SETTINGS = ("epochs=500", "rate=0.001", "patience=0")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process there"),
]


def words(output: Path, *settings: str) -> list[str]:
    return [
        sys.executable, "-m", "tinystudio", "compress", TASK, "--data", TASK, "--no-time",
        "--step", "fine-tuning", *settings, "--output", str(output),
    ]  # fmt: skip


def environment(cache: Path) -> dict[str, str]:
    path = os.pathsep.join(sys.path)
    return {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(cache)}


def carry_out(cache: Path, output: Path, *settings: str) -> bytes:
    subprocess.run(
        words(output, *settings), env=environment(cache), check=True, capture_output=True,
        timeout=120,
    )  # fmt: skip
    return output.read_bytes()


def test_after_ctrl_c_the_command_it_names_writes_what_was_learned(tmp_path: Path) -> None:
    output = tmp_path / "tuned.onnx"
    with subprocess.Popen(
        words(output, *SETTINGS), env=environment(tmp_path / "cache"), encoding="utf-8",
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        for line in running.stderr:
            if re.search(r"epoch \d\d+ of 500", line):
                running.send_signal(signal.SIGINT)
                break
        said = running.stderr.read()
    assert running.returncode == 130
    assert not output.exists()
    assert "Traceback" not in said
    told = re.search(r"Stopped at epoch ([\d.]+) of 500\..*: --step fine-tuning (.*)$", said, re.M)
    assert told is not None, said
    settings = shlex.split(told[2])
    assert {"epochs=500.0", "patience=0", "rate=0.001"} < set(settings)
    assert any(word.startswith(f"stop_after={told[1][:2]}") for word in settings)
    taken = carry_out(tmp_path / "cache", output, *settings)
    assert taken == carry_out(tmp_path / "another", output, *settings)
