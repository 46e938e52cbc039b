"""One epoch of fine-tuning in the studio against the same epoch written in torch.

    python -m benchmarks.epoch [--networks watch satellite fashion transformer] [--rounds 5]

Ours is technique `fine-tuning` on the opened ONNX file as it comes, but that nothing is held out
and no rate is searched: trained for one epoch and for three, of which the difference counts, so
that what is done once (opening, checking, writing back) is left out and everything that an epoch
does is in. Torch: the same network as a module, AdamW, the same batches in shuffled order. One
thread; both in turn; the processor's own time; medians of rounds and their ratio.

Aim: a ratio of at most 1.2.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.networks import Subject, add_networks, find
from benchmarks.trained import module_of
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.params import parse_params
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.techniques.fine_tuning import FineTuning
from tinystudio.techniques.technique import Context

BATCH, RATE = 64, 1e-3
SHORT, LONG = 1, 3  # epochs
MOST = 1.2


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser, ("watch", "satellite", "fashion", "transformer"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'network':12}{'torch s':>9}{'studio s':>10}{'ratio':>8}   (all rounds)")
    for name in options.networks:
        ratios, pairs = _compared(find(name, options.cache), options.rounds)
        theirs, ours = (statistics.median(pair[at] for pair in pairs) for at in (0, 1))
        middle = statistics.median(ratios)
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        missed = "" if middle <= MOST else "  missed"
        print(f"{name:12}{theirs:9.2f}{ours:10.2f}{middle:8.2f}   ({each}){missed}", flush=True)


def _compared(subject: Subject, rounds: int) -> tuple[list[float], list[tuple[float, float]]]:
    network, dataset = subject.network(), subject.dataset()
    pairs = []
    for seed in range(rounds):
        theirs = _torch_s(subject, network, dataset, LONG, seed) - _torch_s(
            subject, network, dataset, SHORT, seed
        )
        ours = _studio_s(network, dataset, LONG, seed) - _studio_s(network, dataset, SHORT, seed)
        pairs.append((theirs / (LONG - SHORT), ours / (LONG - SHORT)))
    return [ours / theirs for theirs, ours in pairs], pairs


def _studio_s(network: Network, dataset: Dataset, epochs: int, seed: int) -> float:
    technique = FineTuning()
    settings: dict[str, Any] = {
        "epochs": epochs, "batch": BATCH, "rate": RATE, "held_out": 0.0, "patience": 0,
    }  # fmt: skip
    params = parse_params(technique.params, settings, technique.title)
    context = Context(
        network, dataset.train, f"epoch {seed}", seed, Silent(), Cache(), train=dataset.train
    )
    start = time.process_time()
    technique.apply(network, params, context)
    return time.process_time() - start


def _torch_s(subject: Subject, network: Network, dataset: Dataset, epochs: int, seed: int) -> float:
    torch.manual_seed(seed)
    start = time.process_time()
    module = module_of(subject.name, network).train()
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0  # what the exported file does not hold
    assert dataset.train.labels is not None
    x = torch.from_numpy(np.asarray(dataset.train.inputs[0], np.float32))
    labels = torch.from_numpy(np.asarray(dataset.train.labels, np.int64))
    optimizer = torch.optim.AdamW(module.parameters(), RATE)
    for _ in range(epochs):
        _epoch(module, x, labels, optimizer)
    return time.process_time() - start


def _epoch(module: nn.Module, x: Tensor, labels: Tensor, optimizer: torch.optim.AdamW) -> None:
    for rows in torch.randperm(len(x)).split(BATCH):
        optimizer.zero_grad()
        functional.cross_entropy(module(x[rows]), labels[rows]).backward()
        optimizer.step()


if __name__ == "__main__":
    main()
