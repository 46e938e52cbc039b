"""A network whose layers take known times, its space, and the latency table made of it."""

from __future__ import annotations

from functools import cache

import numpy as np
from example_networks import network as network_of
from fabricated_times import Timer, time_of
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.core.reporter import Silent
from tinystudio.explorer.latency_building import build_latency_table, chosen_network
from tinystudio.explorer.latency_table import LatencyTable
from tinystudio.explorer.space import GroupAxis, LayerAxis, Space
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network

SIZE = 6
KINDS = ("float", "w8", "w8a8")


def layer(weights: dict[str, Array], name: str, x: str, cin: int, cout: int, group: int = 1) -> str:
    weights[f"{name}.w"] = np.full((cout, cin // group, 3, 3), 0.01, np.float32)
    weights[f"{name}.b"] = np.zeros(cout, np.float32)
    return helper.make_node(
        "Conv", [x, f"{name}.w", f"{name}.b"], [f"{name}.y"], name, pads=[1, 1, 1, 1], group=group
    )


@cache
def branching() -> Network:
    """Return a stem, a residual block, a depthwise layer, two joined branches, a head."""
    weights: dict[str, Array] = {}
    nodes = [
        layer(weights, "stem", "x", 3, 32),
        helper.make_node("Relu", ["stem.y"], ["stem.r"], "stem.relu"),
        layer(weights, "first", "stem.r", 32, 48),
        helper.make_node("Relu", ["first.y"], ["first.r"], "first.relu"),
        layer(weights, "second", "first.r", 48, 32),
        helper.make_node("Add", ["second.y", "stem.r"], ["sum"], "add"),
        layer(weights, "depthwise", "sum", 32, 32, group=32),
        layer(weights, "left", "depthwise.y", 32, 32),
        layer(weights, "right", "depthwise.y", 32, 48),
        helper.make_node("Concat", ["left.y", "right.y"], ["joined"], "join", axis=1),
        layer(weights, "mixed", "joined", 80, 32),
        helper.make_node("GlobalAveragePool", ["mixed.y"], ["pooled"], "pool"),
        helper.make_node("Flatten", ["pooled"], ["flat"], "flatten"),
        helper.make_node("Gemm", ["flat", "head.w"], ["y"], "head", transB=1),
    ]
    weights["head.w"] = np.full((10, 32), 0.01, np.float32)
    return network_of(nodes, weights, {"x": ("n", 3, SIZE, SIZE)}, {"y": ("n", 10)})


@cache
def space() -> Space:
    network = branching()
    groups = [group for group in couple(network).groups if group.removable]

    def of(node: str, *roles: str) -> tuple[str, ...]:
        return tuple(
            group.id
            for group in groups
            if any(slot.node == node for role in roles for slot in getattr(group, role))
        )

    return Space(
        groups=tuple(
            GroupAxis(id=g.id, title=g.title, levels=tuple(range(g.channels, 0, -8)))
            for g in groups
        ),
        layers=tuple(
            LayerAxis(
                node=node.name,
                op=node.op_type,
                reads=of(node.name, "consumers"),
                makes=next(iter(of(node.name, "producers", "passers")), None),
                precisions=KINDS,
            )
            for node in network.nodes
            if node.op_type in ("Conv", "Gemm")
        ),
    )


@cache
def table() -> LatencyTable:
    return build_latency_table(branching(), space(), None, Silent(), 0, timer=Timer())


def chosen(kept: dict[str, int] | None = None, int8: tuple[str, ...] = ()) -> Array:
    found = space().choice(kept or {}, dict.fromkeys(int8, "w8a8"))
    assert found is not None
    return found


def true_ms(choice: Array) -> float:
    return time_of(chosen_network(branching(), space(), choice)) / 1e3
