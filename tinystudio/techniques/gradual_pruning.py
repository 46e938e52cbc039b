"""Gradual pruning: single weights become zero in rounds, with a training after each."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from onnx import ModelProto

from tinystudio.core.errors import UserError
from tinystudio.core.moment import Moment, epoch_text
from tinystudio.core.params import Params, choice, integer, number
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import prunable_layers
from tinystudio.solvers.sparsity import lowest, magnitude_scores
from tinystudio.techniques.technique import (
    RANDOM_CONTROL,
    Context,
    Outcome,
    Preflight,
    Technique,
)
from tinystudio.techniques.trainer import Material, material_of, objective_of, preflight_of, trained
from tinystudio.training.rounds import Begun, RoundCheckpoint, begun
from tinystudio.training.settings import (
    augment_choice,
    batch_integer,
    held_out_number,
    is_cut,
    labels_number,
    patience_integer,
    rate_number,
    stop_number,
    stop_words,
)

if TYPE_CHECKING:
    from tinystudio.training.objectives import Objective

TITLE = "The model was not pruned gradually"
TEMPERATURE = 2.0  # of the original's answers
CONTROL = "random-control"
SLIVER = 1e-6  # of a round: less is the rounding of a number


class GradualPruningParams(Params):
    """How many weights go, in how many rounds, and how long is trained."""

    sparsity: float = number(
        0.8,
        title="Weights set to zero",
        help="Share of all weights of convolutions and linear layers that is zero at the end.",
        ge=0.0,
        le=0.99,
        step=0.05,
        unit="%",
    )
    rounds: int = integer(
        4,
        title="Rounds",
        help="In how many steps they go: many at first, fewer and fewer towards the end.",
        ge=1,
        le=20,
    )
    epochs: float = number(
        8.0,
        title="Epochs",
        help="How often the training samples are walked through, over all rounds together.",
        ge=0.05,
        le=500.0,
        step=1.0,
    )
    importance: Literal["magnitude", "random"] = choice(
        "magnitude",
        title="Which weights go",
        help="Random is a control: what a training alone would make of it.",
        titles={"magnitude": "Smallest weights", "random": "Random (a control)"},
    )
    labels: float = labels_number()
    augment: Literal["none", "fits"] = augment_choice()
    rate: float = rate_number(0.001)
    batch: int = batch_integer()
    held_out: float = held_out_number(0.0)
    patience: int = patience_integer(0)
    stop_after: float = stop_number()


class GradualPruning(Technique[GradualPruningParams]):
    """Sets single weights to zero in rounds, and trains the rest after each round to make up for
    them; zeros stay zero.

    Keeps more accuracy at high shares than pruning at once. As with all pruning of single weights,
    only the compressed size becomes smaller (the download): onnxruntime multiplies the zeros as
    any other number, and runs no faster. After r of n rounds the share s (1 - (1 - r/n)^3) is zero.

    Source: Zhu and Gupta, "To Prune, or Not to Prune: Exploring the Efficacy of Pruning for Model
    Compression", 2017 (the cubic schedule); the original's answers are learned as well (Hinton,
    Vinyals and Dean 2015).
    """

    id = "gradual-pruning"
    title = "Gradual weight pruning"
    family = "pruning"
    params = GradualPruningParams
    needs_calibration = True
    trains = True
    pace = 1.6
    slider = "sparsity"
    control = RANDOM_CONTROL

    def describe(self, params: GradualPruningParams) -> str:
        """Return e.g. "weights −80 % in 4 rounds"."""
        random = ", random" if params.importance == "random" else ""
        rounds = f"in {params.rounds} rounds{random}{stop_words(params)}"
        return f"weights −{100 * params.sparsity:g} % {rounds}"

    def series(self, params: GradualPruningParams) -> str:
        """Return the control's own series for random pruning."""
        return CONTROL if params.importance == "random" else self.id

    def preflight(self, network: Network) -> Preflight:
        """Count the weights, and see whether all layers can be trained."""
        told = preflight_of(network)
        if told.status == "cannot":
            return told
        known = prunable_layers(network)
        if not known:
            return Preflight("cannot", "No convolution or linear layer has weights of its own.")
        weights = sum(int(np.prod(layer.shape)) for layer in known.values())
        return Preflight(
            "can",
            f"{weights:,} weights in {len(known)} layers can become zero. The download becomes "
            "smaller; onnxruntime does not become faster.",
        )

    def example(self, network: Network) -> GradualPruningParams:
        """Return two short rounds."""
        return GradualPruningParams(rounds=2, epochs=2.0)

    def apply(self, network: Network, params: GradualPruningParams, context: Context) -> Outcome:
        """Prune and train, round after round."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy or "Choose another technique.")
        material = material_of(network, params, context, TITLE)
        objective = objective_of(params.labels, TEMPERATURE, material, context)
        now = network
        warnings: tuple[str, ...] = ()
        rounds, stopped = _rounds(params), begun(context.checkpoint)
        if stopped is not None and stopped.number >= rounds:  # beyond where this one stops
            stopped, context = None, replace(context, checkpoint=None)
        for at in range(0 if stopped is None else stopped.number, rounds):
            if stopped is not None and at == stopped.number:
                now = Network(ModelProto.FromString(stopped.network))
            else:
                share = params.sparsity * (1 - (1 - (at + 1) / params.rounds) ** 3)
                now = _pruned(now, share, params.importance, context.seed)
            outcome = _trained(now, params, context, material, objective, at)
            now, warnings = outcome.network, outcome.warnings
        return Outcome(now, _told(now, params, rounds), warnings)


def _rounds(params: GradualPruningParams) -> int:
    """Return how many rounds are begun before the training stops."""
    if not is_cut(params):
        return params.rounds
    done = params.stop_after * params.rounds / params.epochs
    return max(1, math.ceil(done - SLIVER))


def _trained(
    network: Network, params: GradualPruningParams, context: Context, material: Material,
    objective: Objective, number: int,
) -> Outcome:  # fmt: skip
    """Train for one round's share of the epochs."""
    from tinystudio.training.loop import Beside

    share = params.epochs / params.rounds
    whole = context.checkpoint
    kept = None if whole is None else RoundCheckpoint(whole, Begun(number, network.data))
    round_of_it = replace(
        context, reporter=_Round(context.reporter, params, number), checkpoint=kept,
        seed=context.seed + number,
    )  # fmt: skip
    stop = max(0.0, params.stop_after - number * share)
    own = params.model_copy(update={"epochs": share, "stop_after": stop})
    beside = Beside(original=context.original)
    return trained(network, own, round_of_it, material, objective, beside)


class _Round(Part):
    """Tells of one round, its epochs counted on from those before."""

    def __init__(self, whole: Reporter, params: GradualPruningParams, number: int) -> None:
        super().__init__(whole, number / params.rounds, (number + 1) / params.rounds)
        self._before, self._epochs = number * params.epochs / params.rounds, params.epochs
        self._is_last = number + 1 == _rounds(params)

    def learned(self, moment: Moment) -> None:
        if self._before and moment.epoch == 0:
            return  # the round before has told of this epoch
        if moment.start_kept:
            return  # that of one round is not that of the whole
        shifted = {"epoch": self._before + moment.epoch, "epochs": self._epochs}
        over = {"is_over": moment.is_over and self._is_last}
        super().learned(moment.model_copy(update={**shifted, **over}))


def _pruned(network: Network, share: float, importance: str, seed: int) -> Network:
    """Return the network with so many zeros; what is zero already goes first."""
    known = prunable_layers(network)
    matrices = {n: layer.matrices(network.weights[layer.weight]) for n, layer in known.items()}
    draw = np.random.default_rng(seed)
    scores = {}
    for name, matrix in matrices.items():
        random = draw.random(matrix.shape) + 1e-3
        scores[name] = magnitude_scores(matrix) if importance == "magnitude" else random
        scores[name] = np.where(matrix == 0, 0.0, scores[name])
    stays = lowest(scores, share, together=importance == "magnitude")
    return network.with_weights(
        {
            layer.weight: layer.weight_of(np.where(stays[name], matrices[name], 0.0)).astype(
                network.weights[layer.weight].dtype
            )
            for name, layer in known.items()
        }
    )


def _told(network: Network, params: GradualPruningParams, done: int) -> tuple[str, ...]:
    weights = [network.weights[layer.weight] for layer in prunable_layers(network).values()]
    zeros = sum(int((weight == 0).sum()) for weight in weights)
    share = zeros / sum(weight.size for weight in weights)
    rounds = f"{params.rounds} round{'s' * (params.rounds > 1)}"
    if not is_cut(params):
        return (f"{share:.1%} of the weights are zero after {rounds}",)
    at = epoch_text(params.stop_after)
    return (
        f"{share:.1%} of the weights are zero after {done} of {rounds}",
        f"Stopped after {at} of {params.epochs:g} epochs",
    )
