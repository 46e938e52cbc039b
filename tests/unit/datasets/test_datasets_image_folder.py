"""A folder of images becomes four splits, or a sentence that names the file at fault."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_examples import image_folder, picture
from PIL import Image

from tinystudio.core import places
from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.datasets import find_format, read_dataset

COUNTS = {"cat": 10, "dog": 10}


def complaint(root: Path, settings: str = "") -> str:
    with pytest.raises(UserError) as caught:
        read_dataset(f"{root}{settings}", 0)
    assert caught.value.title == f"{root.name} was not read as data"
    assert caught.value.hint
    return caught.value.detail


def wanting(*shape: int | str | None) -> Wanted:
    return Wanted(inputs=(shape,))


def names_in(dataset: Dataset, root: Path) -> list[set[int]]:
    return [set(part.ids.tolist()) for part in (dataset.train, dataset.validation, dataset.test)]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".JPEG"])
def test_every_kind_is_read_and_cut_60_20_20(tmp_path: Path, suffix: str) -> None:
    dataset = read_dataset(image_folder(tmp_path, COUNTS, suffix), 0)
    splits = (dataset.train, dataset.validation, dataset.test)
    assert [len(part) for part in splits] == [12, 4, 4]
    assert dataset.train.inputs[0].shape == (12, 3, 6, 8)
    assert dataset.classes == ("cat", "dog")
    assert np.bincount(np.asarray(dataset.test.labels)).tolist() == [2, 2]
    assert 0 <= dataset.train.inputs[0].min() < dataset.train.inputs[0].max() <= 1


def test_an_image_comes_out_pixel_by_pixel_under_its_label(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    test = read_dataset(f"{root}?normalization=none", 0).test
    for x, label, number in zip(test.inputs[0], np.asarray(test.labels), test.ids, strict=True):
        path = root / ("cat", "dog")[label] / f"{number - 10 * label:03}.png"
        assert np.array_equal(x, np.asarray(Image.open(path)).transpose(2, 0, 1))


def test_folders_of_splits_are_kept_and_the_missing_one_is_cut_from_train(tmp_path: Path) -> None:
    root = image_folder(tmp_path, {"train/a": 10, "train/b": 10, "test/a": 3, "test/b": 2})
    dataset = read_dataset(root, 0)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [16, 4, 5]
    known = set(dataset.train.ids) | set(dataset.validation.ids)
    assert not known & set(dataset.test.ids)


def test_three_folders_of_splits_are_all_kept(tmp_path: Path) -> None:
    counts = {f"{split}/{name}": 2 for split in ("Train", "val", "test") for name in "ab"}
    dataset = read_dataset(image_folder(tmp_path, counts), 0)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [4, 4, 4]


def test_the_network_decides_size_colour_and_layout(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    assert read_dataset(root, 0, wanting("n", 1, 5, 7)).test.inputs[0].shape[1:] == (1, 5, 7)
    last = read_dataset(root, 0, wanting("n", 5, 7, 3))
    assert last.test.inputs[0].shape[1:] == (5, 7, 3)
    assert last.settings["layout"] == "channels-last"
    assert read_dataset(root, 0, wanting(1, 3, "h", None)).test.inputs[0].shape[1:] == (3, 6, 8)


def test_settings_go_before_guesses(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    dataset = read_dataset(f"{root}?width=4&height=3&colour=grey", 0, wanting(1, 3, 9, 9))
    assert dataset.test.inputs[0].shape[1:] == (1, 3, 4)
    assert dataset.settings["colour"] == "grey"


def test_grey_images_stay_grey_where_no_network_is_known(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS, grey=True)
    assert read_dataset(root, 0).test.inputs[0].shape[1:] == (1, 6, 8)


def test_layouts_hold_the_same_numbers(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    first = read_dataset(f"{root}?normalization=imagenet", 0)
    last = read_dataset(f"{root}?normalization=imagenet&layout=channels-last", 0)
    assert np.array_equal(first.test.inputs[0], last.test.inputs[0].transpose(0, 3, 1, 2))
    assert first.fingerprint != last.fingerprint


def test_normalizations_are_what_they_say(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    pixels = read_dataset(f"{root}?normalization=none", 0).test.inputs[0]
    own = read_dataset(f"{root}?normalization=own&mean=0.5&scale=0.25%2C0.5%2C1", 0)
    scale = np.array([0.25, 0.5, 1]).reshape(3, 1, 1)
    assert np.allclose(own.test.inputs[0], (pixels / 255 - 0.5) / scale, atol=1e-5)
    unit = read_dataset(root, 0)
    assert np.allclose(unit.test.inputs[0], pixels / 255, atol=1e-6)
    assert np.allclose(unit.preprocessing.applied(pixels), unit.test.inputs[0])


def test_normalization_is_taken_from_the_file_of_a_network_that_says_it(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    said = read_dataset(f"{root}?normalization=imagenet", 0)
    wanted = Wanted(mean=said.preprocessing.mean, scale=said.preprocessing.scale)
    again = read_dataset(root, 0, wanted)
    assert again.settings["normalization"] == "own"
    assert np.allclose(again.test.inputs[0], said.test.inputs[0], atol=1e-5)


def test_a_crop_keeps_the_middle_and_the_shape(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        for index in range(5):
            image = Image.new("RGB", (30, 10), "black")
            image.paste("white", (10, 0, 20, 10))
            image.save(tmp_path / name / f"{index}.png")
    middle = read_dataset(f"{tmp_path}?fit=crop&width=10&height=10", 0).test.inputs[0]
    assert (middle == 1).all()


def test_what_was_decoded_is_kept_and_mapped_and_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = image_folder(tmp_path, COUNTS)
    first = read_dataset(root, 0)
    assert isinstance(first.train.inputs[0], np.memmap)
    monkeypatch.setattr("tinystudio.datasets.image_folder._decoded", None)
    again = read_dataset(root, 0)
    assert again.fingerprint == first.fingerprint
    assert np.array_equal(again.train.inputs[0], first.train.inputs[0])


def test_another_image_seed_or_setting_is_other_data(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    before = {read_dataset(root, seed).fingerprint for seed in (0, 1)}
    assert len(before) == 2
    assert read_dataset(f"{root}?fit=crop&width=4&height=4", 0).fingerprint not in before
    picture(99).save(root / "cat" / "000.png")
    assert read_dataset(root, 0).fingerprint not in before


def test_a_replaced_image_changes_the_state_of_the_folder(tmp_path: Path) -> None:
    root = image_folder(tmp_path, {"a/deep": 3, "b": 3})
    before = find_format(DataReference(str(root))).state(root)
    picture(5).save(root / "new.bmp")
    (root / "new.bmp").replace(root / "a" / "deep" / "new.bmp")
    assert find_format(DataReference(str(root))).state(root) != before


def test_a_cut_off_file_of_the_cache_is_made_again(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    kept = places.cache() / "data"
    before = set(kept.glob("*.rows"))
    first = read_dataset(root, 0)
    fingerprint = first.fingerprint
    (made,) = set(kept.glob("*.rows")) - before
    del first
    made.write_bytes(made.read_bytes()[:-4])
    assert read_dataset(root, 0).fingerprint == fingerprint


def test_stopping_is_heard_between_images_and_leaves_nothing(tmp_path: Path) -> None:
    class Stopping(Silent):
        heard = 0

        def check(self) -> None:
            self.heard += 1
            if self.heard > 6:
                raise Cancelled

    root = image_folder(tmp_path, COUNTS)
    before = sorted((places.cache() / "data").glob("*"))
    with pytest.raises(Cancelled):
        read_dataset(root, 0, None, Stopping())
    assert sorted((places.cache() / "data").glob("*")) == before


def test_a_truncated_image_is_named(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    path = root / "dog" / "003.png"
    path.write_bytes(path.read_bytes()[:-40])
    assert "dog/003.png could not be decoded" in complaint(root)


def test_a_text_with_the_name_of_an_image_is_named(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    (root / "dog" / "readme.jpg").write_text("not an image")
    assert "dog/readme.jpg could not be decoded" in complaint(root)


@pytest.mark.parametrize("side", [11_000, 100_000])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path, side: int) -> None:
    root = image_folder(tmp_path, COUNTS)
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    )
    (root / "cat" / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    assert "cat/bomb.png has more than 100 million pixels" in complaint(root)


def test_sixteen_bits_are_refused(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    Image.fromarray(np.full((6, 8), 999, np.uint16)).save(root / "cat" / "deep.png")
    assert "cat/deep.png has more than 8 bits" in complaint(root)


def test_other_formats_under_a_known_name_are_refused(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    picture(1).save(root / "cat" / "gif.png", format="GIF")
    assert "cat/gif.png could not be decoded" in complaint(root)


def test_one_class_is_refused(tmp_path: Path) -> None:
    assert "only one class folder, cat" in complaint(image_folder(tmp_path, {"cat": 9}))


def test_a_class_without_images_is_refused(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    (root / "horse").mkdir()
    assert "class folder horse has no file" in complaint(root)


def test_images_beside_the_class_folders_are_refused(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    picture(3).save(root / "loose.png")
    assert "loose.png is in no class folder" in complaint(root)


def test_an_empty_folder_is_no_data(tmp_path: Path) -> None:
    assert "Its kind of folder is not known" in complaint(tmp_path)


def test_three_images_are_too_few(tmp_path: Path) -> None:
    assert "too few samples" in complaint(image_folder(tmp_path, {"a": 2, "b": 1}))


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("?mean=x&normalization=own", "mean is 'x'"),
        ("?mean=1%2C2&normalization=own", "mean is '1,2'"),
        ("?scale=0&normalization=own", "scale has a 0"),
        ("?normalization=imagenet&colour=grey", "images are grey"),
    ],
)
def test_settings_that_cannot_be_are_named(tmp_path: Path, words: str, word: str) -> None:
    assert word in complaint(image_folder(tmp_path, COUNTS), words)


def test_an_unknown_setting_is_named_with_those_there_are(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    with pytest.raises(UserError, match=r"there is no parameter 'wide'.*width"):
        read_dataset(f"{root}?wide=3", 0)


def test_hidden_files_and_names_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    root = image_folder(tmp_path, COUNTS)
    (root / "cat" / ".hidden.png").write_text("?")
    (root / ".DS_Store").touch()
    odd = root / os.fsdecode(b"d\xe9j\xe0")
    odd.mkdir()
    for index in range(3):
        (odd / f"{index}.png").hardlink_to(root / "cat" / f"00{index}.png")
    assert read_dataset(root, 0).classes == ("cat", "dog", "d�j�")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([".png", ".jpg", ".bmp", ".webp"]),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=6)), max_size=4),
    st.integers(0, 200),
)
def test_any_damage_is_read_or_refused_with_the_name(
    tmp_path: Path, suffix: str, changes: list[tuple[int, bytes]], cut: int
) -> None:
    root = tmp_path / "images"
    if not root.exists():
        image_folder(root, {"a": 3, "b": 3}, ".bmp")
    kept = io.BytesIO()
    picture(1).save(kept, format=Image.registered_extensions()[suffix])
    data = bytearray(kept.getvalue())
    for at, change in changes:
        start = at % len(data)
        data[start : start + len(change)] = change
    path = root / "a" / f"odd{suffix}"
    path.write_bytes(data[: len(data) - cut])
    try:
        read_dataset(f"{root}?width=8&height=6", 0)
    except UserError as error:
        assert f"a/odd{suffix}" in error.detail
    finally:
        path.unlink()
