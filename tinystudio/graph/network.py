"""The network: one ONNX graph, as a value that never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.core.files import sha256
from tinystudio.graph.normalizing import normalize
from tinystudio.graph.shapes import Shape, TensorType, infer
from tinystudio.graph.sorting import reads, topological


@dataclass(frozen=True)
class Port:
    """An input or output. A size is a number, the name of an open size, or None."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | str | None, ...]


class Network:
    """An ONNX graph in one normal form; every change makes another Network.

    The normal form: constants are initializers, initializers are not inputs, every node has a
    unique name, nodes are in the order in which they can run, local functions are written out,
    and no intermediate shapes are stored (they are inferred: see `shape`).
    """

    def __init__(self, model: ModelProto) -> None:
        """Take over a model that is in normal form; others come in through `Network.of`."""
        self._model = model

    @classmethod
    def of(cls, model: ModelProto) -> Network:
        """Bring any valid model into normal form. `model` stays as it is."""
        return cls(normalize(model))

    @property
    def model(self) -> ModelProto:
        """Return the graph. Never change it: what is cached here would be wrong."""
        return self._model

    @cached_property
    def data(self) -> bytes:
        """Return the bytes of the file: what is measured, and what is exported."""
        data: bytes = self._model.SerializeToString()
        return data

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of `data`."""
        return sha256(self.data)

    @cached_property
    def inputs(self) -> tuple[Port, ...]:
        """Return what has to be fed."""
        return tuple(_port(item) for item in self._model.graph.input)

    @cached_property
    def outputs(self) -> tuple[Port, ...]:
        """Return what comes out."""
        return tuple(_port(item) for item in self._model.graph.output)

    @cached_property
    def nodes(self) -> tuple[NodeProto, ...]:
        """Return the nodes in the order in which they can run."""
        return tuple(self._model.graph.node)

    @cached_property
    def weights(self) -> Mapping[str, Array]:
        """Return all initializers by name, read-only, each decoded when first asked for."""
        return _Weights({item.name: item for item in self._model.graph.initializer})

    @property
    def opset(self) -> int:
        """Return the version of the standard operators."""
        return next((i.version for i in self._model.opset_import if i.domain in ("", "ai.onnx")), 1)

    @property
    def metadata(self) -> Mapping[str, str]:
        """Return the notes stored in the file."""
        return {item.key: item.value for item in self._model.metadata_props}

    @property
    def producer_name(self) -> str:
        """Return the program that wrote the file, with its version, as far as it said."""
        return f"{self._model.producer_name} {self._model.producer_version}".strip()

    def node(self, name: str) -> NodeProto:
        """Return the node of that name; raises KeyError."""
        return self._by_name[name]

    def producer(self, tensor: str) -> NodeProto | None:
        """Return the node that makes `tensor`; None for inputs and weights."""
        return self._producers.get(tensor)

    def consumers(self, tensor: str) -> tuple[NodeProto, ...]:
        """Return the nodes that read `tensor`, each once, in order."""
        return self._consumers.get(tensor, ())

    def shape(self, tensor: str) -> Shape | None:
        """Return a tensor's shape; None inside: an open size; None: nothing is known."""
        known = self._types.get(tensor)
        return None if known is None else known.shape

    def size(self, tensor: str, batch: Literal[1, 2] = 1) -> Shape | None:
        """Return a tensor's shape when one sample is fed, or two (where the batch is open)."""
        known = (self._types_of_one if batch == 1 else self._types_of_two).get(tensor)
        return None if known is None else known.shape

    def dtype(self, tensor: str) -> np.dtype[Any] | None:
        """Return a tensor's type; None where it is not known or not a tensor."""
        known = self._types.get(tensor)
        return None if known is None else _dtype(known.element)

    def annotated(self) -> ModelProto:
        """Return a copy of the graph with all inferred shapes in its `value_info`."""
        model = ModelProto()
        model.CopyFrom(self._model)
        made = {name for node in self.nodes for name in node.output}
        made -= {item.name for item in model.graph.output}
        for name, known in self._types.items():
            if name in made:
                shape = None if known.shape is None else list(known.shape)
                info = helper.make_tensor_value_info(name, known.element, shape)
                model.graph.value_info.append(info)
        return model

    def with_weights(self, changes: Mapping[str, Array]) -> Network:
        """Return this network with some weights replaced; their shapes may change.

        A weight keeps its number type; raises ValueError for values that cannot be cast to it,
        and KeyError for a name that is not a weight.
        """
        model = ModelProto()
        model.CopyFrom(self._model)
        left = dict(changes)
        for item in model.graph.initializer:
            if item.name in left:
                array = _cast(left.pop(item.name), self.weights[item.name].dtype, item.name)
                item.CopyFrom(numpy_helper.from_array(array, item.name))
        if left:
            raise KeyError(f"not weights of this network: {', '.join(left)}")
        return Network(model)

    def with_nodes(self, nodes: Sequence[NodeProto], weights: Mapping[str, Array]) -> Network:
        """Return a new graph with these inputs, outputs, opset and metadata.

        `nodes` may come in any order; of `weights` only those that are read are kept.
        """
        model = ModelProto()
        model.CopyFrom(self._model)
        del model.graph.node[:]
        del model.graph.initializer[:]
        model.graph.node.extend(topological(nodes))
        used = {name for node in nodes for name in reads(node)}
        used |= {item.name for item in model.graph.output}
        model.graph.initializer.extend(
            self._proto(name, array) for name, array in weights.items() if name in used
        )
        declared = {item.domain for item in model.opset_import}
        for domain in dict.fromkeys(node.domain for node in nodes):
            if domain not in declared and domain not in ("", "ai.onnx"):
                model.opset_import.append(helper.make_opsetid(domain, 1))
        return Network(normalize(model))

    def with_metadata(self, metadata: Mapping[str, str]) -> Network:
        """Return this network with these notes in place of its own."""
        model = ModelProto()
        model.CopyFrom(self._model)
        del model.metadata_props[:]
        helper.set_model_props(model, dict(metadata))
        return Network(model)

    def _proto(self, name: str, array: Array) -> TensorProto:
        known = self._protos.get(name)
        if known is not None and self.weights[name] is array:
            return known
        return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)

    @cached_property
    def _protos(self) -> Mapping[str, TensorProto]:
        return {item.name: item for item in self._model.graph.initializer}

    @cached_property
    def _by_name(self) -> Mapping[str, NodeProto]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def _producers(self) -> Mapping[str, NodeProto]:
        return {name: node for node in self.nodes for name in node.output if name}

    @cached_property
    def _consumers(self) -> Mapping[str, tuple[NodeProto, ...]]:
        found: dict[str, tuple[NodeProto, ...]] = {}
        for node in self.nodes:
            for name in reads(node):
                found[name] = (*found.get(name, ()), node)
        return MappingProxyType(found)

    @cached_property
    def _types(self) -> Mapping[str, TensorType]:
        return infer(self._model, batch=None)

    @cached_property
    def _types_of_one(self) -> Mapping[str, TensorType]:
        return infer(self._model, batch=1)

    @cached_property
    def _types_of_two(self) -> Mapping[str, TensorType]:
        return infer(self._model, batch=2)


def attribute(node: NodeProto, name: str, default: Any) -> Any:
    """Return a node's attribute as a Python value (text as str, tensors as arrays)."""
    for item in node.attribute:
        if item.name == name:
            value = helper.get_attribute_value(item)
            if isinstance(value, bytes):
                return value.decode("utf-8", errors="replace")
            return numpy_helper.to_array(value) if isinstance(value, TensorProto) else value
    return default


class _Weights(Mapping[str, Array]):
    """Initializers as read-only arrays, decoded one by one."""

    def __init__(self, protos: Mapping[str, TensorProto]) -> None:
        self._protos = protos
        self._arrays: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._arrays:
            array = numpy_helper.to_array(self._protos[name])
            array.setflags(write=False)
            self._arrays[name] = array
        return self._arrays[name]

    def __contains__(self, name: object) -> bool:
        return name in self._protos

    def __iter__(self) -> Iterator[str]:
        return iter(self._protos)

    def __len__(self) -> int:
        return len(self._protos)


def _port(item: ValueInfoProto) -> Port:
    tensor = item.type.tensor_type
    sizes = (
        d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else (d.dim_param or None)
        for d in tensor.shape.dim
    )
    return Port(item.name, _dtype(tensor.elem_type) or np.dtype(object), tuple(sizes))


def _dtype(element: int) -> np.dtype[Any] | None:
    try:
        found: np.dtype[Any] = helper.tensor_dtype_to_np_dtype(element)
    except (KeyError, ValueError, TypeError):
        return None
    return found


def _cast(array: Array, dtype: np.dtype[Any], name: str) -> Array:
    array = np.asarray(array)
    same = array.dtype == dtype
    if not same and not (array.dtype.kind == "f" and dtype.kind in "fV"):
        raise ValueError(f"weight '{name}' is {dtype}, the new values are {array.dtype}")
    return np.ascontiguousarray(array, dtype).reshape(array.shape)
