"""What every training lets one set: declared once, for each technique that trains."""

from __future__ import annotations

from typing import Any, Protocol

from tinystudio.core.moment import epoch_text
from tinystudio.core.params import choice, integer, number

NONE, FITS = "none", "fits"
LAST_REPEAT = 2  # of a usual sweep, so that there are three


class TrainingParams(Protocol):
    """The parameters that every training has."""

    @property
    def epochs(self) -> float: ...
    @property
    def rate(self) -> float: ...
    @property
    def batch(self) -> int: ...
    @property
    def held_out(self) -> float: ...
    @property
    def patience(self) -> int: ...
    @property
    def augment(self) -> str: ...
    @property
    def stop_after(self) -> float: ...


def rate_number(default: float) -> Any:
    """Declare the learning rate."""
    return number(
        default,
        title="Learning rate",
        help="The largest step size; it rises over the first tenth of the training, then falls "
        "in a cosine. 0 finds it: some dozens of steps on a copy try ever larger ones.",
        ge=0.0,
        le=0.1,
        step=0.0005,
        advanced=True,
    )


def batch_integer() -> Any:
    """Declare the batch."""
    return integer(
        64,
        title="Batch",
        help="How many samples make one step.",
        ge=8,
        le=1024,
        step=8,
        advanced=True,
    )


def labels_number() -> Any:
    """Declare how much labels count beside the original's answers."""
    return number(
        0.5,
        title="Labels",
        help="How much the labels count beside the original's answers: 0 % learns from the "
        "original alone, 100 % from the labels alone (plain fine-tuning). Without labels only "
        "the original's answers count.",
        ge=0.0,
        le=1.0,
        step=0.05,
        unit="%",
    )


def held_out_number(default: float, later: bool = False) -> Any:
    """Declare how many of the training samples are held out."""
    return number(
        default,
        title="Held out",
        help="The share of the training samples that is not learned from: by them the best epoch "
        "is chosen. The validation samples are asked once, at the end: where it is no better on "
        "them than the start was, the start's weights are kept. 0 % keeps the last weights.",
        ge=0.0,
        le=0.5,
        step=0.05,
        unit="%",
        advanced=True,
        later=later,
    )


def patience_integer(default: int, later: bool = False) -> Any:
    """Declare after how many epochs without gain a training stops."""
    return integer(
        default,
        title="Patience",
        help="After so many epochs in a row without a gain on the samples held out, the training "
        "stops early. 0 always goes on to the end.",
        ge=0,
        le=100,
        advanced=True,
        later=later,
    )


def repeat_integer() -> Any:
    """Declare which of several trainings this is that differ by chance alone."""
    return integer(
        0,
        title="Repeat",
        help="Another order of the samples by the same recipe. Several, with a control each, tell "
        "a gain from chance: sweep it, with the control: three of each unless asked otherwise.",
        ge=0,
        le=99,
        advanced=True,
        later=True,
        sweep_to=LAST_REPEAT,
    )


def stop_number() -> Any:
    """Declare after how many epochs of the whole a training is cut off."""
    return number(
        0.0,
        title="Stop after",
        help="Ends the training after so many epochs, with the learning rates that the whole has "
        "until there: what a training had learned where it was cancelled. 0 goes to the end.",
        ge=0.0,
        le=500.0,
        step=1.0,
        advanced=True,
        later=True,
    )


def epochs_words(params: TrainingParams) -> str:
    """Return e.g. "8 epochs"."""
    return f"{params.epochs:g} epoch{'' if params.epochs == 1 else 's'}"


def stop_words(params: TrainingParams) -> str:
    """Return e.g. ", stopped at epoch 3.4"; nothing where it is not cut off."""
    return f", stopped at epoch {epoch_text(params.stop_after)}" if is_cut(params) else ""


def is_cut(params: TrainingParams) -> bool:
    """Say whether a training ends before its schedule does."""
    return 0 < params.stop_after < params.epochs


def augment_choice(later: bool = False) -> Any:
    """Declare how samples are varied."""
    return choice(
        NONE,
        title="Augmentation",
        help="Varies every sample anew in every epoch, so that less is learned by heart. What "
        "fits is told by the shape of the data: images are shifted, and mirrored where the "
        "original answers mirror images alike; sequences are scaled, jittered and shifted in "
        "time; tables stay as they are.",
        titles={NONE: "None", FITS: "What fits the data"},
        later=later,
    )
