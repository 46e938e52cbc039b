"""The Compression dial of the real window, watched: moves to paint, gaps, pictures of a drag."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QSlider

from benchmarks.window_bench import HEARTBEAT_MS, Bench, beats, home, opened, summary
from tinystudio.core.measurement import Measurement
from tinystudio.gui import theme
from tinystudio.gui.stylesheet import palette, stylesheet

NETWORKS = ("watch", "satellite", "fashion")
MOVES = 20  # one at a time, per network
DRAG_S = 6.0
FRAME_S = 1 / 60
LONG_MS = 60.0  # a gap that can be felt
BUILT_WITHIN_S = 180.0
SHOTS = 12
AIMS = {"predicted p95 ms": 16.0, "exact p95 ms": 100.0, "building p99 ms": 20.0,
        "dragging p99 ms": 20.0}  # fmt: skip


def main(doc: str) -> None:
    """Print what was found for every network, and whether each aim is met."""
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    with home() as folder, opened(folder) as bench:
        _dress()
        found = {name: of_network(bench, name) for name in options.networks}
        if options.pictures:
            photograph(bench, options.pictures)
    judge(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


def of_network(bench: Bench, name: str) -> dict[str, Any]:
    """Open a network, watch its database being built, then its dial being moved."""
    bench.wait(lambda: bench.studio.engine_state in ("ready", "restarted"))
    bench.pause(0.5)
    idle = beats(bench, DRAG_S / 2)
    began = time.perf_counter()
    bench.parts.opening.open(f"gallery:{name}")
    exploration = bench.studio.session.exploration
    bench.wait(lambda: bool(bench.studio.session.exploring), BUILT_WITHIN_S)
    bench.heartbeat.begin()
    bench.wait(lambda: exploration.database is not None, BUILT_WITHIN_S)
    first_front = time.perf_counter() - began
    bench.wait(lambda: _is_complete(bench), BUILT_WITHIN_S)
    complete = time.perf_counter() - began
    building = bench.heartbeat.taken()
    bench.wait(bench.is_quiet)
    bench.pause(0.5)
    stops = stops_of(bench)
    predicted, exact, engine = moves(bench, stops)
    dragging = drag(bench, stops)
    bench.wait(bench.is_quiet)
    bench.pause(0.5)
    idle += beats(bench, DRAG_S / 2)
    found = {"first_front_s": first_front, "complete_s": complete, "stops": len(stops),
             "predicted_ms": predicted, "exact_ms": exact, "engine_ms": engine,
             "gaps": {"idle": idle, "building": building, "dragging": dragging}}  # fmt: skip
    tell(name, found)
    return found


def moves(bench: Bench, stops: Sequence[int]) -> tuple[list[float], list[float], list[float]]:
    """Move the dial to stops one at a time.

    Return the milliseconds to the prediction, to the exact score, and what of that the engine took.
    """
    predicted, exact, engine = [], [], []
    draw = np.random.default_rng(0)
    watch = PaintWatch(bench)
    places = draw.choice(stops[1:], size=min(MOVES, len(stops) - 1), replace=False).tolist()
    for place in places:
        if place == dial(bench).value():
            continue
        begun = time.perf_counter()
        watch.begin()
        dial(bench).setSliderDown(True)
        dial(bench).setSliderPosition(int(place))
        bench.wait(watch.has_painted)
        predicted.append(1000 * (watch.painted_at - begun))
        bench.wait(lambda: _is_exact(bench) and watch.has_painted_exact())
        exact.append(1000 * (time.perf_counter() - begun))
        if bench.studio.session.preview is not None:
            engine.append(1000 * bench.studio.session.preview.seconds)
        dial(bench).setSliderDown(False)
        bench.wait(bench.is_quiet)
        bench.pause(0.05)
    watch.end()
    return predicted, exact, engine


def drag(bench: Bench, stops: Sequence[int]) -> list[float]:
    """Drag the dial back and forth; return the event loop's gaps meanwhile, ms."""
    slider, last = dial(bench), stops[-1]
    slider.setSliderDown(True)
    bench.heartbeat.begin()
    end, number = time.perf_counter() + DRAG_S, 0
    while time.perf_counter() < end:
        number += 1
        turned = abs((number % (2 * last)) - last)
        slider.setSliderPosition(int(turned))
        bench.pause(FRAME_S)
    gaps = bench.heartbeat.taken()
    slider.setSliderDown(False)
    return gaps


def photograph(bench: Bench, folder: Path) -> None:
    """Write pictures of one drag over the whole dial."""
    folder.mkdir(parents=True, exist_ok=True)
    slider = dial(bench)
    slider.setSliderDown(True)
    for number in range(SHOTS):
        slider.setSliderPosition(round(slider.maximum() * number / (SHOTS - 1)))
        bench.pause(0.03)
        bench.parts.window.grab().save(str(folder / f"drag-{number:02d}.png"))
    slider.setSliderDown(False)


class PaintWatch(QObject):
    """Notes when the figures and the first plot have been painted: predicted, and exact."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._figures, self._chart = bench.parts.figures, bench.parts.trade_off.charts[0]
        self._painted: set[str] = set()
        self._exact: set[str] = set()
        self.painted_at = 0.0
        _application().installEventFilter(self)

    def begin(self) -> None:
        """Forget what was painted."""
        self._painted.clear()
        self._exact.clear()

    def end(self) -> None:
        """Watch no longer."""
        _application().removeEventFilter(self)

    def has_painted(self) -> bool:
        """Say whether both have been painted since."""
        return len(self._painted) == 2

    def has_painted_exact(self) -> bool:
        """Say whether both have been painted with what the engine found."""
        return len(self._exact) == 2

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it
        """Look at every paint event of a figure or of the first plot."""
        if event.type() is QEvent.Type.Paint:
            if watched is self._chart.viewport():
                preview = self._chart.preview
                is_exact = preview is not None and preview.figures.score_status == "measured"
                self._note("chart", is_exact)
            elif isinstance(watched, QLabel) and self._figures.isAncestorOf(watched):
                self._note("figures", not self._figures._accuracy.text().startswith("≈"))
        return False

    def _note(self, what: str, is_exact: bool) -> None:
        if what not in self._painted:
            self._painted.add(what)
            self.painted_at = time.perf_counter()
        if is_exact:
            self._exact.add(what)


def _application() -> QCoreApplication:
    found = QApplication.instance()
    if found is None:
        raise SystemExit("there is no application")
    return found


def dial(bench: Bench) -> QSlider:
    """Return the dial's slider."""
    sliders = bench.parts.compression.findChildren(QSlider)
    return next(item for item in sliders if item.accessibleName() == "Compression")


def stops_of(bench: Bench) -> list[int]:
    """Return the places of the dial."""
    return list(range(dial(bench).maximum() + 1))


def _shown(bench: Bench) -> Measurement | None:
    preview = bench.parts.trade_off.charts[0].preview
    return None if preview is None else preview.figures


def _is_exact(bench: Bench) -> bool:
    session, shown = bench.studio.session, _shown(bench)
    preview = session.preview
    if preview is None or shown is None or preview.recipe != session.recipe:
        return False
    return shown.score_status == "measured" and shown.score == preview.measurement.score


def _is_complete(bench: Bench) -> bool:
    database = bench.studio.session.exploration.database
    steering = bench.parts.steering
    return database is not None and database.stage == "complete" and not steering.is_searching


def _dress() -> None:
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.setPalette(palette(theme.current()))
        application.setStyleSheet(stylesheet(theme.current()))


def tell(name: str, found: dict[str, Any]) -> None:
    """Print one network's figures."""
    print(f"{name}: first front {found['first_front_s']:.1f} s, complete {found['complete_s']:.1f}"
          f" s after opening; the dial has {found['stops']} stops")  # fmt: skip
    titles = (("predicted_ms", "move -> predicted painted"), ("exact_ms", "move -> exact painted"),
              ("engine_ms", "  of which the engine"))  # fmt: skip
    for key, title in titles:
        p50, p95 = np.percentile(found[key], [50, 95])
        print(f"  {title:26} ms: p50 {p50:.1f}, p95 {p95:.1f} ({len(found[key])} moves)")
    for kind, gaps in found["gaps"].items():
        figures = " / ".join(f"{value:.1f}" for value in summary(gaps).values())
        long = sum(gap > LONG_MS for gap in gaps)
        print(f"  gaps of a {HEARTBEAT_MS} ms heartbeat, {kind:9} p50/p95/p99/worst: {figures}; "
              f"{long} over {LONG_MS:g} ms of {len(gaps)}", flush=True)  # fmt: skip


def judge(found: dict[str, Any]) -> None:
    """Print whether each aim is met, over all networks together."""
    pooled = {
        "predicted p95 ms": _percentile(found, lambda one: one["predicted_ms"], 95),
        "exact p95 ms": _percentile(found, lambda one: one["exact_ms"], 95),
        "building p99 ms": _percentile(found, lambda one: one["gaps"]["building"], 99),
        "dragging p99 ms": _percentile(found, lambda one: one["gaps"]["dragging"], 99),
    }
    for name, value in pooled.items():
        verdict = "met" if value <= AIMS[name] else "missed"
        print(f"aim {name} <= {AIMS[name]:g}: {value:.1f}, {verdict}")


def _percentile(found: dict[str, Any], of: Any, share: float) -> float:
    values = [value for one in found.values() for value in of(one)]
    return float(np.percentile(values, share))
