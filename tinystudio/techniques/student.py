"""Student: the model's own graph, narrower and shallower, to be taught by what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.graph.decoded_weights import decoded_weights
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.graph.residuals import Block, blocks
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.allocation import Form, Rounding, even
from tinystudio.solvers.calibration import Calibration
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.leaving_out import evenly_without, least_missed_in_turn
from tinystudio.solvers.quantizable import QUANTIZED
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "No student was made"
NO_RESIDUAL = "This model has no skip connections of unchanged shape, so no block can be left out."
SAMPLES = 512  # calibration samples that channels are chosen by
BLOCK_SAMPLES = 128  # and blocks, for each of which the model is run
DEPTH_SHARE = 0.4  # of the progress
MOST_NAMED = 4


class StudentParams(Params):
    """How wide, how deep, and with which weights the student begins."""

    width: float = number(
        0.25,
        title="Width",
        help="Share of the channels that stay, in every group of layers that can be narrower. A "
        "quarter of the width is about a sixteenth of the weights and of the work.",
        ge=0.05,
        le=1.0,
        step=0.05,
        unit="%",
    )
    depth: float = number(
        1.0,
        title="Depth",
        help="Share of the blocks that stay, of those that can be left out: branches that an "
        "addition adds to what goes past them. Where there are none, the depth stays.",
        ge=0.0,
        le=1.0,
        step=0.05,
        unit="%",
    )
    weights: Literal["inherit", "fresh"] = choice(
        "inherit",
        title="Weights",
        help="Inherited: the channels and blocks of the model that matter most, with their "
        "weights. Fresh: drawn anew by the seed, as before a first training; the student answers "
        "by chance until it is trained.",
        titles={"inherit": "Inherited from the model", "fresh": "Fresh (drawn anew)"},
    )
    round_to: int = integer(
        8,
        title="Keep multiples of",
        help="Channel counts are rounded to this step, because processors compute channels in "
        "blocks. In layers narrower than two steps the step is halved. 1 switches it off.",
        ge=1,
        le=64,
        advanced=True,
    )


class Student(Technique[StudentParams]):
    """Makes a student of the model's own graph: one share of the channels of every layer stays
    (its width), and one share of the blocks (its depth).

    Put distillation or fine-tuning after it: a student of a few percent of its teacher has to be
    trained. Its shape is even, the usual way to scale a network; channel pruning and the
    Compression dial choose for each layer how much it can spare and lose less without training.

    Inherited weights are those that channel pruning and layer removal would keep: of calibration
    samples, or by the size of the weights where there are none. Layers make up for what they no
    longer read, and every channel gets its mean and deviation back. Such students learn faster.
    Fresh weights show what the shape alone can learn, and are the fair start where the teacher is
    another model: layers are drawn from a normal distribution by their number of inputs, recurrent
    ones from a uniform and an orthogonal one, normalization scales are 1, shifts and biases 0.
    Blocks then go evenly over the depth. Constants that no training would change stay, such as
    shapes, masks and what prepares the input.

    Sources: Howard et al., "MobileNets", 2017 (width multiplier); Zagoruyko and Komodakis, "Wide
    Residual Networks", BMVC 2016 (width and depth); Sanh et al., "DistilBERT", 2019 (students from
    their teacher's layers); He et al., "Delving Deep into Rectifiers", ICCV 2015 (fresh weights);
    Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks", ICLR 2014 (orthogonal ones).
    """

    id = "student"
    title = "Student"
    family = "pruning"
    pace = 15.0
    params = StudentParams
    slider = "width"
    needs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "depth": (
            "layer-removal", "The depth stays: this model has no blocks that can be left out."
        ),
    }  # fmt: skip

    def describe(self, params: StudentParams) -> str:
        """Return e.g. "student, width 25 %, depth 50 %, fresh"."""
        told = ["student", f"width {100 * params.width:g} %"]
        if params.depth < 1:
            told.append(f"depth {100 * params.depth:g} %")
        if params.weights == "fresh":
            told.append("fresh")
        return ", ".join(told)

    def preflight(self, network: Network) -> Preflight:
        """Count what can be narrower and what can be left out, and say what holds the rest."""
        done = sorted({node.op_type for node in network.nodes} & QUANTIZED)
        if done:
            found = f"It is quantized already: it contains {', '.join(done)}."
            return Preflight("cannot", found, "Make the student before you quantize.")
        coupling, shallower = couple(network), blocks(network)
        free = [group for group in coupling.groups if group.removable]
        if not free and not shallower:
            return Preflight(
                "cannot",
                f"No layer can be narrower. {coupling.held} {NO_RESIDUAL}".replace("  ", " "),
                "Use a technique that leaves shapes as they are, such as quantization.",
            )
        layers = {name for group in free for name in group.layers}
        narrow = f"{_many(len(layers), 'layer')} can be narrower, in {_many(len(free), 'group')}."
        deep = f"{_many(len(shallower), 'block')} can be left out."
        if not free:
            narrow = "No layer can be narrower."
        if not shallower:
            narrow, deep = f"Only width can shrink ({_many(len(layers), 'layer')}).", ""
        held = [group for group in coupling.groups if not group.removable]
        is_held = bool(coupling.walls) or len(held) > len(network.outputs)
        text = " ".join(filter(None, (narrow, deep, coupling.held if is_held else "")))
        # Depth is asked for besides: by width alone a student without blocks is what it can be.
        return Preflight("can" if free and not is_held else "partly", text)

    def reads(self, params: StudentParams) -> int:
        """Return as many as channels are chosen by; fresh weights are chosen by none."""
        return 0 if params.weights == "fresh" else SAMPLES

    def apply(self, network: Network, params: StudentParams, context: Context) -> Outcome:
        """Leave out blocks, then channels, then draw the weights where fresh ones are wanted."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        is_fresh = params.weights == "fresh"
        if is_fresh and decoded_weights(network):
            raise UserError(
                TITLE,
                "Some weights are stored as few-bit codes, which cannot be drawn anew.",
                "Put the student before the step that stores them so, or inherit the weights.",
            )
        if params.depth < 1 and params.width == 1 and not is_fresh and not blocks(network):
            raise UserError(
                TITLE,
                f"{NO_RESIDUAL} At full width, nothing would change.",
                "Make it narrower, or use another technique.",
            )
        context.reporter.check()
        shallow = _shallower(network, params, context)
        narrow, kept = _narrower(shallow, params, context)
        notes = (*_sizes(network, narrow), *_left_out(network, shallow), *kept)
        if is_fresh:
            narrow, drawn = _drawn_anew(narrow, context)
            notes = (*notes, *drawn)
        context.reporter.progress(1.0, 1.0, "Student made")
        return Outcome(narrow, notes, _warnings(network, params, context))


def _calibration(
    network: Network, params: StudentParams, context: Context, samples: int
) -> Calibration | None:
    """Return the samples that what is inherited is chosen by; None: there are none, or no need."""
    if params.weights == "fresh":
        return None
    return calibration_of(
        network, context.calibration, context.calibration_fingerprint, samples, context.seed,
        context.reporter, context.cache,
    )  # fmt: skip


def _shallower(network: Network, params: StudentParams, context: Context) -> Network:
    """Return the network with its share of the blocks."""
    count = len(blocks(network))
    stay = round(params.depth * count)
    if stay == count:
        return network
    calibration = _calibration(network, params, context, BLOCK_SAMPLES)
    if calibration is None:
        return evenly_without(network, stay)
    reporter = Part(context.reporter, 0.0, DEPTH_SHARE)
    for left in least_missed_in_turn(
        network, calibration, context.metric, context.cache, reporter, count - stay
    ):
        network = left.network
        if len(blocks(network)) <= stay:  # with one block others may go that it held up
            break
    return network


def _narrower(
    network: Network, params: StudentParams, context: Context
) -> tuple[Network, tuple[str, ...]]:
    """Return the network with its share of every group's channels, and what each group keeps."""
    if params.width == 1:
        return network, ()
    reporter: Reporter = Part(context.reporter, DEPTH_SHARE, 1.0)
    calibration = _calibration(network, params, context, SAMPLES)
    study = ChannelStudy(network, calibration, context.cache, reporter, context.seed)
    orders = study.orders("magnitude" if calibration is None else "obs")
    forms = {group.id: Form(group.width, group.block) for group in study.groups}
    units = {group.id: group.channels for group in study.groups}
    kept = study.best(orders, even(units, 1.0 - params.width, Rounding(params.round_to), forms))
    if not kept:
        return network, ("Every layer is as narrow as it can be",)
    return study.cut(kept, resolve=True, mend=True), _kept(study.groups, kept)


def _drawn_anew(network: Network, context: Context) -> tuple[Network, tuple[str, ...]]:
    from tinystudio.solvers.fresh_weights import fresh

    drawn = fresh(network, context.seed, context.reporter)
    rest = f" and {len(drawn.kept) - MOST_NAMED} more" if len(drawn.kept) > MOST_NAMED else ""
    told = (f"Kept as they were: {', '.join(drawn.kept[:MOST_NAMED])}{rest}",) * bool(drawn.kept)
    return drawn.network, ("All weights are drawn anew: train it next", *told)


def _sizes(before: Network, after: Network) -> tuple[str, ...]:
    old, new = facts(before), facts(after)
    told = [f"{new.parameters / max(old.parameters, 1):.1%} of the parameters"]
    if old.macs and new.macs is not None:
        told.append(f"{new.macs / old.macs:.1%} of the multiply-adds")
    return (f"{' and '.join(told)} stay",)


def _left_out(before: Network, after: Network) -> tuple[str, ...]:
    """Name the blocks whose layers are gone."""
    there = {node.name for node in after.nodes}
    gone: list[Block] = [item for item in blocks(before) if there.isdisjoint(item.layers)]
    return tuple(f"Without {block.title}" for block in gone)


def _kept(groups: Sequence[ChannelGroup], kept: Mapping[str, Array]) -> tuple[str, ...]:
    return tuple(
        f"{group.title} keeps {len(kept[group.id])} of {group.channels}"
        for group in groups
        if group.id in kept
    )


def _warnings(network: Network, params: StudentParams, context: Context) -> tuple[str, ...]:
    found = []
    if params.depth < 1 and not blocks(network):
        found.append(NO_RESIDUAL)
    no_samples = context.calibration is None or len(context.calibration) == 0
    if params.weights == "inherit" and no_samples:
        found.append("Without calibration samples weights were inherited by their size alone.")
    return tuple(found)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
