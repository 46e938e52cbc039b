"""Which source code of the user's may be run as a metric: by what it holds, not by its name."""

from __future__ import annotations

import json

from tinystudio.core import places
from tinystudio.core.files import write_whole

MOST = 200  # the oldest is forgotten


def is_trusted(sha256: str) -> bool:
    """Say whether the user has trusted code of that SHA-256 on this computer."""
    return sha256 in _known()


def trust(sha256: str) -> None:
    """Remember that code of that SHA-256 may be run; raises `UserError` where it cannot be."""
    known = [item for item in _known() if item != sha256]
    folder = places.config()
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "trusted_metrics.json", json.dumps([*known, sha256][-MOST:]).encode())


def _known() -> tuple[str, ...]:
    try:
        listed = json.loads((places.config() / "trusted_metrics.json").read_bytes())
    except (OSError, ValueError):
        return ()
    return tuple(item for item in listed if isinstance(item, str)) if type(listed) is list else ()
