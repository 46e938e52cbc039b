"""The log of the command line, for developers: what went wrong inside, never on the screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler

from tinystudio.core import places

FILE = "command-line.log"
LARGEST_BYTES = 1_000_000
OLDER_FILES = 2


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
    try:
        # The file is made with its first line: most commands have nothing to say.
        handler = RotatingFileHandler(
            places.log() / FILE,
            maxBytes=LARGEST_BYTES,
            backupCount=OLDER_FILES,
            encoding="utf-8",
            delay=True,
        )
    except OSError:
        return logging.NullHandler()  # a home that cannot be written to must not stop the work
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    return handler
