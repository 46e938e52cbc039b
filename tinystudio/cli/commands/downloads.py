"""`tinystudio downloads`: the data that can be downloaded."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.download_words import download_document, show_download
from tinystudio.downloads import downloads


class Downloads(Command):
    """List the data that can be downloaded: size, licence, and what is here already.

    Nothing is fetched. No model comes with it: bring your own, and measure it with
    --data download:ID.
    """

    name = "downloads"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        del parser

    def run(self, args: argparse.Namespace, console: Console) -> list[Any]:
        for download in downloads().values():
            show_download(download, console)
        return [download_document(download) for download in downloads().values()]
