"""Runs commands in this process, as a person or a program would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tinystudio.cli.main import run

TASK = "gallery:breast"
PRUNE = ("--step", "channel-pruning", "sparsity=0.5")


def in_json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command that must work, with --json, and return its document."""
    code = run([*words, "--json"])
    said = capsys.readouterr()
    assert code == 0, said.err
    return json.loads(said.out)


MEASUREMENT_KEYS = {
    "metric", "score", "score_interval", "score_status", "higher_is_better", "split", "samples",
    "accuracy", "accuracy_interval", "accuracy_status", "size_bytes", "size_bytes_status",
    "download_bytes", "download_bytes_status", "parameters", "parameters_status", "macs",
    "macs_status", "latency_ms", "latency_interval_ms", "latency_ms_status", "latency_ratio",
    "latency_ratio_status", "verdict", "verdict_reason", "verdict_status", "peak_memory_bytes",
    "peak_memory_bytes_status", "energy_mj", "energy_mj_status", "warnings",
}  # fmt: skip
