"""Kinds of arguments that several commands take; what is not of the kind is wrong usage."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import replace
from pathlib import Path

from tinystudio.core import trusted_code
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256
from tinystudio.datasets.judging_setting import METRIC, OWN
from tinystudio.downloads import is_download
from tinystudio.gallery import PREFIX
from tinystudio.metrics.own.named import Named

LARGEST_SEED = 2**32 - 1  # what every random generator in use takes
_NAME = re.compile(r"[a-z][a-z0-9_]*")  # of a setting


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
    """Return what MODEL or data names so that a project finds it from any folder."""
    is_named = reference.startswith(PREFIX) or is_download(reference)
    return reference if is_named else str(Path(reference).absolute())


def add_data(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Let a command take data, with settings that it is read with."""
    parser.add_argument(
        "--data",
        required=required,
        help="an .npz, .csv or .txt file, a folder of images or recordings, gallery:TASK (see: "
        "formats), or download:ID (see: downloads)",
    )
    parser.add_argument(
        "--data-option",
        action="append",
        default=[],
        metavar="key=value",
        help="how the data is read, instead of a guess; may be repeated (see: formats)",
    )
    parser.add_argument(
        "--metric",
        metavar="ID",
        help="what the data is judged by, instead of a guess: short for --data-option metric=ID "
        "(see: metrics); or FILE.py:FUNCTION[:lower], your own, which --trust allows to run",
    )


def data_of(args: argparse.Namespace) -> str | None:
    """Return the one string that names the data with its options, from any folder.

    Raises `UserError` for an option that is not of the form key=value.
    """
    if args.data is None:
        _check_no_options(args)
        return None
    named = DataReference.parse(args.data)
    settings = dict(named.settings)
    if args.metric is not None:
        name, metric = _metric(args)
        settings[name] = metric
    for word in args.data_option:
        name, separator, value = word.partition("=")
        if not separator or not _NAME.fullmatch(name):
            raise UserError(
                "An option of the data was not understood",
                f"{word!r} is not of the form key=value.",
                "Write for example: --data-option target=label",
            )
        settings[name] = value
    return DataReference(lasting(named.path), settings).text


def _metric(args: argparse.Namespace) -> tuple[str, str]:
    """Return setting and value of the metric asked for; one's own is trusted if so asked."""
    named = Named.parse(args.metric)
    if named is None:
        return METRIC, str(args.metric)
    lasting_so = replace(named, path=named.path.absolute())
    if getattr(args, "trust", False):
        trusted_code.trust(sha256(lasting_so.source()))
    return OWN, lasting_so.text


def _check_no_options(args: argparse.Namespace) -> None:
    if args.data_option or args.metric:
        raise UserError(
            "An option of the data was not understood",
            "There is no data file that it could be about.",
            "Leave --data-option and --metric out, or give data with --data.",
        )


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
