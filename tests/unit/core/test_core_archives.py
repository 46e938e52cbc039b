"""Archives are read whole or refused in words; nothing in them is trusted."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinystudio.core.archives import read_arrays
from tinystudio.core.errors import UserError


def whole_archive() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=np.arange(12.0).reshape(4, 3), y=np.array([0, 1, 0, 1]))
    return buffer.getvalue()


def archive_of(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def header(shape: str, descr: str = "'<f4'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


places = st.integers(0, len(whole_archive()) - 1)


def test_arrays_come_by_name_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, second=np.arange(3), first=np.eye(2))
    arrays = read_arrays(path)
    assert list(arrays) == ["second", "first"]
    assert np.array_equal(arrays["first"], np.eye(2))


def test_arrays_in_fortran_order_are_read(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.asfortranarray(np.arange(6).reshape(2, 3)))
    assert np.array_equal(read_arrays(path)["x"], np.arange(6).reshape(2, 3))


def test_arrays_of_objects_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.array([[1], [1, 2]], dtype=object))
    with pytest.raises(UserError, match=r"'x' holds Python objects"):
        read_arrays(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "bomb.npz", "x.npy", header("(2500000,)") + bytes(10_000_000))
    assert path.stat().st_size < 20_000
    with pytest.raises(UserError, match=r"at most 0\.0 GB are read"):
        read_arrays(path, limit_bytes=1_000_000)


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(2**9,)", "(-4,)", "(3, 3)", "'wide'"])
def test_a_shape_that_the_bytes_do_not_fill_is_refused(tmp_path: Path, shape: str) -> None:
    path = archive_of(tmp_path / "data.npz", "x.npy", header(shape) + bytes(16))
    with pytest.raises(UserError, match=r"not a whole \.npz"):
        read_arrays(path)


@pytest.mark.parametrize("descr", ["'O'", "'|O8'", "[('a', 'O')]"])
def test_objects_are_refused_however_they_are_declared(tmp_path: Path, descr: str) -> None:
    path = archive_of(tmp_path / "data.npz", "x.npy", header("(2,)", descr) + bytes(16))
    with pytest.raises(UserError, match="Python objects"):
        read_arrays(path)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(b"not at all an archive")
    with pytest.raises(UserError, match=r"data\.npz was not read"):
        read_arrays(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder"):
        read_arrays(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places)
def test_a_file_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(whole_archive()[:length])
    with pytest.raises(UserError):
        read_arrays(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused_in_words(
    tmp_path: Path, damage: list[tuple[int, int]]
) -> None:
    content = bytearray(whole_archive())
    for place, value in damage:
        content[place] = value
    path = tmp_path / "data.npz"
    path.write_bytes(bytes(content))
    try:
        arrays = read_arrays(path)
    except UserError as error:
        assert error.hint
    else:
        assert all(isinstance(array, np.ndarray) for array in arrays.values())
