"""Layer removal: whole blocks go, where an addition goes on without them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Literal

import numpy as np

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, switch
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.graph.residuals import blocks
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.calibration import Calibration
from tinystudio.solvers.leaving_out import (
    Judge,
    LeftOut,
    answers_to,
    least_missed_in_turn,
    mended_without,
)
from tinystudio.solvers.repair import measured_statistics
from tinystudio.techniques.technique import (
    RANDOM_CONTROL,
    Context,
    Outcome,
    Preflight,
    Technique,
)

TITLE = "No block was left out"
MOST_NAMED = 4


class LayerRemovalParams(Params):
    """How many blocks go, and which."""

    blocks: int = integer(
        1,
        title="Blocks left out",
        help="How many blocks go, one after the other; each time all that remain are tried.",
        ge=0,
        le=64,
    )
    importance: Literal["output", "random"] = choice(
        "output",
        title="Which blocks go",
        help="The block without which the model's outputs change least on calibration samples. "
        "Random: the control that any clever choice has to beat.",
        titles={"output": "Least change of the outputs", "random": "Random (control)"},
    )
    repair: bool = switch(
        True,
        title="Repair statistics",
        help="Give every channel of the layers that stay back the mean and deviation it had "
        "before, from calibration samples; while choosing as well.",
        advanced=True,
    )
    samples: int = integer(
        128,
        title="Calibration samples",
        help="How many calibration samples the model is run over for each block that is tried, "
        "drawn by the seed.",
        ge=16,
        le=16384,
        step=16,
        advanced=True,
    )


class LayerRemoval(Technique[LayerRemovalParams]):
    """Leaves out whole blocks: the branch that a residual addition adds to what goes past it, such
    as the two convolutions of a residual block, or the attention or the feed-forward part of a
    transformer's layer.

    This gains speed on every processor, since what is left out is not computed at all. It is also
    the coarsest way to make a network smaller: deep networks with many like blocks can spare some,
    shallow ones hardly any. Only blocks around which a branch of the same shape leads can go;
    networks without such additions have none.

    Each time every block that is left is tried, and the one goes without which the outputs on
    calibration samples change least; then every channel's mean and deviation is restored. A
    training afterwards (distillation) is worth more here than after other techniques.

    Sources: Men et al., "ShortGPT: layers in large language models are more redundant than you
    expect", 2024 (block influence; here measured on the model's output); Veit, Wilber and
    Belongie, "Residual networks behave like ensembles of relatively shallow networks", NIPS 2016.
    """

    id = "layer-removal"
    title = "Layer removal"
    family = "pruning"
    pace = 3.0
    params = LayerRemovalParams
    needs_calibration = True
    slider = "blocks"
    control = RANDOM_CONTROL

    def describe(self, params: LayerRemovalParams) -> str:
        """Return e.g. "2 blocks left out"."""
        many = "" if params.blocks == 1 else "s"
        kind = "random " if params.importance == "random" else ""
        return f"{params.blocks} {kind}block{many} left out"

    def series(self, params: LayerRemovalParams) -> str:
        """Return the control's own series for a random choice."""
        return "random-control" if params.importance == "random" else self.id

    def preflight(self, network: Network) -> Preflight:
        """Name the blocks that can go."""
        found = blocks(network)
        if not found:
            return Preflight(
                "cannot",
                "This model has no skip connections of unchanged shape, so no block can be left "
                "out.",
                "Use channel pruning, which makes layers narrower.",
            )
        named = ", ".join(block.title for block in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        one = len(found) == 1
        return Preflight("can", f"{len(found)} block{'' if one else 's'} can go: {named}{more}.")

    def apply(self, network: Network, params: LayerRemovalParams, context: Context) -> Outcome:
        """Leave out one block after the other; each choice is remembered for the next."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        if params.blocks == 0:
            return Outcome(network, ("Every block stays",))
        calibration = calibration_of(
            network,
            context.calibration,
            context.calibration_fingerprint,
            params.samples,
            context.seed,
            context.reporter,
            context.cache,
        )
        if calibration is None:
            raise UserError(
                TITLE,
                "What a block does is read from calibration samples, and there are none.",
                "Attach data.",
            )
        left = _left_out(network, params, calibration, context)
        context.reporter.progress(1.0, 1.0, "Blocks left out")
        made = left[-1].network
        warnings: tuple[str, ...] = ()
        if len(left) < params.blocks:
            many = f"{len(left)} block{'' if len(left) == 1 else 's'}"
            warnings = (f"Only {many} could be left out, not {params.blocks}.",)
        return Outcome(made, _notes(network, made, left), warnings)


def _left_out(
    network: Network, params: LayerRemovalParams, calibration: Calibration, context: Context
) -> list[LeftOut]:
    """Return the network without one block, without two, and so on."""
    if params.importance == "random":
        return _at_random(network, params, calibration, context)
    found = least_missed_in_turn(
        network, calibration, context.metric, context.cache, context.reporter, params.blocks,
        mend=params.repair,
    )  # fmt: skip
    return list(islice(found, params.blocks))


def _at_random(
    network: Network, params: LayerRemovalParams, calibration: Calibration, context: Context
) -> list[LeftOut]:
    targets = measured_statistics(network, calibration.quick) if params.repair else {}
    judge = Judge.of(network, calibration.wide, answers_to(context.metric))
    draw = np.random.default_rng(context.seed)
    left: list[LeftOut] = []
    while len(left) < params.blocks:
        now = left[-1].network if left else network
        known = blocks(now)
        if not known:
            break
        block = known[int(draw.integers(len(known)))]
        shorter = mended_without(now, block, targets, calibration)
        left.append(LeftOut(shorter, block, judge.change(shorter)))
    return left


def _notes(before: Network, after: Network, left: Sequence[LeftOut]) -> tuple[str, ...]:
    old, new = facts(before), facts(after)
    told = [f"{100 * new.parameters / max(old.parameters, 1):.0f} % of the parameters"]
    if old.macs and new.macs is not None:
        told.append(f"{100 * new.macs / old.macs:.0f} % of the multiply-adds")
    each = (
        f"Without {item.block.title}: outputs changed by {100 * item.change:.0f} % of their "
        "variance"
        for item in left
    )
    return (f"{' and '.join(told)} stay", *each)
