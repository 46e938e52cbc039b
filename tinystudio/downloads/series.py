"""Downloaded signals over time as a data set: (channels, steps), or the other way round."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from tinystudio.core.assembling import standardization
from tinystudio.core.class_order import classes_setting
from tinystudio.core.data import Array, Dataset, Preprocessing, Sizes
from tinystudio.core.params import Params, choice
from tinystudio.datasets.format import Request
from tinystudio.downloads.listing import Listing, Made, Rows, assembled


class LayoutSettings(Params):
    """How signals lie in the network's input."""

    layout: Literal["guess", "channels-first", "steps-first"] = choice(
        "guess", title="Layout",
        titles={
            "guess": "as the model wants it", "channels-first": "channels, steps",
            "steps-first": "steps, channels",
        },
        help="The order of axes: PyTorch has the channels first, TensorFlow last.",
    )  # fmt: skip
    classes: str = classes_setting()


class SeriesSettings(LayoutSettings):
    """How signals become the network's input."""

    normalization: Literal["guess", "none", "standard"] = choice(
        "guess", title="Normalization",
        titles={
            "guess": "as the model's file says, else as is usual for this data",
            "none": "none: as recorded", "standard": "mean 0, deviation 1 per channel",
        },
        help="What is done to the numbers. It must be what the model was trained with.",
    )  # fmt: skip


@dataclass(frozen=True)
class SeriesForm:
    """The order of axes; `extra`: how many axes of size 1 the network has in front."""

    settings: LayoutSettings
    extra: int

    @classmethod
    def of(cls, given: LayoutSettings, sample: Sizes, channels: int, steps: int) -> SeriesForm:
        """Settle the layout: by the settings, else by the network, else channels first."""
        inner = sample[-2:]
        layout = given.layout
        if layout == "guess":
            is_turned = len(inner) == 2 and _fits(inner, (steps, channels))
            is_turned = is_turned and not _fits(inner, (channels, steps))
            layout = "steps-first" if is_turned else "channels-first"
        return cls(given.model_copy(update={"layout": layout}), max(0, len(sample) - 2))

    def shape(self, channels: int, steps: int) -> tuple[int, ...]:
        """Return the shape of one sample."""
        first = self.settings.layout == "channels-first"
        return ((1,) * self.extra) + ((channels, steps) if first else (steps, channels))

    def prepared(self, signal: Array) -> Array:
        """Return a signal (channels, steps) as the network wants it."""
        turned = signal if self.settings.layout == "channels-first" else signal.T
        return turned.reshape(self.shape(*signal.shape))


def series_dataset(
    title: str,
    request: Request,
    listing: Listing,
    signals: Array,
    usual: Literal["none", "standard"],
) -> Dataset:
    """Return signals (n, channels, steps); `usual`: the normalization where nothing else is said.

    Mean and deviation are those of the samples that are named for training.
    """
    given = request.settings
    assert isinstance(given, SeriesSettings)
    channels, steps = signals.shape[1:]
    normalization = given.normalization
    preprocessing = Preprocessing(note="none: signals as recorded")
    wanted = (request.wanted.mean, request.wanted.scale)
    if normalization == "guess" and len(wanted[0]) in (1, channels) and any(wanted[0]):
        preprocessing = Preprocessing(*wanted, note="(x - mean) / scale, as the model's file says")
    elif normalization == "standard" or (normalization == "guess" and usual == "standard"):
        preprocessing = standardization(signals[listing.roles == "train"], "channel")
        normalization = "standard"
    else:
        normalization = "none"
    known = given.model_copy(update={"normalization": normalization})
    form = SeriesForm.of(known, request.wanted.sample, channels, steps)

    def rows(wanted: Collection[int]) -> Rows:
        for number, signal in enumerate(signals):
            if number not in wanted:
                continue
            if number % 256 == 0:
                request.reporter.check()
                request.reporter.progress(number, len(signals), f"Preparing {title}")
            yield number, form.prepared(preprocessing.applied(signal[None])[0])

    shape = form.shape(channels, steps)
    made = Made(shape, rows, form.settings.model_dump(), preprocessing)
    return assembled(title, request, listing, made)


def _fits(sizes: Sizes, shape: tuple[int, int]) -> bool:
    return all(
        not isinstance(size, int) or size == own for size, own in zip(sizes, shape, strict=True)
    )
