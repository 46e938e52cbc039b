"""Archives are read in passing: bombs, cut files and odd names do no harm."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import struct
import tracemalloc
from pathlib import Path

import pytest
from download_examples import packed, tar

from tinystudio.core.reporter import Silent
from tinystudio.downloads import streams
from tinystudio.downloads.streams import inner_zip, json_elements, read_idx, tar_members, whole


def names(path: Path) -> list[str]:
    return [name for name, _ in tar_members(path, Silent(), "Reading")]


def test_members_come_one_by_one_whatever_their_names(tmp_path: Path) -> None:
    members = {"./a/b.txt": b"first", "../../escape.txt": b"second"}
    tar(tmp_path / "x.tar.gz", members)
    found = {
        name: whole(file, name) for name, file in tar_members(tmp_path / "x.tar.gz", Silent(), "")
    }
    assert found == {"a/b.txt": b"first", "../../escape.txt": b"second"}
    assert [path.name for path in tmp_path.parent.glob("*escape*")] == []


@pytest.mark.parametrize("kind", ["gz", "xz"])
def test_an_archive_that_is_cut_short_is_noticed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"x.tar.{kind}"
    tar(path, {f"{n}.txt": bytes([n % 256]) * 3000 for n in range(40)}, kind)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises((EOFError, lzma.LZMAError, gzip.BadGzipFile)):
        names(path)


def test_a_bomb_of_members_is_refused_without_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MEMBER_LIMIT", 2**20)
    path = tmp_path / "bomb.tar.gz"
    tar(path, {f"{n}": bytes(2**20) for n in range(8)})
    monkeypatch.setattr(streams, "RATIO_LIMIT", 10)
    tracemalloc.start()
    with pytest.raises(ValueError, match="unpacks to more"):
        names(path)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def test_a_member_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MEMBER_LIMIT", 10)
    assert whole(io.BytesIO(b"x" * 10), "x") == b"x" * 10
    with pytest.raises(ValueError, match="x is larger"):
        whole(io.BytesIO(b"x" * 11), "x")


def test_a_zip_in_a_zip_is_read_and_one_without_is_taken_itself(tmp_path: Path) -> None:
    inner = packed({"a.txt": b"here"})
    for number, data in enumerate((packed({"deep/in.zip": inner}), inner)):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(data)
        with inner_zip(path, "in.zip") as archive:
            assert archive.read("a.txt") == b"here"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (struct.pack(">HBB3I", 0, 8, 3, 60_000, 28_000, 28), "says it holds"),
        (struct.pack(">HBB1I", 0, 8, 1, 5), "not as long"),
        (struct.pack(">HBB1I", 0, 13, 1, 1), "no IDX"),
        (struct.pack(">HBB", 0, 8, 200), "no IDX"),
    ],
)
def test_an_idx_file_that_lies_is_refused(tmp_path: Path, head: bytes, said: str) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(head + b"\1\2\3"))
    with pytest.raises(ValueError, match=said):
        read_idx(path)


@pytest.mark.parametrize("chunk", [1, 7, 2**20])
def test_json_is_read_element_by_element(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(streams, "CHUNK_BYTES", chunk)
    said = {
        "info": {"a": [1, {"images": [0]}]}, "year": 2017, "empty": [],
        "images": [{"id": 12, "t": '"]}'}, {"id": 3}], "rest": [1, 2], "annotations": [5, 67],
    }  # fmt: skip
    file = io.BytesIO(json.dumps(said, indent=1).encode())
    assert list(json_elements(file, {"images", "annotations"})) == [
        ("images", said["images"][0]), ("images", said["images"][1]),
        ("annotations", 5), ("annotations", 67),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [b"", b"[1]", b'{"a": [1, ', b'{"a" 1}', b"{1: 2", b'{"a": [}'])
def test_what_is_no_such_json_is_an_error(text: bytes) -> None:
    with pytest.raises(ValueError):
        list(json_elements(io.BytesIO(text), {"a"}))


def test_a_large_json_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK_BYTES", 2**14)
    one = json.dumps({"segmentation": ["x" * 2000], "id": 1})
    file = io.BytesIO(f'{{"annotations": [{",".join([one] * 2000)}]}}'.encode())
    tracemalloc.start()
    assert sum(1 for _ in json_elements(file, {"annotations"})) == 2000
    assert tracemalloc.get_traced_memory()[1] < 2**19
    tracemalloc.stop()
