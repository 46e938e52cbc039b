"""How pictures lie in an input: what its first convolutions read as channels says it."""

from __future__ import annotations

from collections.abc import Iterator

from onnx import NodeProto

from tinystudio.graph.network import Network, attribute
from tinystudio.graph.shapes import Shape

FIRST, LAST = "channels first, NCHW", "channels last, NHWC"
LAYOUT_OF = {1: FIRST, 3: LAST}  # by which of the input's axes holds the channels
PICTURE_CHANNELS = (1, 3)  # grey; red, green, blue
LEAST_SIDE = 5  # pixels: below, a side may as well be a count of channels

# The second axis of what they read first holds channels; where their weights are an input.
_READERS = {
    "Conv": 1, "FusedConv": 1, "ConvTranspose": 1, "ConvInteger": 1, "QLinearConv": 3,
    "MaxPool": None, "AveragePool": None, "GlobalAveragePool": None, "GlobalMaxPool": None,
    "BatchNormalization": None, "InstanceNormalization": None,
}  # fmt: skip
# They leave every axis where it is.
_KEEPERS = frozenset(
    {
        "Identity", "Cast", "Sub", "Add", "Mul", "Div", "Neg", "Relu", "Clip", "Sqrt", "Pow", "Pad",
        "Dropout", "QuantizeLinear", "DequantizeLinear", "Resize", "Upsample", "Slice", "Concat",
    }
)  # fmt: skip

Axes = tuple[int, ...]  # of the input, in the order in which a tensor has them


def picture_layout(network: Network, name: str) -> str:
    """Return how the four axes of an input are to be read; nothing where that cannot be told."""
    shape = network.shape(name)
    if shape is None or len(shape) != 4:
        return ""
    found = set(_channel_axes(network, name, shape))
    if not found:
        return _by_sizes(shape)
    told = [LAYOUT_OF.get(axis, "") for axis in found if axis is not None]
    return told[0] if len(found) == len(told) == 1 else ""


def _channel_axes(network: Network, name: str, shape: Shape) -> Iterator[int | None]:
    """Say which axis of the input each layer that reads it first takes for channels.

    None: one whose weights are for other channels than the input has.
    """
    waiting: list[tuple[str, Axes]] = [(name, (0, 1, 2, 3))]
    seen: set[str] = set()
    while waiting:
        tensor, axes = waiting.pop()
        for node in network.consumers(tensor):
            if node.op_type in _READERS:
                if node.input[0] == tensor:
                    fits = _channels(network, node) in (None, shape[axes[1]])
                    yield axes[1] if fits or shape[axes[1]] is None else None
                continue
            behind = _behind(node, axes)
            if behind is None or not node.output or node.output[0] in seen:
                continue
            if len(network.shape(node.output[0]) or ()) == len(axes):
                seen.add(node.output[0])
                waiting.append((node.output[0], behind))


def _behind(node: NodeProto, axes: Axes) -> Axes | None:
    """Return the axes of what a node makes of a tensor with these; None where they are lost."""
    if node.op_type in _KEEPERS:
        return axes
    if node.op_type == "Transpose":
        order = attribute(node, "perm", list(range(len(axes)))[::-1])
        return tuple(axes[at] for at in order) if len(order) == len(axes) else None
    return None


def _channels(network: Network, node: NodeProto) -> int | None:
    """Return how many channels a layer's weights are for, where that is known."""
    at = _READERS[node.op_type]
    size = None if at is None else network.shape(node.input[at])
    if not size or len(size) < 2:
        return None
    if node.op_type == "ConvTranspose":
        return size[0]
    return None if size[1] is None else size[1] * int(attribute(node, "group", 1))


def _by_sizes(shape: Shape) -> str:
    """Guess by the sizes alone, where only one order makes a picture of them."""
    found = [
        layout
        for axis, layout in LAYOUT_OF.items()
        if shape[axis] in PICTURE_CHANNELS
        and all(
            size is None or size >= LEAST_SIDE
            for at, size in enumerate(shape)
            if at not in (0, axis)
        )
    ]
    return found[0] if len(found) == 1 else ""
