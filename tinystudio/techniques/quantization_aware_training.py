"""Quantization-aware training: learn with few bits in place, their step sizes included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import field_validator

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, number
from tinystudio.core.reporter import Part
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import Calibration, calibrate
from tinystudio.measure.int8_form import int8_form
from tinystudio.measure.running import check_samples
from tinystudio.solvers.compacting import compacted
from tinystudio.solvers.idle_pairs import without_idle_pairs
from tinystudio.solvers.int8_islands import int8_able
from tinystudio.solvers.learned_steps import Steps
from tinystudio.solvers.levels import storable, stored_numbers
from tinystudio.solvers.precision import Precision
from tinystudio.solvers.pretended_weights import learned_weights, pretended_weights, with_cells
from tinystudio.solvers.pretending import learned, pretended
from tinystudio.solvers.quantizable import (
    CONVOLUTIONS,
    LINEAR,
    RECURRENT,
    not_in_floats,
    prepared,
    refusal,
    weighted,
)
from tinystudio.solvers.quantizing import INT8_OPERATORS, activations, quantized
from tinystudio.solvers.rounding import code_range
from tinystudio.solvers.small_codes import narrowed, with_small_codes
from tinystudio.solvers.stored_weights import StoredWeight
from tinystudio.techniques.levelled import levels_of
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

TITLE = "The model was not trained with few bits"
SAMPLES = 256  # that ranges and the first codes are read from
ROUNDING, READING = 0.05, 0.1  # of the progress, until where codes are chosen and ranges read
TEMPERATURE = 2.0  # of the original's answers
FOUR: Precision = "w4"
FLOATS_HINT = "Choose float activations: its weights can be stored in few bits all the same."


class QuantizationAwareTrainingParams(Params):
    """How many bits, how long to train, and what to listen to."""

    epochs: float = number(
        4.0,
        title="Epochs",
        help="How often the training samples are walked through; a part of an epoch is allowed. "
        "Little is to be learned: a few are enough.",
        ge=0.05,
        le=200.0,
        step=1.0,
    )
    bits: Literal["8", "4"] = choice(
        "8",
        title="Weight bits",
        help="Bits of a weight. 4 bits take half the file of 8, two weights to a byte; they begin "
        "with the codes that GPTQ finds, and need operator set 21, to which older networks are "
        "converted.",
        titles={"8": "8 bits", "4": "4 bits"},
        later=True,
    )
    activations: Literal["int8", "float"] = choice(
        "int8",
        title="Activations",
        help="8 bits: layers with an integer kernel compute in INT8, also where their weights are "
        "stored in 4 bits, which are widened when the file is loaded. Float: weights alone have "
        "few bits, those of LSTM, GRU and tables too, and are turned into floats when the file is "
        "loaded: size only, as fast as before.",
        titles={"int8": "8 bits: computes in INT8", "float": "Float: size only"},
        later=True,
    )
    processor: Literal["this", "avx2", "arm", "cortex-m"] = choice(
        "this",
        title="Runs on",
        help="Which processor will run it decides the 8-bit types that are trained, as in static "
        "quantization. With VNNI: unsigned activations, signed weights. Intel and AMD without "
        "VNNI: the same with weights kept to 7 of the 8 bits, which cannot overflow there; 4 bits "
        "cannot either. ARM with dot product: both unsigned. Cortex-M: both signed.",
        titles={
            "this": "This computer",
            "avx2": "Intel or AMD without VNNI",
            "arm": "ARM with dot product",
            "cortex-m": "Cortex-M microcontroller",
        },
        advanced=True,
        later=True,
    )
    labels: float = labels_number()
    augment: Literal["none", "fits"] = augment_choice()
    rate: float = rate_number(0.0005)
    batch: int = batch_integer()
    held_out: float = held_out_number(0.0)
    patience: int = patience_integer(0)
    stop_after: float = stop_number()

    @field_validator("bits", mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value  # as people write it


class QuantizationAwareTraining(Technique[QuantizationAwareTrainingParams]):
    """Trains the model with few bits in place, 8 or 4 for weights and 8 or floats for activations:
    weights find values that survive the rounding, and the step sizes of weights and activations
    are learned with them.

    Worth its time where rounding alone (static quantization, GPTQ) costs accuracy; where it costs
    none, nothing can be gained. It begins with the ranges that calibration samples show, with 4
    bits also with GPTQ's codes, and learns from the labels and from the original's answers. What
    it trains is what it writes: the same grid, whole numbers and scales, for the processor that is
    to run it. With 8-bit activations the file computes as that of static quantization does, as
    fast, and is as small or, with 4-bit weights, half of it. Layers without an integer kernel
    (LSTM, GRU) stay in float there and are trained along.

    Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", CVPR 2018; Esser et al., "Learned Step Size Quantization",
    ICLR 2020; Bengio et al., "Estimating or Propagating Gradients Through Stochastic Neurons",
    2013 (straight-through gradients); Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ", ICLR 2023
    (where 4 bits begin).
    """

    id = "quantization-aware-training"
    title = "Quantization-aware training"
    family = "quantization"
    params = QuantizationAwareTrainingParams
    needs_calibration = True
    trains = True
    pace = 2.4
    slider = "epochs"

    def describe(self, params: QuantizationAwareTrainingParams) -> str:
        """Return e.g. "INT8 trained 4 epochs", "4-bit weights trained 1 epoch"."""
        computes, stores = params.activations == "int8", f"{params.bits}-bit"
        kind = f"{stores} weights" if not computes else "INT8"
        prefix = f"{stores} " if computes and params.bits == "4" else ""
        return f"{prefix}{kind} trained {epochs_words(params)}{stop_words(params)}"

    def preflight(self, network: Network) -> Preflight:
        """Count the layers that get few bits, and see whether all can be trained."""
        refused = refusal(network)
        if refused is not None and not _is_storable(network):
            return Preflight("cannot", *refused)
        told = preflight_of(network)
        if told.status == "cannot":
            return told
        layers, left = weighted(network, LINEAR | CONVOLUTIONS), weighted(network, RECURRENT)
        if left or refused is not None:
            text = (
                f"{len(layers)} layers can compute in 8 bits; {len(left)} recurrent ones compute "
                "in float, and can be stored in 8 or 4 bits with float activations."
            )
            return Preflight("partly", text)
        return Preflight("can", f"{len(layers)} layers become 8 bits, or 4.")

    def example(self, network: Network) -> QuantizationAwareTrainingParams:
        """Return a short training."""
        return QuantizationAwareTrainingParams(epochs=1.0)

    def reads(self, params: QuantizationAwareTrainingParams) -> int:
        """Return as many as show the ranges that it begins with."""
        return SAMPLES

    def apply(
        self, network: Network, params: QuantizationAwareTrainingParams, context: Context
    ) -> Outcome:
        """Round, train what pretends to be rounded, write integers again."""
        refused = refusal(network) if params.activations == "int8" else not_in_floats(network)
        if refused is not None:
            detail, hint = refused
            raise UserError(TITLE, detail, FLOATS_HINT if _is_storable(network) else hint)
        material = material_of(network, params, context, TITLE)
        _check_calibration(network, context)
        pupil = (_in_int8 if params.activations == "int8" else _in_float)(network, params, context)
        training = replace(context, reporter=Part(context.reporter, READING, 1))
        objective = objective_of(params.labels, TEMPERATURE, material, training)
        beside = _beside(pupil, context)
        done = trained(pupil.network, params, training, material, objective, beside)
        return Outcome(pupil.written(done.network), (*pupil.notes, *done.notes), done.warnings)


def _is_storable(network: Network) -> bool:
    """Say whether weights can have few bits, whatever computes with them."""
    return not_in_floats(network) is None and bool(storable(network))


@dataclass(frozen=True)
class _Pupil:
    """What is trained in the place of a quantized network, and how that is written afterwards."""

    network: Network
    steps: Steps
    written: Callable[[Network], Network]
    notes: tuple[str, ...]


def _in_int8(network: Network, params: QuantizationAwareTrainingParams, context: Context) -> _Pupil:
    """Weights of 8 or 4 bits, activations of 8."""
    form, why = int8_form(params.processor, seven_bits=False)
    base, few, wished = prepared(network), dict[str, StoredWeight](), prepared(network)
    if params.bits == "4":
        base, few, wished = _rounded(network, FOUR, context, computes=True)
    known = _calibration(base, replace(context, reporter=Part(context.reporter, ROUNDING, READING)))
    every = known.ranges("minmax", 100.0)
    ranges = {name: every[name] for name in activations(base, INT8_OPERATORS)}
    done = quantized(base, ranges, INT8_OPERATORS, per_channel=True, form=form)
    if form.has_float_ends:
        done = without_idle_pairs(done)
    done, small = with_small_codes(done, base, few)
    few = {name: few[name] for name in small}
    ends = dict.fromkeys(few, code_range(4))
    floats = with_cells(base, few, wished)
    made = pretended(done, floats, seven_bits=form.seven_bits, ends=ends)

    def written(trained: Network) -> Network:
        integers = compacted(learned(made, trained), base)
        return narrowed(integers) if few else integers

    notes: tuple[str, ...] = (why,)
    if few:
        safe = ", which cannot overflow there" if form.seven_bits else ""
        notes = (f"{len(few)} layers store their weights in 4 bits and compute in 8{safe}", why)
    return _Pupil(made.network, made.steps, written, notes)


def _in_float(
    network: Network, params: QuantizationAwareTrainingParams, context: Context
) -> _Pupil:
    """Weights of 8 or 4 bits alone."""
    precision: Precision = "w8" if params.bits == "8" else FOUR
    base, few, wished = _rounded(network, precision, context, computes=False)
    made = pretended_weights(with_cells(base, few, wished), few)
    numbers = stored_numbers(wished)

    def written(trained: Network) -> Network:
        return learned_weights(made, trained, numbers)

    note = f"{len(few)} weights in {params.bits} bits, turned into floats when loaded: size only"
    return _Pupil(made.network, made.steps, written, (note,))


def _rounded(
    network: Network, precision: Precision, context: Context, *, computes: bool
) -> tuple[Network, dict[str, StoredWeight], Network]:
    """Return the network with weights rounded by GPTQ, their codes, and what it was before.

    `computes`: only of layers with an integer kernel.
    """
    part = Part(context.reporter, 0.0, ROUNDING)
    levels = levels_of(network, replace(context, reporter=part), SAMPLES)
    before = levels.study.network
    able = int8_able(before) if computes else storable(before).keys()
    nodes: dict[str, Precision] = {node: precision for node in storable(before) if node in able}
    base, few = levels.in_codes(nodes)
    return base, few, before


def _check_calibration(network: Network, context: Context) -> None:
    if context.calibration is None or len(context.calibration) == 0:
        raise UserError(TITLE, "There are no samples to read ranges from.", "Attach data.")
    check_samples(network, context.calibration)


def _calibration(base: Network, context: Context) -> Calibration:
    assert context.calibration is not None
    used = context.calibration.first(SAMPLES)
    key = ("calibration", base.fingerprint, context.calibration_fingerprint, SAMPLES)
    return context.cache.get(
        key, lambda: calibrate(base, INT8_OPERATORS, used, context.reporter), lambda m: m.size_bytes
    )


def _beside(pupil: _Pupil, context: Context) -> Beside:
    from tinystudio.graph.gradients.trainable import trainable_weights
    from tinystudio.training.loop import Beside

    own = pupil.steps.bases.keys()
    names = [name for name in trainable_weights(pupil.network) if name not in own]
    learns = tuple(dict.fromkeys((*names, *pupil.steps.changes)))
    return Beside(original=context.original, learns=learns)
