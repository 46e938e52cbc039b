"""Quantization-aware training: learn with the 8 bits in place, their step sizes included."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, number
from tinystudio.core.reporter import Part
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import Calibration, calibrate
from tinystudio.measure.int8_form import int8_form
from tinystudio.measure.running import check_samples
from tinystudio.solvers.compacting import compacted
from tinystudio.solvers.pretending import Pretended, learned, pretended
from tinystudio.solvers.quantizable import (
    CONVOLUTIONS,
    LINEAR,
    RECURRENT,
    prepared,
    refusal,
    weighted,
)
from tinystudio.solvers.quantizing import INT8_OPERATORS, activations, quantized
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique
from tinystudio.techniques.trainer import material_of, objective_of, preflight_of, trained
from tinystudio.training.settings import (
    augment_choice,
    batch_integer,
    epochs_words,
    held_out_number,
    labels_number,
    patience_integer,
    rate_number,
    stop_number,
    stop_words,
)

if TYPE_CHECKING:
    from tinystudio.training.loop import Beside

TITLE = "The model was not trained with 8 bits"
SAMPLES = 256  # that ranges are read from
READING = 0.1  # of the progress, where they are read
TEMPERATURE = 2.0  # of the original's answers


class QuantizationAwareTrainingParams(Params):
    """How long to train, and what to listen to."""

    epochs: float = number(
        4.0,
        title="Epochs",
        help="How often the training samples are walked through; a part of an epoch is allowed. "
        "Little is to be learned: a few are enough.",
        ge=0.05,
        le=200.0,
        step=1.0,
    )
    labels: float = labels_number()
    augment: Literal["none", "fits"] = augment_choice()
    rate: float = rate_number(0.0005)
    batch: int = batch_integer()
    held_out: float = held_out_number(0.0)
    patience: int = patience_integer(0)
    stop_after: float = stop_number()


class QuantizationAwareTraining(Technique[QuantizationAwareTrainingParams]):
    """Computes in 8 bits (INT8) as static quantization does, and trains the model with the rounding
    in place: weights find values that survive it, and the step sizes of weights and activations
    are learned with them.

    Worth its time where static quantization costs accuracy; where it costs none, nothing can be
    gained. It begins with the ranges that calibration samples show, learns from the labels and
    from the original's answers, and writes the same form of file as static quantization: as small,
    and as fast. Layers without an integer kernel (LSTM, GRU) stay in float and are trained along.

    Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", CVPR 2018; Esser et al., "Learned Step Size Quantization",
    ICLR 2020; Bengio et al., "Estimating or Propagating Gradients Through Stochastic Neurons",
    2013 (straight-through gradients).
    """

    id = "quantization-aware-training"
    title = "Quantization-aware training"
    family = "quantization"
    params = QuantizationAwareTrainingParams
    needs_calibration = True
    trains = True
    slider = "epochs"

    def describe(self, params: QuantizationAwareTrainingParams) -> str:
        """Return e.g. "INT8 trained 4 epochs"."""
        return f"INT8 trained {epochs_words(params)}{stop_words(params)}"

    def preflight(self, network: Network) -> Preflight:
        """Count the layers that become 8 bits, and see whether all can be trained."""
        refused = refusal(network)
        if refused is not None:
            return Preflight("cannot", *refused)
        told = preflight_of(network)
        if told.status == "cannot":
            return told
        layers, left = weighted(network, LINEAR | CONVOLUTIONS), weighted(network, RECURRENT)
        if left:
            text = f"{len(layers)} layers become 8 bits; {len(left)} recurrent ones stay in float."
            return Preflight("partly", text)
        return Preflight("can", f"{len(layers)} layers become 8 bits.")

    def example(self, network: Network) -> QuantizationAwareTrainingParams:
        """Return a short training."""
        return QuantizationAwareTrainingParams(epochs=1.0)

    def apply(
        self, network: Network, params: QuantizationAwareTrainingParams, context: Context
    ) -> Outcome:
        """Quantize by ranges, train what pretends to be quantized, write integers again."""
        refused = refusal(network)
        if refused is not None:
            raise UserError(TITLE, *refused)
        material = material_of(network, params, context, TITLE)
        made = _pretended(network, replace(context, reporter=Part(context.reporter, 0, READING)))
        training = replace(context, reporter=Part(context.reporter, READING, 1))
        objective = objective_of(params.labels, TEMPERATURE, material, training)
        beside = _beside(made, context)
        done = trained(made.network, params, training, material, objective, beside)
        result = compacted(learned(made, done.network), prepared(network))
        return Outcome(result, done.notes, (*done.warnings, *_portability()))


def _pretended(network: Network, context: Context) -> Pretended:
    base = prepared(network)
    known = _calibration(base, context)
    every = known.ranges("minmax", 100.0)
    ranges = {name: every[name] for name in activations(base, INT8_OPERATORS)}
    made = quantized(base, ranges, INT8_OPERATORS, per_channel=True)
    return pretended(made, base)


def _portability() -> tuple[str, ...]:
    """Warn where this processor could overflow: weights are trained with all of their 8 bits."""
    form, _ = int8_form("this", False)
    if not form.seven_bits:
        return ()
    return (
        "This processor has no VNNI: sums of 8-bit products can overflow on it. Static "
        "quantization takes 7-bit weights here, which cannot.",
    )


def _calibration(base: Network, context: Context) -> Calibration:
    if context.calibration is None or len(context.calibration) == 0:
        raise UserError(TITLE, "There are no samples to read ranges from.", "Attach data.")
    check_samples(base, context.calibration)
    used = context.calibration.first(SAMPLES)
    key = ("calibration", base.fingerprint, context.calibration_fingerprint, SAMPLES)
    return context.cache.get(
        key, lambda: calibrate(base, INT8_OPERATORS, used, context.reporter), lambda m: m.size_bytes
    )


def _beside(made: Pretended, context: Context) -> Beside:
    from tinystudio.graph.gradients.trainable import trainable_weights
    from tinystudio.training.loop import Beside

    own = {item.scale for item in made.weights}
    names = [name for name in trainable_weights(made.network) if name not in own]
    return Beside(original=context.original, learns=tuple(dict.fromkeys((*names, *made.changes))))
