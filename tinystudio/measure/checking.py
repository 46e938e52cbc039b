"""Reopens a written file in a fresh process and looks whether it still answers as it was shown."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter
from tinystudio.measure.agreement import agreement
from tinystudio.measure.checking_process import ANSWERS, COMPLAINT, INPUTS, answer, open_only

TITLE = "The exported file was not checked"
HINT = "Export again; if it happens again, export to another target."
HEARS_CANCEL_S = 0.1
LIMIT_S = 120.0  # a file that has not answered by then never will
CHECKED_SAMPLES = 256
# A converter may fuse operators differently; sums of 32-bit floats in another order differ by
# about 1e-6 of their size, and an 8-bit rounding that falls the other way by one step in 255.
TOLERANCE = 1e-3
ROUNDED_TOLERANCE = 0.05


@dataclass(frozen=True)
class Check:
    """One thing looked at in the written file."""

    title: str
    passed: bool
    detail: str


def check_written(
    path: Path,
    samples: Samples,
    expected: Sequence[Array],
    reporter: Reporter,
    limit_s: float = LIMIT_S,
    *,
    classification: bool = True,
) -> tuple[Check, ...]:
    """Open `path` (.onnx or .ort) in a fresh process, run it on samples, compare with `expected`.

    `expected` are the outputs shown for these samples, each (n, ...); at most the first 256 are
    compared, the answers as well where it is a `classification`. The process loads nothing but
    numpy and onnxruntime: what it can run, another program can. Raises `UserError` where it
    cannot open or run the file, or dies over it.
    """
    some = samples.first(CHECKED_SAMPLES)
    wanted = [np.asarray(x[: len(some)]) for x in expected]
    answers = _answers(path, some, reporter, limit_s)
    opened = Check("Opens in a fresh process", True, f"{len(some)} samples ran in onnxruntime.")
    shapes = [x.shape for x in answers]
    if shapes != [x.shape for x in wanted]:
        detail = f"The file gives {shapes}, shown were {[x.shape for x in wanted]}."
        return (opened, Check("Gives outputs of the same shape", False, detail))
    return (opened, *_compared(wanted, answers, classification))


def survives(data: bytes, reporter: Reporter) -> bool:
    """Say whether onnxruntime lives on when it opens this network, tried in a fresh process.

    Some forms of a network end the process that opens it, without an error that could be caught.
    """
    with tempfile.TemporaryDirectory(prefix="tinystudio-check-") as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(data)
        return _end_of(open_only, (str(path),), path, reporter, LIMIT_S) == 0


def _compared(
    expected: Sequence[Array], answers: Sequence[Array], classification: bool
) -> tuple[Check, ...]:
    """Judge the largest difference, against the spread of what was expected, and the answers."""
    furthest = max(float(np.abs(a - b).max(initial=0.0)) for a, b in _pairs(expected, answers))
    spread = max(float(np.abs(a).max(initial=0.0)) for a, _ in _pairs(expected, answers))
    found = agreement(expected, answers, classification)
    same = found.finite and furthest <= TOLERANCE * max(spread, 1.0)
    rounded = found.finite and furthest <= ROUNDED_TOLERANCE * max(spread, 1.0)
    detail = f"The largest difference is {furthest:.2g}; outputs reach {spread:.3g}."
    if rounded and not same:
        detail += " That is within the rounding of 8 bits."
    checks = [Check("Gives the outputs that were shown", rounded, detail)]
    if found.top1_agreement is not None:
        changed = round((1 - found.top1_agreement) * found.samples)
        detail = f"{found.samples - changed} of {found.samples} samples get the same answer."
        checks.append(
            Check("Gives the answers that were shown", found.top1_agreement > 0.98, detail)
        )
    return tuple(checks)


def _pairs(expected: Sequence[Array], answers: Sequence[Array]) -> list[tuple[Array, Array]]:
    pairs = zip(expected, answers, strict=True)
    return [(a.astype(np.float64), b.astype(np.float64)) for a, b in pairs]


def _answers(path: Path, samples: Samples, reporter: Reporter, limit_s: float) -> list[Array]:
    """Let the fresh process answer; arrays travel as .npz files, never pickled."""
    with tempfile.TemporaryDirectory(prefix="tinystudio-check-") as name:
        folder = Path(name)
        np.savez(folder / INPUTS, *samples.inputs)
        code = _run(path, folder, reporter, limit_s)
        complaint = folder / COMPLAINT
        if complaint.exists():
            reason = json.loads(complaint.read_text(encoding="utf-8"))
            raise UserError(TITLE, f"{path.name} could not be run: {reason}.", HINT)
        if code != 0 or not (folder / ANSWERS).exists():
            raise UserError(TITLE, f"The process that ran {path.name} ended with {code}.", HINT)
        with np.load(folder / ANSWERS, allow_pickle=False) as stored:
            return [stored[key] for key in sorted(stored.files, key=_number)]


def _run(path: Path, folder: Path, reporter: Reporter, limit_s: float) -> int | None:
    return _end_of(answer, (str(path), str(folder)), path, reporter, limit_s)


def _end_of(
    task: Callable[..., None],
    given: tuple[str, ...],
    path: Path,
    reporter: Reporter,
    limit_s: float,
) -> int | None:
    """Wait for the process to end; it ends with us, or when the user cancels."""
    spawn = multiprocessing.get_context("spawn")  # a fork would inherit what is loaded here
    process = spawn.Process(target=task, args=given, daemon=True)
    process.start()
    ends = time.monotonic() + limit_s
    try:
        while process.is_alive():
            process.join(HEARS_CANCEL_S)
            reporter.check()
            if time.monotonic() > ends:
                raise UserError(TITLE, f"{path.name} did not answer in {limit_s:g} s.", HINT)
        return process.exitcode
    finally:
        process.kill()
        process.join()
        process.close()


def _number(key: str) -> int:
    return int(key.removeprefix("arr_"))
