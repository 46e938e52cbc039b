"""Static quantization: weights and activations in 8 bits, with ranges read from samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from onnx import NodeProto

from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number, switch
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import Calibration, calibrate
from tinystudio.measure.input_rounding import inputs_in_float, reading_inputs
from tinystudio.measure.int8_form import int8_form
from tinystudio.measure.int8_way import Int8Way, best_way
from tinystudio.measure.probing import CalibrationProbe
from tinystudio.measure.quantization_loss import loss_warnings, worst_range, worst_weights
from tinystudio.measure.running import check_samples, outputs_of
from tinystudio.solvers.absorbing import Affine
from tinystudio.solvers.bias_correction import corrected, mean_shifts, weight_changes
from tinystudio.solvers.compacting import compacted
from tinystudio.solvers.eight_bit_weights import small_tables, with_8_bit_weights
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
    Int8Form,
)
from tinystudio.solvers.ranges import Range
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The network was not quantized"
CALIBRATED = {
    "minmax": "INT8 minmax", "entropy": "INT8 entropy",
    "percentile": "INT8 percentile", "mse": "INT8 mse",
}  # fmt: skip


class StaticQuantizationParams(Params):
    """How ranges are read, and what becomes 8 bits."""

    method: Literal["auto", "minmax", "entropy", "percentile", "mse"] = choice(
        "auto",
        title="Calibration",
        help="Which range of an activation's values the 256 steps cover. MinMax covers all that "
        "was seen; Entropy, Percentile and Least error cut off rare extremes so that the common "
        "values get finer steps. Automatic tries all but Entropy and takes the one whose outputs "
        "stay closest to the float network's.",
        titles={
            "auto": "Automatic: keeps outputs best",
            "minmax": "MinMax: everything seen",
            "entropy": "Entropy: least information lost",
            "percentile": "Percentile: all but the rarest",
            "mse": "Least error: smallest change of the values",
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
    input_in_float: Literal["auto", "on", "off"] = choice(
        "auto",
        title="Input in float",
        help="Compute the layers that read the input in float, with their weights in 8 bits. One "
        "scale serves all of an input's channels, so rare extremes of one sensor make all others "
        "coarse, and what lies outside is cut off. Automatic does it where these layers do at most "
        "an eighth of the multiplications, or 20,000: 8 bits do not make them faster, and outputs "
        "came up to 12 dB closer. And where rounding the input to 8 bits, alone, adds an error of "
        "more than a hundredth of the outputs' power. It says so.",
        titles={"auto": "Where it is better", "on": "Always", "off": "Never"},
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
    processor: Literal["this", "avx2", "arm", "cortex-m"] = choice(
        "this",
        title="Runs on",
        help="Which processor will run it decides the 8-bit types. With VNNI: unsigned "
        "activations, signed weights. Intel and AMD without VNNI: the same with 7-bit weights, "
        "which cannot overflow there. ARM with dot product: both unsigned, which its kernels take "
        "as they are. Cortex-M: both signed, the only form that CMSIS-NN and TFLite Micro take. "
        "The verdict here is of this computer.",
        titles={
            "this": "This computer",
            "avx2": "Intel or AMD without VNNI",
            "arm": "ARM with dot product",
            "cortex-m": "Cortex-M microcontroller",
        },
        advanced=True,
    )
    bias_correction: Literal["auto", "on", "off"] = choice(
        "auto",
        title="Correct biases",
        help="Take off each layer's bias what the rounding of its weights adds to its mean output, "
        "as read from the calibration samples. It gained up to 5 dB with 7-bit weights or one "
        "scale per layer, and -0.3 to 1 dB with 8 bits and a scale per channel, where little is "
        "left to correct: automatic does it for the former.",
        titles={"auto": "Where weights are rough", "on": "Always", "off": "Never"},
        advanced=True,
    )


class StaticQuantization(Technique[StaticQuantizationParams]):
    """Stores weights as 8-bit integers and computes with 8-bit activations (INT8).

    The file becomes about four times smaller. Convolutions run faster on processors with 8-bit
    instructions (1.5 to 3.6 times measured on one with AVX512-VNNI); very small networks, below
    about a quarter of a million multiplications, can run slower than in float, since converting
    costs more than is gained. The verdict beside the figures tells what holds here.

    The ranges of the activations are read from calibration samples, before anything is
    converted. Where the layers that read the input are light, or 8 bits would spoil it, they
    compute in float with weights in 8 bits; small tables get one scale per row. Batch
    normalization is folded into the weights first, and a network in half or double precision is
    rewritten to 32-bit floats. Activations are unsigned with a zero point, weights signed and
    symmetric (the form that runs fastest in onnxruntime). If the outputs no longer follow those of
    the float network, a warning says which layer's range is most at fault.

    Biases can take back what rounding the weights does to the mean output of every channel. "Runs
    on" chooses other 8-bit types where another processor will run the network, and the notes say
    why. Linear layers hand floats to what computes in float, without rounding them first, unless
    a microcontroller wants integers throughout. What the quantizer writes more than once stands in
    the file once.

    Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", CVPR 2018; Nagel, van Baalen, Blankevoort and Welling,
    "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019; written
    with onnxruntime's quantizer.
    """

    id = "static-quantization"
    title = "Static quantization (INT8)"
    family = "quantization"
    pace = 5.0
    params = StaticQuantizationParams
    needs_calibration = True

    def describe(self, params: StaticQuantizationParams) -> str:
        """Return e.g. "INT8", "INT8 entropy"."""
        # Each branch is a whole text, so that another language can put its words in its order.
        text = "INT8" if params.method == "auto" else CALIBRATED[params.method]
        if params.layers == "heavy":
            text = f"{text} heavy layers"
        if params.seven_bits:
            text = f"{text} 7-bit"
        if params.processor == "this":
            return text
        chip = params.processor
        return f"{text} for {'AVX2' if chip == 'avx2' else 'ARM' if chip == 'arm' else 'Cortex-M'}"

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
        form, why = int8_form(params.processor, params.seven_bits)
        left = _left_out(known, network, params, form, context)
        way, result, chosen = _quantized(known, params, form, left, context)
        is_rough = form.seven_bits or not params.per_channel
        if params.bias_correction == "on" or (params.bias_correction == "auto" and is_rough):
            shifts = _shifts(network, known.network, result, params, context)
            result = way.applied(corrected(known.network, shifts))
        result = with_8_bit_weights(compacted(result, known.network), left.coded)
        warnings = _warnings(known, result, way.ranges, params, context.reporter)
        context.reporter.progress(1.0, 1.0, "Quantized")
        notes = (*_notes(weighted(known.network, HEAVY_OPERATORS), left), chosen, why)
        return Outcome(result, tuple(note for note in notes if note), warnings)


@dataclass(frozen=True)
class _Left:
    """Nodes that compute in float: `asked` as they are, `coded` with weights in 8 bits, and why."""

    asked: frozenset[str]
    coded: frozenset[str]
    why: str = ""


def _quantized(
    known: Calibration,
    params: StaticQuantizationParams,
    form: Int8Form,
    left: _Left,
    context: Context,
) -> tuple[Int8Way, Network, str]:
    """Return how 8 bits are written, the network so written, and what is said of the ranges."""
    way = Int8Way(
        operators=INT8_OPERATORS if params.layers == "all" else HEAVY_OPERATORS,
        per_channel=params.per_channel,
        form=form,
        left_out=left.asked | left.coded,
    )
    if params.method == "auto":
        return best_way(known, way, Part(context.reporter, 0.82, 0.88))
    way = way.with_ranges(known.ranges(params.method, params.percentile))
    return way, way.applied(known.network), ""


def _left_out(
    known: Calibration,
    network: Network,
    params: StaticQuantizationParams,
    form: Int8Form,
    context: Context,
) -> _Left:
    """Return the nodes that compute in float, and why where nobody asked for it."""
    heavy = [node.name for node in weighted(known.network, HEAVY_OPERATORS)]
    ends = frozenset({heavy[0], heavy[-1]} if params.keep_ends else ())
    reading = frozenset(reading_inputs(known.network))
    by_rows = form.has_float_ends and params.layers == "all"
    tables = frozenset(small_tables(known.network) if by_rows else ())
    asked = ends | reading if params.input_in_float == "on" else ends
    if asked.issuperset(heavy):
        raise UserError(
            TITLE,
            "Every layer with weights was asked to stay in float.",
            "Switch off 'First and last layer in float' or 'Input in float'.",
        )
    # What wants integers throughout wants them from the input on.
    if params.input_in_float != "auto" or not form.has_float_ends:
        return _Left(ends, (asked | tables) - ends)
    used, part = _samples(network, params.samples, context), Part(context.reporter, 0.8, 0.82)
    found, why = inputs_in_float(known, used, part, ends)
    return _Left(ends, (found | tables) - ends, why)


def _calibration(network: Network, samples: int, context: Context) -> Calibration:
    used = _samples(network, samples, context)
    return context.cache.get(
        ("calibration", network.fingerprint, context.calibration_fingerprint, samples),
        lambda: calibrate(
            prepared(network), INT8_OPERATORS, used, Part(context.reporter, 0.0, 0.8)
        ),
        lambda made: made.size_bytes,
    )


def _samples(network: Network, count: int, context: Context) -> Samples:
    if context.calibration is None or len(context.calibration) == 0:
        raise UserError(
            TITLE,
            "Ranges are read from samples, and there are none.",
            "Attach data, or use dynamic quantization, which needs none.",
        )
    check_samples(network, context.calibration)
    return context.calibration.first(count)


def _shifts(
    network: Network,
    ready: Network,
    result: Network,
    params: StaticQuantizationParams,
    context: Context,
) -> dict[str, Affine]:
    """Return the corrections of the biases for these rounded weights, found once."""
    changes = weight_changes(ready, result)
    key = (
        "bias correction", network.fingerprint, context.calibration_fingerprint, params.samples,
        tuple((node, change.tobytes()) for node, change in changes.items()),
    )  # fmt: skip
    probe = CalibrationProbe(_samples(network, params.samples, context), context.reporter)
    return context.cache.get(
        key, lambda: mean_shifts(ready, changes, probe), lambda made: 16 * len(made)
    )


def _warnings(
    known: Calibration,
    result: Network,
    ranges: Mapping[str, Range],
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


def _notes(heavy: tuple[NodeProto, ...], left: _Left) -> Iterator[str]:
    """Say how many layers compute in 8 bits, which do not, and why."""
    names = [node.name for node in heavy]
    done = sum(name not in left.asked | left.coded for name in names)
    yield f"{done} of {len(names)} layers compute in 8 bits"
    if left.asked:
        yield f"in float: {', '.join(sorted(left.asked))}"
    coded = [name for name in names if name in left.coded]
    if coded:
        yield f"in float, with weights in 8 bits: {', '.join(coded)}"
    yield left.why
    if any(node.op_type == "ConvTranspose" for node in heavy):
        yield "transposed convolutions store 8 bits and compute in float"
