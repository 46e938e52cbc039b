"""Trains a network's own weights through its graph, step by step, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tinystudio.core.checkpoint import Checkpoint
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.moment import Moment
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.training.augmenting import Augment
from tinystudio.training.checkpoints import Keeper
from tinystudio.training.course import Course, Pace, learned_positions
from tinystudio.training.held_out import HeldOut
from tinystudio.training.hidden import Teacher, Transfer, hidden_of
from tinystudio.training.memory import TITLE
from tinystudio.training.normalized import with_normalization
from tinystudio.training.objectives import Objective
from tinystudio.training.order import Order
from tinystudio.training.rates import TRIALS, range_test
from tinystudio.training.stepping import (
    DivergedError,
    Lesson,
    filled,
    step,
    zeros_of,
)

STATISTICS = 512  # samples that a normalization which is put in is read from
SMALL_BATCH = 8  # below it a batch's own statistics are too rough to normalize by
TRIAL_SHARE = 0.1  # of the progress, where the rate is looked for


@dataclass(frozen=True)
class Plan:
    """How long and how hard to train; `batch` samples make one step. A rate of 0 is looked for.

    It ends after `stop_after` epochs of the whole, where that is not 0.
    """

    epochs: float
    rate: float
    batch: int = 64
    decay: float = 0.02
    stop_after: float = 0.0

    def steps(self, samples: int) -> int:
        """Return the number of steps over so many samples."""
        return max(1, round(self.epochs * samples / min(self.batch, samples)))


@dataclass(frozen=True)
class Beside:
    """What a training has beside samples and labels.

    `original` is run along where `transfer` compares what it holds inside (weighed by `weight`),
    and where `augment` makes samples to which its answers are not known. `learns` names the
    weights that may change; None: all that a training may.
    """

    original: Network | None = None
    transfer: Transfer | None = None
    weight: float = 1.0
    augment: Augment | None = None
    learns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Trained:
    """The trained network, and how it went.

    `losses` are the mean losses of every epoch (the last may be a part of one); `best_epoch` is
    that of the weights that were kept, where not simply the last; `scores` of the samples held
    out are those before and of the weights kept; `last` is where it ended. `diverged_in` is the
    epoch in which it had to be stopped.
    """

    network: Network
    losses: tuple[float, ...]
    rate: float
    best_epoch: float | None = None
    scores: tuple[float, float] | None = None
    diverged_in: int | None = None
    stopped_early: bool = False
    compared: tuple[str, ...] = ()
    last: Moment | None = None


def train(
    network: Network,
    inputs: tuple[Tensor, ...],
    objective: Objective,
    plan: Plan,
    seed: int,
    reporter: Reporter,
    fed: int | None = None,
    held_out: HeldOut | None = None,
    beside: Beside = Beside(),
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Return `network` trained on `inputs`, one tensor of (n, ...) per input.

    The rate rises over the first tenth of the steps, then falls in a cosine (Loshchilov and
    Hutter 2017); AdamW. Weights that pruning has set to zero stay zero. `fed`: the batch that
    the graph fixes; gradients are then added up over several. With `held_out` the weights that
    are best on those samples are kept. `checkpoint` takes the state at the end of every epoch and
    where the work is stopped; a training that finds one goes on from it, to the same weights.

    Raises `UserError` where an operator has no gradient, nothing can be changed, and where the
    loss is no number any more before a single epoch was good; after one, the best weights are kept.
    """
    torch.set_num_threads(1)  # two threads may add in another order
    torch.manual_seed(seed)
    count = len(inputs[0]) if held_out is None else len(held_out.learned)
    fed = fed or min(plan.batch, count)
    first = tuple(item[:STATISTICS] for item in inputs)
    is_large = fed >= SMALL_BATCH
    start = with_normalization(network, first, fed) if is_large else network
    lesson = _lesson(
        start, inputs, objective, replace(plan, batch=min(plan.batch, count)), fed, beside
    )
    names = () if lesson.hidden is None else lesson.hidden.names
    module = GraphModule(start, trainable=beside.learns, outputs=_outputs(start, names))
    if not module.weights:
        raise UserError(
            TITLE, "It has no weights that a gradient could change.", "Choose another technique."
        )
    module.train(is_large)
    keeper = Keeper(checkpoint)
    rate = plan.rate or keeper.rate
    if not rate:
        rate = _found_rate(lesson, module, plan, held_out, seed, Part(reporter, 0, TRIAL_SHARE))
    part = reporter if plan.rate else Part(reporter, TRIAL_SHARE, 1)
    pace = Pace(
        plan.steps(count), count / plan.batch, plan.epochs, rate, plan.decay, plan.stop_after
    )
    course = Course(lesson, module, pace, held_out, seed, part)
    keeper.resume(course)
    try:
        course.go(lambda: keeper.keep_if_due(course))
    except Cancelled:
        keeper.keep(course)
        course.say_where()
        raise
    if course.diverged_in is not None and course.best_epoch is None:
        raise _too_fast(rate) if course.losses else _no_number()
    done = module.eval().network()
    return Trained(
        done if start is network else fold_batch_normalization(done), course.losses, rate,
        course.best_epoch, course.scores, course.diverged_in, course.is_enough, names,
        course.moments[-1] if course.moments else None,
    )  # fmt: skip


def _lesson(
    start: Network,
    inputs: tuple[Tensor, ...],
    objective: Objective,
    plan: Plan,
    fed: int,
    beside: Beside,
) -> Lesson:
    original, hidden, teacher = beside.original, None, None
    if original is not None and beside.transfer is not None:
        at = filled(torch.arange(min(fed, len(inputs[0]))), fed)
        some = tuple(item[at] for item in inputs)
        hidden = hidden_of(start, original, some, beside.transfer, beside.weight)
    if original is not None and (hidden is not None or beside.augment is not None):
        teacher = Teacher(original, () if hidden is None else hidden.names)
    return Lesson(start, inputs, objective, fed, plan.batch, teacher, hidden, beside.augment)


def _outputs(network: Network, hidden: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what is computed: the network's outputs alone, or its first and hidden tensors."""
    return (network.outputs[0].name, *hidden) if hidden else None


def _found_rate(
    lesson: Lesson,
    module: GraphModule,
    plan: Plan,
    held_out: HeldOut | None,
    seed: int,
    reporter: Reporter,
) -> float:
    """Look for the rate on weights that are put back afterwards."""
    changing = [*lesson.learnable(module), *module.statistics.values()]
    before = [item.detach().clone() for item in changing]
    zeros, optimizer = zeros_of(module), torch.optim.AdamW(lesson.learnable(module), 1.0)
    order = Order(learned_positions(lesson, held_out), lesson.batch, seed + 2)
    random = torch.Generator().manual_seed(seed + 2)
    trials = 0

    def loss_at(rate: float) -> float | None:
        nonlocal trials
        reporter.check()
        reporter.progress(trials, TRIALS, "Looking for the learning rate")
        trials += 1
        for group in optimizer.param_groups:
            group["lr"], group["weight_decay"] = rate, plan.decay
        try:
            return step(lesson, module, order.next(), optimizer, zeros, random)
        except DivergedError:
            return None

    found = range_test(loss_at)
    with torch.no_grad():
        for item, kept in zip(changing, before, strict=True):
            item.copy_(kept)
    return found


def _no_number() -> UserError:
    return UserError(
        TITLE, "The loss or its slope is no number before anything was changed.",
        "Check the training samples: this model or its teacher puts out what is no number.",
    )  # fmt: skip


def _too_fast(rate: float) -> UserError:
    return UserError(
        TITLE,
        "The loss is no number any more, or many times what it was, before a single epoch was "
        f"good: the learning rate of {rate:g} is too high.",
        "Choose a tenth of it, or 0 to have one found.",
    )
