"""Composite operators (Attention, losses ...) written out as the operators they are defined by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onnx import AttributeProto, FunctionProto, ModelProto, NodeProto, TypeProto, defs, helper

from tinystudio.graph.network import Network

# Operators without a rule of their own whose definition in the spec consists of ones with a rule.
WRITTEN_OUT = frozenset(
    {
        "Attention", "RotaryEmbedding", "SwiGLU", "CenterCropPad",
        "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss",
    }
)  # fmt: skip

# Marks a Softmax in which a row may be masked altogether: by Attention's definition it is zero.
MASKED = "tinystudio_masked"


@dataclass(frozen=True)
class WrittenOut:
    """The network without composite operators, and which node each new node came from."""

    network: Network
    origins: Mapping[str, str]


def written_out(network: Network) -> WrittenOut:
    """Write composite nodes out by the function that the ONNX spec defines them by.

    Weights keep their names, so that what is learned can be written back to `network`.
    """
    origins: dict[str, str] = {}
    while any(_is_composite(node) for node in network.nodes):
        nodes: list[NodeProto] = []
        for node in network.nodes:
            body = _body(node, network) if _is_composite(node) else [node]
            origins |= {new.name: origins.get(node.name, node.name) for new in body}
            nodes += body
        model = ModelProto()
        model.CopyFrom(network.model)
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        network = Network(model)
    return WrittenOut(network, origins)


def _is_composite(node: NodeProto) -> bool:
    return node.domain in ("", "ai.onnx") and node.op_type in WRITTEN_OUT


def _body(node: NodeProto, network: Network) -> list[NodeProto]:
    schema = defs.get_schema(node.op_type, network.opset)
    function = FunctionProto.FromString(_definition(schema, node, network))
    attributes = {name: item.default_value for name, item in schema.attributes.items()}
    attributes |= {item.name: item for item in node.attribute}
    names = {"": ""} | dict.fromkeys(function.input, "")  # an input left out is left out inside
    names |= dict(zip(function.input, node.input, strict=False))
    made = zip(function.output, node.output, strict=False)
    names |= {inside: name for inside, name in made if name}
    found = []
    for index, inner in enumerate(function.node):
        new = NodeProto(op_type=inner.op_type, domain=inner.domain)
        new.name = f"{node.name}/{inner.op_type}_{index}"
        new.input.extend(names.get(name, f"{node.name}/{name}") for name in inner.input)
        new.output.extend(names.get(name, f"{node.name}/{name}") for name in inner.output)
        new.attribute.extend(_attributes(inner, attributes))
        if (node.op_type, inner.op_type) == ("Attention", "Softmax"):
            new.attribute.append(helper.make_attribute(MASKED, 1))
        found.append(new)
    return found


def _definition(schema: defs.OpSchema, node: NodeProto, network: Network) -> bytes:
    """Return the function of the newest version that the network's opset has."""
    plain = [v for v in schema.function_opset_versions if v <= network.opset]
    if plain:
        return bytes(schema.get_function_with_opset_version(max(plain)))
    version = max(v for v in schema.context_dependent_function_opset_versions if v <= network.opset)
    types = [_type(name, network).SerializeToString() for name in node.input]
    data = node.SerializeToString()
    return bytes(schema.get_context_dependent_function_with_opset_version(version, data, types))


def _type(name: str, network: Network) -> TypeProto:
    dtype = network.dtype(name) if name else None
    if dtype is None:
        return TypeProto()
    return helper.make_tensor_type_proto(
        helper.np_dtype_to_tensor_dtype(dtype), network.shape(name)
    )


def _attributes(inner: NodeProto, given: Mapping[str, AttributeProto]) -> list[AttributeProto]:
    """Return a body node's attributes, those that refer to the composite's filled in."""
    found = []
    for item in inner.attribute:
        if not item.ref_attr_name:
            found.append(item)
        elif given.get(item.ref_attr_name) is not None and given[item.ref_attr_name].type:
            copy = AttributeProto()
            copy.CopyFrom(given[item.ref_attr_name])
            copy.name = item.name
            found.append(copy)
    return found
