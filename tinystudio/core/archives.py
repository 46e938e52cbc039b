"""Reads the arrays of an .npz file without trusting it: no pickles, no bombs, nothing cut short."""

from __future__ import annotations

import lzma
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO

from numpy.lib import format as npy

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError

LIMIT_BYTES = 4 * 2**30  # of all arrays together, unpacked: what a usual machine can hold

HINT = "Write it with numpy.savez_compressed(path, x_train=..., y_train=..., ...)."

# Everything that zipfile and numpy are known to raise on damaged files.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,  # numpy: not an .npy header, wrong length
    RuntimeError,  # encrypted members; includes NotImplementedError for unknown compression
    SyntaxError,
    tokenize.TokenError,
    KeyError,
    TypeError,  # numpy: a header whose dtype is none
    OverflowError,
)


def read_arrays(path: Path, limit_bytes: int = LIMIT_BYTES) -> dict[str, Array]:
    """Return every array of the archive by name, in the order of the file.

    Raises `UserError` where the file is not a whole .npz, holds Python objects, or would
    unpack to more than `limit_bytes`; that is checked before anything is unpacked.
    """
    title = f"{path.name} was not read"
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            _check_size(title, sum(info.file_size for info in members), limit_bytes)
            return {
                info.filename.removesuffix(".npy"): _read(title, archive, info) for info in members
            }
    except PermissionError:
        raise UserError(title, f"You may not read {path}.", "Change its permissions.") from None
    except IsADirectoryError:
        raise UserError(title, f"{path} is a folder.", "Choose an .npz file.") from None
    except _DAMAGE as error:
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise UserError(title, f"It is not a whole .npz file ({reason}).", HINT) from error


def _check_size(title: str, declared: int, limit: int) -> None:
    if declared > limit:
        raise UserError(
            title,
            f"Its arrays would take {declared / 1e9:.1f} GB in memory; "
            f"at most {limit / 1e9:.1f} GB are read.",
            "Save fewer samples, or smaller numbers such as uint8.",
        )


def _read(title: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as file:
        _check_header(title, file, info)
    with archive.open(info) as file:
        array: Array = npy.read_array(file, allow_pickle=False)
    return array


def _check_header(title: str, file: IO[bytes], info: zipfile.ZipInfo) -> None:
    """Refuse objects, and shapes that are larger than the bytes that are there.

    numpy makes room for the shape it is told before it reads a byte.
    """
    version = npy.read_magic(file)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read_header(file)
    name = info.filename.removesuffix(".npy")
    if dtype.hasobject:
        raise UserError(
            title,
            f"The array {name!r} holds Python objects, which could run code when they are read.",
            "Save plain numbers: all samples with one shape and one type, not lists of arrays.",
        )
    count = 1
    for size in shape:
        count *= int(size)
    if min(shape, default=0) < 0 or file.tell() + count * dtype.itemsize != info.file_size:
        raise ValueError(f"the array {name!r} is not as long as it says")
