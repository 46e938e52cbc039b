"""How well the durations of techniques are foreseen, before anything was run on this machine.

    python -m benchmarks.durations [--networks watch fashion ...]

Every technique is carried out by its defaults (trainings for at most one epoch) on each gallery
network, with nothing kept from before. Printed are forecast and what it took, and per technique the
pace that it showed: how many plain passes one of its passes took, which is what it declares.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.engine.durations import PASS_OVERHEAD_S, SETUP_S, Durations
from tinystudio.engine.making import context_of
from tinystudio.gallery import gallery
from tinystudio.graph.opening import open_network
from tinystudio.measure.passing import seconds_per_sample
from tinystudio.techniques import techniques
from tinystudio.techniques.technique import Technique

CACHE_BYTES = 2**28
Row = tuple[Technique[Any], float, float, float]  # what, forecast and taken (seconds), pace


def main() -> None:
    """Print one line per technique and network, then one per technique."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", nargs="*", default=sorted(gallery()))
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, list[Row]] = defaultdict(list)
    for name in options.networks:
        for row in rows_of(name):
            part, forecast, taken, _ = row
            found[part.id].append(row)
            print(
                f"{name:12} {part.id:28} forecast {forecast:8.2f} s, took {taken:8.2f} s",
                flush=True,
            )
    for id, rows in found.items():
        ratios = [forecast / taken for _, forecast, taken, _ in rows]
        pace = statistics.median(pace for *_, pace in rows)
        print(
            f"{id:28} forecast / took {min(ratios):.2f} to {max(ratios):.2f}, median "
            f"{statistics.median(ratios):.2f}; pace {pace:.1f}, declared {rows[0][0].pace:g}"
        )


def rows_of(name: str) -> list[Row]:
    """Carry out every technique on one gallery network."""
    task, found = gallery()[name], []
    network, dataset = open_network(task.network_path), task.dataset()
    plain = seconds_per_sample(network, dataset.validation)
    for part in techniques().values():
        params = part.params()
        if part.trains:
            params = params.model_copy(update={"epochs": min(1.0, params.epochs)})
        context = context_of(network, dataset, 0, Silent(), Cache(CACHE_BYTES))
        began = time.monotonic()
        try:
            part.apply(network, params, context)
        except UserError:
            continue
        taken = time.monotonic() - began
        passes = part.passes(params, len(dataset.train), len(dataset.calibration))
        with TemporaryDirectory() as folder:
            per_pass = Durations(Path(folder)).seconds_per_pass(part, plain)
        pace = (taken - SETUP_S) / (passes * (plain + PASS_OVERHEAD_S))
        found.append((part, SETUP_S + per_pass * passes, taken, pace))
    return found


if __name__ == "__main__":
    main()
