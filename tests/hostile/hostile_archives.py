"""Archives and files of weights that were made to do harm; see `hostile_files`."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import import_examples as files
import numpy as np
import onnx
from hostile_files import HUGE, maker, saved

# Archives


def _zip_of(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    return path


@maker
def zip_bomb(folder: Path) -> Path:
    return _zip_of(folder, ("model.onnx", bytes(400_000_000)))


@maker
def zip_that_declares_gigabytes(folder: Path) -> Path:
    path = _zip_of(folder, ("model.onnx", b"abc"))
    return _with_declared_size(path, 3, 4_000_000_000)


@maker
def zip_that_is_longer_than_it_says(folder: Path) -> Path:
    path = _zip_of(folder, ("model.onnx", bytes(100_000_000)))
    return _with_declared_size(path, 100_000_000, 1000)


def _with_declared_size(path: Path, true: int, told: int) -> Path:
    data = path.read_bytes()
    at = data.rfind(b"PK\x01\x02")
    found = data.find(struct.pack("<I", true), at)
    path.write_bytes(data[:found] + struct.pack("<I", told) + data[found + 4 :])
    return path


@maker
def zip_of_very_many_files(folder: Path) -> Path:
    path = folder / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"{number}", b"")
    return path


@maker
def zip_in_a_zip(folder: Path) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("model.onnx", b"")
    return _zip_of(folder, ("inner.zip", inner.getvalue()))


@maker
def zip_with_two_models(folder: Path) -> Path:
    return _zip_of(folder, ("a.onnx", b"a"), ("b.onnx", b"b"))


@maker
def zip_that_climbs_out(folder: Path) -> Path:
    return _zip_of(folder, ("../climbed.onnx", b"abc"))


@maker
def zip_with_an_absolute_path(folder: Path) -> Path:
    return _zip_of(folder, (f"{folder}/climbed.onnx", b"abc"))


@maker
def zip_with_a_path_of_windows(folder: Path) -> Path:
    return _zip_of(folder, ("..\\climbed.onnx", b"abc"), ("C:climbed.onnx", b"abc"))


@maker
def zip_with_a_link(folder: Path) -> Path:
    link = zipfile.ZipInfo("model.data")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    model = files.onnx_with_data(folder / "net").read_bytes()
    return _zip_of(folder, ("model.onnx", model), (link, b"/etc/passwd"))


@maker
def zip_whose_file_is_also_a_folder(folder: Path) -> Path:
    return _zip_of(folder, ("a", b"abc"), ("a/model.onnx", b"abc"))


@maker
def zip_cut_short(folder: Path) -> Path:
    path = zip_with_two_models(folder)
    path.write_bytes(path.read_bytes()[:-30])
    return path


@maker
def zip_of_noise(folder: Path) -> Path:
    path = folder / "model.zip"
    path.write_bytes(b"PK\x03\x04" + np.random.default_rng(0).bytes(5000))
    return path


@maker
def zip_with_data_outside_of_it(folder: Path) -> Path:
    model = files.onnx_with_data(folder / "net", location="../../../../../../etc/passwd")
    return files.zipped(folder / "model.zip", model)


# Weights in other files


@maker
def data_in_the_folder_above(folder: Path) -> Path:
    (folder / "secret").write_bytes(bytes(48))
    return files.onnx_with_data(folder / "net", location="../secret")


@maker
def data_at_an_absolute_path(folder: Path) -> Path:
    return files.onnx_with_data(folder / "net", location="/etc/passwd")


@maker
def data_behind_a_link(folder: Path) -> Path:
    (folder / "secret").write_bytes(bytes(48))
    path = files.onnx_with_data(folder / "net", location="link")
    (folder / "net" / "link").symlink_to(folder / "secret")
    return path


@maker
def data_in_a_device(folder: Path) -> Path:
    path = files.onnx_with_data(folder / "net", location="zero")
    (folder / "net" / "zero").symlink_to("/dev/zero")
    return path


@maker
def data_of_a_hundred_gigabytes(folder: Path) -> Path:
    path = files.onnx_with_data(folder / "net")
    model = onnx.load(path, load_external_data=False)
    model.graph.initializer[0].dims[:] = [HUGE, 1]
    return saved(folder, model)
