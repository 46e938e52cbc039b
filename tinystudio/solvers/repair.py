"""Gives every channel back the mean and deviation it had before the network was changed.

Statistics repair: where normalization stands this is the re-estimation of its statistics; where
it was folded, it does the same to weights and biases (REPAIR, Jordan et al. 2022). Works on any
change that left the layers in their places; costs one run over some calibration samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import absorb
from tinystudio.solvers.calibration import Probe
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.statistics import (
    Statistics,
    correction,
    read_statistics,
    statistics_graph,
    statistics_of,
)


def measured_statistics(network: Network, probe: Probe) -> dict[str, Statistics]:
    """Return the statistics of each layer's output, by node name."""
    known = _measurable(network, layers(network))
    if not known:
        return {}
    outputs = probe.once(statistics_graph(network, known))
    if outputs is not None:
        return read_statistics(outputs, known)
    return {layer.node: _one_layer(network, layer, probe) for layer in known}


def repair(network: Network, targets: Mapping[str, Statistics], probe: Probe) -> Network:
    """Return `network` with each layer's output statistics brought to `targets`."""
    known = layers(network)
    wanted = [item for item in _measurable(network, known) if item.node in targets]
    if not wanted:
        return network
    outputs = probe.once(statistics_graph(network, wanted, targets))
    if outputs is None:
        return _layer_by_layer(network, wanted, targets, probe)
    found = read_statistics(outputs, wanted)
    changes = {name: correction(item, targets[name]) for name, item in found.items()}
    return absorb(network, changes, known)


def _layer_by_layer(
    network: Network, wanted: Sequence[Layer], targets: Mapping[str, Statistics], probe: Probe
) -> Network:
    """Do it where the graph fixes its batch: a run per layer, since each changes what follows."""
    for layer in wanted:
        now = layers(network)
        found = _one_layer(network, layer, probe)
        network = absorb(network, {layer.node: correction(found, targets[layer.node])}, now)
    return network


def _one_layer(network: Network, layer: Layer, probe: Probe) -> Statistics:
    output = network.node(layer.node).output[0]
    return statistics_of((batch[output] for batch in probe.stream(network, [output])), layer)


def _measurable(network: Network, known: Mapping[str, Layer]) -> list[Layer]:
    """Return the layers whose output's number of axes is known."""
    return [layer for layer in known.values() if network.shape(layer.output) is not None]
