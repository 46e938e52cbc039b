"""Tries a built bundle as its user would: words, one recipe, a sweep, the window without a display.

usage: smoke_test.py BUNDLE_EXECUTABLE
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PySide6.QtGui import QImage

PATIENCE_S = 180
TASK = "gallery:breast"  # the smallest; its sweep takes seconds
LARGEST_DROP = 0.1  # of accuracy, by techniques that cost next to none on this task
PICTURE = (1280, 800)
FEWEST_COLOURS = 50  # text alone has more, by its smoothed edges
FEWEST_SHARE = 0.01  # of the pixels that are not of the commonest colour


class BrokenError(Exception):
    """What the bundle did not do."""


class Bundle:
    """The program in the bundle, run without anything of this Python's or the user's."""

    def __init__(self, program: Path, home: Path) -> None:
        self._program = program
        kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP")
        self._around = {name: os.environ[name] for name in kept if name in os.environ}
        self._around |= {"HOME": str(home), "USERPROFILE": str(home)}
        self._around |= {"QT_QPA_PLATFORM": "offscreen"}

    def run(self, *words: str | Path) -> str:
        """Return what it prints; raises `BrokenError` where it fails."""
        command = [str(self._program), *map(str, words)]
        try:
            done = subprocess.run(
                command, env=self._around, cwd=self._around["HOME"], capture_output=True,
                text=True, encoding="utf-8", timeout=PATIENCE_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise BrokenError(f"{' '.join(command)} did not end in {PATIENCE_S} s") from None
        if done.returncode:
            raise BrokenError(
                f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}"
            )
        return done.stdout

    def document(self, *words: str | Path) -> Any:
        """Return the JSON document it prints."""
        return json.loads(self.run(*words, "--json"))


def check_words(bundle: Bundle, _: Path) -> str:
    """It says its version, and finds the parts that no import statement names."""
    version = bundle.run("--version").strip()
    techniques = {item["id"] for item in bundle.document("techniques")}
    missing = {"channel-pruning", "weight-pruning", "static-quantization", "dynamic-quantization"}
    expect(missing <= techniques, f"techniques are missing: {sorted(missing - techniques)}")
    tasks = {item["id"] for item in bundle.document("gallery")}
    expect(len(tasks) >= 5, f"gallery tasks are missing, there are only: {sorted(tasks)}")
    return f"version {version}, {len(techniques)} techniques, {len(tasks)} gallery tasks"


def check_recipe(bundle: Bundle, folder: Path) -> str:
    """It prunes, measures and writes a smaller network, which runs outside of it."""
    steps = ("--step", "channel-pruning", "sparsity=0.5")
    original, variant = compressed(bundle, folder / "smaller.onnx", *steps)
    expect(variant["parameters"] < original["parameters"], "nothing was removed")
    expect(variant["latency_ms_status"] == "measured", "nothing was timed")
    expect(variant["verdict"] != "unknown", "there is no verdict on the speed")
    return (
        f"{original['parameters']:,} to {variant['parameters']:,} parameters, "
        f"accuracy {original['accuracy']:.3f} to {variant['accuracy']:.3f}, {variant['verdict']}"
    )


def check_quantizers(bundle: Bundle, folder: Path) -> str:
    """The others run too: onnxruntime's quantizers need modules that nothing else loads."""
    found = []
    for technique in ("static-quantization", "dynamic-quantization", "weight-pruning"):
        output = folder / f"{technique}.onnx"
        original, variant = compressed(bundle, output, "--step", technique, "--no-time")
        drop = original["accuracy"] - variant["accuracy"]
        expect(drop < LARGEST_DROP, f"{technique} lost {drop:.1%} of accuracy")
        found.append(f"{technique} {variant['download_bytes']:,} bytes")
    return f"from {original['download_bytes']:,} bytes: {', '.join(found)}"


def check_training(bundle: Bundle, folder: Path) -> str:
    """It trains, which needs torch."""
    steps = ("--step", "fine-tuning", "epochs=2", "--no-time")
    original, variant = compressed(bundle, folder / "trained.onnx", *steps)
    drop = original["accuracy"] - variant["accuracy"]
    expect(drop < LARGEST_DROP, f"the training lost {drop:.1%} of accuracy")
    return f"accuracy {original['accuracy']:.3f} to {variant['accuracy']:.3f}"


def compressed(bundle: Bundle, output: Path, *words: str) -> tuple[Any, Any]:
    """Carry out a recipe and return the figures of original and variant."""
    document = bundle.document("compress", TASK, "--data", TASK, *words, "--output", output)
    variant = document["variant"]
    expect(output.is_file(), f"{output} was not written")
    expect(variant["size_bytes"] == output.stat().st_size, "the size is not the file's")
    expect(variant["split"] == "test", "the figures are not of the test data")
    expect(bool(np.isfinite(answers_of(output)).all()), "the written file answers with NaN")
    return document["original"], variant


def answers_of(path: Path) -> Any:
    """Return what the file answers to random samples, in an onnxruntime outside of the bundle."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (port,) = session.get_inputs()
    shape = [size if isinstance(size, int) else 4 for size in port.shape]
    samples = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    return session.run(None, {port.name: samples})[0]


def check_window(bundle: Bundle, folder: Path) -> str:
    """It sweeps into a project, and its window paints that project."""
    project, picture = folder / "smoke.tinystudio", folder / "window.png"
    found = bundle.document(
        "sweep", TASK, "--data", TASK, "--step", "channel-pruning",
        "--vary", "sparsity=0.25:0.75:0.25", "--project", project,
    )  # fmt: skip
    titles = [item["title"] for item in found["variants"]]
    expect(len(titles) == 4, f"the original and 3 variants were expected, not {titles}")
    expect(not found["failures"], f"variants failed: {found['failures']}")
    size = "x".join(map(str, PICTURE))
    bundle.run("--pictures", project, "--shot", picture, size, "light", "trade-off")
    return f"{len(titles)} variants, {look_at(picture)}"


def look_at(picture: Path) -> str:
    """Return what a picture holds; raises `BrokenError` where it is empty."""
    image = QImage(str(picture)).convertToFormat(QImage.Format.Format_RGB32)
    found = (image.width(), image.height())
    expect(found == PICTURE, f"the picture is {found}, not {PICTURE}")
    pixels = np.frombuffer(image.constBits(), np.uint32) & 0xFFFFFF
    colours, counts = np.unique(pixels, return_counts=True)
    share = 1 - counts.max() / counts.sum()
    expect(len(colours) >= FEWEST_COLOURS, f"the picture has only {len(colours)} colours")
    expect(share >= FEWEST_SHARE, f"{1 - share:.1%} of the picture are one colour")
    return f"picture of {len(colours)} colours, {share:.0%} of it drawn on"


def expect(holds: bool, otherwise: str) -> None:
    """Raise `BrokenError` where something does not hold."""
    if not holds:
        raise BrokenError(otherwise)


CHECKS: tuple[Callable[[Bundle, Path], str], ...] = (
    check_words,
    check_recipe,
    check_quantizers,
    check_training,
    check_window,
)


def main(argv: list[str]) -> int:
    """Carry out every check; return 1 where one fails."""
    if len(argv) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    program = Path(argv[0]).resolve()
    if not program.is_file():
        sys.stderr.write(f"error: there is no {program}; build it with build_bundle.py.\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="tinystudio-smoke-") as name:
        folder = Path(name)
        bundle = Bundle(program, folder)
        for check in CHECKS:
            started = time.monotonic()
            try:
                found = check(bundle, folder)
            except BrokenError as error:
                sys.stderr.write(f"FAILED  {check.__name__}: {error}\n")
                return 1
            taken = time.monotonic() - started
            sys.stdout.write(f"ok      {check.__name__}: {found} ({taken:.1f} s)\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
