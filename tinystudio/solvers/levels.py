"""A network at any choice of levels: channels kept per group, precision per layer.

The order of the channels, the weights of every level and the statistics come from one study of
the network, so that a choice is slicing, one repairing run, and writing weights down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tinystudio.core.data import Array
from tinystudio.graph.defaults import without_defaults
from tinystudio.graph.network import Network
from tinystudio.graph.surgery import with_plain_counts
from tinystudio.solvers.calibration import Calibration
from tinystudio.solvers.channel_study import AtLevels, ChannelStudy
from tinystudio.solvers.channel_units import surviving
from tinystudio.solvers.compacting import compacted
from tinystudio.solvers.int8_islands import partly_quantized
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.precision import VALUE_BITS, Precision
from tinystudio.solvers.quantizable import PER_CHANNEL_OPSET, RECURRENT, prepared
from tinystudio.solvers.quantizing import (
    FASTEST,
    INT8_OPERATORS,
    Int8Form,
    activations,
)
from tinystudio.solvers.ranges import Range
from tinystudio.solvers.rounding import rounded
from tinystudio.solvers.stored_weights import INT4_OPSET, StoredWeight, codes_of, stored

TABLES = frozenset({"Gather"})
LARGE = 64  # weights below which few bits save less than their scales cost


def base_network(network: Network, small: bool = False) -> Network:
    """Return what levels are taken of: `network` in float32 with normalization folded.

    Numbers of channels that it computes with are stated, so that all levels have the same nodes.

    `small`: in the operator set that 4-bit weights need. Raises `UserError` where it cannot be
    rewritten.
    """
    ready = prepared(network, INT4_OPSET if small else PER_CHANNEL_OPSET)
    return with_plain_counts(without_defaults(ready))


def storable(network: Network, least: int = LARGE) -> dict[str, tuple[str, ...]]:
    """Return the weights that can be stored in few bits, by node name.

    Those of layers, of recurrent layers (both matrices), and tables that are looked up, of `least`
    numbers or more.
    """
    known = layers(network)
    found: dict[str, tuple[str, ...]] = {}
    for node in network.nodes:
        layer = known.get(node.name)
        if layer is not None:
            spread = layer.op == "ConvTranspose" and layer.blocks > 1
            names: tuple[str, ...] = () if spread else (layer.weight,)
        elif node.op_type in RECURRENT:
            names = tuple(name for name in node.input[1:3] if _is_own(network, name))
        elif node.op_type in TABLES:
            names = tuple(name for name in node.input[:1] if _is_own(network, name))
        else:
            names = ()
        if names and all(network.weights[name].size >= least for name in names):
            found[node.name] = names
    return found


def stored_numbers(network: Network) -> dict[str, int]:
    """Return a number for every weight that can be stored in few bits, the same at all levels."""
    names = (name for group in storable(network, least=1).values() for name in group)
    return {name: number for number, name in enumerate(names)}


def _is_own(network: Network, name: str) -> bool:
    weight = network.weights.get(name)
    return (
        weight is not None
        and weight.ndim >= 2
        and weight.dtype.kind == "f"
        and len(network.consumers(name)) == 1
    )


@dataclass(frozen=True)
class Levels:
    """One network's levels. `study` is of `base_network(network)`; `small` the same for 4 bits.

    `form`: the types of INT8, which follow from the processor.
    """

    study: ChannelStudy
    small: Network | None
    form: Int8Form = FASTEST

    def network(self, keep: Mapping[str, int], precisions: Mapping[str, Precision]) -> Network:
        """Return the network with so many units per group and these precisions per node.

        What is not named stays whole, in float. Raises ValueError for 4-bit weights where the
        network could not be rewritten for them.
        """
        bits = {node: VALUE_BITS[p] for node, p in precisions.items() if p in VALUE_BITS}
        study = self._study(needs_small=any(count <= 4 for count in bits.values()))
        kept = self.kept(keep)
        made = study.at_levels(kept, bits)
        self.study.reporter.check()
        int8 = {node for node, precision in precisions.items() if precision == "w8a8"}
        network = self._in_int8(made.network, int8) if int8 else made.network
        return stored(network, self._stored(made, bits), stored_numbers(self.study.network))

    def making_ready(
        self, keep: Mapping[str, int], precisions: Mapping[str, Precision]
    ) -> Iterator[None]:
        """Make the weights that `network` will need, one layer at every step."""
        bits = {node: VALUE_BITS[p] for node, p in precisions.items() if p in VALUE_BITS}
        masks = surviving(self.study.coupling, self.kept(keep))
        for node, layer in self.study.solved.items():
            mask = masks.get((layer.weight, layer.axis))
            whole = mask is None or bool(mask.all())
            if not whole or node in bits:
                self.study.weights.entry(node, None if whole else mask, bits.get(node))
                yield

    def in_codes(
        self, precisions: Mapping[str, Precision]
    ) -> tuple[Network, dict[str, StoredWeight]]:
        """Return the network before few-bit weights are written down, and what they are.

        All channels stay, and nothing becomes INT8. Raises ValueError as `network` does.
        """
        bits = {node: VALUE_BITS[p] for node, p in precisions.items() if p in VALUE_BITS}
        study = self._study(needs_small=any(count <= 4 for count in bits.values()))
        made = study.at_levels({}, bits)
        few = self._stored(made, bits)
        rest = {name: item.codes * item.scale for name, item in few.items()}
        return made.network.with_weights(rest), few

    def in_float(self, keep: Mapping[str, int], precisions: Mapping[str, Precision]) -> Network:
        """Return the same weights as `network` in plain floats, INT8 layers' as 8-bit ones."""
        bits = {node: VALUE_BITS[p] for node, p in precisions.items() if p in VALUE_BITS}
        bits |= {node: 8 for node, p in precisions.items() if p == "w8a8"}
        made = self.study.at_levels(self.kept(keep), bits)
        few = self._stored(made, bits)
        rest = {n: w.codes * w.scale for n, w in few.items() if n not in made.codes}
        return made.network.with_weights(rest)

    def _study(self, needs_small: bool) -> ChannelStudy:
        if not needs_small:
            return self.study
        if self.small is None:
            raise ValueError("4-bit weights need an operator set that the network is not in")
        return replace(self.study, network=self.small)

    def kept(self, keep: Mapping[str, int]) -> dict[str, Array]:
        """Return which units of each group those are that stay; whole groups are left out."""
        counts = {g.id: min(keep.get(g.id, g.channels), g.channels) for g in self.study.groups}
        if all(counts[group.id] == group.channels for group in self.study.groups):
            return {}
        calibrated = self.study.calibration is not None
        return self.study.best(self.study.orders("obs" if calibrated else "magnitude"), counts)

    def _in_int8(self, network: Network, nodes: set[str]) -> Network:
        """Quantize these layers; all others keep their inputs and weights, tables included."""
        ranges = self._ranges(network)
        tables = storable(self.study.network).keys() - nodes
        made = partly_quantized(network, ranges, nodes, tables=tables, form=self.form)
        return compacted(made, network)

    def _ranges(self, network: Network) -> Mapping[str, Range]:
        """Return the ranges, read once of networks that differ only in which layers are INT8."""
        calibration = self.study.calibration
        if calibration is None:
            raise ValueError("ranges are read from samples")
        key = ("level-ranges", calibration.key, network.fingerprint)
        return self.study.cache.get(key, lambda: read_ranges(network, calibration), _ranges_size)

    def _stored(self, made: AtLevels, bits: Mapping[str, int]) -> dict[str, StoredWeight]:
        """Return codes and scales of every few-bit weight, as it is after the repair."""
        known, found = layers(made.network), {}
        for node, names in storable(self.study.network, least=1).items():
            for name in names if node in bits else ():
                layer = known.get(node)
                weight = made.network.weights[name]
                if layer is None:
                    found[name] = by_rows(weight, bits[node])
                    continue
                spans = scaled_axes(layer, weight.ndim)
                axes = tuple(axis for axis in range(weight.ndim) if axis not in spans)
                scale = codes_of(weight, made.codes[name], axes)
                found[name] = StoredWeight(made.codes[name], scale, bits[node])
        return found


def _ranges_size(ranges: Mapping[str, Range]) -> int:
    return sum(len(name) + 16 for name in ranges)


def read_ranges(network: Network, calibration: Calibration) -> dict[str, Range]:
    """Return (low, high) of every activation that INT8 touches, over the quick samples."""
    names = activations(network, INT8_OPERATORS)
    low, high = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for batch in calibration.quick.stream(network, names):
        for name in names:
            values = batch[name]
            low[name] = min(low[name], float(values.min()))
            high[name] = max(high[name], float(values.max()))
    return {name: (low[name], high[name]) for name in names}


def by_rows(weight: Array, bits: int) -> StoredWeight:
    """Round to nearest with a scale per row: what multiplies tables and recurrent states."""
    done = rounded(weight.reshape(1, -1, weight.shape[-1]), None, bits)
    scale = done.scales.reshape(*weight.shape[:-1], 1)
    return StoredWeight(done.values.reshape(weight.shape), scale, bits)


def scaled_axes(layer: Layer | None, rank: int) -> tuple[int, ...]:
    """Return the axes of a weight along which few-bit codes have a scale each.

    A layer's outputs; for a transposed convolution its kernel's places as well, which are rows of
    its matrix; for tables and recurrent layers (`layer` None) every row.
    """
    if layer is None:
        return tuple(range(rank - 1))
    if layer.op == "ConvTranspose":
        return tuple(range(1, rank))
    return (layer.out_axis,)
