"""What a network keeps of its accuracy within a minute at a twentieth of its bytes.

    python -m benchmarks.minute [--networks watch fashion satellite vowels ...] [--seeds 3]

The job that the window sends to search inside a limit on the bytes, which is all that is set by
hand: it runs until 60 s of wall time are over, building included. Of its front that point is taken
which the window answers the limit with, the best inside; its file is made, and measured on test.

Aim: watch or fashion at least 20 times smaller at 1.5 points of test accuracy at most, the other
convolutional networks 10 times at 2 points. Each is judged by its task's own metric: what denoises
by decibels, which are no points; 2 % of them are held to the same.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from benchmarks.databases import Bench
from benchmarks.networks import Subject, add_networks, find
from tinystudio.core.data import Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric
from tinystudio.metrics.metric import Metric
from tinystudio.session.exploration import Exploration
from tinystudio.session.front import Limits

MINUTE_S = 60.0
AIMS = {"watch": (20.0, 1.5), "fashion": (20.0, 1.5)}  # times smaller, points
OTHERS = (10.0, 2.0)
CNNS = (
    "watch", "fashion", "satellite", "vowels", "digits", "scratches", "denoise", "resnet8", "dscnn",
)  # fmt: skip


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser, CNNS)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.networks:
        times, points = AIMS.get(name, OTHERS)
        found = [one(find(name, options.cache), seed, times) for seed in range(options.seeds)]
        smaller, lost = (statistics.median(row[at] for row in found) for at in (0, 1))
        met = smaller >= times and lost <= points
        each = ", ".join(f"{row[0]:.0f}x at {row[1]:+.2f}" for row in found)
        print(
            f"{name:10} {smaller:6.1f} times smaller, {lost:+.2f} points lost on test ({each})"
            f"{'' if met else '  missed'}",
            flush=True,
        )


def one(subject: Subject, seed: int, times: float) -> tuple[float, float]:
    """Return how many times smaller the chosen file is, and the points it loses on test."""
    with TemporaryDirectory() as folder:
        bench, stop = Bench(subject, Path(folder), seed), threading.Event()
        timer = threading.Timer(MINUTE_S, stop.set)
        timer.start()
        limits = Limits(size_bytes=len(bench.network.data) / times)
        began = time.monotonic()
        bench.build(timed=False, stop=stop)
        left_s = MINUTE_S - (time.monotonic() - began)
        built = bench.build(left_s, timed=False, stop=stop, within_bytes=limits.size_bytes)
        timer.cancel()
        exploration = Exploration()
        exploration.load(str(built.states[-1].path))
        chosen, database = exploration.best_within(limits, None), built.database
        if chosen is None:
            raise RuntimeError("the front has no file that small")
        file = bench.file(database.space, np.array(chosen.choice, np.int16), chosen.epochs)
        test = bench.dataset.test
        metric = find_metric(bench.dataset.metric)
        before, after = (_score(one, test, metric) for one in (bench.network, file))
        whole = 1.0 if metric.unit == "%" else before
        return len(bench.network.data) / len(file.data), 100 * (before - after) / whole


def _score(network: Network, test: Samples, metric: Metric) -> float:
    truth = metric.truth(test)
    if truth is None:
        raise ValueError("the test split has nothing to judge by")
    return metric.score(outputs_of(network.data, test, Silent()), truth)


if __name__ == "__main__":
    main()
