"""How many channels the processor takes at once, read from a measured staircase."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper
from pydantic import BaseModel, ConfigDict

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.explorer.small_networks import made_up
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network, attribute
from tinystudio.graph.segments import heavy_nodes
from tinystudio.measure.layer_timing import Timed, Times, time_together

Timer = Callable[[Sequence[Timed], int, int, float, Reporter], Times]

COUNTS = tuple(range(8, 65, 4))
READS = 32  # channels that the timed layer reads: all of its registers filled
STEPS = (16, 8, 4)
BUDGET_S = 0.5
FLAT = 0.05  # a rise below this share is noise
AT_EDGES = 0.75  # share of all rises and falls that lies at the edges of steps


class HardwareStep(BaseModel):
    """The time of one layer (microseconds) at each count of channels it makes.

    `step`: see `step_of`.
    """

    model_config = ConfigDict(frozen=True)

    layer: str
    op: str
    counts: tuple[int, ...]
    us: tuple[float, ...]
    step: int


def hardware_step(
    network: Network,
    reporter: Reporter,
    seed: int,
    threads: int = 1,
    timer: Timer = time_together,
) -> HardwareStep | None:
    """Time the network's heaviest layer over counts of channels; None where it has no layer.

    The kind, the kernel and the positions are those of the layer, the channels are not.
    """
    found = _heaviest(network)
    if found is None:
        return None
    networks = [_with_channels(network, found, count) for count in COUNTS]
    timed = [Timed(item.data, made_up(item)) for item in networks]
    us = timer(timed, threads, seed, BUDGET_S, reporter).seconds * 1e6
    return HardwareStep(
        layer=found.name,
        op=found.op_type,
        counts=COUNTS,
        us=tuple(float(value) for value in us),
        step=step_of(COUNTS, us),
    )


def step_of(counts: Sequence[int], us: Array) -> int:
    """Return the step of a staircase of times: the largest at whose edges they rise.

    4, the finest that is looked for, where they rise everywhere; 1 where they do not rise.
    """
    rises = np.diff(us)
    if us[-1] - us[0] < FLAT * us[0]:
        return 1
    for step in STEPS:
        edges = np.array([count % step == 0 for count in counts[:-1]])
        if rises[edges].sum() > AT_EDGES * np.abs(rises).sum():
            return step
    return STEPS[-1]


def _heaviest(network: Network) -> NodeProto | None:
    """Return the plain convolution with most multiplications; without one, the linear layer."""
    work = {item.name: item.macs or 0 for item in facts(network).layers}
    nodes = [node for node in heavy_nodes(network) if network.size(node.input[0]) is not None]
    plain = [n for n in nodes if n.op_type == "Conv" and attribute(n, "group", 1) == 1]
    linear = [n for n in nodes if n.op_type in ("Gemm", "MatMul")]
    return max(plain or linear, key=lambda node: work.get(node.name, 0), default=None)


def _with_channels(network: Network, layer: NodeProto, count: int) -> Network:
    """Return a network of that layer alone, which makes `count` channels of `READS`."""
    size = tuple(one or 1 for one in network.size(layer.input[0]) or ())
    rng = np.random.default_rng(0)
    if layer.op_type == "Conv":
        kernel = [one or 1 for one in (network.size(layer.input[1]) or ())[2:]]
        shape, weight = (1, READS, *size[2:]), rng.standard_normal((count, READS, *kernel))
        kept = [item for item in layer.attribute if item.name != "group"]
        node = helper.make_node("Conv", ["x", "w"], ["y"], "layer")
        node.attribute.extend(kept)
    else:
        shape, weight = (int(np.prod(size[:-1])), READS), rng.standard_normal((READS, count))
        node = helper.make_node("MatMul", ["x", "w"], ["y"], "layer")
    ports = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, shape),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, None),
    ]
    weights = [numpy_helper.from_array(weight.astype(np.float32), "w")]
    graph = helper.make_graph([node], "layer", ports[:1], ports[1:], weights)
    opset = [helper.make_opsetid("", 17)]
    return Network.of(helper.make_model(graph, opset_imports=opset, ir_version=8))
