"""A network's levels for a job: with 4-bit weights where the network can have them."""

from __future__ import annotations

from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter
from tinystudio.engine.making import context_of
from tinystudio.graph.network import Network
from tinystudio.solvers.levels import Levels
from tinystudio.techniques.layer_levels import LayerLevelsParams
from tinystudio.techniques.levelled import levels_of


def levels_at_hand(
    network: Network, dataset: Dataset, seed: int, reporter: Reporter, cache: Cache
) -> Levels:
    """Return the levels that a recipe's step `layer-levels` would use, and its cache with them."""
    context = context_of(network, dataset, seed, reporter, cache)
    count = LayerLevelsParams().samples
    try:
        return levels_of(network, context, count)
    except UserError:
        return levels_of(network, context, count, small=False)
