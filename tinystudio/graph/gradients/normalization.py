"""Rules of normalization; BatchNormalization with the batch's own statistics while training."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, Run, UnclaimedError


def batch_normalization(node: Node) -> Run:
    """Normalize per channel (ONNX BatchNormalization; Ioffe and Szegedy 2015).

    While the module trains, the batch's mean and variance are used, and the stored ones move
    towards them by 1 - momentum, in place (as torch does: with the unbiased variance).
    """
    if not node.attribute("spatial", 1):
        raise UnclaimedError("normalization per element (spatial=0) has no rule")
    epsilon, rate = node.attribute("epsilon", 1e-5), 1 - node.attribute("momentum", 0.9)
    if node.opset >= 14 and node.attribute("training_mode", 0):
        return _stored_in_training(epsilon, 1 - rate)
    if any(node.proto.output[1:]):
        raise UnclaimedError("its statistics as outputs, of operator sets before 14, have no rule")
    mode = node.mode

    def run(x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return functional.batch_norm(x, mean, variance, scale, shift, mode.training, rate, epsilon)

    def run_computed(
        x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor
    ) -> Tensor:
        factor = scale * torch.rsqrt(variance + epsilon)
        sizes = (-1, *(1,) * (x.dim() - 2))
        return x * factor.reshape(sizes) + (shift - mean * factor).reshape(sizes)

    # Only a statistic that is in the file can be moved.
    kept = all(name in node.network.weights for name in node.proto.input[3:5])
    return run if kept else run_computed


def _stored_in_training(epsilon: float, momentum: float) -> Run:
    """Run a node that was stored in training mode: outputs Y, running mean and variance."""

    def run(
        x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        axes = [axis for axis in range(x.dim()) if axis != 1]
        batch_mean, batch_variance = x.mean(axes), x.var(axes, correction=0)
        made = functional.batch_norm(x, None, None, scale, shift, True, 0.0, epsilon)
        moved = (
            old * momentum + new * (1 - momentum)
            for old, new in ((mean, batch_mean), (variance, batch_variance))
        )
        return (made, *moved)  # type: ignore[return-value]

    return run


def instance_normalization(node: Node) -> Run:
    """Normalize per sample and channel (ONNX InstanceNormalization)."""
    epsilon = node.attribute("epsilon", 1e-5)
    # As groups of one channel: torch's own rule refuses channels of one number.
    return lambda x, scale, shift: torch.group_norm(x, x.shape[1], scale, shift, epsilon)


def group_normalization(node: Node) -> Run:
    """Normalize per sample and group of channels (ONNX GroupNormalization).

    Scale and shift are per group in opset 18, per channel since 21.
    """
    groups, epsilon = node.attribute("num_groups"), node.attribute("epsilon", 1e-5)
    per_group = node.opset < 21

    def run(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        if per_group:
            times = x.shape[1] // groups
            scale, shift = scale.repeat_interleave(times), shift.repeat_interleave(times)
        return torch.group_norm(x, groups, scale, shift, epsilon)

    return run


def layer_normalization(node: Node) -> Run:
    """Normalize over the axes from `axis` on (ONNX LayerNormalization): Y, mean, 1 / deviation."""
    axis, epsilon = node.attribute("axis", -1), node.attribute("epsilon", 1e-5)
    more = node.outputs > 1

    def run(x: Tensor, scale: Tensor, shift: Tensor | None = None) -> Any:
        sizes = x.shape[axis:]
        if scale.shape == sizes and (shift is None or shift.shape == sizes):
            made = functional.layer_norm(x, sizes, scale, shift, epsilon)
        else:
            made = functional.layer_norm(x, sizes, eps=epsilon) * scale
            made = made if shift is None else made + shift
        return (made, *_statistics(x, len(sizes), epsilon)) if more else made

    return run


def _statistics(x: Tensor, count: int, epsilon: float) -> tuple[Tensor, Tensor]:
    axes = list(range(-count, 0))
    # In float32 as the operator's stash_type says, unless the input is finer.
    x = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    variance = x.var(axes, correction=0, keepdim=True)
    return x.mean(axes, keepdim=True), torch.rsqrt(variance + epsilon)


def rms_normalization(node: Node) -> Run:
    """Divide by the root of the mean square (ONNX RMSNormalization; Zhang and Sennrich 2019)."""
    axis, epsilon = node.attribute("axis", -1), node.attribute("epsilon", 1e-5)

    def run(x: Tensor, scale: Tensor) -> Tensor:
        return functional.rms_norm(x, x.shape[axis:], eps=epsilon) * scale

    return run


def lp_normalization(node: Node) -> Run:
    """Divide by the L1 or L2 norm along an axis; zero stays zero (ONNX LpNormalization)."""
    axis, power = node.attribute("axis", -1), node.attribute("p", 2)

    def run(x: Tensor) -> Tensor:
        norm = torch.linalg.vector_norm(x, power, axis, keepdim=True)
        return x / torch.where(norm == 0, 1, norm)

    return run


def mean_variance_normalization(node: Node) -> Run:
    """Normalize over given axes (ONNX MeanVarianceNormalization)."""
    axes = node.attribute("axes", [0, 2, 3])

    def run(x: Tensor) -> Tensor:
        centred = x - x.mean(axes, keepdim=True)
        # 1e-9 as in the operator's own definition.
        return centred / (torch.sqrt((centred * centred).mean(axes, keepdim=True)) + 1e-9)

    return run


def local_response_normalization(node: Node) -> Run:
    """Divide by the squares of near channels (ONNX LRN; Krizhevsky et al. 2012)."""
    alpha, beta = node.attribute("alpha", 1e-4), node.attribute("beta", 0.75)
    bias, size = node.attribute("bias", 1.0), node.attribute("size")
    before, after = (size - 1) // 2, size - 1 - (size - 1) // 2

    def run(x: Tensor) -> Tensor:
        squares = (x * x).flatten(2).unsqueeze(1)
        wide = functional.pad(squares, (0, 0, before, after))
        means = functional.avg_pool2d(wide, (size, 1), 1).squeeze(1).reshape(x.shape)
        return x / torch.pow(means * alpha + bias, beta)

    return run


def dropout(node: Node) -> Run:
    """Drop a share of the numbers while the module trains (ONNX Dropout): output, mask.

    The numbers come from torch's own generator, so that `torch.manual_seed` fixes them. A node
    whose input says that it is in training mode drops always, as in the runtime.
    """
    stored = node.attribute("ratio", 0.5) if node.opset < 12 else None
    ratio = node.number(1, 0.5) if stored is None else lambda _: stored
    always = node.number(2, 0) if stored is None else lambda _: 0
    mode, more = node.mode, node.outputs > 1

    def run(x: Tensor, share: Tensor | None = None, training: Tensor | None = None) -> Any:
        dropping = mode.training or bool(always(training))
        if not more:
            return functional.dropout(x, ratio(share)) if dropping else x
        one = torch.ones_like(x)
        factors = functional.dropout(one, ratio(share)) if dropping else one
        return x * factors, factors != 0

    return run


RULES = {
    "BatchNormalization": batch_normalization,
    "InstanceNormalization": instance_normalization,
    "GroupNormalization": group_normalization,
    "LayerNormalization": layer_normalization,
    "RMSNormalization": rms_normalization,
    "LpNormalization": lp_normalization,
    "MeanVarianceNormalization": mean_variance_normalization,
    "LRN": local_response_normalization,
    "Dropout": dropout,
}
