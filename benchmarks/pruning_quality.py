"""What channel pruning without fine-tuning loses, beside Torch-Pruning's magnitude in the same run.

    python -m benchmarks.pruning_quality [--networks satellite fashion watch] [--seeds 3]

Peer: Torch-Pruning 1.6.1, MagnitudeImportance (L2), then batch normalization re-estimated.
Both get the same network, the same 256 training samples per seed, no labels, no training; both
are measured on the gallery's whole test split, ours on the ONNX file in onnxruntime, the peer in
torch. Both remove the same number of channels, unrounded: the peer goes first, its count is asked
of ours. Aim: at most half of the peer's loss.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch_pruning

from benchmarks.networks import Subject, accuracy, find
from benchmarks.torch_pruned import pruned
from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context

CALIBRATION = 256
SPARSITIES = (0.25, 0.5)
SCOPES = ("layer", "network")


def main() -> None:
    """Print one line per network, scope and share, and whether the aim is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--networks", nargs="+", default=["satellite", "fashion", "watch"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("accuracy lost, percentage points, median of seeds (all seeds in brackets)")
    print(f"{'network':10} {'ranked':8} {'removed':>15} {'ours':>24} {'peer':>24} {'ratio':>6}")
    rows = [row for name in options.networks for row in compare(name, options.seeds)]
    missed = [row for row in rows if not row["reached"]]
    print(f"{len(rows) - len(missed)} of {len(rows)} at most half of the peer's loss")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def compare(name: str, seeds: int) -> list[dict[str, Any]]:
    """Return (and print) the rows of one gallery network."""
    subject = find(name, places.cache() / "benchmarks")
    data, network = subject.dataset(), subject.network()
    original = accuracy(network, data.test)
    print(f"{name:10} original {100 * original:.2f} % on {len(data.test)} test samples")
    rows = []
    for scope in SCOPES:
        for sparsity in SPARSITIES:
            pairs = [
                one_pair(subject, network, data, scope, sparsity, seed) for seed in range(seeds)
            ]
            ours = [100 * (original - pair["ours"]) for pair in pairs]
            peer = [100 * (original - pair["peer"]) for pair in pairs]
            rows.append(said(name, scope, ours, peer, pairs))
    return rows


def said(
    name: str, scope: str, ours: list[float], peer: list[float], pairs: list[dict[str, Any]]
) -> dict[str, Any]:
    """Print and return one row."""
    mid_ours, mid_peer = statistics.median(ours), statistics.median(peer)
    reached = mid_ours <= max(mid_peer / 2, 0.0)
    ratio = f"{mid_ours / mid_peer:6.2f}" if mid_peer > 0 else "     -"
    count = f"{pairs[0]['removed']} of {pairs[0]['channels']}"
    print(
        f"{name:10} {scope:8} {count:>15} {_figures(ours):>24} {_figures(peer):>24} {ratio}"
        f"{'' if reached else '  missed'}",
        flush=True,
    )
    return {
        "network": name, "scope": scope, "removed": pairs[0]["removed"],
        "channels": pairs[0]["channels"], "ours": ours, "peer": peer, "reached": reached,
        "ours_seconds": [pair["ours_seconds"] for pair in pairs],
        "peer_seconds": [pair["peer_seconds"] for pair in pairs],
    }  # fmt: skip


def one_pair(
    subject: Subject, network: Network, data: Dataset, scope: str, sparsity: float, seed: int
) -> dict[str, Any]:
    """Prune once with each, by the same samples and count of channels."""
    chosen = np.random.default_rng(seed).choice(len(data.train), CALIBRATION, replace=False)
    samples = data.train.take(np.sort(chosen))
    groups = [group for group in couple(network).groups if group.removable]
    channels = sum(group.channels for group in groups)
    start = time.perf_counter()
    module, removed = peer_pruned(subject, groups, samples, scope, sparsity)
    middle = time.perf_counter()
    ours = our_pruned(network, samples, scope, removed / channels, seed)
    end = time.perf_counter()
    left = sum(g.channels for g in couple(ours).groups if g.removable)
    assert abs((channels - left) - removed) <= len(groups), "not the same number of channels"
    return {
        "ours": accuracy(ours, data.test), "peer": torch_accuracy(module, data.test),
        "removed": removed, "channels": channels,
        "ours_seconds": end - middle, "peer_seconds": middle - start,
    }  # fmt: skip


def our_pruned(
    network: Network, samples: Samples, scope: str, sparsity: float, seed: int
) -> Network:
    """Prune with TinyStudio: structured OBS, solved again, statistics repaired."""
    technique = find_technique("channel-pruning")
    params = technique.params(sparsity=sparsity, scope=scope, round_to=1, keep_at_least=1)
    context = Context(network, samples, f"seed {seed}", seed, Silent(), Cache())
    return technique.apply(network, params, context).network


def peer_pruned(
    subject: Subject, groups: list[ChannelGroup], samples: Samples, scope: str, sparsity: float
) -> tuple[torch.nn.Module, int]:
    """Prune with Torch-Pruning; return the module and how many channels went."""
    importance = torch_pruning.importance.MagnitudeImportance(p=2)
    everywhere = scope == "network"
    module = pruned(subject, importance, sparsity, samples, everywhere=everywhere)
    left = sum(width(module.get_submodule(group.layers[0])) for group in groups)
    return module, sum(group.channels for group in groups) - left


def width(layer: torch.nn.Module) -> int:
    """Return a layer's output channels."""
    return int(getattr(layer, "out_channels", 0) or getattr(layer, "out_features", 0))


def torch_accuracy(module: torch.nn.Module, samples: Samples) -> float:
    """Return the share of samples that the torch module gets right."""
    with torch.no_grad():
        pieces = [module(piece) for piece in torch.from_numpy(samples.inputs[0]).split(500)]
    return float((torch.cat(pieces).argmax(1).numpy() == samples.labels).mean())


def _figures(values: list[float]) -> str:
    each = " ".join(f"{value:.1f}" for value in values)
    return f"{statistics.median(values):.2f} [{each}]"


if __name__ == "__main__":
    main()
