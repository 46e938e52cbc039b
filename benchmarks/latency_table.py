"""How well the latency table forecasts whole networks it has not seen, beside counting MACs.

    python -m benchmarks.latency_table [--networks watch satellite fashion] [--seeds 3]

Per network and seed a table is built, then 50 random configurations (levels of every group; half
of them with some layers in INT8) are timed: all in one process, in shuffled rounds, the least of
the medians per round; twice, before and after the table is built, of which the mean counts,
since the clock of the processor drifts. The MACs forecast is a straight line fitted to the very
24 whole networks that the table is fitted to. Aim: mean error at most 3 %, all within 10 %, at
least 4 times less than MACs.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Silent
from tinystudio.explorer.latency_building import (
    WHOLE,
    build_latency_table,
    chosen_network,
    fitted,
    random_choices,
)
from tinystudio.explorer.small_networks import made_up
from tinystudio.explorer.space import GroupAxis, LayerAxis, Space
from tinystudio.explorer.spaces import group_levels
from tinystudio.gallery import find_task
from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.measure.layer_timing import Timed, time_together
from tinystudio.solvers.quantizable import prepared

UNSEEN = 50
STEP = 16
TRUTH_S = 3.0
MEAN, WORST, RATIO = 0.03, 0.10, 4.0


def main() -> None:
    """Print one line per network and seed, and whether the aim is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--networks", nargs="+", default=["watch", "satellite", "fashion"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"forecast of {UNSEEN} unseen configurations a seed, float and INT8 mixed")
    print(
        f"{'network':10} {'seed':>4} {'table':>7} {'true us':>12} {'mean':>6} {'max':>6} "
        f"{'<=10 %':>6} {'float':>6} {'INT8':>6} {'in 90 %':>7} {'MACs':>6} {'ratio':>6}"
    )
    rows = []
    for name in options.networks:
        found = [one(name, seed) for seed in range(options.seeds)]
        rows += found
        print(_verdict(name, found), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def one(name: str, seed: int) -> dict[str, Any]:
    """Build one table, and compare it with the truth."""
    network = prepared(open_network(find_task(name).network_path))
    space = space_of_network(network)
    unseen = random_choices(space, UNSEEN, 1000 + seed)
    known = random_choices(space, WHOLE, seed)
    networks = [chosen_network(network, space, choice) for choice in (*unseen, *known)]
    before = timed_ms(networks, seed)
    table = build_latency_table(network, space, None, Silent(), seed)
    true = (before + timed_ms(networks, seed + 500)) / 2
    off = table.predict_many(space, unseen) / true[:UNSEEN] - 1
    counts = np.array([macs(network, space, choice) for choice in (*unseen, *known)])
    line = fitted(counts[UNSEEN:], true[UNSEEN:])
    macs_off = (line[0] + line[1] * counts[:UNSEEN]) / true[:UNSEEN] - 1
    row = {
        "network": name, "seed": seed, "build_s": table.build_s,
        "mean": float(np.abs(off).mean()), "max": float(np.abs(off).max()),
        "within": float((np.abs(off) <= WORST).mean()),
        "float": float(np.abs(off[::2]).mean()), "int8": float(np.abs(off[1::2]).mean()),
        "covered": float((np.abs(off) <= table.error).mean()), "error": table.error,
        "macs_mean": float(np.abs(macs_off).mean()),
        "least_us": float(true.min() * 1e3), "most_us": float(true.max() * 1e3),
    }  # fmt: skip
    print(_line(row), flush=True)
    return row


def space_of_network(network: Network) -> Space:
    """Return the space of a network as far as its time is concerned."""
    groups = [group for group in couple(network).groups if group.removable]
    return Space(
        groups=tuple(
            GroupAxis(id=group.id, title=group.title, levels=group_levels(group, STEP))
            for group in groups
        ),
        layers=tuple(
            LayerAxis(
                node=node.name,
                op=node.op_type,
                reads=_of(groups, node.name, "consumers"),
                makes=next(iter(_of(groups, node.name, "producers", "passers")), None),
                precisions=("float", "w8a8"),
            )
            for node in network.nodes
            if node.op_type in ("Conv", "Gemm", "MatMul")
        ),
    )


def macs(network: Network, space: Space, choice: Array) -> float:
    """Return the multiplications of a choice; kinds of numbers do not change them."""
    levels = np.where(np.arange(len(choice)) < len(space.groups), choice, 0)
    return float(facts(chosen_network(network, space, levels)).macs or 0)


def timed_ms(networks: Sequence[Network], seed: int) -> Array:
    """Time whole networks beside one another."""
    timed = [Timed(network.data, made_up(network)) for network in networks]
    return time_together(timed, 1, seed, TRUTH_S, Silent()).seconds * 1e3


def _of(groups: Sequence[ChannelGroup], node: str, *roles: str) -> tuple[str, ...]:
    return tuple(
        group.id
        for group in groups
        if any(slot.node == node for role in roles for slot in getattr(group, role))
    )


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['network']:10} {row['seed']:4} {row['build_s']:5.1f} s "
        f"{row['least_us']:5.0f}-{row['most_us']:<4.0f}   {100 * row['mean']:4.1f} % "
        f"{100 * row['max']:4.1f} % {100 * row['within']:4.0f} % {100 * row['float']:4.1f} % "
        f"{100 * row['int8']:4.1f} % {100 * row['covered']:5.0f} % {100 * row['macs_mean']:4.1f} % "
        f"{row['macs_mean'] / row['mean']:5.1f}x"
    )


def _verdict(name: str, rows: list[dict[str, Any]]) -> str:
    """Say whether the medians of the seeds are within the aim."""
    middle = {key: statistics.median(row[key] for row in rows) for key in ("mean", "max")}
    ratio = statistics.median(row["macs_mean"] / row["mean"] for row in rows)
    reached = middle["mean"] <= MEAN and middle["max"] <= WORST and ratio >= RATIO
    return (
        f"{name:10} median of seeds: mean {100 * middle['mean']:.1f} %, "
        f"max {100 * middle['max']:.1f} %, {ratio:.1f} times less than MACs"
        f"{'' if reached else '  missed'}"
    )


if __name__ == "__main__":
    main()
