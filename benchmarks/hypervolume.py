"""How good the front is after 40 seconds, building included, beside what others find in that time.

    python -m benchmarks.hypervolume [--networks ...] [--methods ours grid ...] [--results FOLDER]

Every method has the same network, data and evaluator (onnxruntime, one thread, real files, few-bit
weights stored the same way) and 40 CPU seconds of one process with one thread; CPU seconds, since
the machine may be shared. Its front is chosen on validation and scored on test: the hypervolume of
(log bytes from 0.5 % to 100 % of the original's, accuracy from chance to 1). Three seeds on watch
and satellite, one on the others. Every result is written to a file and not computed again.

`ours` is the job that the window sends, without latency (the others know none), searching on until
the time is over; what it has told by then counts. `ours+time` builds INT8 and the latency table
too, and searches for speed half of the time; its timing process is charged its CPU seconds as well.
Peers: benchmarks/peers.py. Files of ours carry their recipe and licence in their metadata, about a
kilobyte; `bare` is everyone's hypervolume without any metadata.

Aim: at least 1.05 times the strongest peer, whose value is reached in at most a third of the time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
import torch

from benchmarks.contest import Contest, Entry, OutOfTimeError
from benchmarks.databases import Bench
from benchmarks.networks import Subject, add_networks, find
from benchmarks.peers import PEERS
from benchmarks.volume import Scored, curve, on_test, reached, volume
from tinystudio.core import places
from tinystudio.explorer.database import Database, load_database

SEEDS = {"watch": 3, "satellite": 3}  # others: one
OURS = ("ours", "ours+time")
METHODS = ("ours", *PEERS, "ours+time")
BUDGET_S = 40.0
FASTER = 3.0
BETTER = 1.05
POLL_S = 0.05

Chosen = tuple[tuple[int, ...], float]  # a choice, and for how many epochs it is trained


def main() -> None:
    """Compute what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--seeds", type=int, help="instead of 3 and 1")
    parser.add_argument("--budget", type=float, default=BUDGET_S)
    parser.add_argument("--results", type=Path, default=places.cache() / "benchmarks" / "volume")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.results.mkdir(parents=True, exist_ok=True)
    for seed in range(options.seeds or max(SEEDS.values())):
        for name in options.networks:
            if seed >= (options.seeds or SEEDS.get(name, 1)):
                continue
            for method in options.methods:
                file = options.results / f"{name}-{method}-{seed}-{options.budget:g}.json"
                if not file.is_file():
                    found = one(find(name, options.cache), method, seed, options.budget)
                    file.write_text(json.dumps(found))
                    print(_line(found), flush=True)
    _conclude([json.loads(file.read_text()) for file in sorted(options.results.glob("*.json"))])


def one(subject: Subject, method: str, seed: int, budget_s: float) -> dict[str, Any]:
    """Let one method run on one network."""
    with TemporaryDirectory() as folder:
        contest = Contest(subject, seed, budget_s, Path(folder))
        start = time.perf_counter()
        if method in OURS:
            return _ours(contest, method, start)
        contest.start()
        with contextlib.suppress(OutOfTimeError):
            PEERS[method](contest)
        wall_s = time.perf_counter() - start
        points, bare = contest.scored(), contest.scored(bare=True)
    return _result(contest, method, wall_s, points, bare, contest.judged)


def _result(
    contest: Contest, method: str, wall_s: float, points: list[Scored], bare: list[Scored],
    judged: int,
) -> dict[str, Any]:  # fmt: skip
    """Return what there is to say of an archive that only grows."""
    original, least = len(contest.network.data), _chance(contest)
    stripped = len(contest.network.with_metadata({}).data)
    return {
        "network": contest.subject.name, "seed": contest.seed, "method": method,
        "budget_s": contest.budget_s, "wall_s": wall_s, "judged": judged,
        "volume": on_test(points, original, least), "bare": on_test(bare, stripped, least),
        "curve": curve(points, original, least),
        "points": [[p.cpu_s, p.bytes, p.validation, p.test] for p in points],
    }  # fmt: skip


def _chance(contest: Contest) -> float:
    return 1.0 / len(np.unique(contest.dataset.test.labels))


def _ours(contest: Contest, method: str, start: float) -> dict[str, Any]:
    """Send the product's job; the fronts it told are scored afterwards."""
    bench = Bench(contest.subject, contest.folder, contest.seed)
    stop, clock = threading.Event(), _Clock()
    threading.Thread(target=_stop_after, args=(clock, contest.budget_s, stop), daemon=True).start()
    states: list[tuple[float, Path]] = []

    def hear(event: Any) -> None:
        if event.kind == "database-ready":
            states.append((clock.spent_s, Path(event.path)))

    bench.build(search_s=1e6, timed=method == "ours+time", stop=stop, hear=hear)
    wall_s = time.perf_counter() - start
    told = [(spent, load_database(path)) for spent, path in states if path.is_file()]
    return _told(contest, bench, method, wall_s, told)


def _told(
    contest: Contest, bench: Bench, method: str, wall_s: float, told: list[tuple[float, Database]]
) -> dict[str, Any]:
    """Return what there is to say of fronts that replace each other."""
    original, least = len(contest.network.data), _chance(contest)
    entries: dict[Chosen, Entry] = {}
    fronts = []
    for spent, database in told:
        front = _flat(database)
        for chosen, score in front:
            if chosen not in entries:
                choice, epochs = chosen
                file = bench.file(database.space, np.array(choice, np.int16), epochs)
                entries[chosen] = Entry(spent, score, file)
        fronts.append((spent, [chosen for chosen, _ in front]))
    contest.entries = list(entries.values())
    scored = dict(zip(entries, contest.scored(), strict=True))
    bare = dict(zip(entries, contest.scored(bare=True), strict=True))
    stripped = len(contest.network.with_metadata({}).data)
    last = fronts[-1][1]
    return {
        "network": contest.subject.name, "seed": contest.seed, "method": method,
        "budget_s": contest.budget_s, "wall_s": wall_s, "judged": len(told[-1][1].known),
        "trained": len(told[-1][1].trained),
        "volume": _of(scored, last, original, least), "bare": _of(bare, last, stripped, least),
        "curve": [(spent, _of(scored, front, original, least)) for spent, front in fronts],
        "points": [
            [scored[c].cpu_s, scored[c].bytes, scored[c].validation, scored[c].test] for c in last
        ],
        "stages": [[spent, database.stage] for spent, database in told],
    }  # fmt: skip


def _flat(database: Database) -> list[tuple[Chosen, float]]:
    """Return the front's choices and scores as far as bytes and score go."""
    found: list[tuple[Chosen, float]] = []
    for point in sorted(database.front, key=lambda p: (p.size_bytes, -p.score)):
        if not found or point.score > found[-1][1]:
            found.append(((point.choice, point.epochs), point.score))
    return found


def _of(
    scored: dict[Chosen, Scored], front: Iterable[Chosen], original: int, least: float
) -> float:  # fmt: skip
    return volume(((scored[c].bytes, scored[c].test) for c in front), original, least)


class _Clock:
    """CPU seconds of this process and of those it has started."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._children: dict[int, float] = {}
        self._start = 0.0
        self._start = self.spent_s

    @property
    def spent_s(self) -> float:
        """Return the seconds since this clock was made."""
        for child in self._process.children(recursive=True):
            try:
                times = child.cpu_times()
            except psutil.Error:
                continue
            self._children[child.pid] = times.user + times.system
        return time.process_time() + sum(self._children.values()) - self._start


def _stop_after(clock: _Clock, seconds: float, stop: threading.Event) -> None:
    while clock.spent_s < seconds:
        time.sleep(POLL_S)
    stop.set()


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['network']:12}{row['seed']:3} {row['method']:12} volume {row['volume']:.4f} "
        f"bare {row['bare']:.4f}  {row['judged']:4} judged, {row['wall_s']:.0f} s"
    )


def _conclude(rows: list[dict[str, Any]]) -> None:
    """Print every network's medians, the ratio to the strongest peer, and when it was reached."""
    print(
        f"\n{'network':12}" + "".join(f"{name:>13}" for name in METHODS) + "   ratio  bare  after"
    )
    for name in dict.fromkeys(row["network"] for row in rows):
        own = {(row["method"], row["seed"]): row for row in rows if row["network"] == name}
        middle = {method: _median(own, method, "volume") for method in METHODS}
        print(
            f"{name:12}"
            + "".join(f"{middle[m]:13.4f}" if middle[m] else " " * 13 for m in METHODS)
            + _compared(own)
        )


def _median(own: dict[tuple[str, int], dict[str, Any]], method: str, key: str) -> float:
    values = [row[key] for (its, _), row in own.items() if its == method]
    return statistics.median(values) if values else 0.0


def _compared(own: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Compare seed by seed with that seed's strongest peer."""
    ratios, bares, times = [], [], []
    for (method, seed), row in own.items():
        rivals = [other for (its, of), other in own.items() if of == seed and its not in OURS]
        if method != "ours" or not rivals:
            continue
        best = max(rivals, key=lambda rival: rival["volume"])
        ratios.append(row["volume"] / best["volume"])
        bares.append(row["bare"] / max(rival["bare"] for rival in rivals))
        times.append(reached([tuple(item) for item in row["curve"]], best["volume"]))
    if not ratios:
        return ""
    told = [f"{seconds:.0f}" if seconds is not None else "never" for seconds in times]
    return (
        f"   {statistics.median(ratios):5.3f} {statistics.median(bares):5.3f}  {'/'.join(told)} s"
    )


if __name__ == "__main__":
    main()
