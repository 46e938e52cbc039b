"""What every downloadable data set promises, checked on every one there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from part_promises import check_params, check_words, loaded_by

from tinystudio.downloads import downloads, find_download
from tinystudio.downloads.download import Download
from tinystudio.downloads.transport import check_address
from tinystudio.gallery.task import AREAS


def each() -> Iterator[Download]:
    """Yield every one; its id is printed, so that a failure says which it was."""
    for download in downloads().values():
        print(download.id)
        yield download


def test_each_says_what_it_is_and_what_may_be_done_with_it() -> None:
    for download in each():
        check_words(download)
        assert download.area in AREAS
        assert download.question.endswith("?")
        assert download.terms.endswith(".")
        assert len(download.licence) > 10
        assert download.source.startswith(("https://", "http://yann.lecun.com"))


def test_what_forbids_commercial_use_is_marked() -> None:
    for download in each():
        says_so = "NC" in download.licence.split(",")[0]
        assert download.is_non_commercial == says_so
        assert says_so == ("non-commercial use alone" in download.terms)


def test_files_are_named_sized_and_checked() -> None:
    for download in each():
        assert len({file.name for file in download.files}) == len(download.files) > 0
        for file in download.files:
            assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", file.name)
            assert file.size_bytes > 0
            assert file.host
            assert file.url.startswith("https://")
            check_address(file.url)
            if file.checksum is not None:
                assert re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", file.checksum)


def test_every_setting_is_described_and_guessed_by_default() -> None:
    for params in {download.params for download in each()}:
        check_params(params)


def test_each_is_found_by_its_reference_with_settings_or_without() -> None:
    for download in each():
        assert find_download(download.reference) is download
        assert find_download(f"{download.reference}?width=32") is download


def test_reading_their_declarations_loads_no_engine_library() -> None:
    assert loaded_by("from tinystudio.downloads import downloads; downloads()") == set()


def test_only_where_nothing_is_published_is_nothing_checked() -> None:
    assert [item.id for item in downloads().values() if item.unchecked] == ["ecg"]
