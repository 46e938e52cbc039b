"""Kinds of arguments that several commands take; what is not of the kind is wrong usage."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tinystudio.gallery import PREFIX

LARGEST_SEED = 2**32 - 1  # what every random generator in use takes


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def not_negative(text: str) -> int:
    """Read a whole number of at least 0."""
    number = _whole(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def threads(text: str) -> int:
    """Read how many threads may compute: more than there are processors would only wait."""
    number, most = positive(text), os.cpu_count() or 1
    if number > most:
        raise argparse.ArgumentTypeError(f"{text} is more than the {most} processors here")
    return number


def seed(text: str) -> int:
    """Read a seed for random numbers."""
    number = _whole(text)
    if not 0 <= number <= LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {LARGEST_SEED}")
    return number


def lasting(reference: str) -> str:
    """Return what MODEL or DATA names so that a project finds it from any folder."""
    return reference if reference.startswith(PREFIX) else str(Path(reference).absolute())


def add_steps(parser: argparse.ArgumentParser) -> None:
    """Let a command take a recipe: from a file, or step by step."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", metavar="FILE", help="a recipe file (JSON)")
    what.add_argument(
        "--step",
        nargs="+",
        action="append",
        metavar=("NAME", "param=value"),
        help="a technique with its parameters; may be repeated",
    )


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
