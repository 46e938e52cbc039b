"""What each box of the diagram says, and the figure it is coloured by; plain values, no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice
from tinystudio.gui import wording
from tinystudio.gui.layer_levels import SHORT, LayerLevel, layer_levels
from tinystudio.gui.layer_table import shape_text
from tinystudio.gui.texts import tr
from tinystudio.jobs.inspection import Box, Inspection, LayerInfo

ColourBy = Literal["kind", "time", "size", "macs", "memory", "precision", "sensitivity"]
COLOURINGS: Mapping[ColourBy, tuple[str, str]] = {
    "kind": ("Kind of layer", "What the first layer of a box computes."),
    "time": ("Time", "Each layer's own time on this computer, at its channels and precision."),
    "size": ("Size", "What the weights take in the file of the model as it came."),
    "macs": ("MACs", "Multiplications with addition for one sample, of the model as it came."),
    "memory": ("Memory", "What the output takes for one sample, of the model as it came."),
    "precision": ("Precision", "How the weights are stored and computed with."),
    "sensitivity": (
        "Sensitivity",
        "What the score would lose if this layer alone kept half of its channels,"
        " or 4-bit weights where its channels stay.",
    ),
}
# What is said where nothing is known to colour by.
UNKNOWN: Mapping[ColourBy, str] = {
    "time": "The layers are not timed yet: that follows once the layer database is built.",
    "sensitivity": "The layer database is not there yet: it is built once data is attached.",
}
KINDS: Mapping[str, str] = {
    "Conv": "convolution", "ConvTranspose": "convolution", "ConvInteger": "convolution",
    "QLinearConv": "convolution", "Gemm": "linear", "MatMul": "linear", "MatMulNBits": "linear",
    "MatMulInteger": "linear", "QLinearMatMul": "linear", "LSTM": "recurrent", "GRU": "recurrent",
    "RNN": "recurrent", "MaxPool": "pooling", "AveragePool": "pooling",
    "GlobalAveragePool": "pooling", "GlobalMaxPool": "pooling", "ReduceMean": "pooling",
    "Add": "joining", "Sum": "joining", "Concat": "joining", "Mul": "joining",
    "LayerNormalization": "normalization", "InstanceNormalization": "normalization",
    "GroupNormalization": "normalization", "BatchNormalization": "normalization",
}  # fmt: skip
OTHER, PORT = "other", "port"
SHORT_TYPES = {"float32": "float", "float16": "16 bits", "int8": "INT8", "uint8": "INT8",
               "int4": "4 bits", "uint4": "4 bits"}  # fmt: skip
MOST_OPS = 4  # of one box are named
# Nodes that only carry, make or convert weights: they say nothing of what a box computes.
SILENT = frozenset(("QuantizeLinear", "DequantizeLinear", "Identity", "ConstantOfShape"))
SHORT_OPS = (("Normalization", "Norm"), ("Average", "Avg"), ("QuantizeLinear", "Quantize"))


@dataclass(frozen=True)
class BoxFacts:
    """What one box says. `value` is what it is coloured by, `value_text` that in words."""

    title: str
    name: str
    detail: str
    kind: str
    value: float | None = None
    value_text: str = ""
    held: int = 0  # how many layers a fold holds; none where it is no fold

    @property
    def words(self) -> str:
        """Return everything in one sentence, for the tooltip and for screen readers."""
        said = ", ".join(x for x in (self.title, self.name, self.detail, self.value_text) if x)
        return f"{said}, folded: {self.held} layers" if self.held else said


@dataclass(frozen=True)
class Source:
    """What is known of the model: `losses` are of the score as shown, by layer."""

    inspection: Inspection
    database: Database | None = None
    choice: Choice | None = None
    losses: Mapping[str, float] | None = None


def box_facts(source: Source, by: ColourBy, boxes: Sequence[Box]) -> tuple[BoxFacts, ...]:
    """Return what these boxes of the diagram say, in their order."""
    layers = {layer.name: layer for layer in source.inspection.layers}
    levels: dict[str, LayerLevel] = {}
    if source.database is not None and source.choice is not None:
        levels = layer_levels(source.database.space, source.choice)
    return tuple(_facts(box, source, layers, levels, by) for box in boxes)


def _facts(
    box: Box, source: Source, layers: Mapping[str, LayerInfo], levels: Mapping[str, LayerLevel],
    by: ColourBy,
) -> BoxFacts:  # fmt: skip
    known = [layers[name] for name in box.layers if name in layers]
    if not known:
        return _port(box, source.inspection)
    main = max(known, key=_weight)
    precision = _precision(main, levels)
    size = sum(layer.weight_bytes for layer in known)
    facts = (
        shape_text(known[-1].output_shape).replace(" ", ""),
        wording.size_text(size) if size else "",
        precision,
    )
    value, text = _value(known, source, levels, by, precision)
    return BoxFacts(
        title=_fold_words(box) + _ops(known), name=main.name,
        detail=" · ".join(fact for fact in facts if fact),
        kind=KINDS.get(main.op, OTHER), value=value, value_text=text,
        held=len(known) if box.inside is not None else 0,
    )  # fmt: skip


def _fold_words(box: Box) -> str:
    """Return what a block begins with; a chain reads as what it computes alone."""
    match box.fold:
        case "repeat":
            return tr("{times} × ").format(times=box.times)
        case "block":
            return tr("Block: ")
    return ""


def frame_title(box: Box) -> str:
    """Return what stands above an open fold."""
    count = len(box.layers)
    match box.fold:
        case "repeat":
            return tr("{times} times the same").format(times=box.times)
        case "block":
            return tr("Block of {count} layers").format(count=count)
    return tr("{count} layers, one after the other").format(count=count)


def _weight(layer: LayerInfo) -> tuple[bool, bool, int]:
    """Return how much a layer stands for its box: a convolution more than its normalization."""
    kind = KINDS.get(layer.op, OTHER)
    return kind not in (OTHER, "normalization"), kind != OTHER, layer.parameters


def _port(box: Box, inspection: Inspection) -> BoxFacts:
    port = next((p for p in (*inspection.inputs, *inspection.outputs) if p.name == box.port), None)
    is_input = any(port is item for item in inspection.inputs)
    shape = "" if port is None else shape_text(port.shape).replace(" ", "")
    return BoxFacts("Input" if is_input else "Output", box.port, shape, PORT)


def _ops(layers: list[LayerInfo]) -> str:
    plain = [x.op for x in layers if x.op not in SILENT]
    ops = list(dict.fromkeys(plain)) or [layers[0].op]
    more = f" + {len(ops) - MOST_OPS} more" if len(ops) > MOST_OPS else ""
    text = " + ".join(ops[:MOST_OPS]) + more
    for long, short in SHORT_OPS:
        text = text.replace(long, short)
    return text


def _precision(layer: LayerInfo, levels: Mapping[str, LayerLevel]) -> str:
    level = levels.get(layer.name)
    if level is not None:
        return SHORT[level.layer.precisions[level.precision]]
    return SHORT_TYPES.get(layer.precision, layer.precision) if layer.parameters else ""


def _value(
    layers: list[LayerInfo], source: Source, levels: Mapping[str, LayerLevel], by: ColourBy,
    precision: str,
) -> tuple[float | None, str]:  # fmt: skip
    match by:
        case "precision":
            return None, precision
        case "time":
            return _time(layers, source, levels)
        case "sensitivity":
            found = [(source.losses or {}).get(layer.name) for layer in layers]
            losses = [loss for loss in found if loss is not None]
            return (
                (max(losses), f"score {wording.signed(-max(losses), 2)}") if losses else (None, "")
            )
    return _counted(layers, by)


def _counted(layers: list[LayerInfo], by: ColourBy) -> tuple[float | None, str]:
    sizes = {
        "size": sum(layer.weight_bytes for layer in layers),
        "memory": max(layer.activation_bytes or 0 for layer in layers),
    }
    if by in sizes:
        return float(sizes[by]), wording.size_text(sizes[by]) if sizes[by] else ""
    if by == "macs":
        macs = sum(layer.macs or 0 for layer in layers)
        return float(macs), f"{wording.count_text(macs)} MACs" if macs else ""
    return None, ""


def _time(
    layers: list[LayerInfo], source: Source, levels: Mapping[str, LayerLevel]
) -> tuple[float | None, str]:
    if source.database is None or source.choice is None:
        return None, ""
    rows = [levels[layer.name] for layer in layers if layer.name in levels]
    found = [layer_us(source.database, source.choice, row) for row in rows]
    times = [time for time in found if time is not None]
    return (sum(times), wording.latency_text(sum(times) / 1000)) if times else (None, "")


def layer_us(database: Database, choice: Choice, row: LayerLevel) -> float | None:
    """Return a layer's own microseconds at a choice; None where it was not timed."""
    table, axes = database.latency, database.space.group_index
    if table is None:
        return None
    try:
        segment, us = table.segment(row.layer.node), table.layer_us(row.layer.node)
    except KeyError:
        return None
    read = _level(axes, choice, segment.reads, us.shape[0])
    made = _level(axes, choice, (segment.makes,) if segment.makes else (), us.shape[1])
    is_int8 = segment.int8 and row.layer.precisions[row.precision] == "w8a8"
    return float(us[read, made, int(is_int8)])


def _level(axes: Mapping[str, int], choice: Choice, groups: tuple[str, ...], count: int) -> int:
    if count <= 1:
        return 0
    return int(choice[axes[groups[0]]]) if len(groups) == 1 else count // 2
