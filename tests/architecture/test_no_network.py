"""Nothing is told to anyone: no library that we load keeps or sends reports of its use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_a_command_leaves_no_reports_of_its_use_in_a_new_home(tmp_path: Path) -> None:
    homes = {f"XDG_{kind}_HOME": str(tmp_path) for kind in ("CACHE", "CONFIG", "DATA", "STATE")}
    environment = {**os.environ, "HOME": str(tmp_path), **homes}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    words = ["evaluate", "gallery:breast", "--data", "gallery:breast"]
    command = [sys.executable, "-m", "tinystudio", *words]
    subprocess.run(command, env=environment, capture_output=True, check=True)
    assert [str(file) for file in tmp_path.rglob("*") if file.is_file()] == []
