"""Draws the picture of every gallery task from its real data, network and all.

Each brings its own dark ground, so that it looks the same in the light theme and the dark one.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw, ImageFont

from tinystudio.core.archives import read_arrays
from tinystudio.core.data import Array, Dataset
from tinystudio.core.files import write_whole
from tinystudio.gallery.task import GalleryTask

WIDTH, HEIGHT = 400, 225
FINER = 3  # drawn this much larger, so that lines come out smooth
GROUND = (30, 41, 59)
PAPER = (226, 232, 240)
FAINT = (71, 85, 105)
COLOURS = ((96, 165, 250), (251, 146, 60), (52, 211, 153), (244, 114, 182), (250, 204, 21),
           (56, 189, 248), (192, 132, 252))  # fmt: skip
Colour = tuple[int, int, int]
Drawer = Callable[[GalleryTask, Dataset], Image.Image]


def write(task: GalleryTask) -> None:
    """Write resources/gallery/TASK/picture.png."""
    picture = PICTURES[task.id](task, task.dataset()).convert("RGB")
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    palette = small.quantize(256)
    small.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(
        buffer, "PNG", optimize=True
    )
    write_whole(task.picture_path, buffer.getvalue())


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), GROUND)
    return image, ImageDraw.Draw(image)


def _watch(_task: GalleryTask, data: Dataset) -> Image.Image:
    """The six axes of one window of the test, acceleration above rotation."""
    image, draw = _canvas()
    window = data.test.inputs[0][60]
    across = np.linspace(0.04, 0.96, window.shape[1]) * image.width
    for number, axis in enumerate(window):
        middle = (0.3 if number < 3 else 0.72) * image.height
        down = middle - np.clip(axis, -3, 3) / 3 * 0.22 * image.height
        points = [(float(x), float(y)) for x, y in zip(across, down, strict=True)]
        draw.line(points, COLOURS[number % 3], width=2 * FINER, joint="curve")
    return image


def _vowels(_task: GalleryTask, data: Dataset) -> Image.Image:
    """Utterances of twelve coefficients over time, one row of people."""
    image = Image.new("RGB", (3 * 31 + 1, 2 * 14), GROUND)
    for number in range(6):
        shades = _shades(data.test.inputs[0][number * 55])
        image.paste(Image.fromarray(shades), (1 + 31 * (number % 3), 1 + 14 * (number // 3)))
    return image.resize((WIDTH * FINER, HEIGHT * FINER), Image.Resampling.NEAREST)


def _fashion(_task: GalleryTask, data: Dataset) -> Image.Image:
    """The first pictures of the test."""
    return _grid(_grey(data.test.inputs[0][:28, 0]), columns=7, gap=2, rows=4)


def _digits(_task: GalleryTask, data: Dataset) -> Image.Image:
    """The first digits of the test, of every kind some."""
    order = np.argsort(data.test.labels[:200] if data.test.labels is not None else [])
    chosen = data.test.inputs[0][order[:: len(order) // 28][:28], 0]
    return _grid(_grey(chosen), columns=7, gap=1, rows=4)


def _satellite(task: GalleryTask, _data: Dataset) -> Image.Image:
    """Patches in false colours: near infrared, red, green, as is usual from orbit."""
    rows = read_arrays(task.folder / "data.npz")["x"][::29][:160].reshape(-1, 3, 3, 4)
    bands = rows[..., [2, 1, 0]].astype(np.float32)
    shades = np.stack([255 * _spread(band) for band in np.moveaxis(bands, -1, 0)], axis=-1)
    return _grid(shades, columns=16, gap=0, rows=9)


def _scenes(task: GalleryTask, _data: Dataset) -> Image.Image:
    """Every patch at its place in its photograph, in its colour."""
    image, draw = _canvas()
    arrays = read_arrays(task.folder / "data.npz")
    where = [str(name) for name in arrays["features"]].index
    x = arrays["x"]
    colours = x[:, [where("rawred-mean"), where("rawgreen-mean"), where("rawblue-mean")]]
    places = x[:, [where("region-centroid-col"), where("region-centroid-row")]] / 255
    radius = 5 * FINER
    for (across, down), colour in zip(places, np.clip(colours * 1.5 + 20, 0, 255), strict=True):
        at = (radius + across * (image.width - 2 * radius), down * image.height * 0.98)
        box = (at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius)
        draw.rectangle(box, tuple(int(part) for part in colour))
    return image


def _scratches(_task: GalleryTask, data: Dataset) -> Image.Image:
    """Scratched patches of the test, bricks, grass and gravel by column."""
    scratched = np.flatnonzero(np.asarray(data.test.labels) == 1)
    third = len(scratched) // 3
    chosen = [scratched[number * third + 7 * row] for row in range(3) for number in (0, 0, 1, 1, 2)]
    patches = [data.test.inputs[0][at + 2 * (n % 2), 0] for n, at in enumerate(chosen)]
    return _grid(_grey(np.stack(patches)), columns=5, gap=1, rows=3)


def _shuttle(_task: GalleryTask, data: Dataset) -> Image.Image:
    """Two sensors of the test against one another, the rare states on top and larger."""
    return _scatter(data, first=0, second=8, grow=True)


def _breast(_task: GalleryTask, data: Dataset) -> Image.Image:
    """Two features of all people: worst radius, worst concave points."""
    return _scatter(data, first=20, second=27, grow=False)


def _letters(task: GalleryTask, data: Dataset) -> Image.Image:
    """The mean of every feature over each letter, with the letters below."""
    del task
    image, draw = _canvas()
    labels = np.asarray(data.train.labels)
    means = np.stack([data.train.inputs[0][labels == n].mean(axis=0) for n in range(26)])
    shades = Image.fromarray(_shades(means.T))
    foot = 22 * FINER
    image.paste(shades.resize((image.width, image.height - foot), Image.Resampling.NEAREST))
    step = image.width / 26
    for number, name in enumerate(data.classes):
        at = ((number + 0.5) * step, image.height - foot / 2)
        draw.text(at, name, PAPER, _font(13), anchor="mm")
    return image


def _denoise(task: GalleryTask, data: Dataset) -> Image.Image:
    """The first photograph of the test: with noise at the left, as the network sees it after."""
    down, right = 9, 14
    noisy = data.test.inputs[0][: down * right]
    clean = _answers(task, noisy)

    def joined(patches: Array) -> Image.Image:
        whole = patches.reshape(down, right, 3, 32, 32).transpose(0, 3, 1, 4, 2)
        pixels = whole.reshape(down * 32, right * 32, 3)
        return Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8))

    before, after = joined(noisy), joined(clean)
    before.paste(after.crop((before.width // 2, 0, *before.size)), (before.width // 2, 0))
    ImageDraw.Draw(before).line(
        (before.width // 2, 0, before.width // 2, before.height), PAPER, width=2
    )
    height = before.width * HEIGHT // WIDTH
    return before.crop((0, 0, before.width, height))


def _keyboard(task: GalleryTask, data: Dataset) -> Image.Image:
    """The end of a window of the test, and the three symbols that the network suggests."""
    image, draw = _canvas()
    window = data.test.inputs[0][8:9]
    best = np.argsort(-_answers(task, window)[0])[:3]
    text = "".join(" " if data.classes[n] == "space" else data.classes[n] for n in window[0])
    middle = text.rindex(" ", 0, len(text) // 2 + 4)
    for number, line in enumerate((text[:middle].lstrip(), text[middle + 1 :])):
        at = (0.07 * image.width, (0.2 + 0.17 * number) * image.height)
        draw.text(at, f"{line}|" if number else line, PAPER, _font(22), anchor="lm")
    for number, symbol in enumerate(best):
        left = (0.07 + 0.3 * number) * image.width
        box = (left, 0.6 * image.height, left + 0.26 * image.width, 0.86 * image.height)
        draw.rounded_rectangle(box, 8 * FINER, FAINT)
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        draw.text(centre, data.classes[symbol], COLOURS[number], _font(24), anchor="mm")
    return image


def _answers(task: GalleryTask, inputs: Array) -> Array:
    session = onnxruntime.InferenceSession(
        str(task.network_path), providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(None, {"input": inputs})[0])


def _scatter(data: Dataset, first: int, second: int, grow: bool) -> Image.Image:
    """Draw samples by two features; commonest classes first, each in a colour of its own."""
    image, draw = _canvas()
    inputs, labels = data.train.inputs[0], np.asarray(data.train.labels)
    counts = np.bincount(labels)
    places = np.stack([_spread(inputs[:, first]), 1 - _spread(inputs[:, second])], axis=1)
    margin = 14 * FINER
    points = margin + places * (np.array(image.size) - 2 * margin)
    for number in np.argsort(-counts):
        radius = (2.0 if counts[number] > 1000 or not grow else 4.5) * FINER
        radius = radius if grow else 3 * FINER
        for across, down in points[labels == number][:900]:
            box = (across - radius, down - radius, across + radius, down + radius)
            draw.ellipse(box, COLOURS[int(number) % len(COLOURS)])
    return image


def _spread(values: Array) -> Array:
    """Return values from 0 to 1; the outermost hundredths are put at the edge."""
    low, high = np.quantile(values, (0.01, 0.99))
    return np.asarray(np.clip((values - low) / (high - low), 0, 1))


def _grey(patches: Array) -> Array:
    """Return patches (n, h, w) as (n, h, w, 3) in 0..255, each over its whole range."""
    low = patches.min(axis=(1, 2), keepdims=True)
    high = patches.max(axis=(1, 2), keepdims=True)
    shades = (255 * (patches - low) / (high - low)).astype(np.uint8)
    return np.repeat(shades[..., None], 3, axis=-1)


def _grid(patches: Array, columns: int, gap: int, rows: int) -> Image.Image:
    """Return patches (n, h, w, 3) side by side, grown over the whole picture's width."""
    height, width = patches.shape[1] + gap, patches.shape[2] + gap
    image = Image.new("RGB", (columns * width + gap, rows * height + gap), GROUND)
    for number, patch in enumerate(patches[: columns * rows]):
        at = (gap + number % columns * width, gap + number // columns * height)
        image.paste(Image.fromarray(patch.astype(np.uint8)), at)
    factor = max(WIDTH * FINER / image.width, HEIGHT * FINER / image.height)
    grown = image.resize(
        (round(image.width * factor), round(image.height * factor)), Image.Resampling.NEAREST
    )
    return grown.crop((0, 0, WIDTH * FINER, HEIGHT * FINER))


def _shades(values: Array) -> Array:
    """Return (h, w) as colours (h, w, 3): blue below the mean, orange above."""
    size = np.clip(np.abs(values) / 2, 0, 1)[..., None]
    ends = np.where(values[..., None] > 0, np.array(COLOURS[1]), np.array(COLOURS[0]))
    return np.asarray(np.array(GROUND) * (1 - size) + ends * size).astype(np.uint8)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * FINER)


PICTURES: dict[str, Drawer] = {
    "watch": _watch,
    "vowels": _vowels,
    "fashion": _fashion,
    "digits": _digits,
    "satellite": _satellite,
    "scenes": _scenes,
    "scratches": _scratches,
    "shuttle": _shuttle,
    "breast": _breast,
    "letters": _letters,
    "denoise": _denoise,
    "keyboard": _keyboard,
}
