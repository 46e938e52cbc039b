"""Weight-only quantization: weights in few bits, activations in floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, switch
from tinystudio.core.reporter import Part
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import COMPARED_SAMPLES
from tinystudio.measure.probing import calibration_of
from tinystudio.measure.quantization_loss import loss_warnings
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.block_rounding import BlockCodes
from tinystudio.solvers.calibration import learn_moments
from tinystudio.solvers.code_descent import descended
from tinystudio.solvers.few_bit_products import Activations
from tinystudio.solvers.few_bit_weights import (
    SMALL_BITS,
    FewBits,
    Refining,
    products_in,
    with_few_bits,
)
from tinystudio.solvers.layers import layers
from tinystudio.solvers.levels import storable
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.quantizable import prepared
from tinystudio.solvers.stored_weights import INT4_OPSET
from tinystudio.techniques.levelled import without_few_bits
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The weights were not quantized"
LARGE_MATRIX = 2**17  # numbers from which fetching floats takes longer than unpacking few bits


class WeightOnlyQuantizationParams(Params):
    """How many bits, in which blocks, and how they are chosen and run."""

    bits: int = integer(
        4,
        title="Bits",
        help="Bits of a weight. Up to 4 take 4 bits in the file, 5 to 8 take 8: what lies between "
        "shows in the compressed download only. 8 bits hardly change an answer; at 2 or 3 many "
        "networks need training afterwards.",
        ge=2,
        le=8,
        step=1,
    )
    block: int = integer(
        128,
        title="Block",
        help="How many neighbouring weights of a row share one scale. Shorter blocks are more "
        "exact and need more scales: 4 bits in blocks of 32 take 5 bits a weight. A row is divided "
        "evenly, so that blocks may be shorter.",
        ge=16,
        le=256,
        step=16,
    )
    symmetric: bool = switch(
        True,
        title="Symmetric",
        help="Codes around zero. Otherwise every block has a zero of its own and uses all codes "
        "from its smallest to its largest weight: a little more exact where weights are lopsided, "
        "a little larger.",
    )
    rounding: Literal["gptq", "adaround", "nearest"] = choice(
        "gptq",
        title="Rounding",
        help="GPTQ rounds weights one after the other, each making up for the ones before, by what "
        "calibration samples tell of the layer's inputs, then changes single codes as long as one "
        "can be better. AdaRound learns for every weight whether to round up or down: some "
        "seconds a layer, worth it at 2 and 3 bits. Nearest needs no samples.",
        titles={
            "gptq": "GPTQ: keeps the layer's output",
            "adaround": "AdaRound: learns up or down (slow)",
            "nearest": "To the nearest code",
        },
    )
    linear: Literal["auto", "unpacked", "float", "int8"] = choice(
        "auto",
        title="Linear layers",
        help="Unpacked: turned into floats when the file is loaded, like convolutions; any runtime "
        "can, and it runs as fast as before. MatMulNBits keeps few bits in memory and runs in "
        "onnxruntime only, with activations in floats or quantized to 8 bits at every call. "
        "Automatic takes MatMulNBits with 8-bit activations for matrices of 131,072 weights and "
        "more, where that was faster.",
        titles={
            "auto": "Automatic: by size",
            "unpacked": "Unpacked when loaded (size only)",
            "float": "MatMulNBits, float activations",
            "int8": "MatMulNBits, 8-bit activations",
        },
    )
    samples: int = integer(
        256,
        title="Calibration samples",
        help="From how many calibration samples, drawn by the seed, GPTQ learns what goes into "
        "each layer.",
        ge=16,
        le=8192,
        step=16,
        advanced=True,
    )


class WeightOnlyQuantization(Technique[WeightOnlyQuantizationParams]):
    """Stores weights in 8, 4 or fewer bits and computes with floats: a small file.

    Size only for convolutions, recurrent layers, tables and small linear layers: their integers
    are turned into floats when the file is loaded, so they run exactly as fast as before. Large
    linear layers can gain speed through onnxruntime's MatMulNBits, since less has to be fetched
    from memory. Measured in pairs, 4 bits in blocks of 128 with 8-bit activations against floats:
    a layer of 1024 x 1024 took 0.25 of the time at batch 1 and 0.65 at batch 32, 384 x 384 took
    0.6 and 0.9, 256 x 256 took 0.85 and 1.1 (x86 with VNNI, one thread; other processors were not
    measured). With 8-bit weights and float activations it ran 3 to 20 times slower.

    Batch normalization is folded first, and a network in half or double precision is rewritten to
    32-bit floats. Up to 4 bits outside MatMulNBits need operator set 21, to which older networks
    are converted. After GPTQ the mean output of every layer is brought back through its bias.

    Sources: Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ", ICLR 2023; Nagel, Amjad, van Baalen,
    Louizos and Blankevoort, "Up or Down? Adaptive Rounding for Post-Training Quantization", ICML
    2020; Nair and Suggala, "CDQuant", 2024 (changing single codes); Dettmers and Zettlemoyer, "The
    case for 4-bit precision", ICML 2023 (blocks).
    """

    id = "weight-only-quantization"
    title = "Weight-only quantization"
    family = "quantization"
    pace = 25.0
    params = WeightOnlyQuantizationParams
    slider = "bits"

    def describe(self, params: WeightOnlyQuantizationParams) -> str:
        """Return e.g. "4-bit weights", "3-bit weights, nearest"."""
        word = {"gptq": "", "adaround": ", AdaRound", "nearest": ", nearest"}[params.rounding]
        return f"{params.bits}-bit weights{word}"

    def preflight(self, network: Network) -> Preflight:
        """Count what can be stored in few bits."""
        refused = without_few_bits(network)
        if refused is not None:
            return refused
        few = storable(network)
        linear = products_in(network)
        text = f"{len(few)} layers can have fewer bits; "
        if not linear:
            return Preflight("can", f"{text}none is linear, so that saves size only.")
        return Preflight("can", f"{text}{len(linear)} linear ones, the others save size only.")

    def reads(self, params: WeightOnlyQuantizationParams) -> int:
        """Return as many as show what goes into each layer, where rounding goes by that."""
        return 0 if params.rounding == "nearest" else params.samples

    def apply(
        self, network: Network, params: WeightOnlyQuantizationParams, context: Context
    ) -> Outcome:
        """Learn what goes into each layer, round, and write the codes down."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        context.reporter.check()
        way = FewBits(params.bits, params.block, params.symmetric)
        ready, products = _ready(network, params, way)
        moments = _moments(ready, params, context)
        part = Part(context.reporter, 0.5, 0.8)
        refining = _refining(params)
        made = with_few_bits(ready, way, products, moments, context.reporter.check, refining)
        part.progress(1.0, 1.0, "Rounded")
        warnings = (*_cautions(way, products), *_losses(ready, made, params, context))
        context.reporter.progress(1.0, 1.0, "Quantized")
        return Outcome(made, _notes(ready, params, products, bool(moments)), warnings)


def _refining(params: WeightOnlyQuantizationParams) -> Refining:
    return _learnt if params.rounding == "adaround" else descended


def _learnt(
    matrices: Array, covariance: Array, codes: BlockCodes, bits: int, check: Callable[[], None]
) -> BlockCodes:
    """Learn up or down on the grid of `codes`; a row stays with GPTQ's where those are better."""
    from tinystudio.training.adaptive_rounding import up_or_down

    ends = codes.range_of(bits)
    values = up_or_down(matrices, covariance, codes.scales, codes.zeros, ends, check)
    learnt = descended(matrices, covariance, replace(codes, values=values), bits, check)
    plain = descended(matrices, covariance, codes, bits, check)
    return learnt.or_where_better(plain, matrices, covariance)


def _ready(
    network: Network, params: WeightOnlyQuantizationParams, way: FewBits
) -> tuple[Network, Mapping[str, Activations]]:
    """Return the network in the operator set it needs, and what becomes a MatMulNBits."""
    ready = prepared(network)
    products = _products(ready, params)
    if way.held_in > SMALL_BITS or products.keys() >= storable(ready).keys():
        return ready, products
    return prepared(network, INT4_OPSET), products


def _products(network: Network, params: WeightOnlyQuantizationParams) -> dict[str, Activations]:
    match params.linear:
        case "unpacked":
            return {}
        case "auto":
            weights = {name: layer.weight for name, layer in layers(network).items()}
            return {
                node: "int8"
                for node in products_in(network)
                if network.weights[weights[node]].size >= LARGE_MATRIX
            }
        case activations:
            return dict.fromkeys(products_in(network), activations)


def _moments(
    network: Network, params: WeightOnlyQuantizationParams, context: Context
) -> Mapping[str, Moments]:
    """Return the moments of the inputs of layers; none where there is nothing to learn from."""
    if params.rounding == "nearest":
        return {}
    known = layers(network)
    wanted = {node: known[node] for node in storable(network) if node in known}
    reporter = Part(context.reporter, 0.0, 0.5)
    calibration = calibration_of(
        network, context.calibration, context.calibration_fingerprint, params.samples,
        context.seed, reporter, context.cache,
    )  # fmt: skip
    if calibration is None:
        return {}
    key = ("few-bit moments", network.fingerprint, calibration.key)

    def learn() -> Mapping[str, Moments]:
        return learn_moments(network, wanted, calibration, context.seed, reporter)

    found = context.cache.get(key, learn, lambda made: sum(item.size for item in made.values()))
    context.reporter.progress(0.5, 1.0, "Read calibration samples")
    return found


def _losses(
    before: Network, after: Network, params: WeightOnlyQuantizationParams, context: Context
) -> tuple[str, ...]:
    samples: Samples | None = context.calibration
    if samples is None or len(samples) == 0:
        return ()
    some = samples.first(COMPARED_SAMPLES)
    expected = outputs_of(before.data, some, Part(context.reporter, 0.8, 0.9))
    outputs = outputs_of(after.data, some, Part(context.reporter, 0.9, 1.0))
    hint = "Take more bits, shorter blocks, or train afterwards."
    return loss_warnings(expected, outputs, some, hint, f"{params.bits}-bit weights")


def _cautions(way: FewBits, products: Mapping[str, Activations]) -> tuple[str, ...]:
    if way.held_in == SMALL_BITS or "float" not in products.values():
        return ()
    return (
        "MatMulNBits with 8-bit weights and float activations ran 3 to 20 times slower than "
        "floats where it was measured: choose 8-bit activations, or unpacked.",
    )


def _notes(
    network: Network,
    params: WeightOnlyQuantizationParams,
    products: Mapping[str, Activations],
    learned: bool,
) -> tuple[str, ...]:
    few = storable(network)
    notes = [f"{len(few)} layers in {params.bits} bits"]
    unpacked = len(few) - len(products)
    if unpacked:
        notes.append(f"{unpacked} of them are turned into floats when loaded: size only")
    if products:
        notes.append(f"computed by MatMulNBits: {', '.join(products)}")
    if params.rounding != "nearest" and not learned:
        notes.append("no samples: rounded to nearest")
    return tuple(notes)
