"""What channel pruning keeps after a fine-tuning, beside Torch-Pruning's at equal parameters.

    python -m benchmarks.finetuned_pruning [--networks satellite fashion watch] [--seeds 3]

Peer: Torch-Pruning 1.6.1, MagnitudeImportance (L2) at a uniform share, statistics re-estimated.
Ours: technique channel-pruning with the share at which no more parameters are left than the peer
leaves. Both are then trained by the same technique `fine-tuning`, for the same epochs at the same
rate from the same samples in the same order, and measured on test as ONNX files in onnxruntime.

Aim: accuracy at least the peer's (medians of three seeds).
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

import numpy as np
import torch
import torch_pruning

from benchmarks.networks import Subject, accuracy, find
from benchmarks.torch_pruned import narrowed, pruned
from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.reporter import Silent
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context

CALIBRATION = 512
SHARES = (0.5, 0.75)
ROUNDS = 12  # of the search for the share that leaves as many parameters


def main() -> None:
    """Print one line per network and share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--networks", nargs="+", default=["satellite", "fashion", "watch"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=float, default=2.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"test accuracy after {options.epochs:g} epochs of the same fine-tuning, median [seeds]")
    met = 0
    for name in options.networks:
        for share in SHARES:
            met += compare(name, share, options.seeds, options.epochs)
    print(f"{met} of {len(options.networks) * len(SHARES)} at least the peer's")


def compare(name: str, share: float, seeds: int, epochs: float) -> bool:
    """Print a network's line; say whether ours is at least as good."""
    subject = find(name, places.cache() / "benchmarks")
    data, network = subject.dataset(), subject.network()
    pairs = [one_pair(subject, network, data, share, seed, epochs) for seed in range(seeds)]
    ours, peer = ([pair[key] for pair in pairs] for key in ("ours", "peer"))
    reached = statistics.median(ours) >= statistics.median(peer)
    print(
        f"{name:10} -{share:.0%} {pairs[0]['ours_parameters']:8,} / {pairs[0]['peer_parameters']:,}"
        f" parameters: ours {_figures(ours)}, peer {_figures(peer)}{'' if reached else '  missed'}",
        flush=True,
    )
    return reached


def one_pair(
    subject: Subject, network: Network, data: Dataset, share: float, seed: int, epochs: float
) -> dict[str, Any]:
    """Prune with each, train both alike."""
    chosen = np.random.default_rng(seed).choice(len(data.train), CALIBRATION, replace=False)
    samples = data.train.take(np.sort(chosen))
    importance = torch_pruning.importance.MagnitudeImportance(p=2)
    theirs = narrowed(pruned(subject, importance, share, samples), network)
    context = Context(
        network, samples, f"seed {seed}", seed, Silent(), Cache(), data.train, data.metric
    )
    ours = as_small(network, parameters_of(theirs), context)
    return {
        "ours": accuracy(tuned(ours, context, epochs), data.test),
        "peer": accuracy(tuned(theirs, context, epochs), data.test),
        "ours_parameters": parameters_of(ours), "peer_parameters": parameters_of(theirs),
    }  # fmt: skip


def as_small(network: Network, parameters: int, context: Context) -> Network:
    """Return the network with the smallest share pruned that leaves so many parameters at most."""
    technique = find_technique("channel-pruning")
    low, high, best = 0.0, 0.95, None
    for _ in range(ROUNDS):
        share = (low + high) / 2
        params = technique.params(sparsity=share, round_to=1)
        made = technique.apply(network, params, context).network
        if parameters_of(made) <= parameters:
            high, best = share, made
        else:
            low = share
    if best is None:
        raise ValueError("no share leaves so few parameters")
    return best


def tuned(network: Network, context: Context, epochs: float) -> Network:
    """Train, the last weights kept."""
    technique = find_technique("fine-tuning")
    params = technique.params(epochs=epochs, rate=0.002, held_out=0.0, patience=0)
    return technique.apply(network, params, context).network


def parameters_of(network: Network) -> int:
    """Return the number of parameters."""
    return facts(network).parameters


def _figures(values: list[float]) -> str:
    each = " ".join(f"{100 * value:.1f}" for value in values)
    return f"{100 * statistics.median(values):.2f} [{each}]"


if __name__ == "__main__":
    main()
