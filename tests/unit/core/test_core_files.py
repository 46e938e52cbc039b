"""A file is whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256, unwritable, write_whole


@given(st.binary(max_size=500))
def test_a_fingerprint_is_that_of_every_other_tool(data: bytes) -> None:
    assert sha256(data) == hashlib.sha256(data).hexdigest()


def test_what_is_written_is_there_alone_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.onnx"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EACCES, "cannot be written to"),
        (errno.EROFS, "cannot be written to"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_failure_says_why_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    path = tmp_path / "file.onnx"
    write_whole(path, b"before")

    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError, match=r"file\.onnx was not written") as caught:
        write_whole(path, b"after")
    assert said in caught.value.detail
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(UserError, match="was not written"):
        write_whole(tmp_path / "taken" / "file.onnx", b"data")


def test_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.symlink_to(os.devnull)
    with pytest.raises(UserError, match="was not written"):
        write_whole(device, b"data")
    assert device.is_symlink()


def test_ctrl_c_while_writing_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file.onnx", b"data")
    assert list(tmp_path.iterdir()) == []


def test_an_error_without_a_number_is_told_by_its_text(tmp_path: Path) -> None:
    assert "odd" in unwritable(tmp_path / "file", OSError("odd")).detail
