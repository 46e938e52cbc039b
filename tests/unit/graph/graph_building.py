"""Builds small graphs for the tests, layer by layer, and runs them in onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, ValueInfoProto, helper, numpy_helper, shape_inference

from tinystudio.core.data import Array
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network


class GraphBuilder:
    """Each method adds a layer to a tensor and returns the name of the result."""

    def __init__(self, seed: int = 0, opset: int = 17) -> None:
        self.rng = np.random.default_rng(seed)
        self.opset = opset
        self.nodes: list[Any] = []
        self.weights: dict[str, Array] = {}
        self.inputs: dict[str, tuple[int | str, ...]] = {}

    def input(self, *shape: int | str, name: str = "x") -> str:
        self.inputs[name] = shape
        return name

    def weight(self, *shape: int, low: float = -1.0, high: float = 1.0) -> str:
        # Divided by the root of what is summed, so that activations keep their size.
        inputs = float(np.prod(shape[1:])) if len(shape) > 1 and low < 0 else 1.0
        array = self.rng.uniform(low, high, shape) / np.sqrt(max(1.0, inputs / 3))
        return self.constant(array.astype(np.float32))

    def constant(self, array: Array, name: str | None = None) -> str:
        name = name or f"w{len(self.weights)}"
        self.weights[name] = array
        return name

    def ints(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def node(self, op: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:
        name = name or f"{op.lower()}{len(self.nodes)}"
        domain = attributes.pop("domain", "")
        self.nodes.append(
            helper.make_node(op, list(inputs), [f"{name}_out"], name, domain=domain, **attributes)
        )
        return f"{name}_out"

    def conv(self, x: str, cin: int, cout: int, kernel: Sequence[int], **attributes: Any) -> str:
        groups = attributes.get("group", 1)
        pads = [size // 2 for size in kernel] * 2
        weight = self.weight(cout, cin // groups, *kernel)
        return self.node("Conv", x, weight, self.weight(cout), pads=pads, **attributes)

    def conv_transpose(
        self, x: str, cin: int, cout: int, kernel: Sequence[int], **attributes: Any
    ) -> str:
        groups = attributes.get("group", 1)
        pads = [size // 2 for size in kernel] * 2
        weight = self.weight(cin, cout // groups, *kernel)
        return self.node("ConvTranspose", x, weight, self.weight(cout), pads=pads, **attributes)

    def batchnorm(self, x: str, channels: int) -> str:
        rest = [self.weight(channels) for _ in range(2)]
        return self.node(
            "BatchNormalization", x, self.weight(channels, low=0.5), *rest,
            self.weight(channels, low=0.5),
        )  # fmt: skip

    def prelu(self, x: str, channels: int, dims: int) -> str:
        return self.node("PRelu", x, self.weight(channels, *(1,) * dims))

    def gemm(self, x: str, cin: int, cout: int, **attributes: Any) -> str:
        shape = (cout, cin) if attributes.get("transB") else (cin, cout)
        return self.node("Gemm", x, self.weight(*shape), self.weight(cout), **attributes)

    def network(self, *outputs: str) -> Network:
        graph = helper.make_graph(
            self.nodes,
            "test",
            [_port(name, shape) for name, shape in self.inputs.items()],
            [ValueInfoProto(name=name) for name in outputs],
            [numpy_helper.from_array(array, name) for name, array in self.weights.items()],
        )
        domains = sorted({node.domain for node in self.nodes} - {""})
        opsets = [helper.make_opsetid("", self.opset)]
        opsets += [helper.make_opsetid(domain, 1) for domain in domains]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        inferred = shape_inference.infer_shapes(model, data_prop=True)
        del model.graph.output[:]
        model.graph.output.extend(inferred.graph.output)
        return Network.of(model)


def _port(name: str, shape: tuple[int | str, ...]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def run(network: Network, batch: int = 2, seed: int = 1) -> list[Array]:
    """Return the outputs for random inputs; open sizes get `batch`."""
    rng = np.random.default_rng(seed)
    feeds = {
        port.name: rng.standard_normal(
            [size if isinstance(size, int) else batch for size in port.shape]
        ).astype(port.dtype)
        for port in network.inputs
    }
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(network.data, options, ["CPUExecutionProvider"])
    outputs: list[Array] = session.run(None, feeds)
    return outputs


def zeroed(network: Network, kept: Mapping[str, Array]) -> Network:
    """Return the network with what surgery would remove zeroed where it is read: the reference.

    What a product of computed tensors reads is zeroed where it is made.
    """
    changes: dict[str, Array] = {}
    for group in couple(network).groups:
        if group.id not in kept:
            continue
        made = (*group.producers, *group.passers) if group.products else ()
        for slot in (*group.consumers, *made):
            array = np.array(changes.get(slot.weight, network.weights[slot.weight]))
            gone = [u for u in range(group.channels) if u not in set(kept[group.id].tolist())]
            for unit in gone:
                index: list[Any] = [slice(None)] * array.ndim
                index[slot.axis] = slot.positions(unit)
                array[tuple(index)] = 0
            changes[slot.weight] = array
    return network.with_weights(changes)


def some_kept(network: Network, seed: int, least: int = 1) -> dict[str, Array]:
    """Return random units to keep of every removable group, `least` of every part of it.

    But of those that layers are normalized over, which zeroing does not stand for.
    """
    rng = np.random.default_rng(seed)
    kept = {}
    for group in couple(network).groups:
        if group.removable and not group.normalizations:
            count = rng.integers(least, group.channels + 1)
            units = set(rng.choice(group.channels, count, replace=False).tolist())
            for part in group.parts:
                units |= set(part[:least].tolist())
            kept[group.id] = group.complete(np.array(sorted(units)))
    return kept


def half_kept(network: Network) -> dict[str, Array]:
    """Return every other unit of every removable group."""
    groups = [group for group in couple(network).groups if group.removable]
    return {group.id: group.complete(np.arange(0, group.channels, 2)) for group in groups}
