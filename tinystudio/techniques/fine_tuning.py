"""Fine-tuning: train a network on with the labels, and keep the best of it."""

from __future__ import annotations

from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, number
from tinystudio.graph.network import Network
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique
from tinystudio.techniques.trainer import material_of, preflight_of, spread_of, trained
from tinystudio.training.settings import (
    augment_choice,
    batch_integer,
    epochs_words,
    held_out_number,
    patience_integer,
    rate_number,
    repeat_integer,
    stop_number,
    stop_words,
)

TITLE = "The model was not fine-tuned"


class FineTuningParams(Params):
    """How long to train, on what, and when to stop."""

    epochs: float = number(
        12.0,
        title="Epochs",
        help="How often the training samples are walked through, at most; a part of an epoch is "
        "allowed.",
        ge=0.05,
        le=500.0,
        step=1.0,
    )
    augment: Literal["none", "fits"] = augment_choice()
    rate: float = rate_number(0.0)
    batch: int = batch_integer()
    held_out: float = held_out_number(0.1)
    patience: int = patience_integer(8)
    repeat: int = repeat_integer()
    stop_after: float = stop_number()


class FineTuning(Technique[FineTuningParams]):
    """Trains the model as it is now, on the training samples and their labels.

    Put it after what makes the model smaller and before what rounds its weights. A part of the
    training samples is held out, of every class alike: by them the best epoch is chosen, and the
    training stops where it no longer gains. Where the original had learned the samples held out
    here, their score flatters the model before and in the first epochs; so the start and the best
    epoch are compared on the validation samples, once, and the start is kept where no epoch was
    better. The test samples are not looked at.
    The learning rate is found by trying ever larger ones on a copy. A training that diverges is
    stopped, and the best weights until then are kept. One that is cancelled goes on from where it
    was when the job is started again, to the same weights.

    Where the original is better than the labels alone can teach, distillation gains more: compare.

    Sources: Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017 (the range
    test); Loshchilov and Hutter, "SGDR", ICLR 2017 (cosine) and "Decoupled Weight Decay
    Regularization", ICLR 2019 (AdamW); Prechelt, "Early Stopping - But When?", 1998; Um et al.,
    "Data Augmentation of Wearable Sensor Data", ICMI 2017.
    """

    id = "fine-tuning"
    title = "Fine-tuning"
    family = "training"
    params = FineTuningParams
    needs_calibration = True
    trains = True
    pace = 1.6
    slider = "epochs"

    def describe(self, params: FineTuningParams) -> str:
        """Return e.g. "fine-tuned 12 epochs"."""
        again = f", again {params.repeat}" if params.repeat else ""
        return f"fine-tuned {epochs_words(params)}{again}{stop_words(params)}"

    def preflight(self, network: Network) -> Preflight:
        """See whether every operator has a rule and the weights are in floats."""
        return preflight_of(network)

    def example(self, network: Network) -> FineTuningParams:
        """Return a short training that surely changes the weights."""
        return FineTuningParams(epochs=1.0, rate=0.002, held_out=0.0)

    def apply(self, network: Network, params: FineTuningParams, context: Context) -> Outcome:
        """Train on the training samples."""
        material = material_of(network, params, context, TITLE)
        if material.samples.labels is None:
            raise UserError(
                TITLE, "The training samples have no labels.",
                "Use distillation, which learns from the original's answers.",
            )  # fmt: skip
        from tinystudio.training.loop import Beside
        from tinystudio.training.objectives import Objective

        labels = material.labels()
        spread = 1.0 if material.metric.classifies else spread_of(labels)
        objective = Objective(material.metric.classifies, labels, None, spread=spread)
        return trained(network, params, context, material, objective, Beside())
