"""Channel pruning: whole channels go, and what stays makes up for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number, switch
from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.graph.network import Network
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.allocation import Form, Rounding, even, ranked
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.obs import Order
from tinystudio.techniques.technique import (
    RANDOM_CONTROL,
    Context,
    Outcome,
    Preflight,
    Technique,
)

TITLE = "Channels were not pruned"
REMEDY = "Use a technique that leaves shapes as they are, such as quantization."
NORMALIZED = " (layers are normalized over them: the loss is an estimate)"
# Fewer samples than this teach the solver noise.
FEW_SAMPLES = 64


class ChannelPruningParams(Params):
    """How much goes, which channels, and how the rest is mended."""

    sparsity: float = number(
        0.5,
        title="Channels removed",
        help="Share of the channels that can go, over all layers. Halving the channels leaves "
        "about a quarter of the work, since every layer loses inputs and outputs.",
        ge=0.0,
        le=0.95,
        step=0.05,
        unit="%",
    )
    importance: Literal["obs", "magnitude", "random"] = choice(
        "obs",
        title="Which channels go",
        help="Least loss: those that the layers reading them can best replace, found from "
        "calibration samples. Smallest weights: the usual rule of thumb. Random: the control that "
        "any clever choice has to beat.",
        titles={
            "obs": "Least loss (structured OBS)",
            "magnitude": "Smallest weights",
            "random": "Random (control)",
        },
    )
    scope: Literal["network", "layer"] = choice(
        "network",
        title="Ranked over",
        help="The whole network: layers that can spare more lose more. Each layer: all lose the "
        "same share.",
        titles={"network": "The whole network", "layer": "Each layer by itself"},
    )
    round_to: int = integer(
        8,
        title="Keep multiples of",
        help="Channel counts are rounded to this step, because processors compute channels in "
        "blocks: 8 with AVX2, 16 with AVX-512. A count just above a multiple can run slower than "
        "the multiple above it; a network pruned by 10 % without rounding ran 45 % slower than "
        "the original. In layers narrower than two steps the step is halved. 1 switches it off.",
        ge=1,
        le=64,
    )
    keep_at_least: int = integer(
        2,
        title="Keep at least",
        help="No layer is left with fewer channels than this. Whole heads count as the channels "
        "they are.",
        ge=1,
        le=1024,
        advanced=True,
    )
    resolve: bool = switch(
        True,
        title="Solve weights again",
        help="Let the remaining weights of every layer make up for its lost inputs, by least "
        "squares over the calibration samples.",
        advanced=True,
    )
    repair: bool = switch(
        True,
        title="Repair statistics",
        help="Give every channel back the mean and deviation it had before, as re-estimating "
        "batch normalization does; works without batch normalization too.",
        advanced=True,
    )
    samples: int = integer(
        512,
        title="Calibration samples",
        help="How many calibration samples are looked at, drawn by the seed. More make the first "
        "result slower and the choice surer.",
        ge=16,
        le=16384,
        step=16,
        advanced=True,
    )


class ChannelPruning(Technique[ChannelPruningParams]):
    """Removes whole channels, so that the network has less to compute everywhere.

    This is the pruning that makes networks faster on every processor: layers become narrower,
    and nothing special is needed to run them. Channels that are added together or pass through
    the same normalization go together.

    In transformers four things can go: hidden units between the linear layers of a block, whole
    heads of attention, places within the heads (the same ones in every head; queries go with
    keys, values by themselves), and the width that all blocks share. That width passes through
    layer normalization, which then takes mean and deviation over fewer channels; how much this
    costs is only estimated, so look at the measured accuracy. In recurrent layers (LSTM, GRU,
    RNN) units of the state go, the same ones in both directions.

    Which channels go is decided from the inputs that the layers see on calibration samples: each
    time the channel goes whose loss the remaining weights can best make up for, then those
    weights are solved again, and every channel's mean and deviation is restored. No training is
    needed. Without calibration data only the smallest weights or a random choice can be used.
    For queries and keys the loss is what the attention scores lose; those that stay are scaled to
    make up for it, where nothing stands in between.

    Ranked over the whole network, layers that can spare more lose more, but none is cut to less
    than a fifth of what an even cut would leave it.

    Sources: Hassibi and Stork, "Second order derivatives for network pruning: Optimal Brain
    Surgeon", NIPS 1992; units of columns as in Kurtic, Frantar and Alistarh, "ZipLM", NeurIPS
    2023; whole heads: Michel, Levy and Neubig, "Are Sixteen Heads Really Better than One?", NeurIPS
    2019; Jordan et al., "REPAIR: REnormalizing Permuted Activations for Interpolation Repair",
    ICLR 2023.
    """

    id = "channel-pruning"
    title = "Channel pruning"
    family = "pruning"
    pace = 22.0
    params = ChannelPruningParams
    needs_calibration = True
    slider = "sparsity"
    control = RANDOM_CONTROL

    def describe(self, params: ChannelPruningParams) -> str:
        """Return e.g. "channels −50 %", "random channels −50 %"."""
        if params.sparsity == 0:
            return "all channels"
        how = params.importance
        return (
            f"{'random ' if how == 'random' else 'small ' if how == 'magnitude' else ''}"
            f"channels −{100 * params.sparsity:g} %"
        )

    def series(self, params: ChannelPruningParams) -> str:
        """Return the control's own series for random pruning."""
        return "random-control" if params.importance == "random" else self.id

    def preflight(self, network: Network) -> Preflight:
        """Count the channels that can go, and say what holds the others."""
        coupling = couple(network)
        free = [group for group in coupling.groups if group.removable]
        if not free:
            return Preflight("cannot", f"No channel can go. {coupling.held}".strip(), REMEDY)
        channels = sum(group.channels * group.width for group in free)
        layer_names = {name for group in free for name in group.layers}
        can = f"{channels:,} channels in {len(layer_names)} layers can go, in {len(free)} groups."
        held = [group for group in coupling.groups if not group.removable]
        if coupling.walls or len(held) > len(network.outputs):
            return Preflight("partly", f"{can} {coupling.held}", "")
        return Preflight("can", can)

    def apply(self, network: Network, params: ChannelPruningParams, context: Context) -> Outcome:
        """Choose, solve, cut, repair; what was learnt is remembered for the next slider move."""
        calibration = calibration_of(
            network,
            context.calibration,
            context.calibration_fingerprint,
            params.samples,
            context.seed,
            context.reporter,
            context.cache,
        )
        study = ChannelStudy(network, calibration, context.cache, context.reporter, context.seed)
        if not study.groups:
            raise UserError(TITLE, f"No channel can go. {study.coupling.held}", REMEDY)
        if params.sparsity == 0:
            return Outcome(network, ("Every channel stays",))
        if study.calibration is None and params.importance == "obs":
            raise UserError(
                TITLE,
                "Which channels cost the least is found from calibration samples; there are none.",
                "Attach data, or let the channels with the smallest weights go.",
            )
        orders = study.orders(params.importance)
        kept = study.best(orders, _counts(study.groups, orders, params))
        notes = _notes(study.groups, kept)
        if not kept:
            return Outcome(network, notes)
        cut = study.cut(kept, resolve=params.resolve, mend=params.repair)
        context.reporter.progress(1.0, 1.0, "Pruned")
        return Outcome(cut, notes, _warnings(context))


def _counts(
    groups: Sequence[ChannelGroup], orders: Mapping[str, Order], params: ChannelPruningParams
) -> dict[str, int]:
    rounding = Rounding(params.round_to, params.keep_at_least)
    forms = {group.id: Form(group.width, group.block) for group in groups}
    if params.scope == "layer":
        units = {name: len(order.units) for name, order in orders.items()}
        return even(units, params.sparsity, rounding, forms)
    costs = {name: order.costs for name, order in orders.items()}
    return ranked(costs, params.sparsity, rounding, forms)


def _notes(groups: Sequence[ChannelGroup], kept: Mapping[str, Array]) -> tuple[str, ...]:
    """Say what each group keeps, and the sum."""
    counts = {g.id: len(kept[g.id]) if g.id in kept else g.channels for g in groups}
    total = sum(group.channels * group.width for group in groups)
    left = sum(counts[group.id] * group.width for group in groups)
    each = (
        f"{group.title} keeps {counts[group.id]} of {group.channels}"
        + (NORMALIZED if group.normalizations and group.id in kept else "")
        for group in groups
    )
    return (f"{total - left} of {total} channels removed ({100 * (1 - left / total):.0f} %)", *each)


def _warnings(context: Context) -> tuple[str, ...]:
    if context.calibration is None or len(context.calibration) == 0:
        return ("Without calibration samples the remaining weights were not adapted.",)
    if len(context.calibration) < FEW_SAMPLES:
        return (f"Only {len(context.calibration)} calibration samples: the choice is unsure.",)
    return ()
