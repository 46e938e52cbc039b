"""A download has its own thread; its end, its error and its progress are seen from outside."""

from __future__ import annotations

import threading

import pytest

from tinystudio.core.errors import Cancelled, UserError
from tinystudio.downloads import downloads
from tinystudio.downloads.fetching import Progress
from tinystudio.downloads.keeping import Note
from tinystudio.session.downloading import Downloading, DownloadState, Reachability

MNIST = downloads()["mnist"]
NOTE = Note(licence="x", at="now", files=())


def ended(fetch) -> Downloading:
    download = Downloading(MNIST, fetch)
    download.wait(10)
    return download


def test_it_is_done_when_all_is_there_and_its_progress_was_told() -> None:
    def fetch(download, tell, is_cancelled):
        tell(Progress("half", 1, 2, rate=4.0))
        return NOTE

    download = ended(fetch)
    assert (download.state, download.note) == (DownloadState.DONE, NOTE)
    assert download.progress is not None
    assert download.progress.seconds_left == 0.25


def test_it_stops_when_it_is_asked_to() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def fetch(download, tell, is_cancelled):
        begun.set()
        may_end.wait(10)
        if is_cancelled():
            raise Cancelled
        return NOTE

    download = Downloading(MNIST, fetch)
    begun.wait(10)
    assert download.state is DownloadState.RUNNING
    download.stop()
    assert download.state is DownloadState.STOPPING
    may_end.set()
    download.wait(10)
    assert download.state is DownloadState.STOPPED


@pytest.mark.parametrize("error", [UserError("No", "because", "wait"), ZeroDivisionError("x")])
def test_what_goes_wrong_is_one_error(error: Exception) -> None:
    def fetch(download, tell, is_cancelled):
        raise error

    download = ended(fetch)
    assert download.state is DownloadState.FAILED
    assert download.problem is not None
    assert ("because" in download.problem.detail) == isinstance(error, UserError)


def test_computers_whose_names_nobody_knows_cannot_be_reached() -> None:
    def look_up(host: str) -> None:
        if host == "far":
            raise OSError("no such name")

    found = Reachability(["near", "far", "near"], look_up)
    found.wait(10)
    assert "far cannot be reached" in found.reason_against("far")
    assert found.reason_against("near") == ""
