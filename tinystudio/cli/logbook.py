"""The log of the command line, for developers: what went wrong inside, never on the screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tinystudio.core import places

FILE = "command-line.log"
LARGEST_BYTES = 1_000_000
OLDER_FILES = 2


def log_file() -> Path:
    """Return where the log is kept."""
    return places.log() / FILE


@contextmanager
def logging_to_file() -> Iterator[None]:
    """Write the program's log into a file while a command runs."""
    logger = logging.getLogger("tinystudio")
    handler = _handler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


def _handler() -> logging.Handler:
    file = log_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # The file is made with its first line: most commands have nothing to say.
        handler = RotatingFileHandler(
            file,
            maxBytes=LARGEST_BYTES,
            backupCount=OLDER_FILES,
            encoding="utf-8",
            delay=True,
        )
    except OSError:
        return logging.NullHandler()  # a home that cannot be written to must not stop the work
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    return handler
