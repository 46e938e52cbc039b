"""Whether a variant is faster here, and the likely reason why, in plain words."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tinystudio.core.measurement import Interval, Verdict
from tinystudio.graph.facts import facts as facts_of_graph
from tinystudio.graph.network import Network
from tinystudio.graph.ort_format import is_ort
from tinystudio.graph.parameters import parameters
from tinystudio.measure.cpu import instruction_sets, multiplies_int8_directly
from tinystudio.measure.running import runtime_errors
from tinystudio.measure.sizes import nonzero_parameters

SHORT_MS, SHORT_DIFFERENCE = 0.05, 0.05  # so small a difference differs from process to process
TOO_WIDE = 1.25  # high / low of an interval that cannot tell "the same" from "a tenth faster"
OVERHEAD_MS, OVERHEAD_MACS = 0.03, 1_000_000  # below, most of the time is the call itself
# Shares of zeros worth a word. Quantizing makes many zeros by itself, pruning or not.
_MANY_ZEROS, _MANY_QUANTIZED_ZEROS = 0.1, 0.4
_MANY_MACS = 0.03  # the share saved that is worth a word

_FLOAT_LAYERS = frozenset({
    "Conv", "FusedConv", "ConvTranspose", "Gemm", "FusedGemm", "MatMul", "FusedMatMul",
    "LSTM", "GRU", "RNN",
})  # fmt: skip
_STATIC_LAYERS = frozenset({"QLinearConv", "QGemm", "QLinearMatMul"})
_DYNAMIC_LAYERS = frozenset({"ConvInteger", "MatMulInteger", "MatMulIntegerToFloat",
                             "DynamicQuantizeMatMul"})  # fmt: skip
_CONVERSIONS = frozenset({"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"})


@dataclass(frozen=True)
class VerdictFacts:
    """What can explain a verdict. Layer counts are of the graph that onnxruntime made of it."""

    original_ms: float = math.inf
    original_macs: int | None = None
    macs: int | None = None
    zero_share: float = 0.0  # of the parameters, 0..1
    is_quantized: bool = False  # weights are stored as integers
    integer_layers: int = 0  # of layers whose inputs' ranges are fixed
    dynamic_layers: int = 0  # integer layers whose inputs' ranges are found at every call
    float_layers: int = 0
    conversions: int = 0  # between integers and floats, left beside the layers
    multiplies_int8_directly: bool | None = None  # VNNI or its like; None: unknown
    channel_step: int = 8  # so many channels the CPU computes at a time
    narrowed: tuple[tuple[str, int, int], ...] = ()  # convolution, its channels before, now


def judge(
    ratio: float, interval: Interval, original_ms: float, is_repeated: bool = False
) -> Verdict:
    """Judge the ratio of the times, variant / original, by its interval.

    Under 0.05 ms a difference of less than 5 % counts as none, unless ratio and interval are those
    of several fresh processes (`repeating.settle`): what one reads, another may not.
    """
    if is_doubtful(ratio, interval, original_ms) and not is_repeated:
        return "same"
    return _by_interval(ratio, interval)


def is_doubtful(ratio: float, interval: Interval, original_ms: float) -> bool:
    """Say whether one process shows a difference too small, of too short a time, to be believed."""
    is_small = original_ms < SHORT_MS and abs(ratio - 1) < SHORT_DIFFERENCE
    return is_small and _by_interval(ratio, interval) in ("faster", "slower")


def _by_interval(ratio: float, interval: Interval) -> Verdict:
    low, high = interval
    if not all(math.isfinite(number) and number > 0 for number in (ratio, low, high)):
        return "unknown"
    if high / low > TOO_WIDE and low <= 1 <= high:
        return "unknown"
    if high < 1:
        return "faster"
    return "slower" if low > 1 else "same"


def explain(verdict: Verdict, ratio: float, facts: VerdictFacts, again: str = "") -> str:
    """Return the verdict in a sentence, and after it what likely makes it so.

    `again` says between the two what was timed again (`repeating.describe`).
    """
    result = [_result(verdict, ratio), *([again] if again else [])]
    if verdict == "unknown":
        return " ".join(result)
    reasons = _for_faster(facts) if verdict == "faster" else _against_faster(facts)
    return " ".join([*result, *(reasons or ["Nothing in the graph explains it."])])


def facts_of(original: bytes, variant: bytes, original_ms: float) -> VerdictFacts:
    """Collect what can explain a verdict; files in onnxruntime's own format tell nothing."""
    before, after = _opened(original), _opened(variant)
    if before is None or after is None:
        return VerdictFacts(original_ms=original_ms)
    weights = parameters(after)
    count = sum(int(array.size) for array in weights.values())
    made = optimized_operators(variant)
    step = 16 if "AVX512" in instruction_sets() else 8
    return VerdictFacts(
        original_ms=original_ms,
        original_macs=facts_of_graph(before).macs,
        macs=facts_of_graph(after).macs,
        zero_share=1 - nonzero_parameters(after) / count if count else 0.0,
        is_quantized=any("int" in array.dtype.name for array in weights.values()),
        integer_layers=sum(made[name] for name in _STATIC_LAYERS),
        dynamic_layers=sum(made[name] for name in _DYNAMIC_LAYERS),
        float_layers=sum(made[name] for name in _FLOAT_LAYERS),
        conversions=sum(made[name] for name in _CONVERSIONS),
        multiplies_int8_directly=multiplies_int8_directly(),
        channel_step=step,
        narrowed=_narrowed(before, after, step),
    )


def optimized_operators(data: bytes) -> Counter[str]:
    """Return how often each operator is in the graph that onnxruntime makes of a network.

    At the level whose graph is the same on every CPU; nothing where onnxruntime refuses it.
    """
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 4
    with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
        path = Path(folder) / "optimized.onnx"
        options.optimized_model_filepath = str(path)
        try:
            onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except runtime_errors():
            return Counter()
        return Counter(node.op_type for node in onnx.load(path).graph.node)


def _result(verdict: Verdict, ratio: float) -> str:
    if verdict == "unknown":
        return "The timing was too disturbed to judge by; measure again when the machine is quiet."
    if verdict == "same":
        return "No difference in time that could be told apart from chance."
    percent = _percent(abs(1 - ratio))
    return f"A call takes {percent} {'less' if ratio < 1 else 'more'} time than the original's."


def change_text(ratio: float) -> str:
    """Return a ratio as "3 % less" or "3 % more"."""
    return f"{_percent(abs(1 - ratio))} {'less' if ratio < 1 else 'more'}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _for_faster(facts: VerdictFacts) -> list[str]:
    reasons = []
    if _saved(facts) > _MANY_MACS:
        reasons.append(f"It does {_percent(_saved(facts))} fewer multiplications.")
    if facts.integer_layers + facts.dynamic_layers:
        direct = ", which this CPU multiplies directly" if facts.multiplies_int8_directly else ""
        reasons.append(f"{_integers_of_all(facts)} with 8-bit integers{direct}.")
    return reasons


def _against_faster(facts: VerdictFacts) -> list[str]:
    reasons = []
    if _saved(facts) > _MANY_MACS:
        reasons.append(
            f"It does {_percent(_saved(facts))} fewer multiplications, which does not show."
        )
    elif _saved(facts) < -_MANY_MACS:
        reasons.append(f"It does {_percent(-_saved(facts))} more multiplications.")
    elif facts.macs and facts.original_macs:
        reasons.append("It does as many multiplications as the original, or nearly so.")
    if _is_overhead(facts):
        reasons.append("The network is so small that most of the time is likely the call itself.")
    if facts.zero_share >= (_MANY_QUANTIZED_ZEROS if facts.is_quantized else _MANY_ZEROS):
        reasons.append(
            f"{_percent(facts.zero_share)} of the weights are zero, but zeros are still multiplied."
        )
    reasons += _against_quantized(facts)
    if facts.narrowed:
        (name, before, now), step = facts.narrowed[0], facts.channel_step
        reasons.append(
            f"The CPU computes {step} channels at a time: {name} with {now} instead of {before} "
            f"likely saves no more than {math.ceil(now / step) * step} would."
        )
    return reasons


def _against_quantized(facts: VerdictFacts) -> list[str]:
    if not facts.is_quantized:
        return []
    integers, reasons = facts.integer_layers + facts.dynamic_layers, []
    if not integers:
        return ["The weights are stored as integers, but the layers compute in floating point."]
    if facts.multiplies_int8_directly is False:
        reasons.append("This CPU has no instructions (VNNI) that multiply 8-bit numbers directly.")
    if facts.float_layers:
        reasons.append(f"Only {_integers_of_all(facts)} with 8-bit integers.")
    if facts.dynamic_layers:
        reasons.append("The ranges of the layers' inputs are found anew at every call.")
    elif facts.conversions > integers:
        reasons.append(
            f"{facts.conversions} conversions between integers and floats likely cost "
            "what the integers save."
        )
    return reasons


def _integers_of_all(facts: VerdictFacts) -> str:
    integers = facts.integer_layers + facts.dynamic_layers
    return f"{integers} of {integers + facts.float_layers} layers compute"


def _is_overhead(facts: VerdictFacts) -> bool:
    macs = OVERHEAD_MACS if facts.original_macs is None else facts.original_macs
    return macs < OVERHEAD_MACS or facts.original_ms < OVERHEAD_MS


def _saved(facts: VerdictFacts) -> float:
    """Return the share of the multiplications saved; 0 where they are not known."""
    if not facts.original_macs or facts.macs is None:
        return 0.0
    return 1 - facts.macs / facts.original_macs


def _opened(data: bytes) -> Network | None:
    if is_ort(data):
        return None
    import onnx

    return Network.of(onnx.load_model_from_string(data))


def _narrowed(before: Network, after: Network, step: int) -> tuple[tuple[str, int, int], ...]:
    """Return the convolutions of both, by name, that lost the multiple of `step`."""
    were, are = _output_channels(before), _output_channels(after)
    both = [(name, were[name], now) for name, now in are.items() if name in were]
    return tuple(item for item in both if item[1] % step == 0 and item[2] % step)


def _output_channels(network: Network) -> dict[str, int]:
    """Return the output channels of the convolutions for which they are known."""
    convolutions = [node for node in network.nodes if node.op_type == "Conv"]
    shapes = {node.name: network.shape(node.output[0]) for node in convolutions}
    return {name: shape[1] for name, shape in shapes.items() if shape and shape[1]}
