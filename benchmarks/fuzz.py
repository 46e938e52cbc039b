"""Damaged files by the thousand: each is opened or refused by name, soon, and nothing falls over.

    python -m benchmarks.fuzz [--files 10000] [--seed 0] [--kinds onnx npz ...] [--keep DIR]

Whole files (gallery networks, data of every format, a project, an archive, weights) are changed at
random: bits flipped, ends cut, pieces cut out or spliced in from another file, wild numbers written
over sizes; networks also node by node (operators, wiring, attributes, sizes, types, branches),
archives also inside. A worker process opens one after the other as the program does, and looks at
what opened. It is replaced when it dies, when one file takes longer than 10 s, or when it holds
more than 2 GiB. `fault` counts errors that are no answer to a user, `unnamed` those that do not
name the file. What went wrong is kept in DIR, by number; the same seed makes the same files.

Aim: no fault, nothing unnamed, no death, nothing slower than 10 s, below 2 GiB.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import psutil

from benchmarks import fuzz_worker
from benchmarks.fuzz_mutations import mutated, mutated_archive, mutated_network
from benchmarks.fuzz_seeds import SEEDS

PATIENCE_S = 10.0
MOST_BYTES = 2 * 2**30
LOOK_EVERY_S = 0.05
START_S = 60.0  # a first file also loads the libraries
# Shares of all files.
KINDS = {
    "onnx": 0.4, "npz": 0.1, "project": 0.1, "zip": 0.05, "safetensors": 0.05, "csv": 0.05,
    "tsv": 0.05, "txt": 0.05, "png": 0.075, "wav": 0.075,
}  # fmt: skip
IN_FOLDERS = ("png", "wav", "tsv")  # one folder for each class; .tsv are recordings
BESIDE = 6  # whole files of each class
GOOD = ("opened", "refused")
_SPAWN = multiprocessing.get_context("spawn")


class Worker:
    """Opens files; replaced by whoever finds it dead."""

    def __init__(self, main: Callable[[Connection], None] = fuzz_worker.main) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=main, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._is_fresh = True
        self.most_bytes = 0

    def open(self, kind: str, path: Path | str) -> tuple[str, str]:
        """Return how it went, and what was said."""
        patience, self._is_fresh = START_S if self._is_fresh else PATIENCE_S, False
        end = time.monotonic() + patience
        try:
            self._pipe.send_bytes(json.dumps([kind, str(path)]).encode())
            while not self._pipe.poll(LOOK_EVERY_S):
                if time.monotonic() > end:
                    return "hung", f"longer than {patience:.0f} s"
                if self._bytes() > MOST_BYTES:
                    return "greedy", f"more than {MOST_BYTES / 2**30:.0f} GiB"
            answer = json.loads(self._pipe.recv_bytes())
        except (EOFError, OSError):
            self._process.join()
            return "died", f"code {self._process.exitcode}"
        self._bytes()
        return answer["how"], answer["text"]

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _bytes(self) -> int:
        try:
            held = int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0
        self.most_bytes = max(self.most_bytes, held)
        return held


def _place(kind: str, seeds: Sequence[bytes], folder: Path) -> Path:
    """Return where damaged files are put: alone, or in a class among whole ones."""
    if kind not in IN_FOLDERS:
        return folder / f"damaged.{kind}"
    for title in ("left", "right"):
        (folder / "damaged" / title).mkdir(parents=True)
        for number in range(BESIDE):
            (folder / "damaged" / title / f"{number}.{kind}").write_bytes(
                seeds[number % len(seeds)]
            )
    return folder / "damaged" / "right" / f"damaged.{kind}"


def fuzz(kind: str, count: int, seed: int, keep: Path | None) -> dict[str, int | float | str]:
    """Open `count` damaged files of a kind; return how it went."""
    seeds, tally, slowest, most = SEEDS[kind](), Counter[str](), 0.0, 0
    worker = Worker()
    with tempfile.TemporaryDirectory(prefix="tinystudio-fuzz-") as folder:
        path = _place(kind, seeds, Path(folder))
        for number in range(count):
            path.write_bytes(_damaged(kind, seeds, seed, number))
            began = time.monotonic()
            how, text = worker.open(kind, path)
            slowest = max(slowest, time.monotonic() - began if number else 0.0)
            tally[how] += 1
            most = max(most, worker.most_bytes)
            if how not in GOOD:
                _tell(kind, number, how, text, path, keep)
            if how in ("hung", "greedy", "died"):
                worker.end()
                worker = Worker()
    worker.end()
    bad = {f"{how}": tally[how] for how in ("unnamed", "fault", "died", "hung", "greedy")}
    figures = {"slowest_s": round(slowest, 2), "most_MiB": most // 2**20}
    return {"kind": kind, **{how: tally[how] for how in GOOD}, **bad, **figures}


def _damaged(kind: str, seeds: Sequence[bytes], seed: int, number: int) -> bytes:
    rng = np.random.default_rng([seed, list(KINDS).index(kind), number])
    if kind == "onnx" and rng.random() < 0.6:
        return mutated_network(seeds, rng)
    if kind in ("npz", "zip") and rng.random() < 0.6:
        return mutated_archive(seeds, rng)
    return mutated(seeds, rng)


def _tell(kind: str, number: int, how: str, text: str, path: Path, keep: Path | None) -> None:
    print(f"{kind} {number}: {how}: {text.strip()[-1500:]}", file=sys.stderr, flush=True)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{number}.{how}.{kind}").write_bytes(path.read_bytes())


def main() -> int:
    """Run and print one line a kind; 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    shares = sum(KINDS[kind] for kind in args.kinds)
    is_good = True
    for kind in args.kinds:
        count = round(args.files * KINDS[kind] / shares)
        found = fuzz(kind, count, args.seed, args.keep)
        print(json.dumps(found), flush=True)
        is_good &= count == sum(int(found[how]) for how in GOOD)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
