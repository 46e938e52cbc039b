"""A .zip that holds one ONNX model and the files with its weights."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import Peek, kind_of_file
from tinystudio.graph.opening import open_network
from tinystudio.importers.importer import Importer, Say, Source

LARGEST_BYTES = 2**31 - 1  # unpacked; one ONNX file holds no more either
MOST_FILES = 1000
MOST_GROWTH, FREE_BYTES = 200, 50_000_000  # trained weights hardly shrink at all
HINT = "Pack one .onnx file and the data files it was exported with."
PICKLE = "It is a pickle, which could run any program when it is read."
_CHUNK = 2**20
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,  # includes NotImplementedError for unknown compression
    ValueError,  # places before the beginning of the file
    struct.error,
    KeyError,
    OverflowError,
)


class OnnxArchive(Importer):
    """A .zip with one .onnx file and, beside it, the files that hold its weights."""

    id = "onnx-archive"
    title = "zipped ONNX model"
    suffixes = (".zip",)

    def recognizes(self, peek: Peek) -> bool:
        """Any archive that is none of torch's."""
        is_torch = any(map(peek.holds, ("data.pkl", "constants.pkl", "archive_format")))
        is_old = peek.holds("serialized_exported_program.json")
        return peek.kind == "zip" and not is_torch and not is_old

    def convert(self, source: Source, say: Say) -> bytes:
        """Unpack it into a folder that is gone afterwards, and put model and data together."""
        say("Unpacking")
        with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
            model = _unpack(source, Path(folder))
            if kind_of_file(model) == "pickle":
                detail = f"{model.name} in it: {PICKLE}"
                raise UserError(source.title, detail, HINT)
            say("Reading the model")
            try:
                return open_network(model).data
            except UserError as error:
                detail = f"{model.name} in it: {error.detail}"
                raise UserError(source.title, detail, error.hint) from error


def _unpack(source: Source, folder: Path) -> Path:
    """Unpack all that is safe to; return the model."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            for item in members:
                _check_member(item, source)
            _check_sizes(members, source)
            model = _model_of([item.filename for item in members], source)
            for item in members:
                _write(archive, item, folder / item.filename, source)
    except _DAMAGE as error:
        detail = f"It is not a whole .zip file ({type(error).__name__})."
        raise UserError(source.title, detail, "Copy or pack it again.") from error
    return folder / model


def _check_member(item: zipfile.ZipInfo, source: Source) -> None:
    name = item.filename
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name or ":" in name or "\0" in name:
        detail = f"It holds '{name}', which leads outside of its folder."
        raise UserError(source.title, detail, "Do not use it; ask who made it for another one.")
    kind = stat.S_IFMT(item.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise UserError(source.title, f"It holds '{name}', which is a link or no file.", HINT)
    if item.flag_bits & 1:
        raise UserError(source.title, "It is locked with a password.", "Unpack it first.")


def _check_sizes(members: list[zipfile.ZipInfo], source: Source) -> None:
    size, packed = (sum(getattr(m, n) for m in members) for n in ("file_size", "compress_size"))
    if len(members) > MOST_FILES:
        detail = f"It holds {len(members):,} files; a model has at most {MOST_FILES:,}."
        raise UserError(source.title, detail, HINT)
    if size > LARGEST_BYTES:
        detail = f"Unpacked it would take {size / 2**30:.1f} GiB; at most 2 GiB are read."
        raise UserError(source.title, detail, "Choose a smaller model.")
    if size > FREE_BYTES and size > MOST_GROWTH * max(packed, 1):
        detail = f"It would grow from {packed:,} bytes to {size:,}, as no trained weights do."
        raise UserError(source.title, detail, "Do not use it; unpack it elsewhere if you must.")
    names = [item.filename for item in members]
    if len(set(names)) < len(names):
        raise UserError(source.title, "It holds two files of one name.", HINT)


def _model_of(names: list[str], source: Source) -> str:
    models = [
        name
        for name in names
        if name.lower().endswith(".onnx") and not PurePosixPath(name).name.startswith("._")
    ]
    if len(models) != 1:
        found = "no .onnx file" if not models else f"{len(models)} .onnx files"
        raise UserError(source.title, f"There is {found} in it; it has to be one.", HINT)
    return models[0]


def _write(archive: zipfile.ZipFile, item: zipfile.ZipInfo, path: Path, source: Source) -> None:
    """Unpack one file; what is longer than its own table says is not believed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    left = item.file_size
    with archive.open(item) as packed, path.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                detail = f"'{item.filename}' in it is longer than it says."
                raise UserError(source.title, detail, "Copy or pack it again.")
            file.write(chunk)
