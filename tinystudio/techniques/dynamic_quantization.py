"""Dynamic quantization: 8-bit weights, activations quantized anew at every call."""

from __future__ import annotations

from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, switch
from tinystudio.core.reporter import Part
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import COMPARED_SAMPLES
from tinystudio.measure.quantization_loss import loss_warnings, worst_weights
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.quantizable import LINEAR, RECURRENT, prepared, refusal, weighted
from tinystudio.solvers.quantizing import dynamically_quantized
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The network was not quantized"

OPERATORS = {
    "linear": ("MatMul",),  # Gemm is rewritten to MatMul and Add on the way
    "recurrent": ("MatMul", "LSTM"),
    "all": ("MatMul", "LSTM", "Conv"),
}
READS = {
    "linear": LINEAR,
    "recurrent": LINEAR | {"LSTM"},
    "all": LINEAR | {"LSTM", "Conv"},
}
BECOME = frozenset({"MatMulInteger", "ConvInteger", "DynamicQuantizeLSTM"})


class DynamicQuantizationParams(Params):
    """Which layers, and how their weights are stored."""

    layers: Literal["linear", "recurrent", "all"] = choice(
        "linear",
        title="Layers",
        help="Linear layers (MatMul, Gemm) gain in speed. LSTM layers become smaller. "
        "Convolutions become smaller too, but ran two to three times slower than in float: for "
        "those, static quantization is the better choice.",
        titles={
            "linear": "Linear layers",
            "recurrent": "Linear layers and LSTM",
            "all": "Linear layers, LSTM and convolutions (smaller, slower)",
        },
    )
    weights: Literal["uint8", "int8"] = choice(
        "uint8",
        title="Weights",
        help="Unsigned weights with a zero point ran faster on the processors measured and do not "
        "overflow on those without VNNI. Signed ones are symmetric around zero, as some other "
        "runtimes want them.",
        titles={"uint8": "Unsigned (uint8)", "int8": "Signed (int8)"},
    )
    per_channel: bool = switch(
        False,
        title="Weights per channel",
        help="One scale for every output channel instead of one for the whole layer: more exact "
        "at the price of a few bytes per channel.",
    )
    seven_bits: bool = switch(
        False,
        title="7-bit weights (portable)",
        help="Use 7 of the 8 bits of the weights, so that signed ones cannot overflow on Intel and "
        "AMD processors without VNNI.",
        advanced=True,
    )


class DynamicQuantization(Technique[DynamicQuantizationParams]):
    """Stores the weights of linear layers as 8-bit integers and quantizes what flows into them at
    every call, by the range it then has.

    Needs no calibration data, and suits networks that consist of linear layers with changing
    ranges, such as transformers: 1.2 times faster was measured on a small one, where static
    quantization made it slower. Convolutions are left alone by default, since they run slower
    this way. A network in half or double precision is rewritten to 32-bit floats first. Reading
    the range at every call costs time, which tiny layers do not earn back.

    Where calibration data is attached, the outputs are compared with those of the float network,
    and a warning says so if they no longer follow them.

    Source: the scheme of Jacob et al., CVPR 2018, with ranges taken at run time; written with
    onnxruntime's quantizer.
    """

    id = "dynamic-quantization"
    title = "Dynamic quantization (INT8)"
    family = "quantization"
    pace = 1.5
    params = DynamicQuantizationParams

    def describe(self, params: DynamicQuantizationParams) -> str:
        """Return e.g. "INT8 dynamic"."""
        return {
            "linear": "INT8 dynamic",
            "recurrent": "INT8 dynamic, LSTM",
            "all": "INT8 dynamic, all layers",
        }[params.layers]

    def preflight(self, network: Network) -> Preflight:
        """Weigh the linear layers against the rest."""
        refused = refusal(network, READS["all"])
        if refused is not None:
            return Preflight("cannot", *refused)
        linear = weighted(network, LINEAR)
        others = weighted(network, READS["all"] | RECURRENT)
        if not linear:
            return Preflight(
                "partly",
                f"It has no linear layer; {len(others)} others become smaller but not faster.",
                "Choose which layers, or use static quantization.",
            )
        if len(linear) < len(others):
            return Preflight(
                "partly",
                f"{len(linear)} of {len(others)} layers are linear and become 8 bits; the others "
                "would run slower this way and stay as they are.",
                "Use static quantization for convolutions.",
            )
        return Preflight("can", f"{len(linear)} linear layers become 8 bits.")

    def apply(
        self, network: Network, params: DynamicQuantizationParams, context: Context
    ) -> Outcome:
        """Convert the weights; compare outputs where there are samples to do it on."""
        refused = refusal(network, READS["all"])
        if refused is not None:
            raise UserError(TITLE, *refused)
        ready = prepared(network)
        layers = weighted(ready, READS[params.layers])
        context.reporter.check()
        result = dynamically_quantized(
            ready,
            OPERATORS[params.layers],
            unsigned=params.weights == "uint8",
            per_channel=params.per_channel,
            seven_bits=params.seven_bits,
        )
        done = sum(node.op_type in BECOME for node in result.nodes)
        if not done:
            raise UserError(
                TITLE,
                "It has no layer of the kinds chosen that can be converted.",
                "Choose more kinds of layers, or use static quantization.",
            )
        context.reporter.progress(0.5, 1.0, "Comparing outputs")
        warnings = _warnings(ready, result, {node.name for node in layers}, context)
        context.reporter.progress(1.0, 1.0, "Quantized")
        total = len(weighted(ready, READS["all"] | RECURRENT))
        return Outcome(result, (f"{done} of {total} layers with 8-bit weights",), warnings)


def _warnings(
    before: Network, after: Network, layers: set[str], context: Context
) -> tuple[str, ...]:
    if context.calibration is None or len(context.calibration) == 0:
        return ()
    samples = context.calibration.first(COMPARED_SAMPLES)
    key = ("float outputs", before.fingerprint, context.calibration_fingerprint)
    expected = context.cache.get(
        key,
        lambda: outputs_of(before.data, samples, Part(context.reporter, 0.5, 0.7)),
        lambda made: sum(x.nbytes for x in made),
    )
    outputs = outputs_of(after.data, samples, Part(context.reporter, 0.7, 1.0))
    return loss_warnings(expected, outputs, samples, worst_weights(before, layers))
