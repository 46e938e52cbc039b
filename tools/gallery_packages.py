"""Takes single files out of packages that lie in a folder: wheels and Debian packages."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path


def from_wheel(packages: Path, package: str, path: str) -> bytes:
    """Return one file of a wheel."""
    with zipfile.ZipFile(_find(packages, f"{package}-*.whl")) as wheel:
        return wheel.read(path)


def from_deb(packages: Path, package: str, path: str) -> bytes:
    """Return one file of a Debian package: an ar archive with the files in data.tar.*."""
    archive = io.BytesIO(_find(packages, f"{package}_*.deb").read_bytes())
    archive.seek(8)  # "!<arch>\n"
    while header := archive.read(60):
        size = int(header[48:58])
        content = archive.read(size + size % 2)[:size]
        if header.startswith(b"data.tar"):
            with tarfile.open(fileobj=io.BytesIO(content)) as files:
                found = files.extractfile(path)
                if found is not None:
                    return found.read()
    raise FileNotFoundError(f"{package} has no {path}")


def _find(packages: Path, pattern: str) -> Path:
    found = sorted(packages.glob(pattern))
    if not found:
        raise SystemExit(f"There is no {pattern} in {packages}.\n\n{__doc__}")
    return found[-1]
