"""Minutes of use, scripted: opening, dragging, sweeping, comparing, exporting, jobs running."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.slider_probe import dial
from benchmarks.window_bench import Bench, beats, summary
from tinystudio.core.errors import UserError
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.sweeps import Vary

NETWORKS = ("gallery:satellite", "gallery:watch", "gallery:scenes", "gallery:vowels")
LONG_MS = 60.0  # a gap that can be felt
IDLE_S = 20.0
FRAME_S = 1 / 60
WITHIN_S = 120.0
AIMS = {"gap p99 ms": 20.0, "first points s": 3.0}


@dataclass
class Used:
    """What was seen: gaps (ms) per kind of use, seconds to a first point, memory (MB) by round."""

    gaps: dict[str, list[float]] = field(default_factory=dict)
    first_points_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def opened(self, seconds: float, is_new: bool) -> None:
        """Note how long a first point took, where nothing of the network was measured before."""
        if is_new:
            self.first_points_s.append(seconds)

    def watch(self, kind: str, bench: Bench, work: Callable[[], object]) -> None:
        """Carry out some use and keep its gaps."""
        bench.heartbeat.begin()
        try:
            work()
        except (SystemExit, UserError) as error:
            self.failed.append(f"{kind}: {error}")
        self.gaps.setdefault(kind, []).extend(bench.heartbeat.taken())


def use(bench: Bench, minutes: float, folder: Path) -> dict[str, Any]:
    """Use the window for so long; print and return what its event loop did meanwhile."""
    bench.wait(lambda: bench.studio.engine_state in ("ready", "restarted"))
    bench.pause(1.0)
    idle, used = beats(bench, IDLE_S), Used()
    end, rounds = time.perf_counter() + 60 * minutes, _rounds()
    while time.perf_counter() < end:
        _one_round(bench, next(rounds), used, folder)
        used.memory_mb.append(psutil.Process().memory_info().rss / 1e6)
    bench.parts.commands.jobs.cancel_all()
    bench.wait(bench.is_quiet, WITHIN_S)
    bench.pause(1.0)
    idle += beats(bench, IDLE_S)
    return _told(idle, used, minutes)


def _rounds() -> Iterator[str]:
    while True:
        yield from NETWORKS


def _one_round(bench: Bench, network: str, used: Used, folder: Path) -> None:
    session = bench.studio.session
    is_new = not session.variants_anywhere(network)  # else its points are there at once
    used.watch("opening", bench, lambda: used.opened(_opened(bench, network), is_new))
    used.watch("dragging", bench, lambda: _drag(bench, 5.0))
    studio = bench.studio
    studio.edit_recipe(Recipe(steps=(Step.of("channel-pruning", sparsity=0.5),)))
    values = tuple(round(0.04 * step, 2) for step in range(1, 24))
    studio.sweep((Vary("sparsity", values),))
    used.watch("sweeping", bench, lambda: bench.pause(6.0))
    used.watch("dragging while sweeping", bench, lambda: _drag(bench, 4.0))
    used.watch("turning pages", bench, lambda: _turn_pages(bench))
    variants = [item.id for item in session.variants()][:3]
    used.watch("comparing", bench, lambda: _compare(bench, variants))
    output = folder / f"{time.monotonic_ns()}.onnx"
    used.watch("exporting", bench, lambda: _export(bench, output))
    bench.parts.commands.jobs.cancel_all()
    bench.wait(lambda: not session.runs.open, WITHIN_S)


def _opened(bench: Bench, network: str) -> float:
    """Open a network; return the seconds until a plot has a point."""
    chart, began = bench.parts.trade_off.charts[0], time.perf_counter()
    bench.parts.opening.open(network)
    session = bench.studio.session
    bench.wait(lambda: session.original is not None and bool(chart.points), WITHIN_S)
    took = time.perf_counter() - began
    bench.wait(lambda: session.exploration.database is not None, WITHIN_S)
    bench.wait(lambda: dial(bench).isEnabled(), WITHIN_S)
    return took


def _drag(bench: Bench, seconds: float) -> None:
    slider = dial(bench)
    slider.setSliderDown(True)
    end, number, last = time.perf_counter() + seconds, 0, max(1, slider.maximum())
    while time.perf_counter() < end:
        number += 1
        slider.setSliderPosition(abs((number % (2 * last)) - last))
        bench.pause(FRAME_S)
    slider.setSliderDown(False)


def _turn_pages(bench: Bench) -> None:
    centre = bench.parts.window
    for number in range(centre.pages):
        centre.show_tab(number)
        bench.pause(0.5)
    centre.show_tab(0)


def _compare(bench: Bench, variants: list[str]) -> None:
    bench.parts.compare.compare(variants)
    bench.pause(4.0)
    bench.parts.window.show_tab(0)


def _export(bench: Bench, output: Path) -> None:
    """Export what the recipe makes, first of all that waits."""
    job = bench.studio.export("onnx", output, {}, None)
    if job is None:
        raise SystemExit("nothing was exported")
    bench.parts.commands.jobs.run_next(job)
    bench.wait(lambda: bench.studio.session.runs[job].is_ended, WITHIN_S)


def _told(idle: list[float], used: Used, minutes: float) -> dict[str, Any]:
    every = [gap for gaps in used.gaps.values() for gap in gaps]
    told: dict[str, Any] = {"idle": summary(idle), "use": summary(every)}
    told |= {kind: summary(gaps) for kind, gaps in used.gaps.items()}
    print(f"use            {minutes:g} min, gaps in ms: p50 / p95 / p99 / worst; over {LONG_MS:g}")
    for kind, gaps in (("idle", idle), *used.gaps.items(), ("use", every)):
        long, figures = sum(gap > LONG_MS for gap in gaps), summary(gaps)
        words = " / ".join(f"{value:.1f}" for value in figures.values())
        print(f"  {kind:24} {words}; {long} of {len(gaps)}", flush=True)
    first = used.first_points_s
    print(f"  first points   median {statistics.median(first):.2f} s, worst {max(first):.2f} s")
    half = len(used.memory_mb) // 2 or 1
    early, late = (statistics.median(it) for it in (used.memory_mb[:half], used.memory_mb[half:]))
    print(f"  memory         {early:.0f} MB in the first half of rounds, {late:.0f} in the second")
    for words in used.failed:
        print(f"  failed         {words}")
    reached = {"gap p99 ms": told["use"]["p99"], "first points s": statistics.median(first)}
    for name, value in reached.items():
        verdict = "met" if value <= AIMS[name] else "missed"
        print(f"aim {name} <= {AIMS[name]:g}: {value:.2f}, {verdict}")
    return {**told, "first_points_s": first, "memory_mb": used.memory_mb, "reached": reached}
