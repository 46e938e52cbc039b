"""Distillation: train what is left of a network to answer as the original does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, model, number
from tinystudio.graph.network import Network
from tinystudio.measure.teacher_fit import check_teacher
from tinystudio.metrics import find_metric
from tinystudio.techniques.technique import Context, Control, Outcome, Preflight, Technique
from tinystudio.techniques.trainer import material_of, objective_of, preflight_of, trained
from tinystudio.training.settings import (
    augment_choice,
    batch_integer,
    epochs_words,
    held_out_number,
    labels_number,
    patience_integer,
    rate_number,
    repeat_integer,
    stop_number,
    stop_words,
)

TITLE = "The model was not distilled"
PLAIN_CONTROL = "plain-control"


class DistillationParams(Params):
    """How long to train, and what to listen to."""

    teacher: str = model(
        title="Teacher",
        help="The model to learn from: the original of the recipe, another one of the gallery "
        "(gallery:NAME) or an .onnx file. It must take the same inputs and know the same classes; "
        "its graph may be any other.",
        empty="The original",
        later=True,
    )
    epochs: float = number(
        8.0,
        title="Epochs",
        help="How often the training samples are walked through. Narrow models need more; a part "
        "of an epoch is allowed.",
        ge=0.05,
        le=500.0,
        step=1.0,
    )
    labels: float = labels_number()
    temperature: float = number(
        2.0,
        title="Temperature",
        help="Softens the answers of both: the higher, the more the wrong classes tell.",
        ge=1.0,
        le=20.0,
        step=0.5,
    )
    rate: float = rate_number(0.002)
    batch: int = batch_integer()
    answers: Literal["response", "decoupled", "relational"] = choice(
        "response",
        title="Answers compared",
        help="By their softened probabilities; decoupled, where how the wrong classes rank counts "
        "even if the original is sure; or by rank alone (DIST), which suits students that are "
        "much smaller. Of numbers and yes-or-no answers only the first is there.",
        titles={
            "response": "By probabilities (KD)",
            "decoupled": "Wrong classes apart (DKD)",
            "relational": "By how they rank (DIST)",
        },
        later=True,
    )
    others: float = number(
        4.0,
        title="Wrong classes",
        help="How much the ranking of the wrong classes counts, where they are apart (DKD).",
        ge=0.0,
        le=16.0,
        step=0.5,
        advanced=True,
        later=True,
    )
    inside: Literal["none", "hints", "attention"] = choice(
        "none",
        title="Compared inside",
        help="What the teacher holds inside, beside its answers: its hidden values themselves "
        "(hints), or only where they are large (attention). The model must have been made from "
        "the teacher, so that its tensors still have their names. Costs a run of the teacher in "
        "every step.",
        titles={
            "none": "Nothing",
            "hints": "Hidden values (FitNets)",
            "attention": "Where they are large (attention)",
        },
        later=True,
    )
    inside_weight: float = number(
        1.0,
        title="Weight inside",
        help="How much what is compared inside counts beside the answers.",
        ge=0.0,
        le=100.0,
        step=0.5,
        advanced=True,
        later=True,
    )
    augment: Literal["none", "fits"] = augment_choice(later=True)
    held_out: float = held_out_number(0.0, later=True)
    patience: int = patience_integer(0, later=True)
    repeat: int = repeat_integer()
    stop_after: float = stop_number()


class Distillation(Technique[DistillationParams]):
    """Trains the model as it is now, on the training samples, to answer as a teacher does and as
    the labels say. The teacher is the original, or another model that knows the same classes.

    Put it after what makes the model smaller and before what rounds its weights: layers narrower,
    then distillation, then fewer bits. Normalization that was folded into the weights is put back
    for the time of the training. Weights that pruning has set to zero stay zero. The same seed
    gives the same weights on the same processor.

    What it gains is seen on the validation samples; short trainings of narrow models gain most.
    Which way of comparing is best differs from model to model: try them, each beside fine-tuning,
    which is the same training without the original. A training that is cancelled goes on from
    where it was when the job is started again.

    Sources: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015; Zhao
    et al., "Decoupled Knowledge Distillation", CVPR 2022; Huang et al., "Knowledge Distillation
    from a Stronger Teacher", NeurIPS 2022 (DIST); Romero et al., "FitNets", ICLR 2015; Zagoruyko
    and Komodakis, "Paying More Attention to Attention", ICLR 2017; Loshchilov and Hutter,
    "Decoupled Weight Decay Regularization", ICLR 2019 (AdamW).
    """

    id = "distillation"
    title = "Distillation"
    family = "distillation"
    params = DistillationParams
    needs_calibration = True
    trains = True
    pace = 1.6
    slider = "epochs"
    control = Control("labels", 1.0, "plain")

    def describe(self, params: DistillationParams) -> str:
        """Return e.g. "distilled 8 epochs", "distilled 8 epochs from large.onnx, again 2"."""
        again = f", again {params.repeat}" if params.repeat else ""
        learns = params.teacher and self.series(params) != PLAIN_CONTROL
        source = f" from {PurePath(params.teacher).name}" if learns else ""
        how = f"{epochs_words(params)}{source}{again}{stop_words(params)}"
        return (
            f"trained plainly {how}" if self.series(params) == PLAIN_CONTROL else f"distilled {how}"
        )

    def series(self, params: DistillationParams) -> str:
        """Return the control's own series where nothing is learned from the original."""
        is_plain = params.labels == 1.0 and params.inside == "none"
        return PLAIN_CONTROL if is_plain else self.id

    def preflight(self, network: Network) -> Preflight:
        """See whether every operator has a rule and the weights are in floats."""
        return preflight_of(network)

    def example(self, network: Network) -> DistillationParams:
        """Return a short training."""
        return DistillationParams(epochs=1.0)

    def check(self, network: Network, params: DistillationParams, context: Context) -> None:
        """See whether the teacher takes the samples and answers in the student's form."""
        samples, name = context.train, params.teacher
        if not name or samples is None or len(samples) == 0:
            return
        teacher = context.models[name]
        classifies = find_metric(context.metric).classifies
        key = ("teacher-fits", teacher.fingerprint, network.fingerprint,
               context.calibration_fingerprint)  # fmt: skip

        def look() -> bool:
            title = PurePath(name).name
            check_teacher(title, teacher, network, samples, classifies, context.reporter)
            return True

        context.cache.get(key, look, lambda _: 8)
        if params.inside != "none" or params.augment != "none":
            _check_beside(PurePath(name).name, teacher, network)

    def apply(self, network: Network, params: DistillationParams, context: Context) -> Outcome:
        """Train on the training samples with the teacher's answers to them."""
        material = material_of(network, params, context, TITLE)
        self.check(network, params, context)
        if params.teacher:  # all that is asked of the original is asked of it
            context = replace(context, original=context.models[params.teacher])
        from tinystudio.training.loop import Beside

        beside = Beside(
            context.original, None if params.inside == "none" else params.inside,
            params.inside_weight,
        )  # fmt: skip
        objective = objective_of(
            params.labels, params.temperature, material, context, response=params.answers,
            others=params.others,
        )  # fmt: skip
        return trained(network, params, context, material, objective, beside)


def _check_beside(title: str, teacher: Network, student: Network) -> None:
    """Raise `UserError` where the teacher cannot be run in every step, on the student's batches."""
    told, reason = preflight_of(teacher), ""
    if told.status == "cannot":
        reason = told.reason
    for theirs, mine in zip(teacher.inputs, student.inputs, strict=True):
        if isinstance(theirs.shape[0], int) and theirs.shape[0] != mine.shape[0]:
            reason = f"It takes {theirs.shape[0]} samples at a time, and the model other numbers."
        if theirs.dtype != mine.dtype:
            reason = f"It takes {theirs.dtype} numbers, and the model {mine.dtype}."
    if reason:
        raise UserError(
            TITLE,
            f"{title} cannot be run beside the training. {reason}",
            "Compare nothing inside and leave out augmentation, or choose another teacher.",
        )
