"""Makes pictures, curves, rows or words of a few samples of each class."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Literal

import numpy as np

from tinystudio.core.data import Array, Dataset, Preprocessing, Samples
from tinystudio.core.data_preview import DataPreview, SampleShown

OF_EACH = 3  # samples of one class
MOST = 24  # samples
UNSORTED = 8  # samples where there are no classes
SIDE = 72  # pixels of a picture, at most
POINTS = 120  # of a curve
CURVES = 6  # channels drawn of a sample
FEATURES = 6  # numbers of a row
ROWS = 8
MOST_ROWS = 64  # rows and texts that are asked for by name
LETTERS = 160
WORDS = {"space": " ", "newline": "\n"}  # names of characters that cannot be seen
LONG = 32  # numbers in a row from which they are a curve
COLOURS = (1, 3)  # channels of a picture
BYTES_FROM = 16.0  # pixels of a usual scale other than 0 to 255 are below
BANDS = 4  # so many along the first axis may be channels of other than colours

Drawn = Literal["images", "maps", "curves", "rows"]


def data_preview(dataset: Dataset) -> DataPreview:
    """Return what there is to see of a data set; its first input, where it has several."""
    if dataset.rows is not None:
        shown = dataset.rows
        return DataPreview(
            kind="rows", note=f"The first {len(shown.rows)} rows as they were read.",
            columns=shown.names, rows=shown.rows, target=shown.target, unfed=shown.unfed,
        )  # fmt: skip
    some = _some(dataset)
    if some.labels is not None and some.labels.shape == some.inputs[0].shape:
        kind, planes = _planes(dataset, some.inputs[0])
        if kind == "images":
            return _pairs(dataset, some, planes)
    return samples_preview(dataset, some, ROWS, UNSORTED)


def samples_preview(
    dataset: Dataset, some: Samples, rows: int = MOST_ROWS, texts: int = MOST_ROWS
) -> DataPreview:
    """Return what these samples look like: at most so many where they are rows or texts."""
    x = some.inputs[0]
    if _is_text(dataset, x):
        return _text(dataset, some, texts)
    kind, planes = _planes(dataset, x)
    match kind:
        case "images":
            return _pictures(dataset, some, _pixels(planes, dataset.preprocessing), kind)
        case "maps":
            shown = _pictures(dataset, some, _stretched(planes), kind)
            return shown.model_copy(update=_first_of(x))
        case "curves":
            return _curves(dataset, some, planes)
        case "rows":
            return _rows(dataset, some, x, rows)


def _first_of(x: Array) -> dict[str, str]:
    """Say of which channel pictures are, where samples (n, ...) have several."""
    if x.ndim != 4 or x.shape[1] == 1:
        return {}
    return {"drawn": f"Drawn: the first of {x.shape[1]} channels."}


def picture_preview(outputs: Array, wanted: Array, ids: Array, done: Preprocessing) -> DataPreview:
    """Return outputs (n, colours, height, width) as pictures, on the scale of what is wanted."""
    within = np.clip(outputs, np.nanmin(wanted), np.nanmax(wanted))
    both = _pixels(np.moveaxis(np.concatenate([within, wanted]), 1, 3), done)
    shown = both[: len(outputs)]
    samples = tuple(
        SampleShown(label="", number=int(number), png=_png(picture))
        for number, picture in zip(ids, shown, strict=True)
    )
    return DataPreview(kind="images", samples=samples)


def _is_text(dataset: Dataset, x: Array) -> bool:
    """Say whether samples are numbers of characters: by their format, or by what classes are."""
    if dataset.format == "text":
        return True
    letters = sum(len(name) == 1 for name in dataset.classes)
    is_numbers = x.dtype.kind in "iu" and x.ndim == 2 and x.shape[1] > 1
    return is_numbers and letters * 2 > len(dataset.classes) and int(x.max()) < len(dataset.classes)


def _some(dataset: Dataset) -> Samples:
    """Return a few training samples of each class, in the order of the classes."""
    train, labels = dataset.train, dataset.train.labels
    if not dataset.classes or labels is None or labels.ndim != 1:
        return train.take(np.linspace(0, len(train) - 1, min(UNSORTED, len(train))).astype(int))
    of_each = max(1, min(OF_EACH, MOST // len(dataset.classes)))
    places: list[int] = []
    for label in range(len(dataset.classes)):
        places += np.flatnonzero(labels == label)[:of_each].tolist()
        if len(places) >= MOST:
            break
    return train.take(np.array(places[:MOST], np.int64))


def _planes(dataset: Dataset, x: Array) -> tuple[Drawn, Array]:
    """Return what samples (n, ...) are, as (n, rows, columns, colours) or (n, channels, points)."""
    if x.dtype.kind != "f" or x[:1].size == 1:
        return "rows", x
    return _of_sound_or_sensor(dataset, x) or _of_shape(x)


def _of_sound_or_sensor(dataset: Dataset, x: Array) -> tuple[Drawn, Array] | None:
    """Return what samples of formats are whose axes are known."""
    shape = x.shape[1:]
    layout = dataset.settings.get("layout")
    if dataset.format == "recordings":
        series = x.reshape(len(x), *(size for size in shape if size != 1))
        if series.ndim == 2:
            series = series[:, None]
        return "curves", np.moveaxis(series, 2, 1) if layout == "time-first" else series
    if dataset.format == "wav-folder" and dataset.settings.get("features") == "log-mel":
        bands = x.reshape(len(x), *shape[-2:])
        is_first = dataset.settings.get("axes") != "time-first"
        upright = bands if is_first else np.moveaxis(bands, 2, 1)
        return "maps", upright[:, ::-1, :, None]  # low bands at the bottom
    return None


def _of_shape(x: Array) -> tuple[Drawn, Array]:
    shape = x.shape[1:]
    if len(shape) == 3:
        if shape[0] in COLOURS:
            return "images", np.moveaxis(x, 1, 3)
        is_last = shape[2] in COLOURS and shape[0] > BANDS
        return ("images", x) if is_last else ("maps", x[:, 0, :, :, None])
    if len(shape) == 2:
        return _of_two(x)
    return ("curves", x[:, None]) if shape[0] >= LONG and len(shape) == 1 else ("rows", x)


def _of_two(x: Array) -> tuple[Drawn, Array]:
    """Return whether (n, a, b) are channels in time, or maps."""
    short, long = sorted(x.shape[1:])
    if short > 16 or (short >= 8 and long <= 2 * short):
        return "maps", x[..., None]
    return "curves", x if x.shape[1] == short else np.moveaxis(x, 2, 1)


def _pixels(planes: Array, done: Preprocessing) -> Array:
    """Return pixels as bytes, what was done to them taken back as far as it is known."""
    raw = planes.astype(np.float32)
    if done.mean and len(done.mean) in (1, planes.shape[3]):
        raw = raw * np.asarray(done.scale, np.float32) + np.asarray(done.mean, np.float32)
    finite = raw[np.isfinite(raw)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= -1e-3 and high <= 1.001:
        return _bytes(raw * 255)
    if low >= -1 and BYTES_FROM < high <= 256:
        return _bytes(raw)
    return _stretched(raw)


def _stretched(planes: Array) -> Array:
    finite = planes[np.isfinite(planes)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return _bytes((planes - low) * (255 / ((high - low) or 1.0)))


def _bytes(values: Array) -> Array:
    return np.clip(np.round(np.nan_to_num(values)), 0, 255).astype(np.uint8)


def _pictures(
    dataset: Dataset, some: Samples, pixels: Array, kind: Literal["images", "maps"]
) -> DataPreview:
    labels = _labels(dataset, some)
    samples = tuple(
        SampleShown(label=label, number=int(number), png=_png(picture))
        for label, number, picture in zip(labels, some.ids, pixels, strict=True)
    )
    rows, columns, channels = pixels.shape[1:]
    if kind == "images":
        note = f"{columns} × {rows} pixels{', grey' if channels == 1 else ', in colour'}."
    else:
        fed = some.inputs[0].shape[1:]
        more = f", the first of {fed[0]} channels" if len(fed) == 3 and fed[0] > 1 else ""
        note = f"{columns} × {rows} values{more}."
    return DataPreview(kind=kind, note=note, samples=samples)


def _pairs(dataset: Dataset, some: Samples, planes: Array) -> DataPreview:
    """Return every picture with the one beside it that the network is to make of it."""
    assert some.labels is not None
    wanted = _planes(dataset, some.labels)[1]
    both = np.stack([planes, wanted], axis=1).reshape(-1, *planes.shape[1:])
    pixels = _pixels(both, dataset.preprocessing)
    samples = tuple(
        SampleShown(label="wanted" if at % 2 else "fed", number=int(some.ids[at // 2]), png=_png(p))
        for at, p in enumerate(pixels)
    )
    note = f"{planes.shape[2]} × {planes.shape[1]} pixels, each with what it should become."
    return DataPreview(kind="images", note=note, samples=samples)


def _png(pixels: Array) -> str:
    from PIL import Image

    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if max(image.size) > SIDE:
        image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _curves(dataset: Dataset, some: Samples, series: Array) -> DataPreview:
    drawn = series[:, :CURVES].astype(np.float64)
    finite = drawn[np.isfinite(drawn)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    labels = _labels(dataset, some)
    samples = tuple(
        SampleShown(label=label, number=int(number), curves=tuple(_points(line) for line in lines))
        for label, number, lines in zip(labels, some.ids, drawn, strict=True)
    )
    channels, length = series.shape[1:]
    word = "channel" if channels == 1 else "channels"
    more = f", the first {CURVES} drawn" if channels > CURVES else ""
    named = tuple(str(dataset.settings.get("channels", "")).split(","))
    is_named = dataset.format == "recordings" and len(named) == channels
    return DataPreview(
        kind="curves", note=f"{channels} {word} of {length} values{more}.", samples=samples,
        channels=named[:CURVES] if is_named else (), low=_rounded(low), high=_rounded(high),
    )  # fmt: skip


def _points(line: Array) -> tuple[float, ...]:
    """Return a curve of few points; of a long one the least and the most of every stretch."""
    line = np.nan_to_num(line)
    if len(line) > POINTS:
        parts = np.array_split(line, POINTS // 2)
        line = np.array([value for part in parts for value in (part.min(), part.max())])
    return tuple(_rounded(value) for value in line)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _rows(dataset: Dataset, some: Samples, x: Array, most: int) -> DataPreview:
    """Return the numbers that are fed, one sample a row, and what is to be told."""
    flat = x.reshape(len(x), -1)[:most]
    labels = _labels(dataset, some)[: len(flat)]
    shown = flat[:, :FEATURES]
    columns = [f"input {at + 1}" for at in range(shown.shape[1])]
    rows = [
        (*(f"{value:.4g}" for value in row), label)
        for row, label in zip(shown.tolist(), labels, strict=True)
    ]
    more = f", the first {FEATURES} shown" if flat.shape[1] > FEATURES else ""
    return DataPreview(
        kind="rows", note=f"{flat.shape[1]:,} numbers per sample{more}.",
        columns=(*columns, "label"), rows=tuple(rows), target=len(columns),
    )  # fmt: skip


def _text(dataset: Dataset, some: Samples, most: int) -> DataPreview:
    tokens = some.inputs[0]
    if tokens.dtype.kind == "f" and tokens.ndim == 3:
        is_last = tokens.shape[2] == len(dataset.classes)
        tokens = tokens.argmax(axis=2 if is_last else 1)
    tokens = tokens.reshape(len(some), -1).astype(np.int64)
    labels = np.zeros((len(some), 1), np.int64) if some.labels is None else some.labels
    last = labels.reshape(len(some), -1)[:, -1]
    names = _characters(dataset)
    samples = tuple(
        SampleShown(
            label=_visible(names[behind]).replace(" ", "␣"), number=int(number),
            text=_visible("".join(names[token] for token in line[-LETTERS:])),
        )
        for number, line, behind in zip(some.ids, tokens, last, strict=True)
    )  # fmt: skip
    told = "the next one at every place" if labels.ndim > 1 else "the one behind"
    note = f"Sequences of {tokens.shape[1]:,} of {len(names):,} characters; {told} is to be told."
    return DataPreview(kind="text", note=note, samples=samples[:most])


def _characters(dataset: Dataset) -> Sequence[str]:
    if dataset.settings.get("unit") == "bytes":
        return [chr(value) if 32 <= value < 127 or value == 10 else "·" for value in range(256)]
    return [WORDS.get(name, name) for name in dataset.classes]


def _visible(text: str) -> str:
    return text.replace("\n", "↵").replace("\t", "⇥").replace("\r", "")


def _labels(dataset: Dataset, some: Samples) -> list[str]:
    """Return every sample's label in words."""
    if some.labels is None:
        return ["no label"] * len(some)
    if some.labels.ndim == 1 and dataset.classes:
        known = dataset.classes
        return [known[at] if at < len(known) else str(at) for at in some.labels.tolist()]
    flat = some.labels.reshape(len(some), -1)
    if flat.shape[1] == 1:
        return [f"{value:.4g}" for value in flat[:, 0].tolist()]
    if flat.shape[1] <= OF_EACH:
        return [", ".join(f"{value:.3g}" for value in row) for row in flat.tolist()]
    shape = " x ".join(map(str, some.labels.shape[1:]))
    return [f"{shape} labels"] * len(some)
