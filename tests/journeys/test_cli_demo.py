"""The demonstration, start to end: measurements, model and pictures of the real window."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from tinystudio.cli.main import run

PNG = b"\x89PNG"


def test_the_demonstration_ends_with_pictures_measurements_and_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["demo", "--quick", "--task", "gallery:breast", "--output", str(tmp_path), "--json"]
    assert run(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pictures"]
    assert all(Path(picture).read_bytes().startswith(PNG) for picture in found["pictures"])
    onnx.checker.check_model(onnx.load(found["model"]))
    told = json.loads(Path(found["measurements"]).read_text(encoding="utf-8"))
    series = {item["series"] for item in told["variants"]}
    assert {"original", "channel-pruning", "random-control", "static-quantization"} <= series
    assert told["best"]["test"]["size_bytes"] == Path(found["model"]).stat().st_size
    assert all(check["passed"] for check in told["exported"]["checks"])
