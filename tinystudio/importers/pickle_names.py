"""What a pickle would call when it is read: told by its codes, without reading it."""

from __future__ import annotations

import io
import pickletools
import zipfile
from pathlib import Path
from typing import IO

LARGEST_TABLE = 50_000_000  # bytes of a checkpoint's pickle; its numbers stand elsewhere
MOST_PICKLES = 5  # in a row, as torch.save wrote them before it wrote archives
# What torch.save writes for tables of tensors, and nothing more.
_PLAIN = frozenset(
    {
        "collections OrderedDict", "torch Size", "torch device", "torch.nn.parameter Parameter",
        "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_tensor",
        "torch._utils _rebuild_parameter", "torch.serialization _get_layout",
    }
)  # fmt: skip


def holds_plain_weights(path: Path) -> bool:
    """Say whether a checkpoint names nothing but what tables of tensors are made of.

    False where that cannot be told. It is a help to the user and no protection: whatever reads
    the file has to refuse the rest by itself.
    """
    try:
        names = _names(path)
    except (ValueError, OSError, IndexError, UnicodeDecodeError, OverflowError, KeyError):
        return False
    except (zipfile.BadZipFile, RuntimeError, EOFError):
        return False
    return all(name in _PLAIN or _is_storage(name) for name in names)


def _names(path: Path) -> set[str]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inner = next(it for it in archive.infolist() if it.filename.endswith("data.pkl"))
            if inner.file_size > LARGEST_TABLE:
                raise ValueError("too long to be looked through")
            return _called(io.BytesIO(archive.read(inner)))[0]
    found: set[str] = set()
    with path.open("rb") as file:
        for _ in range(MOST_PICKLES):
            names, is_over = _called(file)
            found |= names
            if is_over:
                break
    return found


def _called(file: IO[bytes]) -> tuple[set[str], bool]:
    """Return what the next pickle in a file names, and whether the file ended before one."""
    found: set[str] = set()
    begins = file.tell()
    if not file.read(1):
        return found, True
    file.seek(begins)
    for code, argument, _ in pickletools.genops(file):
        if code.name in ("GLOBAL", "INST"):
            found.add(str(argument))
        elif code.name == "STACK_GLOBAL" or code.name.startswith("EXT"):
            found.add("what is put together when it is read")
    return found, False


def _is_storage(name: str) -> bool:
    module, _, kind = name.partition(" ")
    is_type = kind in ("float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8")
    is_kind = kind.endswith("Storage") or is_type
    return module in ("torch", "torch.storage") and kind.isidentifier() and is_kind
