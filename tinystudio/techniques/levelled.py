"""What techniques that set levels have in common: the network's levels, each weight made once."""

from __future__ import annotations

from tinystudio.graph.network import Network
from tinystudio.measure.int8_form import int8_form
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.levels import Levels, base_network, storable
from tinystudio.solvers.quantizable import not_in_floats
from tinystudio.techniques.technique import Context, Preflight


def levels_of(network: Network, context: Context, samples: int, small: bool = True) -> Levels:
    """Return the levels of a network; what was made of them before comes from the cache.

    `small`: also for 4-bit weights; raises `UserError` where the network cannot have them.
    """
    base = _base(network, context, small=False)
    calibration = calibration_of(
        base,
        context.calibration,
        context.calibration_fingerprint,
        samples,
        context.seed,
        context.reporter,
        context.cache,
    )
    study = ChannelStudy(base, calibration, context.cache, context.reporter, context.seed)
    form, _ = int8_form("this", seven_bits=False)
    return Levels(study, _base(network, context, small=True) if small else None, form)


def without_few_bits(network: Network) -> Preflight | None:
    """Say why no layer can be stored in fewer bits, or None where one can."""
    refused = not_in_floats(network)
    if refused is not None:
        return Preflight("cannot", *refused)
    if storable(network):
        return None
    return Preflight(
        "cannot",
        "No layer of its own stores 64 or more weights in floats.",
        "Choose another technique.",
    )


def _base(network: Network, context: Context, small: bool) -> Network:
    key = ("levels-base", network.fingerprint, small)
    return context.cache.get(key, lambda: base_network(network, small), lambda n: len(n.data))
