"""Files damaged at random are opened or refused by name; the whole of it is a benchmark."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_damaged_files_of_every_kind_are_opened_or_refused_by_name() -> None:
    command = [sys.executable, "-m", "benchmarks.fuzz", "--files", "400", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(item["opened"] + item["refused"] for item in found) == 400
    assert all(item["refused"] for item in found)
