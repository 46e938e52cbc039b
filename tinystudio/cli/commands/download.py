"""`tinystudio download`: fetches a data set."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.download_words import download_document, licence_words, size_words
from tinystudio.core.errors import UserError
from tinystudio.downloads import downloads
from tinystudio.downloads.download import Download
from tinystudio.downloads.fetching import Progress, fetch
from tinystudio.downloads.keeping import KeptFile, folder_of, note_of, remove
from tinystudio.session.figure_words import bytes_text


class DownloadData(Command):
    """Fetch a data set after its licence is accepted; one that broke off goes on where it was.

    Files are checked against the published checksum before they are used. Where none is
    published, that is said, and what came is noted. Stop it with Ctrl+C: what arrived is kept.
    """

    name = "download"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("id", choices=list(downloads()), help="which one (see: downloads)")
        parser.add_argument(
            "--accept-licence", action="store_true", help="you have read the licence and keep to it"
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--again", action="store_true", help="delete what is here and fetch it anew"
        )
        what.add_argument("--remove", action="store_true", help="delete what is here")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        download = downloads()[args.id]
        if args.remove:
            remove(download)
            console.say(f"{download.title} is no longer on this computer.")
            return download_document(download)
        if args.again or note_of(download) is None:
            _check_licence(download, args.accept_licence, console)
            if args.again:
                remove(download)
            _fetch(download, console)
        console.say(f"{download.title} is in {folder_of(download)}")
        console.say(f"Use it: --data {download.reference}. Bring your own model: none comes along.")
        return download_document(download)


def _check_licence(download: Download, is_accepted: bool, console: Console) -> None:
    console.note(f"{download.title}: {size_words(download)} from {download.files[0].host}")
    console.note(f"Licence: {licence_words(download)}")
    console.note(download.terms)
    console.note(f"Source: {download.source}")
    if not is_accepted:
        raise UserError(
            f"{download.title} was not downloaded",
            f"Its licence has to be accepted first: {licence_words(download)}.",
            f"If you keep to it: tinystudio download {download.id} --accept-licence",
        )


def _fetch(download: Download, console: Console) -> None:
    def tell(progress: Progress) -> None:
        rate = "" if progress.rate is None else f", {bytes_text(int(progress.rate))}/s"
        share = progress.done / max(1, progress.total)
        console.progress(min(1.0, share), f"{progress.text}{rate}", progress.seconds_left)

    note = fetch(download, tell if console.is_live else _quiet(console))
    for file in note.files:
        if not file.is_checked:
            _say_unchecked(file, console)


def _quiet(console: Console) -> Any:
    """Return what tells the stages alone: a line for each rate would fill a log."""
    return lambda progress: console.progress(
        min(1.0, progress.done / max(1, progress.total)), progress.text.partition(":")[0], None
    )


def _say_unchecked(file: KeptFile, console: Console) -> None:
    console.note(
        f"{file.name} could not be checked: no checksum of it is published. "
        f"The SHA-256 of what came is {file.sha256}."
    )
