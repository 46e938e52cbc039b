"""Whether few bits were enough, and where they were not."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from tinystudio.core.data import Array, Samples
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import Agreement, agreement, collapse
from tinystudio.solvers.histograms import Histogram
from tinystudio.solvers.ranges import LEVELS, Range, relative_error

NOTEWORTHY_KAPPA = 0.8  # 8 bits usually change a few answers in a hundred at most
NOTEWORTHY_SQNR_DB = 10.0
NOTEWORTHY_ERROR = 0.5  # of a typical value: the range hardly represents it


def loss_warnings(
    original: Sequence[Array],
    variant: Sequence[Array],
    samples: Samples,
    culprit: str,
    change: str = "8 bits",
) -> tuple[str, ...]:
    """Say what fewer bits did to the outputs on these samples, if it is worth a warning.

    `culprit` is a sentence about the likely cause, or empty; `change` names what was done.
    """
    is_class = samples.labels is not None and samples.labels.dtype.kind in "iu"
    # What puts out the like of its input rebuilds it, and labels only say what is abnormal.
    classification = is_class and original[0].shape != samples.inputs[0].shape
    found = agreement(original, variant, classification)
    collapsed = collapse(found, classification)
    text = collapsed or _much_lost(found, classification, change)
    return () if text is None else (f"{text} {culprit}".strip(),)


def _much_lost(found: Agreement, classification: bool, change: str) -> str | None:
    if classification and found.kappa is not None:
        if found.kappa >= NOTEWORTHY_KAPPA:
            return None
        changed = 100 * (1 - (found.top1_agreement or 0.0))
        return f"{change} change the answer of {changed:.0f} % of {found.samples} samples."
    # Answers that are the same for every sample have no spread that an error could be held to.
    if found.sqnr_db >= NOTEWORTHY_SQNR_DB or found.sqnr_db == -math.inf:
        return None
    return f"{change} leave the outputs only {found.sqnr_db:.1f} dB above their error."


def worst_range(
    seen: Mapping[str, Histogram], ranges: Mapping[str, Range], network: Network
) -> str:
    """Name, in a sentence, the tensor whose range serves its values worst; "" where all do well.

    Judged from the histograms alone, within milliseconds.
    """
    errors = {name: relative_error(seen[name], covered) for name, covered in ranges.items()}
    name = max(errors, key=lambda key: errors[key], default="")
    if not name or errors[name] < NOTEWORTHY_ERROR:
        return ""
    low, high = ranges[name]
    where = _where(name, network)
    if seen[name].high > 1.5 * high or seen[name].low < 1.5 * low:
        return (
            f"Most at fault is {where}: its values reach from {seen[name].low:.3g} to "
            f"{seen[name].high:.3g}, and what is outside {low:.3g} to {high:.3g} is cut off. "
            "Calibrate with MinMax."
        )
    return (
        f"Most at fault is {where}: a few values reach from {low:.3g} to {high:.3g}, so one of the "
        f"{LEVELS} steps is {(high - low) / (LEVELS - 1):.3g} and most other values become zero. "
        "Calibrate with Entropy or Percentile, or quantize the heavy layers only."
    )


def worst_weights(network: Network, layers: Collection[str]) -> str:
    """Name, in a sentence, the layer whose weights one scale serves worst; "" where all do well.

    The weights of a layer with one scale are |largest| / 127 apart.
    """
    errors = {
        node.name: max(
            (_weight_error(network.weights[x]) for x in _stored(node.input, network)), default=0.0
        )
        for node in network.nodes
        if node.name in layers
    }
    name = max(errors, key=lambda key: errors[key], default="")
    if not name or errors[name] < NOTEWORTHY_ERROR:
        return ""
    return (
        f"Most at fault is layer {name}: a few of its weights are so large that most others "
        "become zero. Quantize the weights per channel."
    )


def _stored(names: Collection[str], network: Network) -> list[str]:
    return [name for name in names if name in network.weights and network.weights[name].ndim >= 2]


def _weight_error(weights: Array) -> float:
    histogram = Histogram()
    histogram.add(weights)
    if not len(histogram.counts):
        return 0.0
    reach = max(abs(histogram.low), abs(histogram.high))
    return relative_error(histogram, (-reach, reach))


def _where(tensor: str, network: Network) -> str:
    node = network.producer(tensor)
    return f"input {tensor}" if node is None else f"the output of layer {node.name}"
