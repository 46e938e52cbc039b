"""Data is listed, fetched after its licence is accepted, and used by commands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cli_words import in_json
from download_examples import put
from download_server import FileServer, file_server

from tinystudio.cli.main import run
from tinystudio.core import places
from tinystudio.downloads import downloads

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "data", lambda: tmp_path / "data")
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """Fashion-MNIST's files in small, on a server here; MNIST is at a place that is not there."""
    download = downloads()["fashion-mnist"]
    folder = put(download.id)
    with file_server() as server:
        files = []
        for file in download.files:
            data = (folder / file.name).read_bytes()
            server.serve(f"/{file.name}", data)
            files.append(
                replace(
                    file, url=server.url(f"/{file.name}"), size_bytes=len(data),
                    checksum=f"sha256:{hashlib.sha256(data).hexdigest()}",
                )
            )  # fmt: skip
        run(["download", download.id, "--remove"])
        monkeypatch.setattr(type(download), "files", tuple(files))
        yield server


def test_the_list_says_size_licence_and_state_of_each(capsys: Capture) -> None:
    put("mnist")
    listed = {item["id"]: item for item in in_json(capsys, "downloads")}
    assert len(listed) == len(downloads())
    mnist, derma = listed["download:mnist"], listed["download:derma-mnist"]
    assert (mnist["state"], derma["state"]) == ("here", "absent")
    assert (mnist["size_bytes"], mnist["size_is_exact"]) == (11_594_722, True)
    assert derma["non_commercial"]
    assert run(["downloads"]) == 0
    said = capsys.readouterr().out
    assert "download:derma-mnist" in said
    assert "[NON-COMMERCIAL]" in said


def test_nothing_is_fetched_before_the_licence_is_accepted(
    capsys: Capture, served: FileServer
) -> None:
    assert run(["download", "fashion-mnist"]) == 1
    said = capsys.readouterr().err
    assert "Licence: MIT, Zalando SE" in said
    assert "--accept-licence" in said
    assert all(file.seen == [] for file in served.files.values())


def test_a_data_set_is_fetched_and_a_model_measured_on_it(
    capsys: Capture, served: FileServer
) -> None:
    capsys.readouterr()
    found = in_json(capsys, "download", "fashion-mnist", "--accept-licence")
    assert found["state"] == "here"
    assert sorted(path.name for path in Path(found["folder"]).glob("*.gz")) == sorted(
        file.name for file in downloads()["fashion-mnist"].files
    )
    words = ("gallery:fashion", "--data", "download:fashion-mnist")
    measured = in_json(capsys, "evaluate", *words)
    assert (measured["split"], measured["samples"]) == ("test", 10)
    card = in_json(capsys, "inspect", *words, "--data-option", "normalization=none")["data"]["card"]
    assert card["settings"]["normalization"] == "none"
    assert [part["samples"] for part in card["splits"]] == [24, 6, 10]


def test_what_is_here_is_neither_asked_about_nor_fetched_again(
    capsys: Capture, served: FileServer
) -> None:
    run(["download", "fashion-mnist", "--accept-licence"])
    assert run(["download", "fashion-mnist"]) == 0
    assert all(len(file.seen) == 1 for file in served.files.values())
    assert run(["download", "fashion-mnist", "--again", "--accept-licence"]) == 0
    assert all(len(file.seen) == 2 for file in served.files.values())


def test_data_that_is_not_here_is_an_error_that_says_how_to_get_it(capsys: Capture) -> None:
    assert run(["evaluate", "gallery:fashion", "--data", "download:mnist"]) == 1
    said = capsys.readouterr().err
    assert "has not been downloaded" in said
    assert "tinystudio download mnist" in said


def test_what_could_not_be_checked_is_said(
    capsys: Capture, served: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = downloads()["fashion-mnist"]
    unknown = tuple(replace(file, checksum=None) for file in download.files)
    monkeypatch.setattr(type(download), "files", unknown)
    run(["download", "fashion-mnist", "--accept-licence"])
    said = capsys.readouterr().err
    assert said.count("could not be checked") == 4
