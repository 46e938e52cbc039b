"""What techniques that train have in common: what they need, how they train and tell of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.moment import epoch_text
from tinystudio.graph.gradients.names import CLAIMED
from tinystudio.graph.gradients.written_out import written_out
from tinystudio.graph.network import Network
from tinystudio.measure.against_start import AgainstStart, against_start
from tinystudio.measure.running import batch_size, check_samples, inlets_of, outputs_of
from tinystudio.metrics import find_metric
from tinystudio.metrics.class_scores import predicted
from tinystudio.metrics.metric import Metric
from tinystudio.solvers.quantizable import QUANTIZED
from tinystudio.solvers.widening import needs_widening
from tinystudio.techniques.technique import Context, Outcome, Preflight
from tinystudio.training.data_kind import data_kind
from tinystudio.training.held_out import HeldOut, hold_out
from tinystudio.training.memory import memory_told
from tinystudio.training.settings import NONE, TrainingParams, is_cut

if TYPE_CHECKING:
    from torch import Tensor

    from tinystudio.training.augmenting import Augment
    from tinystudio.training.loop import Beside, Trained
    from tinystudio.training.objectives import Objective

SEEDS_APART = 1000  # of two repeats
CHECKED = 1024  # labels at once
MIRRORED = 256  # samples that are mirrored to see whether left and right matter
ALIKE = 0.9  # of them must keep their answer for mirror images to be learned from
AT_LEAST = 0.5  # of the answers must be right before: else they tell nothing about mirroring


def preflight_of(network: Network) -> Preflight:
    """See whether every operator has a rule and the weights are in floats.

    By name alone, for rules load torch; what they refuse in detail is an error of the training.
    """
    done = sorted({node.op_type for node in network.nodes} & QUANTIZED)
    if done:
        found = f"It is quantized already: it contains {', '.join(done)}."
        return Preflight("cannot", found, "Train before you quantize.")
    for node in written_out(network).network.nodes:
        if node.domain not in ("", "ai.onnx") or node.op_type not in CLAIMED:
            reason = f"{node.name} ({node.op_type}) has no gradient rule."
            return Preflight("cannot", reason, "Choose a technique that needs no training.")
    if needs_widening(network):
        remedy = "Save the network with float32 weights and open it again."
        return Preflight("cannot", "It is not in 32-bit floats.", remedy)
    if network.outputs[0].dtype.kind != "f":
        reason = f"Its first output {network.outputs[0].name} is of whole numbers."
        return Preflight("cannot", reason, "Let the scores come first, not the classes.")
    if not any(
        weight.ndim >= 2 and weight.dtype.kind == "f" for weight in network.weights.values()
    ):
        return Preflight("cannot", "There are no weights that a training could change.")
    return Preflight("can", "Every layer can be trained.")


@dataclass(frozen=True)
class Material:
    """The training samples as one network takes them. `fed`: so many go in at once."""

    samples: Samples
    metric: Metric
    held_out: HeldOut | None
    batch: int
    fed: int

    def labels(self) -> Tensor | None:
        """Return the labels, where there are any."""
        import torch

        if self.samples.labels is None:
            return None
        kind = "int64" if self.metric.classifies else "float32"
        return torch.from_numpy(self.samples.labels.astype(kind))

    def inputs(self, network: Network) -> tuple[Tensor, ...]:
        """Return the samples as tensors, one per input."""
        import torch

        return tuple(
            torch.from_numpy(array.astype(port.dtype, copy=False))
            for port, array in zip(network.inputs, self.samples.inputs, strict=True)
        )


def material_of(network: Network, params: TrainingParams, context: Context, title: str) -> Material:
    """Return what is trained on; raises `UserError`, titled so, where that cannot be."""
    told = preflight_of(network)
    if told.status == "cannot":
        raise UserError(title, told.reason, told.remedy or "Choose another technique.")
    judged = find_metric(context.metric)
    samples = None if context.train is None else judged.lessons(context.train)
    if samples is None or len(samples) == 0:
        raise UserError(
            title, "There are no training samples.", "Attach data that has a training split."
        )
    check_samples(network, samples)
    metric = find_metric(judged.learned_by) if judged.learned_by else judged
    _check_labels(network, samples, metric, context)
    held = hold_out(samples, params.held_out, metric, params.patience, context.seed)
    learned = len(samples) if held is None else len(held.learned)
    batch = min(params.batch, learned)
    fed = batch_size(inlets_of(network), samples, batch)
    if fed == 0:
        raise UserError(
            title,
            "The model takes one sample at a time, without a batch axis.",
            "Write it again with a batch axis.",
        )
    return Material(samples, metric, held, batch, fed)


def objective_of(
    labels_share: float, temperature: float, material: Material, context: Context, **more: Any
) -> Objective:
    """Return an objective of labels (so large a share) and the original's answers.

    `more` goes to the objective: how answers are compared.
    """
    import torch

    from tinystudio.training.objectives import Objective, as_logits

    labels, teacher, classifies = material.labels(), None, material.metric.classifies
    if labels is None or labels_share < 1.0:
        teacher = torch.from_numpy(_answers(material, context))
        if classifies:  # by the same rule as the student's
            teacher = as_logits(context.original, teacher)
    spread = 1.0 if classifies else spread_of(labels if teacher is None else teacher)
    return Objective(classifies, labels, teacher, labels_share, temperature, spread, **more)


def spread_of(numbers: Tensor | None) -> float:
    """Return the deviation of numbers to be met; 1 where they are all the same."""
    return 1.0 if numbers is None else float(numbers.double().std(correction=0)) or 1.0


def _check_labels(network: Network, samples: Samples, metric: Metric, context: Context) -> None:
    """Raise `UserError` where the labels are none that the answers could be judged by."""
    if samples.judged not in ("", network.outputs[0].name):
        raise UserError(
            "Nothing was trained",
            f"The data is of the output {samples.judged}; a training aims at the first, "
            f"{network.outputs[0].name}.",
            "Choose a technique that needs no training, or let that output come first.",
        )
    if samples.labels is not None:
        (first, *_) = outputs_of(network.data, samples.first(1), context.reporter)
        for start in range(0, len(samples), CHECKED):
            labels = samples.labels[start : start + CHECKED]
            like_all = np.broadcast_to(first, (len(labels), *first.shape[1:]))
            metric.per_sample((like_all,), labels)


def _answers(material: Material, context: Context) -> Array:
    """Return the original's answers to the training samples, run once for many trainings."""
    samples = material.samples
    key = ("teacher", context.original.fingerprint, context.calibration_fingerprint, len(samples))

    def run() -> Array:
        return outputs_of(context.original.data, samples, context.reporter)[0].astype("float32")

    return context.cache.get(key, run, lambda made: made.nbytes)


def trained(
    network: Network,
    params: TrainingParams,
    context: Context,
    material: Material,
    objective: Objective,
    beside: Beside,
) -> Outcome:
    """Train, and say how it went. `beside` is completed by the augmentation."""
    from tinystudio.training.loop import Plan, train

    augment, varied = _augment(params, context, material)
    plan = Plan(params.epochs, params.rate, material.batch, stop_after=params.stop_after)
    seed = context.seed + SEEDS_APART * getattr(params, "repeat", 0)
    with memory_told(material.batch, material.fed):
        done = train(
            network, material.inputs(network), objective, plan, seed, context.reporter,
            material.fed, material.held_out, replace(beside, augment=augment), context.checkpoint,
        )  # fmt: skip
    context.reporter.progress(1.0, 1.0, "Trained")
    found = _against_start(network, done, material, context)
    notes = (*_notes(params, material, done, found), *varied)
    if found is None or found.is_better:
        return Outcome(done.network, notes, (*_warnings(done), *_others(network)))
    if done.last is not None:
        over = {"start_kept": True, "is_over": True, "seconds_left": None}
        context.reporter.learned(done.last.model_copy(update=over))
    return Outcome(network, notes, (*_warnings(done, "at the start"), *_others(network)))


def _against_start(
    network: Network, done: Trained, material: Material, context: Context
) -> AgainstStart | None:
    """Compare with the start where the best weights are asked for, not simply the last."""
    if material.held_out is None or context.validation is None or not len(context.validation):
        return None
    lessons = find_metric(context.metric).lessons(context.validation)
    return against_start(network, done.network, material.metric, lessons, context.reporter)


def _augment(
    params: TrainingParams, context: Context, material: Material
) -> tuple[Augment | None, tuple[str, ...]]:
    """Return how samples are varied, and what is to be said about it."""
    if params.augment == NONE:
        return None, ()
    from tinystudio.training.augmenting import Augment

    kind = data_kind(material.samples.inputs)
    if kind == "tables":
        return None, ("Not augmented: the data is a table, or has several inputs",)
    if kind == "sequences":
        return Augment(kind), ("Augmented: sequences scaled, jittered, shifted in time",)
    flips = _keeps_answers_mirrored(context, material)
    words = "shifted and mirrored" if flips else "shifted; not mirrored, for that changes answers"
    return Augment(kind, flips), (f"Augmented: images {words}",)


def _keeps_answers_mirrored(context: Context, material: Material) -> bool:
    """Ask the original whether left and right matter in these images."""
    some = material.samples.first(MIRRORED)
    mirror = replace(some, inputs=(np.ascontiguousarray(some.inputs[0][..., ::-1]),))
    one_each = some.labels is not None and some.labels.size == len(some)
    if not material.metric.classifies or some.labels is None or not one_each:
        return False
    plain, turned = (
        predicted(outputs_of(context.original.data, item, context.reporter))[0]
        for item in (some, mirror)
    )
    right: Array = plain == some.labels.reshape(len(some), -1)[:, 0]
    return bool(right.mean() >= AT_LEAST and (plain == turned)[right].mean() >= ALIKE)


def _notes(
    params: TrainingParams, material: Material, done: Trained, found: AgainstStart | None
) -> tuple[str, ...]:
    losses = done.losses
    learned = f"loss {losses[0]:.3f} to {losses[-1]:.3f}"
    notes = [f"Trained {params.epochs:g} epochs: {learned}"]
    if is_cut(params):
        at = epoch_text(params.stop_after)
        notes = [f"Stopped after {at} of {params.epochs:g} epochs: {learned}"]
    if not params.rate:
        notes.append(f"Learning rate found: {done.rate:g}")
    if material.held_out is not None:
        notes += _held_out_notes(material, material.held_out, done, found)
    elif params.held_out:
        notes.append("Nothing held out: too few samples, or all of one group")
    if done.compared:
        notes.append(f"Compared inside: {', '.join(done.compared)}")
    return tuple(notes)


def _held_out_notes(
    material: Material, held_out: HeldOut, done: Trained, found: AgainstStart | None
) -> list[str]:
    count, all_of_them = len(held_out.asked), len(material.samples)
    whole = "" if material.samples.groups is None else ", whole groups of them"
    told = f"Held out {count} of {all_of_them} training samples{whole}"
    notes = [f"{told}, to choose the best weights by"]
    if done.stopped_early and done.diverged_in is None:
        notes.append(f"Stopped early, after {len(done.losses)} epochs")
    words = ""
    if done.scores is not None:
        words = _score_words(held_out.metric, done.scores, "what was held out")
    if done.best_epoch is None:
        return notes
    best = f"the weights after epoch {round(done.best_epoch, 2):g}"
    if found is None or found.is_better:
        notes.append(f"Kept {best}{words}")
        return notes
    judged = (found.before, found.after)
    notes.append(
        "No epoch was better than the start: its weights are kept"
        f"{_score_words(held_out.metric, judged, 'the validation samples')}"
    )
    notes.append(f"Best of the epochs were {best}{words}")
    return notes


def _score_words(metric: Metric, scores: tuple[float, float], where: str) -> str:
    before, after = (
        f"{score:.1%}".replace("%", " %")
        if metric.unit == "%"
        else f"{score:.4g} {metric.unit}".rstrip()
        for score in scores
    )
    return f" ({metric.name} on {where}: {before} before, {after} after)"


def _others(network: Network) -> tuple[str, ...]:
    others = ", ".join(port.name for port in network.outputs[1:])
    return (f"Trained for its first output alone; off may be: {others}",) if others else ()


def _warnings(done: Trained, kept: str = "") -> tuple[str, ...]:
    if done.diverged_in is None:
        return ()
    kept = kept or f"after epoch {round(done.best_epoch or 0, 2):g}"
    return (
        f"The training diverged in epoch {done.diverged_in} and was stopped: the learning rate "
        f"of {done.rate:g} is too high. The best weights until then, {kept}, are "
        "kept. Choose a tenth of the rate, or 0 to have one found.",
    )
