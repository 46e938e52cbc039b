"""4-bit weights of narrow networks: trained in place, against GPTQ and the same training in floats.

python -m benchmarks.four_bits [--tasks watch ...] [--seeds 3] [--epochs 4]

Each gallery network first loses most of its channels and is distilled: what is left has little to
spare, so that 4 bits cost something. All files of one line have the same form and size.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from statistics import median
from typing import Any

from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.reporter import Silent
from tinystudio.gallery import find_task
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.measure.divergence import divergence
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context

TASKS = {"watch": 0.8, "satellite": 0.75, "fashion": 0.75}  # share of the channels that go
GPTQ = "mixed-precision"  # at 4 bits on average: 4 for every layer
QAT = "quantization-aware-training"


@dataclass(frozen=True)
class Bench:
    """One task: its network, its data, what was made before."""

    original: Network
    dataset: Dataset
    cache: Cache

    def step(self, network: Network, technique: str, seed: int = 0, **values: Any) -> Network:
        """Return what a technique makes of a network."""
        part, data = find_technique(technique), self.dataset
        context = Context(
            self.original, data.calibration, data.fingerprint, seed, Silent(), self.cache,
            data.train, data.metric,
        )  # fmt: skip
        return part.apply(network, part.params(**values), context).network

    def figures(self, network: Network) -> tuple[float, float]:
        """Return test accuracy in percent, and how far the answers are from the original's."""
        test = self.dataset.test
        mine, other = (outputs_of(n.data, test, Silent()) for n in (self.original, network))
        assert test.labels is not None
        score = find_metric("accuracy").score(other, test.labels)
        return 100 * score, divergence(mine[0], other[0], classifies=True)


def main() -> None:
    """Print a line for each way, medians over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=float, default=4.0)
    options = parser.parse_args()
    for task in options.tasks:
        _compare(task, range(options.seeds), options.epochs)


def _compare(task: str, seeds: range, epochs: float) -> None:
    bench = Bench(open_network(find_task(task).network_path), find_task(task).dataset(), Cache())
    cut = bench.step(bench.original, "channel-pruning", sparsity=TASKS[task])
    narrow = bench.step(cut, "distillation", epochs=2 * epochs)
    _tell(bench, task, "narrow, floats", [narrow])
    _tell(bench, task, "GPTQ", [bench.step(narrow, GPTQ, bits=4.0)])
    longer = [bench.step(narrow, "distillation", s, epochs=epochs, rate=0.0005) for s in seeds]
    _tell(bench, task, "trained on, GPTQ", [bench.step(item, GPTQ, bits=4.0) for item in longer])
    for activations in ("float", "int8"):
        values = {"epochs": epochs, "bits": "4", "activations": activations}
        made = [bench.step(narrow, QAT, seed, **values) for seed in seeds]
        _tell(bench, task, f"trained in 4 bits, {activations}", made)


def _tell(bench: Bench, task: str, name: str, networks: list[Network]) -> None:
    scores, moved = zip(*(bench.figures(item) for item in networks), strict=True)
    each = " ".join(f"{score:.2f}" for score in scores)
    print(
        f"{task:10} {name:26} {len(networks[0].data):7} bytes  {median(scores):.2f} % ({each})  "
        f"moved {median(moved):.4f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
