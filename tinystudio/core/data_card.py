"""What data looks like: counts, ranges, and what about it is suspicious."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict

from tinystudio.core.data import Array, Dataset, Samples, Split
from tinystudio.core.reporter import Reporter

LOOKED_AT_BYTES = 2**26  # of each split; of more, samples spread evenly over it
CHUNK_BYTES = 2**22
LOPSIDED = 20  # times as many samples of one class as of another
FEW_OF_A_CLASS = 10  # training samples
FEW_TO_JUDGE = 100  # an interval of 90 % is then some 8 points either way
PIXELS_FROM = 32.0  # no usual scale of images other than 0..255 reaches that far
NAMED = 5  # of what is many
OWN: tuple[Split, ...] = ("train", "validation", "test")  # calibration is drawn from train

PAIRS: tuple[tuple[Split, Split], ...] = (
    ("train", "test"), ("train", "validation"), ("validation", "test"),
)  # fmt: skip


class SplitCard(BaseModel):
    """One split. Figures of inputs are of the samples looked at; None where none is finite."""

    model_config = ConfigDict(frozen=True)

    name: Split
    samples: int
    looked_at: int
    by_class: tuple[int, ...] = ()  # in the order of the classes; empty for amounts
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    deviation: float | None = None
    label_range: tuple[float, float] | None = None  # of amounts


class DataCard(BaseModel):
    """All splits, what the data was read with, and remarks in sentences."""

    model_config = ConfigDict(frozen=True)

    splits: tuple[SplitCard, ...]
    settings: Mapping[str, float | int | bool | str] = {}
    preprocessing: str = ""
    format: str = ""  # id of the format that it was read by
    preview: str = ""  # the file that samples can be seen in, where it is there; see `data_preview`
    remarks: tuple[str, ...] = ()


def data_card(dataset: Dataset, reporter: Reporter) -> DataCard:
    """Look at a data set; takes about a second for every hundred megabytes it looks at."""
    looks = {name: _look(dataset.split(name), reporter) for name in OWN}
    splits = tuple(_split_card(dataset, name, looks[name]) for name in OWN)
    remarks = (
        *_about_numbers(looks),
        *_about_constants(dataset.train, looks["train"]),
        *_about_scale(dataset.train, splits[0]),
        *_about_duplicates(looks),
        *_about_classes(dataset, splits),
        *_about_counts(splits),
    )
    return DataCard(
        splits=splits,
        settings=dataset.settings,
        preprocessing=dataset.preprocessing.note,
        format=dataset.format,
        remarks=remarks,
    )


@dataclass
class _Look:
    """What was seen of a split; `low` and `high` have a figure per channel of each input."""

    rows: int = 0
    bad: int = 0  # samples with NaN or infinite numbers
    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    low: list[Array] = field(default_factory=list)
    high: list[Array] = field(default_factory=list)
    prints: dict[bytes, int] = field(default_factory=dict)  # of a sample's content: its id


def _look(samples: Samples, reporter: Reporter) -> _Look:
    look = _Look()
    for part in _parts(samples):
        reporter.check()
        look.rows += len(part)
        bad = np.zeros(len(part), bool)
        for at, x in enumerate(part.inputs):
            bad |= ~np.isfinite(x).reshape(len(part), -1).all(axis=1)
            _add(look, at, x)
        look.bad += int(bad.sum())
        for row, number in enumerate(part.ids):
            digest = hashlib.blake2b(digest_size=16)
            for x in part.inputs:
                digest.update(np.ascontiguousarray(x[row]).data)
            look.prints.setdefault(digest.digest(), int(number))
    return look


def _parts(samples: Samples) -> Iterator[Samples]:
    size = sum(x[:1].nbytes for x in samples.inputs) or 1
    most = max(1, LOOKED_AT_BYTES // size)
    every = np.arange(len(samples))
    if len(samples) > most:
        every = np.linspace(0, len(samples) - 1, most).astype(np.int64)
    step = max(1, CHUNK_BYTES // size)
    for start in range(0, len(every), step):
        yield samples.take(every[start : start + step])


def _add(look: _Look, at: int, x: Array) -> None:
    values = x.astype(np.float64)
    known = values[np.isfinite(values)]
    look.count += known.size
    look.total += float(known.sum())
    look.squares += float((known**2).sum())
    flat = np.moveaxis(values, _channel_axis(x), 0).reshape(_channels(x), -1)
    finite = np.isfinite(flat)
    low = np.min(flat, axis=1, where=finite, initial=np.inf)
    high = np.max(flat, axis=1, where=finite, initial=-np.inf)
    if at == len(look.low):
        look.low.append(low)
        look.high.append(high)
    else:
        look.low[at] = np.minimum(look.low[at], low)
        look.high[at] = np.maximum(look.high[at], high)


def _channel_axis(x: Array) -> int:
    """Return which axis has channels or features: the second, or the last of images stored so."""
    if x.ndim == 4 and x.shape[3] <= 4 < x.shape[1]:
        return 3
    return min(1, x.ndim - 1)


def _channels(x: Array) -> int:
    return x.shape[_channel_axis(x)] if x.ndim > 1 else len(x)


def _split_card(dataset: Dataset, name: Split, look: _Look) -> SplitCard:
    samples = dataset.split(name)
    card = SplitCard(name=name, samples=len(samples), looked_at=look.rows)
    if look.count:
        mean = look.total / look.count
        spread = max(0.0, look.squares / look.count - mean**2)
        figures = {
            "minimum": min(float(low.min()) for low in look.low),
            "maximum": max(float(high.max()) for high in look.high),
            "mean": mean,
            "deviation": spread**0.5,
        }
        card = card.model_copy(update=figures)
    if samples.labels is None or not len(samples):
        return card
    labels = samples.labels.reshape(-1)
    if dataset.classes:
        counts = np.bincount(labels.astype(np.int64), minlength=len(dataset.classes))
        return card.model_copy(update={"by_class": tuple(counts.tolist())})
    return card.model_copy(update={"label_range": (float(labels.min()), float(labels.max()))})


def _about_numbers(looks: Mapping[Split, _Look]) -> Iterator[str]:
    for name, look in looks.items():
        if look.bad:
            has = "has" if look.bad == 1 else "have"
            yield f"{_samples(look.bad)} of {name} {has} NaN or infinite numbers."


def _about_constants(train: Samples, look: _Look) -> Iterator[str]:
    for at, (x, low, high) in enumerate(zip(train.inputs, look.low, look.high, strict=True)):
        still = np.flatnonzero(low == high)
        if x.ndim < 2 or look.rows < 2 or not len(still):
            continue
        word = "feature" if x.ndim == 2 else "channel"
        of = f" of input {at + 1}" if len(train.inputs) > 1 else ""
        named = ", ".join(str(place + 1) for place in still[:NAMED])
        more = ", …" if len(still) > NAMED else ""
        yield (
            f"{len(still)} of {len(low)} {word}s{of} never change{'s' * (len(still) == 1)} in "
            f"train (number {named}{more}): that tells the model nothing."
        )


def _about_scale(train: Samples, card: SplitCard) -> Iterator[str]:
    is_images = any(x.ndim == 4 and x.dtype.kind == "f" for x in train.inputs)
    low, high = card.minimum, card.maximum
    if is_images and low is not None and high is not None and low >= 0 and high > PIXELS_FROM:
        yield (
            f"Pixels reach {high:g}: most models are trained on 0 to 1, or on numbers around 0. "
            "Check the normalization."
        )


def _about_duplicates(looks: Mapping[Split, _Look]) -> Iterator[str]:
    for one, other in PAIRS:
        first, second = looks[one], looks[other]
        both = first.prints.keys() & second.prints.keys()
        if both:
            example = min(both, key=lambda key: second.prints[key])
            yield (
                f"{_samples(len(both))} of {other} {'is' if len(both) == 1 else 'are'} in {one} "
                f"as well, number {second.prints[example]} as {first.prints[example]}: figures on "
                f"{other} are too good."
            )


def _about_classes(dataset: Dataset, splits: tuple[SplitCard, ...]) -> Iterator[str]:
    labels = dataset.train.labels
    if labels is not None and labels.ndim > 1:
        return  # of tokens or pixels there always are rare ones
    for card in splits:
        absent = [
            name for name, count in zip(dataset.classes, card.by_class, strict=False) if not count
        ]
        if absent and card.samples:
            named = ", ".join(absent[:NAMED]) + (", …" if len(absent) > NAMED else "")
            yield f"{card.name} has no sample of {named}."
    known = [count for count in splits[0].by_class if count]
    if known and max(known) >= LOPSIDED * min(known):
        yield (
            f"The largest class has {max(known):,} training samples, the smallest {min(known):,}: "
            "accuracy says little about the small ones."
        )
    elif known and min(known) < FEW_OF_A_CLASS:
        yield f"The smallest class has only {_samples(min(known))} to train on."


def _about_counts(splits: tuple[SplitCard, ...]) -> Iterator[str]:
    for card in splits[1:]:
        if card.samples < FEW_TO_JUDGE:
            yield f"{card.name} has only {_samples(card.samples)}: intervals are wide."


def _samples(count: int) -> str:
    return f"{count:,} sample{'s' * (count != 1)}"
