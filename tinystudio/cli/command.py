"""What every command is: its arguments, and what it does with them."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from tinystudio.cli.console import Console


class Command(ABC):
    """One command. A subclass's docstring is its help; its file is all there is to it."""

    name: ClassVar[str]

    @property
    def help(self) -> str:
        """Return the help text."""
        return (type(self).__doc__ or "").strip()

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments (`--json` is there already)."""

    @abstractmethod
    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any] | list[Any]:
        """Do it and return the JSON document; print for people through `console.say`.

        Raises `UserError`.
        """
