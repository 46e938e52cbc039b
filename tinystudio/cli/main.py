"""The command line's entry: parse, run one command, turn errors into exit codes."""

from __future__ import annotations

import argparse
import sys

import tinystudio
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.core.catalogue import find_parts
from tinystudio.core.errors import UserError

DONE, FAILED = 0, 1
INTERRUPTED = 130  # what a shell expects after Ctrl+C


def run(argv: list[str]) -> int:
    """Run one command and return the exit code: 0 done, 1 failed; wrong usage exits with 2."""
    commands = {
        part.name: part
        for part in find_parts("tinystudio.cli.commands", Command)  # type: ignore[type-abstract]  # mypy has no type for "a class, maybe abstract"
    }
    args = _parser(commands).parse_args(argv)
    console = Console(as_json=args.json)
    try:
        document = commands[args.command].run(args, console)
    except UserError as error:
        console.fail(error)
        return FAILED
    except KeyboardInterrupt:
        console.note("Stopped. What was finished is kept.")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    console.finish(document)
    return DONE


def _parser(commands: dict[str, Command]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tinystudio",
        description="See what it costs to make a neural network small, before you ship it. "
        "Without a command, or with a project folder, the window opens.",
    )
    parser.add_argument("--version", action="version", version=tinystudio.__version__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in commands.items():
        sub = subparsers.add_parser(
            name,
            help=command.help.splitlines()[0],
            description=command.help,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--json", action="store_true", help="print one JSON document on stdout")
        command.add_arguments(sub)
    return parser
