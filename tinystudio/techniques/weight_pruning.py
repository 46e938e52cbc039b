"""Weight pruning: single weights become zero, wherever they matter least."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number, switch
from tinystudio.core.reporter import Part
from tinystudio.graph.network import Network
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.calibration import Calibration, learn_moments
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.repair import measured_statistics, repair
from tinystudio.solvers.sparsity import (
    activation_scores,
    lowest,
    magnitude_scores,
    make_up,
)
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "Weights were not pruned"


class WeightPruningParams(Params):
    """How many weights go, and which."""

    sparsity: float = number(
        0.5,
        title="Weights set to zero",
        help="Share of all weights of convolutions and linear layers that becomes zero.",
        ge=0.0,
        le=0.99,
        step=0.05,
        unit="%",
    )
    importance: Literal["activation", "magnitude"] = choice(
        "activation",
        title="Which weights go",
        help="Weight times input: those that add least to their layer's output on calibration "
        "samples. Smallest: the usual rule of thumb.",
        titles={
            "activation": "Smallest weight times input (Wanda)",
            "magnitude": "Smallest weights",
        },
    )
    scope: Literal["network", "layer"] = choice(
        "network",
        title="Ranked over",
        help="The whole network: layers that can spare more lose more. Each layer: all lose the "
        "same share.",
        titles={"network": "The whole network", "layer": "Each layer by itself"},
    )
    resolve: bool = switch(
        True,
        title="Others make up",
        help="Let the remaining weights of every layer make up for the lost ones, from calibration "
        "samples.",
        advanced=True,
    )
    repair: bool = switch(
        True,
        title="Repair statistics",
        help="Give every channel back the mean and deviation it had before, from calibration "
        "samples.",
        advanced=True,
    )
    samples: int = integer(
        256,
        title="Calibration samples",
        help="How many calibration samples are looked at, drawn by the seed.",
        ge=16,
        le=16384,
        step=16,
        advanced=True,
    )


class WeightPruning(Technique[WeightPruningParams]):
    """Sets single weights to zero; the network keeps its shape.

    What it gains: the zeros compress, so the download becomes smaller (1.7 times at half the
    weights, 25 times at 99 %, measured). What it does not gain: speed. onnxruntime multiplies by
    the zeros like by any other number, and the file on disk keeps its size until it is packed. To
    make a network faster use channel pruning.

    Depthwise convolutions stay whole: they have few weights, which cannot make up for one another.

    Sources: Han et al., "Learning both weights and connections", NIPS 2015; Sun et al., "A simple
    and effective pruning approach for large language models" (Wanda), ICLR 2024.
    """

    id = "weight-pruning"
    title = "Weight pruning"
    family = "pruning"
    params = WeightPruningParams
    needs_calibration = True
    slider = "sparsity"

    def describe(self, params: WeightPruningParams) -> str:
        """Return e.g. "weights −50 %"."""
        return f"weights −{100 * params.sparsity:g} %"

    def preflight(self, network: Network) -> Preflight:
        """Count the layers whose weights are stored in the network."""
        known = _prunable(network)
        if not known:
            return Preflight(
                "cannot",
                "No convolution or linear layer has weights of its own in floating point.",
                "Prune before quantizing.",
            )
        weights = sum(int(np.prod(layer.shape)) for layer in known.values())
        return Preflight(
            "can",
            f"{weights:,} weights in {len(known)} layers can become zero. The download becomes "
            "smaller; onnxruntime does not become faster.",
        )

    def apply(self, network: Network, params: WeightPruningParams, context: Context) -> Outcome:
        """Score, choose, let the others make up, repair; scores' moments are remembered."""
        known = _prunable(network)
        if not known:
            told = self.preflight(network)
            raise UserError(TITLE, told.reason, told.remedy)
        if params.sparsity == 0:
            return Outcome(network, ("Every weight stays",))
        calibration = calibration_of(
            network,
            context.calibration,
            context.calibration_fingerprint,
            params.samples,
            context.seed,
            context.reporter,
            context.cache,
        )
        pruned, share = _pruned(network, known, params, calibration, context)
        if params.repair and calibration is not None:
            targets = context.cache.get(
                ("channel-statistics", calibration.key),
                lambda: measured_statistics(network, calibration.quick),
                lambda made: sum(2 * item.mean.nbytes for item in made.values()),
            )
            pruned = repair(pruned, targets, calibration.quick)
        context.reporter.progress(1.0, 1.0, "Pruned")
        return Outcome(pruned, (f"{share:.1%} of the weights of {len(known)} layers are zero",))


def _prunable(network: Network) -> dict[str, Layer]:
    """Return the layers but for depthwise ones."""
    return {
        name: layer
        for name, layer in layers(network).items()
        if not (layer.op == "Conv" and layer.blocks > 1 and layer.shape[1] == 1)
    }


def _pruned(
    network: Network,
    known: Mapping[str, Layer],
    params: WeightPruningParams,
    calibration: Calibration | None,
    context: Context,
) -> tuple[Network, float]:
    """Return the network with its zeros, and the share of them."""
    matrices = {n: layer.matrices(network.weights[layer.weight]) for n, layer in known.items()}
    moments = _learnt(network, known, params, calibration, context)
    scores = {
        name: activation_scores(matrix, moments[name])
        if params.importance == "activation"
        else magnitude_scores(matrix)
        for name, matrix in matrices.items()
    }
    stays = lowest(scores, params.sparsity, together=params.scope == "network")
    changed = {}
    for name, layer in known.items():
        context.reporter.check()
        left = np.where(stays[name], matrices[name], 0.0)
        if params.resolve and name in moments:
            left = make_up(matrices[name], stays[name], moments[name])
        changed[layer.weight] = layer.weight_of(left).astype(network.weights[layer.weight].dtype)
    zeros = sum(int((weight == 0).sum()) for weight in changed.values())
    return network.with_weights(changed), zeros / sum(w.size for w in changed.values())


def _learnt(
    network: Network,
    known: Mapping[str, Layer],
    params: WeightPruningParams,
    calibration: Calibration | None,
    context: Context,
) -> Mapping[str, Moments]:
    """Return the moments of the layers' inputs; {} where none are needed or to be had."""
    if calibration is None and params.importance == "activation":
        raise UserError(
            TITLE,
            "What a weight does is read from calibration samples, and there are none.",
            "Attach data, or let the smallest weights go.",
        )
    if calibration is None or (params.importance == "magnitude" and not params.resolve):
        return {}
    part = Part(context.reporter, 0.0, 0.7)
    return context.cache.get(
        ("weight-moments", calibration.key),
        lambda: learn_moments(network, known, calibration, context.seed, part),
        lambda made: sum(item.size for item in made.values()),
    )
