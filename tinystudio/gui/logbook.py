"""The log of the program, for developers: a file that cannot grow for ever."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

LARGEST_BYTES = 1_000_000
OLDER_FILES = 2


def keep_log(folder: Path) -> RotatingFileHandler:
    """Write the program's log into `folder` from now on; close the handler at the end."""
    handler = RotatingFileHandler(
        folder / "tinystudio.log", maxBytes=LARGEST_BYTES, backupCount=OLDER_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("tinystudio")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return handler


def close_log(handler: RotatingFileHandler) -> None:
    """Stop writing."""
    logging.getLogger("tinystudio").removeHandler(handler)
    handler.close()
