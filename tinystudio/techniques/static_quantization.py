"""Static quantization: weights and activations in 8 bits, with ranges read from samples."""

from __future__ import annotations

from typing import Literal

from onnx import NodeProto

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number, switch
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import Calibration, calibrate
from tinystudio.measure.quantization_loss import loss_warnings, worst_range, worst_weights
from tinystudio.measure.running import check_samples, outputs_of
from tinystudio.solvers.quantizable import (
    CONVOLUTIONS,
    LINEAR,
    RECURRENT,
    prepared,
    refusal,
    weighted,
)
from tinystudio.solvers.quantizing import (
    HEAVY_OPERATORS,
    INT8_OPERATORS,
    activations,
    quantized,
)
from tinystudio.solvers.ranges import Range
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The network was not quantized"


class StaticQuantizationParams(Params):
    """How ranges are read, and what becomes 8 bits."""

    method: Literal["minmax", "entropy", "percentile"] = choice(
        "minmax",
        title="Calibration",
        help="Which range of an activation's values the 256 steps cover. MinMax covers all that "
        "was seen; Entropy and Percentile cut off rare extremes so that the common values get "
        "finer steps.",
        titles={
            "minmax": "MinMax: everything seen",
            "entropy": "Entropy: least information lost",
            "percentile": "Percentile: all but the rarest",
        },
    )
    percentile: float = number(
        99.99,
        title="Percentile",
        help="Share of the values, in percent, that the range covers; only for the calibration "
        "method Percentile. Half of the rest is cut off at each end.",
        ge=90.0,
        le=100.0,
        step=0.01,
        advanced=True,
    )
    samples: int = integer(
        256,
        title="Calibration samples",
        help="How many samples the ranges are read from. More make rare extremes more likely to "
        "be seen, and calibration slower.",
        ge=8,
        le=8192,
        step=8,
    )
    per_channel: bool = switch(
        True,
        title="Weights per channel",
        help="One scale for every output channel instead of one for the whole layer: more exact, "
        "above all for depthwise layers, at the price of a few bytes per channel.",
    )
    layers: Literal["all", "heavy"] = choice(
        "all",
        title="Layers",
        help="All: every operator that has an 8-bit version, so that values stay 8 bits from layer "
        "to layer. Only the heavy ones: convolutions and linear layers, everything between stays "
        "float; more exact, less speed.",
        titles={"all": "All that can be", "heavy": "Convolutions and linear layers only"},
    )
    keep_ends: bool = switch(
        False,
        title="First and last layer in float",
        help="Leave the first and the last layer with weights as they are. They are often the "
        "most sensitive and the smallest.",
        advanced=True,
    )
    seven_bits: bool = switch(
        False,
        title="7-bit weights (portable)",
        help="Use 7 of the 8 bits of the weights. Intel and AMD processors without VNNI add 8-bit "
        "products in 16 bits, which can overflow: an 8-bit network may then be less accurate than "
        "shown here. 7-bit weights cannot overflow. ARM processors and those with VNNI do not "
        "need them.",
        advanced=True,
    )


class StaticQuantization(Technique[StaticQuantizationParams]):
    """Stores weights as 8-bit integers and computes with 8-bit activations (INT8).

    The file becomes about four times smaller. Convolutions run faster on processors with 8-bit
    instructions (1.5 to 3.6 times measured on one with AVX512-VNNI); very small networks, below
    about a quarter of a million multiplications, can run slower than in float, since converting
    costs more than is gained. The verdict beside the figures tells what holds here.

    The ranges of the activations are read from calibration samples, before anything is
    converted; batch normalization is folded into the weights first, and a network in half or
    double precision is rewritten to 32-bit floats. Activations are unsigned with a zero point,
    weights signed and symmetric (the form that runs fastest in onnxruntime). If the outputs no
    longer follow those of the float network, a warning says which layer's range is most at fault.

    Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", CVPR 2018; written with onnxruntime's quantizer.
    """

    id = "static-quantization"
    title = "Static quantization (INT8)"
    family = "quantization"
    params = StaticQuantizationParams
    needs_calibration = True

    def describe(self, params: StaticQuantizationParams) -> str:
        """Return e.g. "INT8", "INT8 entropy"."""
        words = ["INT8"]
        if params.method != "minmax":
            words.append(params.method)
        if params.layers == "heavy":
            words.append("heavy layers")
        if params.seven_bits:
            words.append("7-bit")
        return " ".join(words)

    def preflight(self, network: Network) -> Preflight:
        """Count the layers that become 8 bits."""
        refused = refusal(network)
        if refused is not None:
            return Preflight("cannot", *refused)
        can = weighted(network, LINEAR | CONVOLUTIONS)
        left = weighted(network, RECURRENT)
        if left:
            return Preflight(
                "partly",
                f"{len(can)} layers become 8 bits; {len(left)} recurrent layers stay in float.",
                "Dynamic quantization can take LSTM layers.",
            )
        if not any(node.op_type in CONVOLUTIONS for node in can):
            return Preflight(
                "can",
                f"{len(can)} linear layers become 8 bits; without convolutions the gain in speed "
                "is small.",
                "Compare with dynamic quantization.",
            )
        return Preflight("can", f"{len(can)} convolutions and linear layers become 8 bits.")

    def apply(
        self, network: Network, params: StaticQuantizationParams, context: Context
    ) -> Outcome:
        """Read ranges once per network and samples, then write 8 bits in some milliseconds."""
        refused = refusal(network)
        if refused is not None:
            raise UserError(TITLE, *refused)
        known = _calibration(network, params.samples, context)
        operators = INT8_OPERATORS if params.layers == "all" else HEAVY_OPERATORS
        heavy = weighted(known.network, HEAVY_OPERATORS)
        left_out = {heavy[0].name, heavy[-1].name} if params.keep_ends else set[str]()
        if len(left_out) == len(heavy):
            raise UserError(
                TITLE,
                f"It has {len(heavy)} layers with weights, and the first and last stay in float.",
                "Switch off 'First and last layer in float'.",
            )
        every = known.ranges(params.method, params.percentile)
        ranges = {name: every[name] for name in activations(known.network, operators)}
        result = quantized(
            known.network,
            ranges,
            operators,
            per_channel=params.per_channel,
            seven_bits=params.seven_bits,
            left_out=left_out,
        )
        warnings = _warnings(known, result, ranges, params, context.reporter)
        context.reporter.progress(1.0, 1.0, "Quantized")
        return Outcome(result, _notes(heavy, left_out), warnings)


def _calibration(network: Network, samples: int, context: Context) -> Calibration:
    if context.calibration is None or len(context.calibration) == 0:
        raise UserError(
            TITLE,
            "Ranges are read from samples, and there are none.",
            "Attach data, or use dynamic quantization, which needs none.",
        )
    check_samples(network, context.calibration)
    used = context.calibration.first(samples)
    return context.cache.get(
        ("calibration", network.fingerprint, context.calibration_fingerprint, samples),
        lambda: calibrate(prepared(network), INT8_OPERATORS, used, context.reporter),
        lambda made: made.size_bytes,
    )


def _warnings(
    known: Calibration,
    result: Network,
    ranges: dict[str, Range],
    params: StaticQuantizationParams,
    reporter: Reporter,
) -> tuple[str, ...]:
    """Compare the outputs with the float network's, and look for the culprit where they differ."""
    outputs = outputs_of(result.data, known.samples, Part(reporter, 0.9, 1.0))
    culprit = worst_range(known.seen, ranges, known.network)
    if not culprit and not params.per_channel:
        heavy = {node.name for node in weighted(known.network, HEAVY_OPERATORS)}
        culprit = worst_weights(known.network, heavy)
    return loss_warnings(known.outputs, outputs, known.samples, culprit)


def _notes(heavy: tuple[NodeProto, ...], left_out: set[str]) -> tuple[str, ...]:
    """Say how many layers became 8 bits and which did not."""
    done = sum(node.name not in left_out for node in heavy)
    notes = [f"{done} of {len(heavy)} layers with weights in 8 bits"]
    if left_out:
        notes.append(f"in float: {', '.join(sorted(left_out))}")
    if any(node.op_type == "ConvTranspose" for node in heavy):
        notes.append("transposed convolutions store 8 bits and compute in float")
    return tuple(notes)
