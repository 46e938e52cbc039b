"""Takes out attributes that say what holds without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from onnx import AttributeProto, NodeProto, defs, helper

from tinystudio.graph.network import Network

# What the standard says in words and not in its schemas: "defaults to 1 along each spatial axis".
_WINDOWS = frozenset({
    "Conv", "ConvTranspose", "ConvInteger", "MaxPool", "AveragePool", "LpPool", "MaxUnpool",
})  # fmt: skip
_CONCERNED = _WINDOWS | {"Gemm"}  # in every version of these the defaults are the same
_ALONG_AXES = {"strides": 1, "dilations": 1, "pads": 0}


def without_defaults(network: Network) -> Network:
    """Return `network` without attributes of convolutions, pooling and Gemm that are the default.

    Exporters write them all: of a small convolution's 150 bytes they are a third. Returned as it is
    where there are none.
    """
    imports = {item.domain: item.version for item in network.model.opset_import}
    told = [list(_told(node, imports)) for node in network.nodes]
    if sum(map(len, told)) == sum(len(node.attribute) for node in network.nodes):
        return network
    nodes = []
    for node, kept in zip(network.nodes, told, strict=True):
        made = NodeProto()
        made.CopyFrom(node)
        del made.attribute[:]
        made.attribute.extend(kept)
        nodes.append(made)
    return network.with_nodes(nodes, network.weights)


def _told(node: NodeProto, imports: Mapping[str, int]) -> Iterator[AttributeProto]:
    if node.op_type not in _CONCERNED or node.domain:
        yield from node.attribute
        return
    known = _defaults(node.op_type, imports.get("", 0))
    for item in node.attribute:
        value = helper.get_attribute_value(item)
        usual = _ALONG_AXES.get(item.name) if node.op_type in _WINDOWS else None
        is_usual = usual is not None and all(number == usual for number in value)
        if not is_usual and (item.name not in known or known[item.name] != value):
            yield item


@cache
def _defaults(operator: str, version: int) -> dict[str, object]:
    """Return the default values of an operator's attributes, as its schema has them."""
    schema = defs.get_schema(operator, version)
    given = ((name, item.default_value) for name, item in schema.attributes.items())
    return {name: helper.get_attribute_value(value) for name, value in given if value.name}
