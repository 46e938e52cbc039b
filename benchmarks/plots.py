"""Whether a great many points and variants move smoothly: frames a second beside an idle control.

    python -m benchmarks.plots [--seconds 3] [--json FILE]

Without a display (Qt's offscreen platform, which paints in software as a slow computer does), at
1280 x 800. A frame is one step of a pan or zoom and the whole painting of what it changed, asked
for as soon as the one before is done. The control is the same loop with a plot of one point: what
the loop, the axes and the other work of the machine cost without any points.

Plots: "any axes" with a colour and a size for a third and fourth figure. Lists: run table and model
browser with 10,000 variants: how long they take to fill, in all and in one turn of the event loop,
and scrolled three rows at a time. Diagram: 1,000 boxes, 2,000 lines.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tinystudio.gui.panels.model_browser import ModelBrowser
    from tinystudio.gui.variant_rows import VariantRows
    from tinystudio.session.marks import ProjectVariant

COUNTS = (1, 1_000, 10_000, 100_000)  # the first is the control
VARIANTS = 10_000
BOXES = 1_000
GOAL = 30.0  # frames a second
SIZE = (1280, 800)
Frames = dict[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    given = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    load, cores = psutil.getloadavg()[0], psutil.cpu_count() or 1
    print(f"load before {load:.1f} on {cores} cores; other work makes all figures worse")
    found = {**_plots(given.seconds), **_diagram(given.seconds), **_lists(given.seconds)}
    for name, frames in found.items():
        word = "" if frames["per_second"] >= GOAL else f"  below {GOAL:.0f}"
        print(
            f"{name:32} {frames['per_second']:7.1f} frames/s   slowest of 100 "
            f"{frames['p99_ms']:6.1f} ms   worst {frames['worst_ms']:6.1f} ms{word}"
        )
    if given.json:
        given.json.write_text(json.dumps({"load": load, **found}, indent=2))


def _plots(seconds: float) -> dict[str, Frames]:
    from tinystudio.gui.app import make_application

    application = make_application()  # noqa: F841  # Qt needs it for as long as there are widgets
    from tinystudio.gui import theme
    from tinystudio.gui.plots.free_chart import FreeChart
    from tinystudio.gui.plots.point_looks import point_looks

    draw, found = np.random.default_rng(0), {}
    for count in COUNTS:
        chart = FreeChart()
        chart.resize(*SIZE)
        chart.show()
        x = draw.normal(2, 0.5, count)
        y = 90 - 10 * np.abs(draw.normal(size=count))
        series = [
            ("channel-pruning", "static-quantization", "original")[n % 3] for n in range(count)
        ]
        look, looks = point_looks(series, draw.uniform(size=count), x, theme.current())
        chart.show_points(x, y, look, looks, lambda number: (str(number), ()))
        chart.fit()
        left, right, bottom, top = chart.box
        name = "control (one point)" if count == 1 else f"{count:,} points"

        def pan(step: int, chart: FreeChart = chart, box: tuple[float, ...] = chart.box) -> None:
            shift = 0.4 * math.sin(step / 15) * (box[1] - box[0])
            chart.show_box((box[0] + shift, box[1] + shift, box[2], box[3]))

        def zoom(step: int, chart: FreeChart = chart, box: tuple[float, ...] = chart.box) -> None:
            share = 0.5 + 0.45 * math.cos(step / 20)
            middle, half = (box[0] + box[1]) / 2, share * (box[1] - box[0]) / 2
            chart.show_box((middle - half, middle + half, box[2], box[3]))

        for what, move in (("pan", pan), ("zoom", zoom)):
            chart.show_box((left, right, bottom, top))
            found[f"{name}, {what}"] = _frames(chart.viewport(), move, seconds)
        chart.hide()
    return found


def _diagram(seconds: float) -> dict[str, Frames]:
    from tinystudio.gui.diagram.facts import BoxFacts
    from tinystudio.gui.diagram.unfolding import unfolded
    from tinystudio.gui.diagram.view import DiagramView
    from tinystudio.jobs.inspection import Box, Diagram, Line

    boxes = tuple(Box(layers=(f"n{n}",), x=n % 3, y=n // 2) for n in range(BOXES))
    ahead = [(n, n + step) for n in range(BOXES) for step in (1, 3) if n + step < BOXES]
    lines = tuple(Line(start=start, end=end) for start, end in ahead)
    view = DiagramView()
    view.resize(*SIZE)
    view.show()
    view.show_diagram(unfolded(Diagram(boxes=boxes, lines=lines), frozenset()))
    facts = [BoxFacts("Conv + Relu", f"layer {n}", "N×64×32", "convolution") for n in range(BOXES)]
    view.show_facts(facts, "kind")
    bar = view.verticalScrollBar()

    def pan(step: int) -> None:
        bar.setValue(step * 25 % max(1, bar.maximum()))

    found = {f"diagram of {BOXES:,} boxes, pan": _frames(view.viewport(), pan, seconds)}
    view.fit()

    def zoom(step: int) -> None:
        view.zoom(1.04 if step // 40 % 2 == 0 else 1 / 1.04)

    found[f"diagram of {BOXES:,} boxes, zoom"] = _frames(view.viewport(), zoom, seconds)
    view.hide()
    return found


def _lists(seconds: float) -> dict[str, Frames]:
    from PySide6.QtWidgets import QAbstractItemView, QApplication, QScrollBar, QTreeView

    from tinystudio.gui.panels.model_browser import ModelBrowser
    from tinystudio.gui.panels.run_table import RunTable
    from tinystudio.gui.variant_rows import VariantRows

    variants, found = _variants(), {}
    table, browser = RunTable(), ModelBrowser()
    began = time.perf_counter()
    table.set_variants(variants)
    took = {"run table": time.perf_counter() - began}
    turns = _fill_browser(browser, VariantRows(), variants)
    took["model browser"] = sum(turns)
    longest = {"run table": took["run table"], "model browser": max(turns)}
    for name, widget in (("run table", table), ("model browser", browser)):
        widget.resize(900, 700)
        widget.show()
        QApplication.processEvents()
        view = max(
            widget.findChildren(QAbstractItemView), key=lambda v: v.verticalScrollBar().maximum()
        )
        bar = view.verticalScrollBar()
        if isinstance(view, QTreeView):
            view.expandAll()
            QApplication.processEvents()

        def scroll(step: int, bar: QScrollBar = bar) -> None:
            top = max(1, bar.maximum())
            bar.setValue(step * 3 * max(1, top // VARIANTS) % top)

        key = f"{name}, {VARIANTS:,} variants"
        found[key] = _frames(view.viewport(), scroll, seconds)
        found[key] |= {"fill_s": took[name], "fill_turn_ms": 1000 * longest[name]}
        print(f"{key}: filled in {took[name]:.2f} s, at most {1000 * longest[name]:.0f} ms at once")
    return found


def _fill_browser(
    browser: ModelBrowser, kept: VariantRows, variants: Sequence[ProjectVariant]
) -> list[float]:
    """Fill the browser as the window does; return the seconds of every turn of the event loop.

    What follows is measured as well: a variant that arrives, one that is starred, and a search.
    """
    from PySide6.QtWidgets import QApplication, QLineEdit

    from tinystudio.gui.browser_rows import OpenNetwork, browser_rows
    from tinystudio.session.marks import Mark

    network = variants[0].variant.network
    opened = OpenNetwork(network, None, variants[0].measurement)
    browser.resize(300, 700)
    browser.show()

    def show(items: Sequence[ProjectVariant]) -> float:
        began = time.perf_counter()
        browser.show_rows(browser_rows((), (network,), opened, kept.of(items), {}))
        QApplication.processEvents()
        return time.perf_counter() - began

    turns = [show(variants[:-1])]
    while kept.has_more:
        turns.append(show(variants[:-1]))
    arrived = show(variants)
    starred = list(variants)
    starred[500] = replace(starred[500], mark=Mark(starred=True))
    marked = show(starred)
    began = time.perf_counter()
    browser.findChildren(QLineEdit)[0].setText("42")
    QApplication.processEvents()
    searched = time.perf_counter() - began
    browser.findChildren(QLineEdit)[0].clear()
    print(
        f"model browser: a variant arrives in {1000 * arrived:.0f} ms, a star in "
        f"{1000 * marked:.0f} ms, the first search takes {1000 * searched:.0f} ms"
    )
    return turns


def _variants() -> tuple[ProjectVariant, ...]:
    from tinystudio.core.measurement import Measurement
    from tinystudio.jobs.recipe import Recipe, Step
    from tinystudio.jobs.variant import Variant
    from tinystudio.session.marks import Mark, ProjectVariant

    draw, made = np.random.default_rng(1), []
    for number in range(VARIANTS):
        score = float(draw.uniform(0.5, 0.9))
        figures = Measurement(
            score=score, score_interval=(score - 0.02, score + 0.02), score_status="measured",
            size_bytes=int(draw.integers(10_000, 700_000)), size_bytes_status="measured",
            latency_ms=float(draw.uniform(0.01, 0.2)), latency_ms_status="measured", samples=500,
        )  # fmt: skip
        share = round(float(draw.uniform(0, 0.95)), 4)
        steps = (Step.of("channel-pruning", sparsity=share),) if number else ()
        variant = Variant(
            id=f"v{number}", network="gallery:watch", data="gallery:watch", seed=0,
            recipe=Recipe(steps=steps), series="channel-pruning" if number else "original",
            measurement=figures,
        )  # fmt: skip
        made.append(ProjectVariant(variant, Mark(), figures))
    return tuple(made)


def _frames(shown: QWidget, move: Callable[[int], None], seconds: float) -> Frames:
    """Return frames a second, and how long the slow ones took. `shown` is what is painted."""
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    class Paintings(QObject):
        count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt calls it so
            self.count += event.type() == QEvent.Type.Paint
            return False

    paintings = Paintings()
    shown.installEventFilter(paintings)

    def frame(step: int) -> float:
        began, before = time.perf_counter(), paintings.count
        move(step)
        shown.update()  # also where a step happened to change nothing
        while paintings.count == before:
            QApplication.processEvents()
        return 1000 * (time.perf_counter() - began)

    for step in range(5):
        frame(step)
    times, end = list[float](), time.perf_counter() + seconds
    while time.perf_counter() < end:
        times.append(frame(5 + len(times)))
    shown.removeEventFilter(paintings)
    return {
        "per_second": 1000 * len(times) / sum(times),
        "p99_ms": float(np.percentile(times, 99)),
        "worst_ms": max(times),
    }


if __name__ == "__main__":
    main()
