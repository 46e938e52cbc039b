"""What a teacher adds: small students distilled, each beside the same training without a teacher.

    python -m benchmarks.distillation [--tasks watch fashion] [--seeds 5] [--json FILE]

A student is the task's network with most of its channels pruned, to 1-5 % of the parameters; all
trainings of a task begin with that very student. The control learns from the labels alone
(technique `distillation` at 100 % labels, which is fine-tuning without samples held out): same
samples in the same order, same rate, same epochs. Per seed both are measured on validation and
test together, which no training looks at; a gain is the difference of the two. Printed are the
mean gain in points over the seeds and its 90 % interval (Student's t over the paired gains, so it
is of these students and data, over the chance of training). With `--json` what is done is kept
and not done again. Aim: above zero on at least one task.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.reporter import Silent
from tinystudio.engine.making import context_of
from tinystudio.engine.resolving import resolve_dataset, resolve_network
from tinystudio.graph.network import Network
from tinystudio.graph.parameters import parameters
from tinystudio.jobs.recipe import Step
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric

PRUNED = {"watch": 0.85, "fashion": 0.9}  # of the channels
EPOCHS = {"watch": 60.0, "fashion": 15.0}
RATE = 0.005
CONTROL = "control"
WAYS: Mapping[str, Mapping[str, Any]] = {
    CONTROL: {"labels": 1.0},
    "response": {},
    "decoupled": {"answers": "decoupled"},
    "relational": {"answers": "relational"},
    "hints": {"inside": "hints"},
    "attention": {"inside": "attention"},
}
# Student's t, 95 % quantile, by degrees of freedom.
T90 = {1: 6.314, 2: 2.920, 3: 2.353, 4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895, 8: 1.860, 9: 1.833}
_Scores = dict[str, dict[str, float]]  # by task and way, then by seed


def main() -> None:
    """Print one line per training, then one per task and way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tasks", nargs="+", default=list(PRUNED), choices=list(PRUNED))
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    scores: _Scores = {}
    if options.json and options.json.exists():
        scores = json.loads(options.json.read_text())
    ways = list(dict.fromkeys((CONTROL, *options.ways)))
    for task in options.tasks:
        _train_all(task, ways, options.seeds, scores, options.json)
    print(f"{'task':9}{'way':12}{'control':>9}{'taught':>9}{'gain':>8}   90 % interval")
    for task in options.tasks:
        for way in ways[1:]:
            print(_line(task, way, scores, options.seeds))


def _train_all(task: str, ways: list[str], seeds: int, scores: _Scores, file: Path | None) -> None:
    cache, reference = Cache(), f"gallery:{task}"
    teacher = resolve_network(reference, cache)
    dataset = resolve_dataset(reference, 0, teacher, cache)
    student = _student(task, teacher, dataset, cache)
    share = _count(student) / _count(teacher)
    asked = _both(dataset.validation, dataset.test)
    before = [100 * _accuracy(network, asked, dataset) for network in (teacher, student)]
    print(
        f"{task}: student {_count(student)} of {_count(teacher)} parameters ({share:.1%}), "
        f"{EPOCHS[task]:g} epochs, {len(asked)} samples asked; accuracy of the teacher "
        f"{before[0]:.2f} %, of the student untrained {before[1]:.2f} %"
    )
    for seed in range(seeds):
        for way in ways:
            done = scores.setdefault(f"{task} {way}", {})
            if str(seed) in done:
                continue
            began = time.process_time()
            context = context_of(teacher, dataset, seed, Silent(), cache)
            step = Step.of("distillation", epochs=EPOCHS[task], rate=RATE, **WAYS[way])
            made = step.part.apply(student, step.params, context).network
            done[str(seed)] = 100 * _accuracy(made, asked, dataset)
            took = time.process_time() - began
            print(f"  seed {seed} {way:12}{done[str(seed)]:7.2f} %  {took:5.1f} CPU s", flush=True)
            if file:
                file.write_text(json.dumps(scores, indent=1))


def _student(task: str, teacher: Network, dataset: Dataset, cache: Cache) -> Network:
    step = Step.of("channel-pruning", sparsity=PRUNED[task])
    context = context_of(teacher, dataset, 0, Silent(), cache)
    return step.part.apply(teacher, step.params, context).network


def _count(network: Network) -> int:
    return sum(network.weights[name].size for name in parameters(network))


def _both(first: Samples, second: Samples) -> Samples:
    inputs = zip(first.inputs, second.inputs, strict=True)
    return Samples(
        tuple(np.concatenate(pair) for pair in inputs),
        np.concatenate([first.labels, second.labels]),  # type: ignore[list-item]
        np.concatenate([first.ids, second.ids]),
    )


def _accuracy(network: Network, samples: Samples, dataset: Dataset) -> float:
    outputs = outputs_of(network.data, samples, Silent())
    return find_metric(dataset.metric).score(outputs, samples.labels)  # type: ignore[arg-type]


def _line(task: str, way: str, scores: _Scores, seeds: int) -> str:
    pairs = [
        (scores[f"{task} {CONTROL}"][str(seed)], scores[f"{task} {way}"][str(seed)])
        for seed in range(seeds)
    ]
    gains = [taught - alone for alone, taught in pairs]
    mean = statistics.mean(gains)
    half = math.inf
    if seeds > 1:
        half = T90.get(seeds - 1, 1.81) * statistics.stdev(gains) / math.sqrt(seeds)
    alone, taught = (statistics.mean(column) for column in zip(*pairs, strict=True))
    verdict = "above zero" if mean - half > 0 else "below zero" if mean + half < 0 else "a tie"
    return (
        f"{task:9}{way:12}{alone:9.2f}{taught:9.2f}{mean:+8.2f}   "
        f"{mean - half:+.2f} ... {mean + half:+.2f}  {verdict}"
    )


if __name__ == "__main__":
    main()
