"""A few samples of each class are shown as what they are."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinystudio.core.assembling import assemble
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples
from tinystudio.core.data_preview import DataPreview, read_preview, write_preview
from tinystudio.core.sample_shots import POINTS, data_preview
from tinystudio.datasets import read_dataset

CLASSES = ("cat", "dog")


def dataset_of(x: Array, labels: Array | None = None, **more: object) -> Dataset:
    labels = np.arange(len(x)) % 2 if labels is None else labels
    samples = Samples((x,), labels, np.arange(len(x)))
    classes = CLASSES if labels.dtype.kind == "i" and labels.ndim == 1 else ()
    made = assemble(
        "d", train=samples, validation=samples.first(2), test=samples.first(2), seed=0,
        classes=classes, preprocessing=more.pop("preprocessing", None),
    )  # fmt: skip
    return replace(made, **more)


def pixels(png: str) -> Array:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def noise(*shape: int) -> Array:
    return np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)


@pytest.mark.parametrize("last", [False, True])
def test_images_are_seen_as_they_were_before_they_were_prepared(last: bool) -> None:
    raw = np.random.default_rng(0).integers(0, 256, (12, 3, 5, 7)).astype(np.float32)
    done = Preprocessing((100.0, 110.0, 120.0), (50.0, 60.0, 70.0))
    x = done.applied(raw)
    shown = data_preview(dataset_of(np.moveaxis(x, 1, 3) if last else x, preprocessing=done))
    assert shown.kind == "images"
    assert [item.label for item in shown.samples] == ["cat"] * 3 + ["dog"] * 3
    for item in shown.samples:
        np.testing.assert_array_equal(pixels(item.png), np.moveaxis(raw[item.number], 0, 2))


def test_large_images_are_made_small_and_grey_ones_stay_grey() -> None:
    shown = data_preview(dataset_of(noise(4, 1, 200, 100)))
    assert pixels(shown.samples[0].png).shape == (72, 36)
    assert "100 × 200 pixels, grey" in shown.note


def test_channels_in_time_are_curves_of_few_points_that_keep_the_peaks() -> None:
    x = noise(6, 2, 5000)
    x[0, 1, 4321] = 9.0
    shown = data_preview(dataset_of(x))
    assert (shown.kind, shown.high) == ("curves", 9.0)
    first = next(item for item in shown.samples if item.number == 0)
    assert [len(line) for line in first.curves] == [POINTS, POINTS]
    assert max(first.curves[1]) == 9.0


def test_rows_of_numbers_and_amounts_are_a_table() -> None:
    shown = data_preview(dataset_of(noise(20, 3), noise(20, 2)))
    assert shown.kind == "rows"
    assert shown.columns == ("input 1", "input 2", "input 3", "label")
    assert shown.target == 3
    assert len(shown.rows) == 8


def test_maps_and_what_is_not_finite() -> None:
    x = noise(4, 20, 30)
    x[0, 0, 0] = np.nan
    shown = data_preview(dataset_of(x))
    assert shown.kind == "maps"
    assert pixels(shown.samples[0].png).shape == (20, 30)


def test_tables_are_shown_as_they_were_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id;size;label\n" + "".join(f"{n};{n},5;{'ab'[n % 2]}\n" for n in range(40)))
    shown = data_preview(read_dataset(f"{path}?left_out=id", 0))
    assert shown.columns == ("id", "size", "label")
    assert shown.rows[1] == ("1", "1,5", "b")
    assert (shown.target, shown.unfed) == (2, (0,))


def test_text_is_text_with_what_is_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("one two\n" * 200)
    shown = data_preview(read_dataset(f"{path}?length=8", 0))
    assert shown.kind == "text"
    assert (shown.samples[0].text, shown.samples[0].label) == ("one two↵", "o")


def test_recordings_name_their_channels(tmp_path: Path) -> None:
    for label in ("up", "down"):
        for number in range(5):
            rows = "".join(f"{n},{n * number}\n" for n in range(30))
            path = tmp_path / label / f"{number}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"x,z\n{rows}")
    shown = data_preview(read_dataset(f"{tmp_path}?window=10&layout=time-first", 0))
    assert (shown.kind, shown.channels) == ("curves", ("x", "z"))
    assert {len(line) for item in shown.samples for line in item.curves} == {10}


def test_of_many_classes_few_are_shown() -> None:
    labels = np.arange(400) % 100
    data = dataset_of(noise(400, 1, 8, 8), labels)
    shown = data_preview(replace(data, classes=tuple(str(n) for n in range(100))))
    assert [item.label for item in shown.samples] == [str(n) for n in range(24)]


def test_a_preview_is_kept_in_a_file_until_it_is_gone_or_damaged() -> None:
    preview = DataPreview(kind="rows", columns=("a",), rows=(("1",),))
    path = write_preview(preview)
    assert read_preview(path) == preview
    Path(path).write_text("{")
    assert read_preview(path) is None
    Path(path).unlink()
    assert read_preview(path) is None
    assert read_preview("") is None


def test_few_rows_of_four_bands_are_no_colours() -> None:
    shown = data_preview(dataset_of(noise(6, 4, 3, 3)))
    assert (shown.kind, shown.note) == ("maps", "3 × 3 values, the first of 4 channels.")
    assert data_preview(dataset_of(noise(6, 9, 8, 3))).kind == "images"


def test_pictures_that_are_to_be_made_of_others_stand_beside_them() -> None:
    x, wanted = noise(4, 1, 8, 8), np.zeros((4, 1, 8, 8), np.float32)
    shown = data_preview(dataset_of(x, wanted))
    assert [item.label for item in shown.samples[:4]] == ["fed", "wanted"] * 2
    assert pixels(shown.samples[0].png).max() > 200
    assert pixels(shown.samples[1].png).max() == 0


def test_numbers_of_characters_are_text_whatever_the_format() -> None:
    tokens = np.array([[2, 0, 1], [0, 1, 2]] * 4, np.int64)
    data = replace(dataset_of(tokens), classes=("b", "c", "a"))
    shown = data_preview(data)
    assert shown.kind == "text"
    assert (shown.samples[0].text, shown.samples[0].label) == ("abc", "b")


def test_noisy_pixels_around_0_to_1_are_not_taken_for_bytes() -> None:
    x = noise(4, 1, 8, 8)
    x[0, 0, 0, 0], x[0, 0, 0, 1] = -0.4, 1.4
    drawn = [pixels(item.png) for item in data_preview(dataset_of(x)).samples]
    assert min(item.max() for item in drawn) > 150
