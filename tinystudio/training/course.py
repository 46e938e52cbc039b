"""The course of one training: epoch after epoch, until it is over, enough, or has diverged.

All that it depends on is in its `state`, so that one that was stopped at any step goes on from
there as if it had not been.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tinystudio.core.moment import Moment
from tinystudio.core.reporter import Reporter
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.training.held_out import HeldOut
from tinystudio.training.objectives import as_logits
from tinystudio.training.order import Order
from tinystudio.training.rates import share
from tinystudio.training.stepping import DivergedError, Lesson, filled, step, zeros_of

FORMAT = 1  # of a state
EXPLODED = 30.0  # times the first loss (or 1): nothing comes of it any more
WORDS_EVERY = 10  # steps
MOMENT_EVERY_S = 1.0  # a long epoch shows how it goes before it is over


@dataclass(frozen=True)
class Pace:
    """How many steps there are, and how large they are. `per_epoch` need not be whole.

    `stop_after` so many epochs nothing more is learned, though the rates are those of the whole;
    0: it goes to the end.
    """

    steps: int
    per_epoch: float
    epochs: float
    rate: float
    decay: float
    stop_after: float = 0.0

    @property
    def last(self) -> int:
        """Return the number of steps that are taken."""
        if not 0 < self.stop_after < self.epochs:
            return self.steps
        return min(self.steps, max(1, round(self.stop_after * self.per_epoch)))

    def is_end(self, step: int) -> bool:
        """Say whether an epoch, or the whole training, is at its end after so many steps."""
        return step == self.steps or step == round(round(step / self.per_epoch) * self.per_epoch)

    def epoch(self, step: int) -> float:
        """Return how many epochs so many steps are; whole ones at their ends."""
        if step == self.steps:
            return self.epochs
        return float(round(step / self.per_epoch)) if self.is_end(step) else step / self.per_epoch


class Course:
    """Owns what changes: weights, optimizer, order, what was best. `module` trains in place."""

    def __init__(
        self,
        lesson: Lesson,
        module: GraphModule,
        pace: Pace,
        held_out: HeldOut | None,
        seed: int,
        reporter: Reporter,
    ) -> None:
        self._lesson, self._module, self._pace = lesson, module, pace
        self._held_out, self._reporter = held_out, reporter
        self._learnable = lesson.learnable(module)
        self._zeros = zeros_of(module)
        self._optimizer = torch.optim.AdamW(self._learnable, pace.rate, weight_decay=pace.decay)
        self._order = Order(learned_positions(lesson, held_out), lesson.batch, seed)
        self._variation = torch.Generator().manual_seed(seed + 1)
        self._is_batchwise = module.training  # normalization by the batch
        self._step = 0
        self._judged = -1  # the step after which the weights were judged last
        self._sums: list[list[float]] = []
        self._best: tuple[float, tuple[float, float], list[Tensor]] | None = None
        self.moments: list[Moment] = []
        self.diverged_in: int | None = None  # the epoch
        self._began, self._first = time.monotonic(), 0
        self._told_at = self._began

    @property
    def losses(self) -> tuple[float, ...]:
        """Return the mean loss of every epoch; the last may be a part of one."""
        return tuple(sum(part) / len(part) for part in self._sums)

    @property
    def best_epoch(self) -> float | None:
        """Return after how many epochs the weights were best; None: not one epoch was good."""
        return None if self._best is None else self._best[0]

    @property
    def is_enough(self) -> bool:
        """Say whether so many epochs in a row were no better that no more are tried."""
        if self._held_out is None or not self._held_out.patience or self._best is None:
            return False
        return self._pace.epoch(self._step) - self._best[0] >= self._held_out.patience

    @property
    def scores(self) -> tuple[float, float] | None:
        """Return the scores on what was held out, before and of the weights kept."""
        scored = [moment for moment in self.moments if moment.score is not None]
        if not scored or self.best_epoch is None:
            return None
        kept = next(moment for moment in scored if moment.epoch == self.best_epoch)
        return (scored[0].score or 0.0, kept.score or 0.0)

    def go(self, on_epoch: Callable[[], None] = lambda: None) -> None:
        """Train to the end. What `reporter.check` raises passes through between two steps.

        `on_epoch` is called after every epoch was judged: the state is complete then. Where it
        stops within an epoch it is not: the whole training does not judge there.
        """
        self._began, self._first = time.monotonic(), self._step
        try:
            while True:
                if self._judge_if_due() and self._pace.is_end(self._step):
                    on_epoch()
                if self._is_over:
                    break
                self._take_step()
        except DivergedError:
            self.diverged_in = math.floor(self._pace.epoch(self._step - 1)) + 1
        if self._best is not None and (self._held_out or self.diverged_in is not None):
            self._place(self._best[2])

    @property
    def step(self) -> int:
        """Return how many steps were taken."""
        return self._step

    @property
    def _is_over(self) -> bool:
        return self._step >= self._pace.last or self.is_enough

    def say_where(self) -> None:
        """Tell where it stands, for it is left here; the state is none the wiser."""
        told = self.moments[-1].epoch if self.moments else 0.0
        if self._pace.epoch(self._step) > told:
            self._reporter.learned(self._moment(None, False))

    def _take_step(self) -> None:
        self._reporter.check()
        pace, number = self._pace, self._step
        if number % WORDS_EVERY == 0:
            self._reporter.progress(number, pace.last, self._words())
        for group in self._optimizer.param_groups:
            group["lr"] = pace.rate * share(number / pace.steps, pace.steps)
        self._step += 1
        loss = step(
            self._lesson, self._module, self._order.next(), self._optimizer, self._zeros,
            self._variation,
        )  # fmt: skip
        if pace.is_end(number):
            self._sums.append([])
        self._sums[-1].append(loss)
        if loss > EXPLODED * max(self._sums[0][0], 1.0):
            raise DivergedError
        if not pace.is_end(self._step) and time.monotonic() - self._told_at >= MOMENT_EVERY_S:
            self._tell(None, False)

    # What the weights are worth

    def _judge_if_due(self) -> bool:
        """Judge at every end, and before the first epoch where samples are held out."""
        ended = self._pace.is_end(self._step) or self._step == self._pace.last
        if not ended or self._judged == self._step or (self._step == 0 and not self._held_out):
            return False
        if not all(bool(item.isfinite().all()) for item in self._learnable):
            raise DivergedError
        score, loss = None, self.losses[-1] if self._sums else math.inf
        rank = (0.0, -loss)
        if self._held_out is not None:
            score, loss = self._asked(self._held_out)
            rank = self._held_out.rank(score, loss)
        # The weights before are drawn, and not chosen by these samples: the original may have
        # learned them, which flatters what is still close to it. `measure.against_start` does.
        is_best = self._step > 0 and math.isfinite(loss)
        is_best = is_best and (self._best is None or rank > self._best[1])
        if is_best:
            self._best = (self._pace.epoch(self._step), rank, self._snapshot())
        self._judged = self._step
        self._tell(score, is_best)
        return True

    def _asked(self, held_out: HeldOut) -> tuple[float | None, float]:
        """Return score and loss of the samples held out, as the file would answer them."""
        lesson, answers = self._lesson, list[Tensor]()
        asked = torch.from_numpy(held_out.asked)
        self._module.eval()
        with torch.no_grad():
            for some in torch.split(asked, lesson.fed):
                self._reporter.check()
                part = filled(some, lesson.fed) if len(some) < lesson.fed else some
                made = self._module(*(item[part] for item in lesson.inputs))[0]
                answers.append(made[: len(some)])
        self._module.train(self._is_batchwise)
        whole = torch.cat(answers)
        labels = lesson.objective.labels
        score = None if labels is None else held_out.score(whole.numpy(), labels.numpy())
        if lesson.objective.classifies:
            whole = as_logits(lesson.network, whole)
        return score, float(lesson.objective.loss(whole, asked))

    def _tell(self, score: float | None, is_best: bool) -> None:
        moment = self._moment(score, is_best)
        self._told_at = time.monotonic()
        self.moments.append(moment)
        self._reporter.learned(moment)

    def _moment(self, score: float | None, is_best: bool) -> Moment:
        return Moment(
            epoch=self._pace.epoch(self._step), epochs=self._pace.epochs,
            loss=self.losses[-1] if self._sums else None, score=score,
            metric=self._held_out.metric.id if self._held_out is not None else "",
            is_best=is_best, is_over=self._is_over, seconds_left=self._seconds_left(),
        )  # fmt: skip

    def _seconds_left(self) -> float | None:
        done = self._step - self._first
        if done == 0:
            return None
        return (self._pace.last - self._step) * (time.monotonic() - self._began) / done

    def _words(self) -> str:
        at = math.floor(self._pace.epoch(self._step)) + 1
        told = f"Training, epoch {at} of {math.ceil(self._pace.epochs)}"
        done = self.losses[:-1] or self.losses
        return f"{told}, loss {done[-1]:.3f}" if done else told

    # What can be kept

    def _tensors(self) -> list[Tensor]:
        return [*self._learnable, *self._module.statistics.values()]

    def _snapshot(self) -> list[Tensor]:
        return [item.detach().clone() for item in self._tensors()]

    def _place(self, tensors: list[Tensor]) -> None:
        with torch.no_grad():
            for mine, kept in zip(self._tensors(), tensors, strict=True):
                mine.copy_(kept)

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the training depends on."""
        return {
            "format": FORMAT,
            "rate": self._pace.rate,
            "step": self._step,
            "judged": self._judged,
            "tensors": self._snapshot(),
            "optimizer": self._optimizer.state_dict(),
            "order": self._order.state(),
            "variation": self._variation.get_state(),
            "random": torch.get_rng_state(),
            "sums": self._sums,
            "best": None if self._best is None else [self._best[0], *self._best[1:]],
            "moments": [moment.model_dump() for moment in self.moments],
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state, and tell again what was learned until there.

        One of another course, of another version of this program, or that is beyond where this one
        stops, changes nothing.
        """
        shapes = [item.shape for item in state.get("tensors", ())]
        if state.get("format") != FORMAT or shapes != [item.shape for item in self._tensors()]:
            return
        if state["step"] > self._pace.last:
            return
        best = state["best"]
        self._best = None if best is None else (best[0], tuple(best[1]), best[2])
        self.moments = [Moment.model_validate(item) for item in state["moments"]]
        self._optimizer.load_state_dict(state["optimizer"])
        self._order.resume(state["order"])
        self._variation.set_state(state["variation"])
        self._sums = state["sums"]
        self._place(state["tensors"])
        torch.set_rng_state(state["random"])
        self._step, self._judged = state["step"], state["judged"]
        for moment in self.moments:
            self._reporter.learned(moment)


def learned_positions(lesson: Lesson, held_out: HeldOut | None) -> Tensor:
    """Return the positions (n,) of the samples that are learned from."""
    if held_out is None:
        return torch.arange(len(lesson.inputs[0]))
    return torch.from_numpy(held_out.learned)
