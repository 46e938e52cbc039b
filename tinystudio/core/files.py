"""Files that are whole or not there: written beside, then renamed; and named by what they hold."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tinystudio.core.errors import UserError

_CHUNK = 2**23


def sha256(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def sha256_of(path: Path, check: Callable[[], None]) -> str:
    """Return the SHA-256 of a file, whatever its size; `check` is called now and then.

    Raises `OSError`, and what `check` raises.
    """
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
            check()
    return found.hexdigest()


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write `data` to `path` so that a reader sees all of it or nothing.

    `durable`: return only when it would survive a power cut, which a disk takes its time for.

    Raises `UserError` where the folder cannot be written, the disk is full, or `path` is
    something else than a file; nothing half-written is left behind.
    """
    beside = None
    try:
        check_replaceable(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        # After success it is gone already; Ctrl+C must not leave it behind either.
        if beside is not None:
            beside.unlink(missing_ok=True)


def check_replaceable(path: Path) -> None:
    """Raise `UserError` where something that is not a file stands at `path`."""
    # Renaming over a device such as /dev/null would put a file in its place.
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "not an ordinary file"
        hint = "Name a file, such as model.onnx."
        raise UserError(f"{path} was not written", f"{path} is {kind}.", hint)


def unwritable(path: Path, error: OSError) -> UserError:
    """Say why `path` could not be written."""
    title = f"{path.name} was not written"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        why, what = f"The disk that holds {path.parent} is full.", "Free some space"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        why, what = f"The folder {path.parent} cannot be written to.", "Ask for the right to write"
    else:
        why, what = f"{path.parent}: {error.strerror or error}.", "Check the path"
    return UserError(title, why, f"{what}, or choose another folder.")
