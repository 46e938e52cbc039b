"""Takes out roundings to 8 bits that no 8-bit kernel reads."""

from __future__ import annotations

from collections import defaultdict

from onnx import NodeProto

from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads

LINEAR = frozenset({"Gemm", "MatMul"})  # whose 8-bit kernels can put out floats


def without_idle_pairs(network: Network) -> Network:
    """Return a quantized network whose linear layers give floats to whom wants floats.

    Quantizers put a quantize/dequantize pair behind every layer. Behind a linear layer, where all
    that reads the pair computes in float (the network's output, a normalization, a recurrent
    layer), it only rounds: onnxruntime's 8-bit kernel of the layer puts out floats as well, with
    nothing lost. Convolutions keep theirs, for their 8-bit kernel puts out 8 bits.
    """
    maker = {name: node for node in network.nodes for name in node.output}
    readers: dict[str, list[NodeProto]] = defaultdict(list)
    for node in network.nodes:
        for name in reads(node):
            readers[name].append(node)
    given = {port.name for port in network.outputs}
    dropped: set[int] = set()
    floats: dict[str, str] = {}  # what a layer puts out -> what was read behind its pair
    for pair in network.nodes:
        quantize = maker.get(pair.input[0]) if pair.op_type == "DequantizeLinear" else None
        if quantize is None or quantize.op_type != "QuantizeLinear":
            continue
        layer = maker.get(quantize.input[0])
        is_alone = len(readers[quantize.input[0]]) == len(readers[quantize.output[0]]) == 1
        is_alone = is_alone and quantize.input[0] not in given
        if layer is None or not is_alone or not _in_8_bits(layer, maker):
            continue
        if not any(_reads_8_bits(reader, readers) for reader in readers[pair.output[0]]):
            floats[quantize.input[0]] = pair.output[0]
            dropped |= {id(pair), id(quantize)}
    if not floats:
        return network
    kept = [node for node in network.nodes if id(node) not in dropped]
    return _rewired(network, kept, floats)


def _in_8_bits(layer: NodeProto, maker: dict[str, NodeProto]) -> bool:
    made_by = [maker.get(name) for name in layer.input[:2]]
    return layer.op_type in LINEAR and all(
        node is not None and node.op_type == "DequantizeLinear" for node in made_by
    )


def _reads_8_bits(reader: NodeProto, readers: dict[str, list[NodeProto]]) -> bool:
    """Return whether a node becomes an 8-bit kernel: what it puts out is rounded, or it is linear.

    A node that is rounded again behind is one that onnxruntime fuses with the pairs around it.
    """
    behind = [node.op_type for name in reader.output for node in readers[name]]
    return reader.op_type in LINEAR or "QuantizeLinear" in behind


def _rewired(network: Network, kept: list[NodeProto], floats: dict[str, str]) -> Network:
    made = []
    for node in kept:
        copy = NodeProto()
        copy.CopyFrom(node)
        copy.output[:] = [floats.get(name, name) for name in node.output]
        made.append(copy)
    return network.with_nodes(made, network.weights)
