"""What fewer channels and fewer bits cost without any training, beside Torch-Pruning and rounding.

    python -m benchmarks.levels_quality [--networks ...] [--seeds 3] [--json FILE]

Everyone gets the same network and per seed the same 256 training samples; everyone's ONNX file is
measured on the whole test split. Ours is technique `layer-levels`: the entries of the layer
database at even counts. Channels -25 % and -50 % of every group: peers are Torch-Pruning 1.6.1's
importances (L1, L2, Taylor, BNScale, OBDC where they work), batch normalization re-estimated from
the samples; the peer goes first and ours keeps the same counts. Weights at 4 bits in every layer:
peers round to nearest with a scale per output channel, from the largest weight (`rtn`) or fitted
by least squares (`rtn-fit`). Aims, medians of seeds: channels lose at most 1/5 of the best
importance's loss; 4 bits lose at most 1 point, and at most 1/3 of `rtn`'s loss. `changed` is the
share of answers that are not the original's, ours and the best peer's: it tells differences that
the accuracy of a small test split does not.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.narrowing import to_nearest
from benchmarks.networks import Subject, add_networks, find
from benchmarks.torch_pruned import importances, narrowed, pruned
from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.levels import base_network, storable
from tinystudio.techniques.layer_levels import LayerLevels, LayerLevelsParams
from tinystudio.techniques.technique import Context

CALIBRATION = 256
SHARES = (0.25, 0.5)
BITS = 4
CHANNELS_AIM, BITS_AIM, BITS_LOSS = 1 / 5, 1 / 3, 1.0
_Losses = dict[str, list[tuple[float, float]]]  # by method: accuracy lost, answers changed; points


def main() -> None:
    """Print one line per network and change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("points of test accuracy lost, median of seeds")
    print(
        f"{'network':12}{'change':>15}{'ours':>8}{'best peer':>18}{'ratio':>7}"
        f"{'changed':>14}   all peers"
    )
    rows: list[dict[str, Any]] = []
    for name in options.networks:
        subject = find(name, options.cache)
        for share in SHARES:
            rows.append(_channels(subject, share, options.seeds))
            print(_line(rows[-1]), flush=True)
        rows.append(_few_bits(subject, options.seeds))
        print(_line(rows[-1]), flush=True)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1))


def calibration(subject: Subject, seed: int) -> Samples:
    """Return the training samples that one seed looks at."""
    train = subject.dataset().train
    chosen = np.random.default_rng(seed).choice(len(train), CALIBRATION, replace=False)
    return train.take(np.sort(chosen))


def at_levels(
    network: Network, samples: Samples, seed: int, rows: Mapping[str, Mapping[str, Any]]
) -> Network:
    """Return the network at these levels, as the layer database has them."""
    params = LayerLevelsParams.model_validate({"levels": rows})
    context = Context(network, samples, f"seed {seed}", seed, Silent(), Cache())
    return LayerLevels().apply(network, params, context).network


def _channels(subject: Subject, share: float, seeds: int) -> dict[str, Any]:
    network, test = subject.network(), subject.dataset().test
    judge, losses = _Judge(network, test), _Losses()
    for seed in range(seeds):
        samples, counts = calibration(subject, seed), dict[str, int]()
        for name, importance in importances(len(set(test.labels.tolist()))).items():
            try:
                peer = narrowed(pruned(subject, importance, share, samples), network)
            except Exception as error:  # noqa: BLE001 - whatever it cannot do, it says so in its way
                losses[f"{name}: {type(error).__name__}"] = []
                continue
            if not _counts(network, peer):
                losses[f"{name}: cuts nothing"] = []
                continue
            losses.setdefault(name, []).append(judge(peer))
            counts = _counts(network, peer)
        rows = {group: {"keep": count} for group, count in counts.items()}
        ours = at_levels(network, samples, seed, rows)
        losses.setdefault("ours", []).append(judge(ours))
    return _row(subject, f"channels -{100 * share:.0f} %", losses, CHANNELS_AIM)


def _few_bits(subject: Subject, seeds: int) -> dict[str, Any]:
    network, test = subject.network(), subject.dataset().test
    judge, losses = _Judge(network, test), _Losses()
    base = base_network(network, small=True)
    nodes = tuple(storable(base))
    for name, scale in (("rtn", "largest"), ("rtn-fit", "least squares")):
        rounded = to_nearest(base, dict.fromkeys(nodes, BITS), scale)  # type: ignore[arg-type]
        losses[name] = [judge(rounded)]
    rows = {node: {"bits": f"w{BITS}"} for node in nodes}
    for seed in range(seeds):
        ours = at_levels(network, calibration(subject, seed), seed, rows)
        losses.setdefault("ours", []).append(judge(ours))
    return _row(subject, f"weights {BITS} bits", losses, BITS_AIM)


def _counts(network: Network, narrow: Network) -> dict[str, int]:
    """Return how many units every narrowed group has left."""
    found = {}
    for group in couple(network).groups:
        if group.removable and group.producers:
            slot = group.producers[0]
            left = narrow.weights[slot.weight].shape[slot.axis] / len(slot.positions(0))
            if left < group.channels:
                found[group.id] = round(left)
    return found


class _Judge:
    """Says what a file lost on test, and how many answers are not the original's; in points."""

    def __init__(self, network: Network, test: Samples) -> None:
        self._test, self._answers = test, _answers(network, test)

    def __call__(self, network: Network) -> tuple[float, float]:
        answers = _answers(network, self._test)
        right = [float((given == self._test.labels).mean()) for given in (self._answers, answers)]
        return 100 * (right[0] - right[1]), 100 * float((answers != self._answers).mean())


def _answers(network: Network, samples: Samples) -> Array:
    return np.asarray(outputs_of(network.data, samples, Silent())[0].argmax(axis=1))


def _row(subject: Subject, change: str, losses: _Losses, aim: float) -> dict[str, Any]:
    lost = {name: statistics.median(v[0] for v in each) for name, each in losses.items() if each}
    changed = {name: statistics.median(v[1] for v in each) for name, each in losses.items() if each}
    ours = lost.pop("ours")
    rivals = {name: loss for name, loss in lost.items() if name != "rtn-fit"}
    best = min(rivals, key=lambda name: rivals[name])
    reached = ours <= max(aim * rivals[best], 0.0)
    if change.startswith("weights"):
        reached = reached and ours <= BITS_LOSS
    return {
        "network": subject.name, "change": change, "ours": ours, "best": best,
        "best_loss": rivals[best], "reached": reached, "peers": lost,
        "ours_changed": changed.pop("ours"),
        "peers_changed": min(changed[name] for name in rivals),
        "all": losses,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    ratio = f"{row['ours'] / row['best_loss']:7.2f}" if row["best_loss"] > 0 else "      -"
    peers = ", ".join(f"{name} {loss:.1f}" for name, loss in row["peers"].items())
    broken = "".join(f"; {name}" for name, values in row["all"].items() if not values)
    return (
        f"{row['network']:12}{row['change']:>15}{row['ours']:8.2f}{row['best']:>10}"
        f"{row['best_loss']:8.2f}{ratio}{row['ours_changed']:7.1f}{row['peers_changed']:7.1f}"
        f"   {peers}{broken}{'' if row['reached'] else '  missed'}"
    )


if __name__ == "__main__":
    main()
