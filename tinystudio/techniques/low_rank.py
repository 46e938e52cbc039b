"""Low rank: a wide layer becomes two thin ones in a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number, switch
from tinystudio.core.reporter import Part
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.measure.cpu import channel_step
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.allocation import Rounding
from tinystudio.solvers.calibration import Calibration, layer_moments
from tinystudio.solvers.factoring import (
    WHOLE,
    Found,
    candidates,
    factorable,
    options,
    rewritten,
)
from tinystudio.solvers.layers import layers
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.quantizable import QUANTIZED
from tinystudio.solvers.rank_budget import Option, chosen
from tinystudio.solvers.repair import measured_statistics, repair
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "No layer was factored"
FEW_CHANNELS = 32  # two layers of fewer channels than this in place of one gain nothing here


class LowRankParams(Params):
    """How much stays, and how it is factored."""

    share: float = number(
        0.6,
        title="Kept",
        help="Share of the whole network's multiply-adds (or parameters) that stays. Layers get "
        "their ranks so that this is met at the least error of their outputs; layers that cannot "
        "be factored count as well.",
        ge=0.05,
        le=1.0,
        step=0.05,
        unit="%",
    )
    of: Literal["macs", "parameters"] = choice(
        "macs",
        title="Counted in",
        help="Multiply-adds for speed, parameters for size: early convolutions have most of the "
        "former, late layers most of the latter.",
        titles={"macs": "Multiply-adds", "parameters": "Parameters"},
    )
    method: Literal["output", "weights"] = choice(
        "output",
        title="What must stay alike",
        help="The layer's output on calibration samples (activation-aware SVD), or only its "
        "weights (plain SVD), which needs no samples and loses more.",
        titles={"output": "The layer's output", "weights": "Its weights (plain SVD)"},
    )
    round_to: int = integer(
        8,
        title="Ranks in multiples of",
        help="Processors compute channels in blocks: 8 with AVX2, 16 with AVX-512. A rank of 17 "
        "can run slower than one of 32. In narrow layers the step is halved. 1 switches it off.",
        ge=1,
        le=64,
    )
    least_saving: float = number(
        0.3,
        title="Factor only where it saves",
        help="A layer is left whole unless the two save at least this share of its multiply-adds: "
        "two layers that save a tenth of one's work were measured to run slower than the one.",
        ge=0.0,
        le=0.9,
        step=0.05,
        unit="%",
        advanced=True,
    )
    repair: bool = switch(
        True,
        title="Repair statistics",
        help="Give every channel back the mean and deviation it had before, from calibration "
        "samples.",
        advanced=True,
    )
    samples: int = integer(
        512,
        title="Calibration samples",
        help="How many calibration samples are looked at, drawn by the seed.",
        ge=16,
        le=16384,
        step=16,
        advanced=True,
    )


class LowRank(Technique[LowRankParams]):
    """Replaces a layer by two in a row with few channels between them, where that multiplies less:
    its weights are approximated by a product of rank r.

    A linear layer becomes two; a k×k convolution becomes k×k with r outputs and a 1×1, or 1×1 and
    k×k, or k×1 and 1×k, whichever loses least for what it costs. Which products come nearest is
    decided by the layer's output on calibration samples, not by its weights. Each layer's rank is
    found under one budget: ranks go down first where a little error of the output saves much.
    Grouped and depthwise convolutions stay whole: they have little to factor.

    It gains speed where the two save much: at half the multiply-adds the gallery's larger networks
    (fashion, watch) ran 1.7 times as fast and lost one to two points, untrained. Where they save
    little they are slower than the one: the fashion network at nine tenths of its multiply-adds,
    with any rank allowed, took 1.3 times as long. Networks of a few thousand multiply-adds gain
    nothing, since most of their time is the call itself; the file becomes smaller all the same.
    Training after it (distillation) brings accuracy back.

    Sources: Wang, Zheng, Wan and Zhang, "SVD-LLM", ICLR 2025, and Yuan et al., "ASVD", 2023
    (activation-aware); Zhang, Zou, He and Sun, "Accelerating very deep convolutional networks for
    classification and detection", TPAMI 2016, and Jaderberg, Vedaldi and Zisserman, "Speeding up
    convolutional neural networks with low rank expansions", BMVC 2014 (convolutions); Shoham and
    Gersho, "Efficient bit allocation for an arbitrary set of quantizers", 1988 (budget).
    """

    id = "low-rank"
    title = "Low rank (SVD)"
    family = "other"
    pace = 18.0
    params = LowRankParams
    slider = "share"

    def describe(self, params: LowRankParams) -> str:
        """Return e.g. "low rank, 60 % of multiply-adds"."""
        unit = "multiply-adds" if params.of == "macs" else "parameters"
        return f"low rank, {100 * params.share:.3g} % of {unit}"

    def preflight(self, network: Network) -> Preflight:
        """Count the layers that can be factored; say what stays whole and what it is worth."""
        found = factorable(network)
        if not found:
            done = any(node.op_type in QUANTIZED for node in network.nodes)
            remedy = "Factor before quantizing." if done else "Choose another technique."
            return Preflight(
                "cannot",
                "No convolution without groups and no linear layer has weights of its own in "
                "floating point.",
                remedy,
            )
        text = f"{len(found)} layers can become two thinner ones each."
        grouped = len([layer for layer in layers(network).values() if layer.blocks > 1])
        if grouped:
            text += f" {grouped} grouped or depthwise convolutions stay whole."
        widest = max(min(layer.shape[layer.axis], layer.out_channels) for layer in found.values())
        if widest < FEW_CHANNELS:
            text += " All are so narrow that it is likely to become slower."
            return Preflight("partly", text, "Use channel pruning for speed.")
        text += " Faster only where they save much of a layer's work."
        return Preflight("partly" if grouped else "can", text)

    def example(self, network: Network) -> LowRankParams:
        """Halve the network, narrow layers included."""
        return LowRankParams(share=0.5, of="parameters", least_saving=0.0)

    def apply(self, network: Network, params: LowRankParams, context: Context) -> Outcome:
        """Factor every layer, share the budget out, rewrite, repair."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        if params.share == 1.0:
            return Outcome(network, ("Every layer stays whole",))
        calibration = calibration_of(
            network,
            context.calibration,
            context.calibration_fingerprint,
            params.samples,
            context.seed,
            context.reporter,
            context.cache,
        )
        moments: Mapping[str, Moments] = {}
        if calibration is not None:
            part = Part(context.reporter, 0.0, 0.5)
            moments = layer_moments(network, calibration, context.cache, context.seed, part)
        found = _candidates(network, params, calibration, moments, context)
        choice, warnings = _choice(network, found, params)
        made = rewritten(network, found, choice, moments)
        if params.repair and calibration is not None and made is not network:
            targets = context.cache.get(
                ("channel-statistics", calibration.key),
                lambda: measured_statistics(network, calibration.quick),
                lambda done: sum(2 * item.mean.nbytes for item in done.values()),
            )
            made = repair(made, targets, calibration.quick)
        context.reporter.progress(1.0, 1.0, "Factored")
        if calibration is None and params.method == "output":
            warnings = (*warnings, "Without calibration samples only the weights were looked at.")
        return Outcome(made, _notes(network, made, found, choice), warnings)


def _candidates(
    network: Network,
    params: LowRankParams,
    calibration: Calibration | None,
    moments: Mapping[str, Moments],
    context: Context,
) -> Found:
    """Return the factored layers; kept, since another budget wants the same."""
    aware = calibration is not None and params.method == "output"
    key = calibration.key if calibration is not None and aware else network.fingerprint
    part = Part(context.reporter, 0.5, 0.9)
    return context.cache.get(
        ("factored", key),
        lambda: candidates(network, moments if aware else {}, part),
        lambda made: sum(way.size for ways in made.values() for way in ways),
    )


def _choice(
    network: Network, found: Found, params: LowRankParams
) -> tuple[dict[str, Option], tuple[str, ...]]:
    """Return what each layer becomes, and a warning where the budget cannot be met."""
    of_macs, known = params.of == "macs", facts(network)
    warnings: tuple[str, ...] = ()
    if of_macs and known.macs is None:
        of_macs = False
        warnings = ("The multiply-adds are not known: the budget was counted in parameters.",)
    rounding = Rounding(params.round_to)
    given = options(network, found, rounding, params.least_saving, of_macs=of_macs)
    total = float((known.macs if of_macs else None) or known.parameters)
    fixed = total - sum(items[0].cost for items in given.values())
    choice = chosen(given, params.share * total - fixed)
    left = (fixed + sum(option.cost for option in choice.values())) / total
    if left > params.share + 1e-9:
        kind = "multiply-adds" if of_macs else "parameters"
        wanted = f"{100 * params.share:.0f} %"
        text = f"The smallest ranks leave {100 * left:.0f} % of the {kind}, not {wanted}."
        warnings = (*warnings, text)
    return choice, warnings


def _notes(
    before: Network, after: Network, found: Found, choice: Mapping[str, Option]
) -> tuple[str, ...]:
    """Say what each layer became, and what is left in all."""
    old, new = facts(before), facts(after)
    told = [f"{100 * new.parameters / max(old.parameters, 1):.0f} % of the parameters"]
    if old.macs and new.macs is not None:
        told.append(f"{100 * new.macs / old.macs:.0f} % of the multiply-adds")
    notes = [f"{' and '.join(told)} stay"]
    for name, option in choice.items():
        if option.split == WHOLE:
            notes.append(f"{name} stays whole")
            continue
        way = found[name][option.split]
        notes.append(
            f"{name}: {way.split.title}, rank {option.rank} of {way.factored.ranks}, "
            f"{100 * option.rank * way.macs:.0f} % of its multiply-adds, output error "
            f"{100 * option.lost:.1f} %"
        )
    whole = [layer.node for layer in layers(before).values() if layer.blocks > 1]
    if whole:
        notes.append(f"Grouped, so whole: {', '.join(whole)}")
    step = channel_step()
    if any(option.rank % step for option in choice.values()):
        notes.append(f"This processor takes {step} channels at a time: ranks between cost as much")
    return tuple(notes)
