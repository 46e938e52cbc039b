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
from tinystudio.solvers.calibration import Calibration, layer_moments
from tinystudio.solvers.layers import Layer, prunable_layers
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.repair import measured_statistics, repair
from tinystudio.solvers.sparse_patterns import Pattern
from tinystudio.solvers.sparsity import make_up
from tinystudio.solvers.weight_choice import Importance, Rule, staying
from tinystudio.techniques.technique import (
    RANDOM_CONTROL,
    Context,
    Outcome,
    Preflight,
    Technique,
)

TITLE = "Weights were not pruned"


class WeightPruningParams(Params):
    """How many weights go, and which."""

    sparsity: float = number(
        0.5,
        title="Weights set to zero",
        help="Share of all weights of convolutions and linear layers that becomes zero, where they "
        "may go anywhere; a pattern has its own share.",
        ge=0.0,
        le=0.99,
        step=0.05,
        unit="%",
    )
    importance: Importance = choice(
        "activation",
        title="Which weights go",
        help="Weight times input: those that add least to their layer's output on calibration "
        "samples. One column after the other: the same, knowing what the columns before have "
        "lost. Smallest: the usual rule of thumb. Random: the control that any clever choice has "
        "to beat.",
        titles={
            "activation": "Smallest weight times input (Wanda)",
            "obs": "One column after the other (SparseGPT)",
            "magnitude": "Smallest weights",
            "random": "Random (control)",
        },
    )
    pattern: Literal["free", "2:4", "1:4", "n:m"] = choice(
        "free",
        title="Where zeros may be",
        help="A pattern leaves so many of every 4 (or M) weights of neighbouring input channels, "
        "as hardware for sparse networks wants it: NVIDIA's sparse tensor cores take 2 of 4. Here "
        "it is no faster. Layers with fewer input channels than M stay whole.",
        titles={
            "free": "Anywhere",
            "2:4": "2 of every 4 stay",
            "1:4": "1 of every 4 stays",
            "n:m": "N of every M stay",
        },
    )
    keep: int = integer(
        2, title="N: weights that stay", help="Of every M weights; of at most M.", ge=1, le=31,
        advanced=True,
    )  # fmt: skip
    of: int = integer(
        4, title="M: weights in a row", help="The length of the pattern.", ge=2, le=32,
        advanced=True,
    )  # fmt: skip
    scope: Literal["network", "layer"] = choice(
        "network",
        title="Ranked over",
        help="The whole network: layers that can spare more lose more. Each layer: all lose the "
        "same share. A pattern has no choice.",
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

    The weights that stay make up for those that went, by least squares over the calibration samples
    (the update of Optimal Brain Surgeon), whichever way they were chosen.

    Depthwise convolutions stay whole: they have few weights, which cannot make up for one another.

    Sources: Han et al., "Learning both weights and connections", NIPS 2015; Sun et al., "A simple
    and effective pruning approach for large language models" (Wanda), ICLR 2024; Frantar and
    Alistarh, "SparseGPT", ICML 2023; Hassibi and Stork, "Optimal Brain Surgeon", NIPS 1992; Mishra
    et al., "Accelerating sparse deep neural networks", 2021 (2:4).
    """

    id = "weight-pruning"
    title = "Weight pruning"
    family = "pruning"
    pace = 15.0
    params = WeightPruningParams
    needs_calibration = True
    slider = "sparsity"
    control = RANDOM_CONTROL

    def describe(self, params: WeightPruningParams) -> str:
        """Return e.g. "weights −50 %", "random weights 2:4"."""
        is_random = params.importance == "random"
        pattern = _pattern(params)
        if pattern is not None:
            return f"{'random ' if is_random else ''}weights {pattern.keep}:{pattern.of}"
        return f"{'random ' if is_random else ''}weights −{100 * params.sparsity:g} %"

    def series(self, params: WeightPruningParams) -> str:
        """Return the control's own series for random pruning."""
        return "random-control" if params.importance == "random" else self.id

    def preflight(self, network: Network) -> Preflight:
        """Count the layers whose weights are stored in the network."""
        known = prunable_layers(network)
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
        known = prunable_layers(network)
        if not known:
            told = self.preflight(network)
            raise UserError(TITLE, told.reason, told.remedy)
        pattern = _pattern(params)
        if params.sparsity == 0 if pattern is None else pattern.keep == pattern.of:
            return Outcome(network, ("Every weight stays",))
        if pattern is not None and not any(pattern.fits(layer) for layer in known.values()):
            raise UserError(
                TITLE,
                f"No layer has {pattern.of} input channels or more.",
                "Choose a shorter pattern, or let zeros be anywhere.",
            )
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
        notes = [f"{share:.1%} of the weights of {len(known)} layers are zero"]
        whole = [n for n, item in known.items() if pattern is not None and not pattern.fits(item)]
        if whole:
            notes.append(f"Too few input channels for the pattern: {', '.join(whole)}")
        return Outcome(pruned, tuple(notes))


def _pattern(params: WeightPruningParams) -> Pattern | None:
    """Return the pattern that zeros follow; None: they may be anywhere."""
    match params.pattern:
        case "free":
            return None
        case "2:4":
            return Pattern(2, 4)
        case "1:4":
            return Pattern(1, 4)
        case _:
            return Pattern(min(params.keep, params.of), params.of)


def _pruned(
    network: Network,
    known: Mapping[str, Layer],
    params: WeightPruningParams,
    calibration: Calibration | None,
    context: Context,
) -> tuple[Network, float]:
    """Return the network with its zeros, and the share of them."""
    matrices = {n: layer.matrices(network.weights[layer.weight]) for n, layer in known.items()}
    moments = _learnt(network, params, calibration, context)
    rule = Rule(params.importance, params.sparsity, params.scope == "network", _pattern(params))
    stays = staying(known, matrices, moments, rule, context.seed, context.reporter)
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
    params: WeightPruningParams,
    calibration: Calibration | None,
    context: Context,
) -> Mapping[str, Moments]:
    """Return the moments of the layers' inputs; {} where none are needed or to be had."""
    needed = params.importance in ("activation", "obs")
    if calibration is None and needed:
        raise UserError(
            TITLE,
            "What a weight does is read from calibration samples, and there are none.",
            "Attach data, or let the smallest weights go.",
        )
    if calibration is None or not (needed or params.resolve):
        return {}
    part = Part(context.reporter, 0.0, 0.7)
    return layer_moments(network, calibration, context.cache, context.seed, part)
