"""Text becomes sequences of numbers and the characters behind them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.errors import UserError
from tinystudio.datasets import read_dataset

WORDS = "the cat sat on the mat, and the dog ate it.\n" * 50
TOKENS = tuple(sorted(set(WORDS)))


def text_file(folder: Path, words: str = WORDS, name: str = "t.txt") -> Path:
    path = folder / name
    data = words.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def wanting(*sample: int | str, outputs: tuple[int | str, ...]) -> Wanted:
    return Wanted(inputs=(("n", *sample),), outputs=(("n", *outputs),))


def read_back(dataset: Dataset, numbers: np.ndarray) -> str:
    return "".join(dataset.classes[number] for number in numbers)


@pytest.mark.parametrize("name", ["t.txt", "t.md", "T.TXT.GZ", "t.txt.gz"])
def test_each_next_character_is_told_and_splits_are_stretches(tmp_path: Path, name: str) -> None:
    path = text_file(tmp_path, name=name.lower())
    dataset = read_dataset(path, 0, wanting(10, outputs=(10, len(TOKENS))))
    assert dataset.classes == TOKENS
    for split, begin in ((dataset.train, 0.0), (dataset.validation, 0.8), (dataset.test, 0.9)):
        assert split.inputs[0].dtype == np.int64
        assert split.labels is not None
        start = int(begin * len(WORDS))
        for row, (fed, told) in enumerate(zip(split.inputs[0], split.labels, strict=True)):
            at = start + 10 * row
            assert read_back(dataset, fed) == WORDS[at : at + 10]
            assert read_back(dataset, told) == WORDS[at + 1 : at + 11]
    last = int(0.8 * len(WORDS)) - 10 * len(dataset.train)
    assert last >= 0  # no sequence reaches into validation
    assert len(dataset.calibration) > 0


def test_a_network_of_one_answer_is_told_the_character_behind(tmp_path: Path) -> None:
    dataset = read_dataset(text_file(tmp_path), 0, wanting(10, outputs=(len(TOKENS),)))
    assert dataset.test.labels is not None
    assert dataset.test.labels.shape == (len(dataset.test),)
    start = int(0.9 * len(WORDS))
    for row in (0, 7):
        assert read_back(dataset, dataset.test.labels[row : row + 1]) == WORDS[start + row + 10]
    assert dataset.settings["told"] == "last"


def test_a_network_of_ones_is_fed_ones(tmp_path: Path) -> None:
    count, path = len(TOKENS), text_file(tmp_path)
    numbers = read_dataset(path, 0, wanting(10, outputs=(10, count))).test.inputs[0]
    last = read_dataset(path, 0, wanting(10, count, outputs=(10, count))).test.inputs[0]
    first = read_dataset(path, 0, wanting(count, 10, outputs=(10, count))).test.inputs[0]
    assert last.dtype == np.float32
    np.testing.assert_array_equal(last.argmax(axis=2), numbers)
    np.testing.assert_array_equal(first, np.moveaxis(last, 2, 1))


@pytest.mark.parametrize("form", ["list", "mapping", "line", "lines"])
def test_a_vocabulary_gives_the_numbers(tmp_path: Path, form: str) -> None:
    tokens = ("<pad>", *reversed(TOKENS)) if form != "line" else tuple(reversed(TOKENS[1:]))
    words = WORDS if form != "line" else WORDS.replace("\n", "")
    written = {
        "list": json.dumps(tokens),
        "mapping": json.dumps({token: at for at, token in enumerate(tokens)}),
        "line": "".join(tokens),
        "lines": "\n".join(token.replace("\n", "\\n") for token in tokens),
    }
    (tmp_path / "vocabulary").write_text(written[form])
    wanted = wanting(10, outputs=(10, len(tokens)))
    path = text_file(tmp_path, words)
    dataset = read_dataset(f"{path}?vocabulary=vocabulary", 0, wanted)
    assert dataset.classes == tokens
    assert read_back(dataset, dataset.train.inputs[0][0]) == words[:10]


def test_the_models_own_vocabulary_goes_before_the_texts(tmp_path: Path) -> None:
    own = ("<unk>", *"abcdefghijklmnopqrstuvwxyz ")
    dataset = read_dataset(text_file(tmp_path), 0, Wanted(vocabulary=own))
    assert dataset.classes == own
    found = read_back(dataset, dataset.train.inputs[0][0])
    assert found.startswith("the cat sat on the mat<unk> and")


def test_characters_that_the_vocabulary_lacks_are_told_or_left_out(tmp_path: Path) -> None:
    path = text_file(tmp_path, "one\ntwo\nthree!\n" * 100)
    wanted = Wanted(vocabulary=tuple("ehnortw\n"))
    with pytest.raises(UserError) as found:
        read_dataset(path, 0, wanted)
    assert "Line 3 has '!'" in found.value.detail
    dropped = read_dataset(f"{path}?unknown=drop&length=14", 0, wanted)
    assert read_back(dropped, dropped.train.inputs[0][0]) == "one\ntwo\nthree\n"


def test_as_many_characters_as_the_model_tells_apart(tmp_path: Path) -> None:
    with pytest.raises(UserError) as found:
        read_dataset(text_file(tmp_path), 0, wanting(10, outputs=(10, 65)))
    assert f"{len(TOKENS)} different characters; the model tells 65" in found.value.detail
    assert "vocabulary=FILE" in found.value.hint


def test_bytes_are_their_own_numbers(tmp_path: Path) -> None:
    words = "für alle\r\n" * 100
    dataset = read_dataset(text_file(tmp_path, words), 0, wanting(8, outputs=(8, 256)))
    assert dataset.settings["unit"] == "bytes"
    np.testing.assert_array_equal(dataset.train.inputs[0][0], list(words.encode()[:8]))


def test_small_letters_and_windows_text(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes(("Grüße\n" * 200).encode("windows-1252"))
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(path, 0)
    assert "is not utf-8 text" in found.value.detail
    dataset = read_dataset(f"{path}?encoding=windows-1252&lower=true&length=6", 0)
    assert read_back(dataset, dataset.train.inputs[0][0]) == "grüße\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.txt", b"", "is empty"),
        ("t.txt", b"short", "too few samples"),
        ("t.txt.gz", gzip.compress(WORDS.encode(), mtime=0)[:40], "t.txt.gz"),
        ("t.txt.gz", b"no gzip at all", "t.txt.gz"),
    ],
)
def test_what_is_no_text_is_told(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as found:
        read_dataset(tmp_path / name, 0)
    assert words in found.value.detail


def test_a_packed_text_is_not_unpacked_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinystudio.datasets.text.LIMIT_BYTES", 1000)
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(text_file(tmp_path, name="t.txt.gz"), 0)
    assert "more than" in found.value.detail
