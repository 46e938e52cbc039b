"""Compress from the command line: what is printed is what plain onnxruntime finds in the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from tinystudio.gallery import find_task

TASK = "gallery:breast"


def test_what_is_printed_is_what_plain_onnxruntime_finds_in_the_file(tmp_path: Path) -> None:
    output = tmp_path / "small.onnx"
    done = subprocess.run(
        [
            sys.executable, "-m", "tinystudio", "compress", TASK, "--data", TASK,
            "--step", "channel-pruning", "sparsity=0.5", "--step", "static-quantization",
            "--output", str(output), "--json",
        ],
        capture_output=True, encoding="utf-8", timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr
    found = json.loads(done.stdout)
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    test = find_task(TASK).dataset().test
    assert test.labels is not None
    (answers,) = session.run(None, {session.get_inputs()[0].name: test.inputs[0]})
    variant = found["variant"]
    assert variant["accuracy"] == float(np.mean(np.argmax(answers, 1) == test.labels))
    assert variant["samples"] == len(test.labels)
    assert variant["size_bytes"] == output.stat().st_size
    assert variant["size_bytes"] < found["original"]["size_bytes"] / 2
    assert variant["latency_ratio_status"] == "measured"
    assert variant["latency_ms"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["small.onnx"]
