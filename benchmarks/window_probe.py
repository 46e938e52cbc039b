"""The real window, watched: its first paint, its event loop, its previews."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.use_probe import use
from benchmarks.window_bench import HEARTBEAT_MS, WITHIN_S, Bench, beats, home, opened, summary
from tinystudio.gui.app import FIRST_PAINT_ENV
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.sweeps import Vary

SWEPT = "gallery:watch"
SLID = ("gallery:satellite", "gallery:watch", "gallery:fashion")
ROUNDS, MOVES = 2, 5  # moves per network and round
AIMS = {"first paint s": 0.8, "gap p99 ms": 20.0, "slider median ms": 200.0}


def main(doc: str) -> None:
    """Print the three parts and whether each aim is met."""
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=24.0, help="of the sweep, and of idling")
    parser.add_argument("--launches", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=6.0, help="of scripted use; 60: an hour")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with home() as folder:
        found: dict[str, Any] = {"first_paint": first_paints(folder, options.launches)}
        with opened(folder) as bench:
            found["gaps"] = gaps(bench, options.seconds)
            found["slider"] = slides(bench)
            found["use"] = use(bench, options.minutes, folder) if options.minutes else {}
    judge(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


def first_paints(folder: Path, launches: int) -> list[float]:
    """Start the program several times; print and return the seconds to its first paint."""
    seconds = [first_paint(folder / f"painted-{number}") for number in range(launches)]
    print(
        f"first paint    median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s "
        f"({launches} launches)",
        flush=True,
    )
    return seconds


def first_paint(report: Path) -> float:
    """Start the program, wait for its first paint, end it; return the seconds it took."""
    began = time.time()
    started = psutil.Popen(
        [sys.executable, "-m", "tinystudio"],
        cwd=Path(__file__).parents[1], env=os.environ | {FIRST_PAINT_ENV: str(report)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not (report.exists() and report.read_text()):
            if started.poll() is not None or time.time() - began > WITHIN_S:
                raise SystemExit("the window did not come up")
            time.sleep(0.002)
    finally:
        family = [started, *started.children(recursive=True)] if started.is_running() else []
        for process in family:
            process.kill()
        psutil.wait_procs(family)
    return float(report.read_text()) - began


def gaps(bench: Bench, seconds: float) -> dict[str, Any]:
    """Print and return the event loop's gaps: idle, during a sweep, idle again."""
    bench.open(SWEPT)
    bench.pause(1.0)
    idle = beats(bench, seconds / 2)
    bench.studio.edit_recipe(pruned(0.5))
    values = tuple(round(0.02 * step, 2) for step in range(1, 46))
    bench.studio.sweep((Vary("sparsity", values), Vary("scope", ("network", "layer"))))
    before = len(bench.studio.session.variants())
    sweeping = beats(bench, seconds)
    made = len(bench.studio.session.variants()) - before
    is_running = any(isinstance(run.job, VariantsJob) for run in bench.studio.session.runs.open)
    bench.parts.commands.jobs.cancel_all()
    bench.wait(bench.is_quiet)
    bench.pause(1.0)
    idle += beats(bench, seconds / 2)
    if not made:
        raise SystemExit("the sweep measured nothing; give it more seconds")
    print(f"event loop     gaps of a {HEARTBEAT_MS} ms heartbeat, ms: p50 / p95 / p99 / worst")
    told = {"idle": summary(idle), "sweep": summary(sweeping)}
    for name, figures in told.items():
        print(f"  {name:12} {' / '.join(f'{value:.1f}' for value in figures.values())}")
    ratios = [told["sweep"][key] / told["idle"][key] for key in told["idle"]]
    print(f"  {'ratio':12} {' / '.join(f'{ratio:.2f}' for ratio in ratios)}")
    state = "still running at its end" if is_running else "over before its end"
    print(f"  {made} variants in {seconds:g} s of sweep, {state}", flush=True)
    return {**told, "variants": made, "idle_gaps": len(idle), "sweep_gaps": len(sweeping)}


BESIDE = 0.004  # off the sweep's values: what is measured already shows without a preview


def slides(bench: Bench) -> dict[str, Any]:
    """Print and return the milliseconds from a slider's move to its preview, by network."""
    moved: dict[str, list[float]] = {network: [] for network in SLID}
    first: dict[str, float] = {}
    for turn in range(ROUNDS):
        for network in SLID:
            bench.open(network)
            opening = slide(bench, 0.9 + 0.01 * turn + BESIDE)
            first.setdefault(network, opening)
            spread = [0.1 + 0.15 * step + 0.03 * turn for step in range(MOVES)]
            moved[network] += [slide(bench, round(sparsity, 2) + BESIDE) for sparsity in spread]
    print("slider         ms from move to preview: median / p95 (first move after opening)")
    for network in SLID:
        middle, late = statistics.median(moved[network]), np.percentile(moved[network], 95)
        print(f"  {network:18} {middle:.0f} / {late:.0f} ({first[network]:.0f})")
    every = [value for values in moved.values() for value in values]
    print(
        f"  {'all':18} {statistics.median(every):.0f} / {np.percentile(every, 95):.0f} "
        f"({len(every)} moves)",
        flush=True,
    )
    return {"moves": moved, "first": first}


def slide(bench: Bench, sparsity: float) -> float:
    """Move the slider; return the milliseconds until plot and figures show what it means."""
    recipe, studio, chart = pruned(sparsity), bench.studio, bench.parts.trade_off.charts[0]

    def is_shown() -> bool:
        preview = studio.session.preview
        if preview is None or preview.recipe != recipe or chart.preview is None:
            return False
        return chart.preview.figures == preview.measurement

    began = time.perf_counter()
    studio.edit_recipe(recipe, live=True)
    bench.wait(is_shown)
    took = 1000 * (time.perf_counter() - began)
    bench.wait(bench.is_quiet)
    return took


def pruned(sparsity: float) -> Recipe:
    """Return the recipe that the slider moves in."""
    return Recipe(steps=(Step.of("channel-pruning", sparsity=sparsity),))


def judge(found: dict[str, Any]) -> None:
    """Print whether each aim is met."""
    every = [value for values in found["slider"]["moves"].values() for value in values]
    reached = {
        "first paint s": statistics.median(found["first_paint"]),
        "gap p99 ms": found["gaps"]["sweep"]["p99"],
        "slider median ms": statistics.median(every),
    }
    for name, value in reached.items():
        verdict = "met" if value < AIMS[name] else "missed"
        print(f"aim {name} < {AIMS[name]:g}: {value:.2f}, {verdict}")
    found["reached"] = reached
