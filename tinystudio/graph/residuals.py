"""Blocks that a network can do without: additions whose other branch has the same shape."""

from __future__ import annotations

from dataclasses import dataclass

from onnx import NodeProto, helper

from tinystudio.graph.network import Network
from tinystudio.graph.remembering import remembered
from tinystudio.graph.segments import heavy_nodes
from tinystudio.graph.sorting import reads


@dataclass(frozen=True)
class Block:
    """What an addition adds to a tensor `kept` that has the sum's shape already.

    `addition` is the node's name, `output` its result, which `kept` can stand for; `nodes` are
    those that nobody needs then, in the order in which they run, `layers` those of them that have
    weights.
    """

    addition: str
    output: str
    kept: str
    nodes: tuple[str, ...]
    layers: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the names of its layers: "conv1 to conv3 (before add)"."""
        first, last = self.layers[0], self.layers[-1]
        inside = first if first == last else f"{first} to {last}"
        return f"{inside} (before {self.addition})"


@remembered
def blocks(network: Network) -> tuple[Block, ...]:
    """Return every block that can be left out by itself, in the order of computation.

    Where both branches of an addition have layers of their own, each is a block.
    """
    heavy = {node.name for node in heavy_nodes(network)}
    place = {node.name: index for index, node in enumerate(network.nodes)}
    found = []
    for node in network.nodes:
        for kept in dict.fromkeys(node.input) if _adds(network, node) else ():
            if not _same_shape(network, kept, node.output[0]):
                continue
            left = _only_for(network, node, kept)
            nodes = tuple(sorted(left, key=place.__getitem__))
            layers = tuple(name for name in nodes if name in heavy)
            if layers:
                found.append(Block(node.name, node.output[0], kept, nodes, layers))
    return tuple(found)


def without(network: Network, block: Block) -> Network:
    """Return `network` without this block; names of what stays do not change."""
    gone = {block.addition, *block.nodes}
    ports = {port.name for port in network.outputs}
    readers = network.consumers(block.output)
    plain = block.output not in ports and all(block.output in node.input for node in readers)
    nodes = []
    for node in network.nodes:
        if node.name == block.addition and not plain:
            nodes.append(helper.make_node("Identity", [block.kept], [block.output], node.name))
        elif node.name not in gone:
            nodes.append(_reading(node, block) if plain else node)
    return network.with_nodes(nodes, dict(network.weights))


def _reading(node: NodeProto, block: Block) -> NodeProto:
    """Return a node that reads what is kept in place of the sum."""
    if block.output not in node.input:
        return node
    copy = NodeProto()
    copy.CopyFrom(node)
    copy.input[:] = [block.kept if name == block.output else name for name in node.input]
    return copy


def _adds(network: Network, node: NodeProto) -> bool:
    is_sum = node.op_type in ("Add", "Sum") and len(node.input) == 2
    return is_sum and all(network.producer(name) is not None or _is_input(network, name)
                          for name in node.input)  # fmt: skip


def _is_input(network: Network, name: str) -> bool:
    return any(port.name == name for port in network.inputs)


def _same_shape(network: Network, tensor: str, other: str) -> bool:
    """Say whether two tensors have the same sizes; open ones are taken to be the same."""
    one = network.size(tensor, 1), network.size(other, 1)
    two = network.size(tensor, 2), network.size(other, 2)
    return one[0] is not None and one[0] == one[1] and two[0] == two[1]


def _only_for(network: Network, addition: NodeProto, kept: str) -> set[str]:
    """Return the nodes that nobody needs when `kept` stands for the addition's result."""
    ports = {port.name for port in network.outputs}
    gone = {addition.name}
    waiting = [name for name in addition.input if name != kept]
    while waiting:
        node = network.producer(waiting.pop())
        if node is None or node.name in gone or kept in node.output:
            continue
        readers = (reader.name for name in node.output for reader in network.consumers(name))
        if ports.isdisjoint(node.output) and gone.issuperset(readers):
            gone.add(node.name)
            waiting.extend(reads(node))
    return gone - {addition.name}
