"""What the fresh process does with an exported file: open it, run it, write the answers down.

It uses nothing of TinyStudio's: what runs here runs in any program that has onnxruntime.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np

INPUTS, ANSWERS, COMPLAINT = "inputs.npz", "answers.npz", "complaint.json"

_DTYPES = {"float": "float32", "double": "float64"}  # others are called as in numpy


def answer(path: str, folder: str) -> None:
    """Run the file on the inputs in `folder`; leave there the answers, or why there are none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    where = Path(folder)
    try:
        answers = _run(path, where / INPUTS)
    except Exception as error:  # noqa: BLE001 - the edge of a process: the reason must get out
        lines = str(error).strip().splitlines() or [type(error).__name__]
        (where / COMPLAINT).write_text(json.dumps(lines[0].rstrip(".")[:300]), encoding="utf-8")
        return
    np.savez(where / ANSWERS, *answers)


def open_only(path: str) -> None:
    """Open the file and end; an error of onnxruntime's is an end like any other, a crash is not."""
    import onnxruntime

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - whoever opens it in earnest hears of it
        return


def _run(path: str, inputs: Path) -> list[Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    with np.load(inputs, allow_pickle=False) as stored:
        arrays = [stored[f"arr_{number}"] for number in range(len(stored.files))]
    ports = session.get_inputs()
    pieces = []
    start, count = 0, len(arrays[0])
    while start < count:
        size, fed = _batch(ports, arrays, start)
        out = session.run(None, fed)
        pieces.append([x[: count - start] if x.shape[:1] == (size,) else x[None] for x in out])
        start += max(size, 1)
    return [np.concatenate(column) for column in zip(*pieces, strict=True)]


def _batch(ports: list[Any], arrays: list[Any], start: int) -> tuple[int, dict[str, Any]]:
    """Return how many samples come next, and them as the file wants them.

    One at a time, which every file with an open batch can do; a fixed batch is filled up with
    the last sample; size 0 means the bare sample, for a file without batch axis.
    """
    first = ports[0].shape
    size = first[0] if first and isinstance(first[0], int) else 1
    size = 0 if arrays[0].ndim == len(first) + 1 else size
    at = np.minimum(np.arange(start, start + max(size, 1)), len(arrays[0]) - 1)
    fed = {}
    for port, array in zip(ports, arrays, strict=True):
        kind = port.type.removeprefix("tensor(").removesuffix(")")
        piece = array[at].astype(_DTYPES.get(kind, kind))
        fed[port.name] = np.ascontiguousarray(piece if size else piece[0])
    return size, fed
