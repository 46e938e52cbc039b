"""Figures that were not plainly measured say so on the terminal."""

from __future__ import annotations

import pytest

from tinystudio.cli.console import Console
from tinystudio.cli.words import show_measurements
from tinystudio.core.measurement import Measurement


def test_memory_that_is_only_estimated_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    named = {
        "original": Measurement(peak_memory_bytes=96_000, peak_memory_bytes_status="measured"),
        "variant": Measurement(peak_memory_bytes=48_000, peak_memory_bytes_status="estimated"),
    }
    show_measurements(named, Console(as_json=False))
    lines = capsys.readouterr().out.splitlines()
    memory = next(line for line in lines if line.startswith("peak memory"))
    assert memory.endswith("96.0 kB  48.0 kB (estimated)")
