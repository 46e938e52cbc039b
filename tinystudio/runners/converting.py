"""What a conversion's process does: look at a foreign file, or write it as ONNX."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from tinystudio.core.child_words import Doing
from tinystudio.core.data import Dataset
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.core.peeking import peek
from tinystudio.datasets import find_format, read_dataset
from tinystudio.downloads import is_download
from tinystudio.gallery import PREFIX, find_task
from tinystudio.importers import importer_of, suffixes
from tinystudio.importers.importer import Importer, ImportSettings, Source
from tinystudio.importers.user_module import read_source
from tinystudio.runners.conversion_words import (
    Convert,
    Converted,
    LookAt,
    Looked,
    Request,
    Word,
)

LARGEST_FILE_BYTES = 2**32  # its network has to fit into one ONNX file, of at most 2 GiB

Say = Callable[[Word], None]


def answer(request: Request, say: Say) -> Word:
    """Carry out a request; raises `UserError`."""
    match request:
        case LookAt():
            say(Doing(text=f"Looking at {request.path.name}"))
            importer, source = _read(request.path, request.settings)
            return _looked(importer, source, request.data)
        case Convert():
            importer, source = _read(request.path, request.settings)
            if _hash_of(source) != request.looked_hash:
                raise UserError(
                    source.title, "It has changed since it was looked at.", "Open it again."
                )
            data = importer.convert(source, lambda text: say(Doing(text=text)))
            write_whole(request.output, data)
            return Converted()


def _read(path: Path, settings: ImportSettings) -> tuple[Importer, Source]:
    """Read the file once: what is hashed, shown and loaded are the same bytes."""
    title = f"{path.name} was not opened"
    try:
        found = importer_of(peek(path))
    except zipfile.BadZipFile as error:
        detail = "It begins like an archive, and the end of it is missing or damaged."
        raise UserError(title, detail, "Copy or save the file again.") from error
    except OSError as error:
        detail = f"It could not be read: {error.strerror or error}."
        raise UserError(title, detail, "Check the path and that you may read it.") from error
    if found is None:
        detail = "It is not a kind of model file that TinyStudio knows."
        raise UserError(title, detail, f"Open a .onnx file, or one of {', '.join(suffixes())}.")
    refusal = found.refusal(path, settings)
    if refusal is not None:
        raise UserError(title, *refusal)
    members = _members(path, found)
    size = sum(item.stat().st_size for item in members)
    if size > LARGEST_FILE_BYTES:
        detail = f"It has {size / 2**30:.1f} GiB; a model may have at most 2 GiB of weights."
        raise UserError(title, detail, "Choose a smaller model.")
    has_module = found.needs_module and bool(settings.module)
    source = read_source(settings.module) if has_module else b""
    if found.members:
        files = {item.name: item.read_bytes() for item in members}
        return found, Source(path, _digest(files), settings, source, files)
    return found, Source(path, path.read_bytes(), settings, source)


def _members(path: Path, importer: Importer) -> list[Path]:
    if not importer.members:
        return [path]
    found = {item for pattern in importer.members for item in path.glob(pattern)}
    return sorted(item for item in found if item.is_file())


def _digest(files: Mapping[str, bytes]) -> bytes:
    """Return what stands for a folder's files: their names and hashes."""
    lines = [f"{hashlib.sha256(data).hexdigest()} {name}\n" for name, data in files.items()]
    return "".join(lines).encode()


def _looked(importer: Importer, source: Source, data: str) -> Looked:
    digest = hashlib.sha256(source.data).hexdigest()
    shapes, whose = _shapes(importer, source, data)
    code_hash = ""
    if importer.needs_module:
        code_hash = hashlib.sha256(source.module_source).hexdigest() if source.module_source else ""
    elif importer.runs_code:
        code_hash = digest
    return Looked(
        importer=importer.id,
        title=importer.title,
        help=importer.help,
        size_bytes=sum(map(len, source.files.values())) if source.files else len(source.data),
        sha256=digest,
        code_sha256=code_hash,
        code=source.module_source.decode(errors="replace"),
        hash=_hash_of(source),
        needs_module=importer.needs_module,
        needs_shapes=importer.needs_shapes,
        guessed_shapes=shapes,
        guessed_from=whose,
    )


def _shapes(
    importer: Importer, source: Source, data: str
) -> tuple[tuple[str, ...], Literal["", "data", "model"]]:
    """Return the inputs' shapes as the data has them, or else as the model itself tells."""
    if not importer.needs_shapes:
        return (), ""
    told = importer.guess(source)
    found = _guessed(data) if data else ()
    if found:
        return found, "data"
    return (told, "model") if told else ((), "")


def _hash_of(source: Source) -> str:
    parts = (source.data, source.module_source)
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _guessed(data: str) -> tuple[str, ...]:
    """Return the shapes of one sample of the data, where it has them by itself."""
    try:
        samples = _dataset(data)
    except UserError:
        return ()  # attaching the data says what is wrong with it
    return tuple(
        ",".join(map(str, (1, *array.shape[1:]))) + (":int64" if array.dtype.kind in "iu" else "")
        for array in (samples.train.inputs if samples is not None else ())
    )


def _dataset(data: str) -> Dataset | None:
    """Return the data; None where it takes the shape that a network asks of it."""
    if data.startswith(PREFIX):
        return find_task(data).dataset()
    if is_download(data):
        return None  # reading it may take minutes, and it takes the shape that is wanted
    if not find_format(DataReference.parse(data)).has_own_shape:
        return None
    return read_dataset(data, seed=0)
