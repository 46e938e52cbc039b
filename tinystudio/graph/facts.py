"""What a network costs, in total and node by node, without running it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.liveness import activation_bytes, peak_activation_bytes
from tinystudio.graph.macs import macs, samples_per_run
from tinystudio.graph.network import Network
from tinystudio.graph.parameters import owner, parameters, stored_bytes
from tinystudio.graph.remembering import remembered


@dataclass(frozen=True)
class LayerFacts:
    """One node. Figures are per sample; None where they cannot be known.

    A weight that several nodes share counts at the first of them. `output_shape` has the open
    sizes of the first output as None. `stored` is the type of its largest constant, e.g. "int8".
    """

    name: str
    op: str
    output_shape: tuple[int | None, ...]
    parameters: int
    weight_bytes: int
    macs: int | None
    activation_bytes: int | None
    stored: str = ""


@dataclass(frozen=True)
class NetworkFacts:
    """A whole network. What counts as a parameter: see `parameters.parameters`.

    `weight_bytes` are all stored constants; `macs` is None where one node's are not known.
    """

    parameters: int
    macs: int | None
    weight_bytes: int
    peak_activation_bytes: int | None
    layers: tuple[LayerFacts, ...]


@remembered
def facts(network: Network) -> NetworkFacts:
    """Return what is known of `network`; found once and remembered."""
    counted = parameters(network)
    numbers: dict[str, int] = {}
    sizes: dict[str, int] = {}
    largest: dict[str, Array] = {}
    for name, array in network.weights.items():
        node = owner(network, name) or ""
        sizes[node] = sizes.get(node, 0) + stored_bytes(array)
        if node not in largest or array.size > largest[node].size:
            largest[node] = array
        if name in counted:
            numbers[node] = numbers.get(node, 0) + int(array.size)
    samples = samples_per_run(network)
    types = {node: array.dtype.name for node, array in largest.items()}
    found = (
        _layer(network, node, numbers.get(node.name, 0), sizes.get(node.name, 0), samples)
        for node in network.nodes
    )
    layers = tuple(replace(layer, stored=types.get(layer.name, "")) for layer in found)
    peak = peak_activation_bytes(network)
    known = [layer.macs for layer in layers if layer.macs is not None]
    return NetworkFacts(
        parameters=sum(int(array.size) for array in counted.values()),
        macs=sum(known) if len(known) == len(layers) else None,
        weight_bytes=sum(sizes.values()),
        peak_activation_bytes=None if peak is None else peak // samples,
        layers=layers,
    )


def _layer(network: Network, node: NodeProto, numbers: int, size: int, samples: int) -> LayerFacts:
    done = macs(network, node)
    made = [activation_bytes(network, name) for name in node.output if name]
    known = [item for item in made if item is not None]
    return LayerFacts(
        name=node.name,
        op=node.op_type,
        output_shape=(network.shape(node.output[0]) if node.output else None) or (),
        parameters=numbers,
        weight_bytes=size,
        macs=None if done is None else done // samples,
        activation_bytes=sum(known) // samples if len(known) == len(made) else None,
    )
