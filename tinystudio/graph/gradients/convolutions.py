"""Rules of Conv and ConvTranspose over one to three axes of space."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, Run, UnclaimedError
from tinystudio.graph.gradients.padding import Pads, Window, by_dims, padded


def conv(node: Node) -> Run:
    """Convolve (ONNX Conv): groups, dilation, padding on either side."""
    window, groups = Window.of(node, _kernel(node)), node.attribute("group", 1)
    convolve = by_dims(window.dims, functional.conv1d, functional.conv2d, functional.conv3d)
    strides, dilations, padding = window.strides, window.dilations, window.symmetric

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return convolve(x, weight, bias, strides, padding, dilations, groups)

    def run_padded(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        wide = padded(x, window.padding(x.shape[2:]))
        return convolve(wide, weight, bias, strides, 0, dilations, groups)

    return run_padded if padding is None else run


def conv_transpose(node: Node) -> Run:
    """Convolve transposed (ONNX ConvTranspose): the gradient of Conv to its input.

    Output sizes by the operator's spec: stride * (size - 1) + output_padding + span - pads, or
    as `output_shape` says, the padding then being what is left.
    """
    window, groups = Window.of(node, _kernel(node)), node.attribute("group", 1)
    extra = tuple(node.attribute("output_padding") or [0] * window.dims)
    wanted = node.attribute("output_shape")
    convolve = by_dims(
        window.dims,
        functional.conv_transpose1d,
        functional.conv_transpose2d,
        functional.conv_transpose3d,
    )
    strides, dilations, padding = window.strides, window.dilations, window.symmetric

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return convolve(x, weight, bias, strides, padding, extra, groups, dilations)

    def run_cut(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        whole = convolve(x, weight, None, strides, 0, 0, groups, dilations)
        pads = _transposed_padding(window, x.shape[2:], extra, wanted)
        cut = tuple(
            (-before, more - after) for (before, after), more in zip(pads, extra, strict=True)
        )
        made = padded(whole, cut)
        # The bias comes last: where the output is longer than the sum it holds the bias alone.
        return made if bias is None else made + bias.reshape(-1, *(1,) * window.dims)

    short = all(e < max(s, d) for e, s, d in zip(extra, strides, dilations, strict=True))
    return run if wanted is None and padding is not None and short else run_cut


def _transposed_padding(
    window: Window, sizes: Sequence[int], extra: Sequence[int], wanted: Sequence[int] | None
) -> Pads:
    if wanted is None and window.auto_pad in ("NOTSET", "VALID"):
        return window.padding(sizes)
    made = wanted or [size * stride for size, stride in zip(sizes, window.strides, strict=True)]
    found = []
    for axis, size in enumerate(sizes):
        full = window.strides[axis] * (size - 1) + extra[axis] + window.spans[axis]
        total = full - made[-len(sizes) :][axis]
        less, more = total // 2, total - total // 2
        found.append((less, more) if window.auto_pad == "SAME_UPPER" else (more, less))
    return tuple(found)


def _kernel(node: Node) -> tuple[int, ...]:
    kernel = node.attribute("kernel_shape")
    if kernel:
        return tuple(kernel)
    shape = node.network.shape(node.proto.input[1])
    if shape is None or None in shape:
        raise UnclaimedError("the size of its kernel is not known before it runs")
    return tuple(size for size in shape[2:] if size is not None)


RULES = {"Conv": conv, "ConvTranspose": conv_transpose}
