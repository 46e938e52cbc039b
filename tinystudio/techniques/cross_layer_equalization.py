"""Cross-layer equalization: the same function with weights that round better."""

from __future__ import annotations

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, integer, number
from tinystudio.graph.network import Network
from tinystudio.solvers.equalizing import equalized, layer_seams, unevenness
from tinystudio.solvers.quantizable import in_floats, not_in_floats
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The weights were not equalized"


class CrossLayerEqualizationParams(Params):
    """How long and how far weights are moved."""

    rounds: int = integer(
        20,
        title="Rounds",
        help="How often all pairs are gone over at most; it ends earlier once nothing changes.",
        ge=1,
        le=200,
        step=1,
        advanced=True,
    )
    limit: float = number(
        100.0,
        title="Largest factor",
        help="No channel is scaled by more than this in either direction. A large factor makes "
        "its activation large as well, which costs 8-bit activations what the weights gain.",
        ge=1.1,
        le=10000.0,
        step=1.0,
        advanced=True,
    )


class CrossLayerEqualization(Technique[CrossLayerEqualizationParams]):
    """Scales channels between one layer and the next so that their weights get equal ranges: the
    outputs stay the same, and what is rounded afterwards loses less.

    It changes neither size nor speed by itself: put it before quantization. It helps where one
    scale serves a whole layer (weights not per channel) and channels differ much, as in depthwise
    layers after batch normalization was folded. With a scale per channel little is left to gain,
    and 8-bit activations can even lose; compare both.

    Pairs are layers with nothing between them but Relu, LeakyRelu, PRelu, pooling or flattening,
    through which a positive factor passes. Clip (ReLU6), other activations and additions end a
    pair. Batch normalization is folded first.

    Source: Nagel, van Baalen, Blankevoort and Welling, "Data-Free Quantization Through Weight
    Equalization and Bias Correction", ICCV 2019.
    """

    id = "cross-layer-equalization"
    title = "Cross-layer equalization"
    family = "other"
    pace = 2.0
    params = CrossLayerEqualizationParams

    def describe(self, params: CrossLayerEqualizationParams) -> str:
        """Return "equalized"."""
        return "equalized"

    def preflight(self, network: Network) -> Preflight:
        """Count the pairs of layers."""
        refused = not_in_floats(network)
        if refused is not None:
            return Preflight("cannot", *refused)
        places = layer_seams(in_floats(network))
        if not places:
            return Preflight(
                "cannot",
                "No two layers follow one another with nothing but Relu, PRelu or pooling between.",
                "Quantize with one scale per channel.",
            )
        return Preflight("can", f"{len(places)} places between layers can be equalized.")

    def apply(
        self, network: Network, params: CrossLayerEqualizationParams, context: Context
    ) -> Outcome:
        """Fold normalization, then move factors across every place between layers."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        context.reporter.check()
        ready = in_floats(network)
        places = layer_seams(ready)
        made = equalized(ready, params.rounds, params.limit, context.reporter.check)
        before, after = (unevenness(tested, places) for tested in (ready, made))
        context.reporter.progress(1.0, 1.0, "Equalized")
        note = (
            f"{len(places)} places between layers: the largest channel was {before:.3g} times the "
            f"typical one, now {after:.3g}"
        )
        return Outcome(made, (note,))
