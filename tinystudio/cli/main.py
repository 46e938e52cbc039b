"""The command line's entry: parse, run one command, turn errors into exit codes."""

from __future__ import annotations

import argparse
import io
import logging
import sys

import tinystudio
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.logbook import log_file, logging_to_file
from tinystudio.core.catalogue import find_parts
from tinystudio.core.errors import UserError

DONE, FAILED = 0, 1
INTERRUPTED = 130  # what a shell expects after Ctrl+C
_LOG = logging.getLogger(__name__)


def run(argv: list[str]) -> int:
    """Run one command and return the exit code: 0 done, 1 failed; wrong usage exits with 2."""
    _print_whatever_the_terminal_knows()
    commands = {
        part.name: part
        for part in find_parts("tinystudio.cli.commands", Command)  # type: ignore[type-abstract]  # mypy has no type for "a class, maybe abstract"
    }
    args = _parser(commands).parse_args(argv)
    console = Console(as_json=args.json)
    with logging_to_file():
        return _carry_out(commands[args.command], args, console)


def _carry_out(command: Command, args: argparse.Namespace, console: Console) -> int:
    try:
        console.finish(command.run(args, console))
    except UserError as error:
        console.fail(error)
        return FAILED
    except KeyboardInterrupt as interrupt:
        console.note(str(interrupt) or "Stopped. What was finished is kept.")
        return INTERRUPTED
    except BrokenPipeError:
        return FAILED  # the reader has gone (`| head`), and nobody is left to be told
    except Exception as error:  # noqa: BLE001 - the outer edge: no traceback on anyone's screen
        _LOG.exception("%s failed", command.name)
        console.fail(_fault(error))
        return FAILED
    return DONE


def _fault(error: Exception) -> UserError:
    return UserError(
        "Something went wrong inside TinyStudio",
        f"{type(error).__name__}: {error}",
        f"This is a fault of the program; report it with {log_file()}.",
    )


def _print_whatever_the_terminal_knows() -> None:
    """Let a terminal without µ show a question mark rather than end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


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
            help=command.help.splitlines()[0].replace("%", "%%"),
            description=command.help,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--json", action="store_true", help="print one JSON document on stdout")
        command.add_arguments(sub)
    return parser
