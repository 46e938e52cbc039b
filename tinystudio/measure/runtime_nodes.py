"""What onnxruntime makes of a file's nodes, and how long each of its own takes: its own profile.

The runtime fuses nodes (a convolution with what follows), adds some (changes of memory layout) and
names the result by its own rules. Which nodes of the file one of its nodes stands for is found in
three passes over the graph as the runtime wrote it out:

1. by name: a fused node bears the name of a node or tensor of the file, with a suffix;
2. backwards from the tensors it puts out, up to the node that computes, and the constants and
   dequantizing before that;
3. what is left (an activation, an addition, a quantizing that was fused) goes with what makes its
   inputs.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.graph.decoded_weights import constant_tensors
from tinystudio.graph.network import Network
from tinystudio.measure.running import open_session, run

BUDGET_S = 0.4
RUNS_AT_LEAST, RUNS_AT_MOST, WARM_RUNS = 8, 120, 3
CORES = frozenset(
    {
        "Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN", "MaxPool", "AveragePool",
        "GlobalAveragePool", "GlobalMaxPool", "ConvInteger", "MatMulInteger", "MatMulNBits",
    }
)  # fmt: skip
_LAYOUT = frozenset({"ReorderInput", "ReorderOutput", "Transpose", "Cast", "Identity"})
_BEFORE = frozenset({"DequantizeLinear", "Pad"})
_SUFFIX = re.compile(r"(_nchwc|_token_\d+|/duplicated|_quant|_fused)+$")
_EVENT = "_kernel_time"


@dataclass(frozen=True)
class RunNode:
    """One node as it is run: microseconds of one call, and the nodes of the file in it."""

    name: str
    op: str
    time_us: float
    nodes: tuple[str, ...]


def runtime_nodes(network: Network, fed: Mapping[str, Array], reporter: Reporter) -> list[RunNode]:
    """Return what is run for one call on `fed`, in its order.

    A node's time is the mean of the quieter half of its runs; the profile counts whole
    microseconds and takes about one itself. Raises `UserError` where the network cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
        written = Path(folder) / "fused.onnx"
        session = open_session(network.data, profile=Path(folder) / "profile", fused=written)
        try:
            _run_often(session, dict(fed), reporter)
        finally:
            profile = Path(session.end_profiling())  # else it would be written after the folder
        events = json.loads(profile.read_text(encoding="utf-8"))
        fused = onnx.load(str(written), load_external_data=False)
    owned = _Owners(network, list(fused.graph.node)).found()
    return [
        RunNode(name, op, _quiet_mean(times), owned.get(name, ()))
        for (name, op), times in _times(events).items()
    ]


def _run_often(session: Any, fed: dict[str, Array], reporter: Reporter) -> None:
    began, done = time.perf_counter(), 0
    while done < RUNS_AT_LEAST or (done < RUNS_AT_MOST and time.perf_counter() - began < BUDGET_S):
        reporter.check()
        run(session, None, fed)
        done += 1


def _times(events: list[dict[str, Any]]) -> dict[tuple[str, str], list[float]]:
    """Return the microseconds of every node's runs, in the order of the first run."""
    found: dict[tuple[str, str], list[float]] = {}
    for event in events:
        name = str(event.get("name", ""))
        if event.get("cat") != "Node" or not name.endswith(_EVENT):
            continue
        key = (name.removesuffix(_EVENT), str(event.get("args", {}).get("op_name", "")))
        found.setdefault(key, []).append(float(event["dur"]))
    return found


def _quiet_mean(times: list[float]) -> float:
    """Return the mean of the quieter half; the first runs, which warm up, are left out."""
    kept = np.sort(times[WARM_RUNS:] or times)
    return float(kept[: (len(kept) + 1) // 2].mean())


@dataclass
class _Owners:
    """Finds which node of the runtime stands for which of the file."""

    network: Network
    fused: list[NodeProto]
    owner: dict[str, str] = field(default_factory=dict)

    def found(self) -> dict[str, tuple[str, ...]]:
        """Return the nodes of the file by the name of the runtime's node."""
        self._names = {node.name for node in self.network.nodes}
        self._constants = constant_tensors(self.network)
        anchors = [(item, self._anchor(item)) for item in self.fused]
        for item, anchor in anchors:
            if anchor is not None and item.op_type not in ("ReorderInput", "ReorderOutput"):
                self.owner.setdefault(anchor.name, item.name)
        for item, anchor in anchors:
            self._claim_backwards(item, anchor)
        self._claim_followers()
        made: dict[str, list[str]] = {}
        for node in self.network.nodes:
            if node.name in self.owner:
                made.setdefault(self.owner[node.name], []).append(node.name)
        return {name: tuple(nodes) for name, nodes in made.items()}

    def _anchor(self, item: NodeProto) -> NodeProto | None:
        """Return the file's node that a runtime node is named by."""
        for name in dict.fromkeys((item.name, _SUFFIX.sub("", item.name))):
            if name in self._names:
                return self.network.node(name)
            made = self.network.producer(name)
            if made is not None:
                return made
        return None

    def _claim_backwards(self, item: NodeProto, anchor: NodeProto | None) -> None:
        ends = [anchor] if anchor is not None else []
        if anchor is not None or item.op_type not in _LAYOUT:
            ends += [made for name in item.output if (made := self.network.producer(name))]
        for end in ends:
            if self.owner.setdefault(end.name, item.name) == item.name:
                self._walk(item, end)

    def _walk(self, item: NodeProto, end: NodeProto) -> None:
        waiting = [(end, False)]
        while waiting:
            node, is_behind = waiting.pop()
            is_core = is_behind or node.op_type in CORES or node.op_type in item.op_type
            for name in node.input:
                made = self.network.producer(name)
                if made is None or made.name in self.owner:
                    continue
                is_fed = name in self._constants or made.op_type in _BEFORE
                if is_core and not is_fed:
                    continue
                self.owner[made.name] = item.name
                waiting.append((made, is_core))

    def _claim_followers(self) -> None:
        place = {node.name: at for at, node in enumerate(self.network.nodes)}
        for node in self.network.nodes:
            if node.name in self.owner:
                continue
            makers = [
                made for name in node.input
                if name not in self._constants and (made := self.network.producer(name))
                and made.name in self.owner
            ]  # fmt: skip
            if makers:
                last = max(makers, key=lambda made: place[made.name])
                self.owner[node.name] = self.owner[last.name]
