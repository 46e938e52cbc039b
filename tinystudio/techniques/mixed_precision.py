"""Mixed precision: each layer in as many bits as it needs, on average as many as are given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.divergence import divergence
from tinystudio.measure.int8_form import int8_form
from tinystudio.measure.quantization_loss import loss_warnings
from tinystudio.measure.running import check_samples, outputs_of
from tinystudio.metrics import find_metric
from tinystudio.solvers.bit_budget import Option, least_lost
from tinystudio.solvers.int8_islands import int8_able
from tinystudio.solvers.levels import Levels, storable
from tinystudio.solvers.precision import PRECISIONS, TITLES, VALUE_BITS, Precision
from tinystudio.techniques.levelled import levels_of, without_few_bits
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The layers were not given their bits"
SMALL_BITS = 4  # below it 3-bit weights are needed as well
BITS: Mapping[Precision, int] = {"float": 32, **VALUE_BITS, "w8a8": 8}
WEIGHTS_READ, LAYERS_TRIED = 0.3, 0.9  # of the progress

Choice = dict[str, Precision]
Losses = Mapping[tuple[str, Precision], float]


class MixedPrecisionParams(Params):
    """How many bits there are to spend, and what 8-bit layers compute in."""

    bits: float = number(
        5.0,
        title="Average bits",
        help="How many bits a weight may have on average, over all layers that can be stored in "
        "few bits (scales not counted). Layers get 3, 4 or 8 bits or stay in float (32). 3 bits "
        "are given below an average of 4 only: they take 4 in the file, so that what shrinks below "
        "4 is the compressed download.",
        ge=3.0,
        le=16.0,
        step=0.25,
    )
    computing: Literal["float", "int8"] = choice(
        "float",
        title="8-bit layers compute",
        help="In floats: fewer bits make the file smaller, and speed stays as it was (size only). "
        "In INT8: convolutions and linear layers that get 8 bits take 8-bit activations as well "
        "and can be faster; what that costs each layer is measured too.",
        titles={"float": "In floats (size only)", "int8": "In INT8 where they can"},
    )
    samples: int = integer(
        256,
        title="Calibration samples",
        help="From how many calibration samples, drawn by the seed, GPTQ learns what goes into "
        "each layer, and on how many it is measured what each layer's bits change.",
        ge=16,
        le=8192,
        step=16,
        advanced=True,
    )


class MixedPrecision(Technique[MixedPrecisionParams]):
    """Gives each layer as many bits as it needs, within the average that you allow.

    Some layers take 4 bits without a change in any answer, others lose most of what they know.
    So every layer is stored by itself in every precision, rounded by GPTQ, and it is measured on
    calibration samples how far the answers move: for classes by the divergence of their
    probabilities (KL), else by the square of the change. Labels are not needed. The precisions
    whose changes add up to the least within the budget are then found exactly (a knapsack with
    one choice a layer), and compared with one precision for all layers that fits the budget; what
    truly moves the answers less is taken. Another budget is answered from the same measurements.

    Few-bit weights are turned into floats when the file is loaded: size only, unless 8-bit layers
    are to compute in INT8. Batch normalization is folded into the weights.

    Sources: Dong, Yao, Gholami, Mahoney and Keutzer, "HAWQ", ICCV 2019, and Yao et al., "HAWQ-V3",
    ICML 2021 (sensitivity and an integer program); Frantar, Ashkboos, Hoefler and Alistarh,
    "GPTQ", ICLR 2023; Nemhauser and Ullmann, "Discrete Dynamic Programming and Capital
    Allocation", 1969 (the knapsack).
    """

    id = "mixed-precision"
    title = "Mixed precision"
    family = "quantization"
    pace = 60.0
    params = MixedPrecisionParams
    needs_calibration = True
    slider = "bits"

    def describe(self, params: MixedPrecisionParams) -> str:
        """Return e.g. "5 bits on average", "6.5 bits on average, INT8"."""
        return f"{params.bits:g} bits on average{', INT8' * (params.computing == 'int8')}"

    def preflight(self, network: Network) -> Preflight:
        """Count the layers that can be given fewer bits."""
        refused = without_few_bits(network)
        if refused is not None:
            return refused
        few = storable(network)
        if len(few) == 1:
            return Preflight(
                "partly",
                f"There is one layer alone that can have fewer bits ({next(iter(few))}): nothing "
                "to divide between layers.",
                "Weight-only quantization does the same and lets you choose blocks.",
            )
        return Preflight("can", f"{len(few)} layers can each have 3, 4 or 8 bits, or stay.")

    def apply(self, network: Network, params: MixedPrecisionParams, context: Context) -> Outcome:
        """Measure every layer at every precision, divide the bits, and put it together."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        trial = _trial(network, params, context)
        losses = _measured(trial, params, context)
        tried = _tried(trial, losses, params, Part(context.reporter, LAYERS_TRIED, 1.0))
        best = min(tried, key=lambda made: made.lost)
        hint = "Allow more bits, or train afterwards."
        warnings = loss_warnings(trial.original, best.outputs, trial.samples, hint, "fewer bits")
        context.reporter.progress(1.0, 1.0, "Bits divided")
        return Outcome(best.network, _notes(trial, tried, losses), warnings)


@dataclass(frozen=True)
class _Made:
    """A network with these precisions, and how far its answers are from the original's."""

    choice: Choice
    network: Network
    outputs: tuple[Array, ...]
    lost: float


@dataclass(frozen=True)
class _Trial:
    """The samples on which precisions are tried, and how answers are compared."""

    levels: Levels
    samples: Samples
    metric: str

    @cached_property
    def original(self) -> tuple[Array, ...]:
        """Return the outputs in floats."""
        return outputs_of(self.levels.study.network.data, self.samples, self.levels.study.reporter)

    def made(self, choice: Choice, reporter: Reporter) -> _Made:
        """Return the network of this choice, measured."""
        metric, network = find_metric(self.metric), self.levels.network({}, choice)
        changed = outputs_of(network.data, self.samples, reporter)
        before, after = metric.additive(self.original), metric.additive(changed)
        return _Made(choice, network, changed, divergence(before, after, metric.classifies))


def _trial(network: Network, params: MixedPrecisionParams, context: Context) -> _Trial:
    samples = context.calibration
    if samples is None or len(samples) == 0:
        raise UserError(
            TITLE,
            "What each layer's bits change is measured on samples, and there are none.",
            "Attach data (labels are not needed), or use weight-only quantization.",
        )
    check_samples(network, samples)
    part = Part(context.reporter, 0.0, WEIGHTS_READ)
    levels = levels_of(network, replace(context, reporter=part), params.samples)
    return _Trial(levels, samples.first(params.samples), context.metric)


def _offered(network: Network, params: MixedPrecisionParams) -> dict[str, tuple[Precision, ...]]:
    """Return the precisions that each layer may get, the most exact first."""
    able = int8_able(network) if params.computing == "int8" else frozenset[str]()
    few: tuple[Precision, ...] = ("w4", "w3") if params.bits < SMALL_BITS else ("w4",)
    return {node: ("float", "w8a8" if node in able else "w8", *few) for node in storable(network)}


def _measured(trial: _Trial, params: MixedPrecisionParams, context: Context) -> Losses:
    """Return what every layer loses by itself in each precision; kept, for other budgets."""
    study, samples = trial.levels.study, params.samples
    offered = _offered(study.network, params).items()
    wanted = [(node, p) for node, mine in offered for p in mine if p != "float"]
    part = Part(context.reporter, WEIGHTS_READ, LAYERS_TRIED)
    names = (study.network.fingerprint, context.calibration_fingerprint, samples, context.seed)
    found: dict[tuple[str, Precision], float] = {}
    for done, (node, precision) in enumerate(wanted):
        context.reporter.check()
        key = ("mixed-precision", *names, trial.metric, trial.levels.form, node, precision)
        alone: Choice = {node: precision}
        found[node, precision] = context.cache.get(key, partial(_lost, trial, alone, part), _of_one)
        part.progress(done + 1, len(wanted), f"Tried {node}: {TITLES[precision]}")
    return found


def _lost(trial: _Trial, choice: Choice, reporter: Reporter) -> float:
    return trial.made(choice, reporter).lost


def _of_one(_: float) -> int:
    """Return the bytes that a number takes in the cache."""
    return 8


def _tried(
    trial: _Trial, losses: Losses, params: MixedPrecisionParams, reporter: Reporter
) -> list[_Made]:
    """Return what the sums of losses choose, then the most exact precision for all that fits.

    The second is left out where it is the same.
    """
    network = trial.levels.study.network
    offered, counts = _offered(network, params), _counts(network)
    budget = math.floor(params.bits * sum(counts.values()))
    options = [
        [Option(counts[node] * BITS[p], losses.get((node, p), 0.0)) for p in mine]
        for node, mine in offered.items()
    ]
    picks = zip(offered.items(), least_lost(options, budget), strict=True)
    chosen = {node: mine[at] for (node, mine), at in picks}
    alike = [BITS[p] <= params.bits for p in next(iter(offered.values()))].index(True)
    uniform = {node: mine[alike] for node, mine in offered.items()}
    choices = [chosen] if chosen == uniform else [chosen, uniform]
    return [trial.made(item, reporter) for item in choices]


def _counts(network: Network) -> dict[str, int]:
    """Return how many weights each layer has that can be stored in few bits."""
    return {
        node: sum(network.weights[name].size for name in names)
        for node, names in storable(network).items()
    }


def _notes(trial: _Trial, tried: Sequence[_Made], losses: Losses) -> tuple[str, ...]:
    """Say which layer got what, what that is on average, and against what it was chosen."""
    counts = _counts(trial.levels.study.network)
    best = min(tried, key=lambda made: made.lost)
    spent = sum(counts[node] * BITS[p] for node, p in best.choice.items())
    notes = [f"{spent / sum(counts.values()):.2f} bits a weight on average"]
    notes += [
        f"{TITLES[p]}: {', '.join(nodes)}"
        for p in PRECISIONS
        if (nodes := [node for node, mine in best.choice.items() if mine == p])
    ]
    lowest = {node: max(losses[node, p] for n, p in losses if n == node) for node in counts}
    worst = max(lowest, key=lowest.__getitem__)
    notes.append(f"Most sensitive: {worst} (alone moves the answers by {lowest[worst]:.3g})")
    if len(tried) > 1:
        mixed, uniform = (made.lost for made in tried)
        name = TITLES[next(iter(tried[1].choice.values()))]
        notes.append(f"Answers moved by {mixed:.3g}; with {name} throughout by {uniform:.3g}")
        if uniform < mixed:
            notes.append("The same precision for all was better on the samples, and was taken")
    if "w8a8" in best.choice.values():
        notes.append(int8_form("this", seven_bits=False)[1])
    return tuple(notes)
