"""Files are fetched whole, resumed, checked, and refused where something is wrong."""

from __future__ import annotations

import hashlib
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from download_server import FileServer

from tinystudio.core.data import Dataset
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.datasets.format import Request
from tinystudio.downloads import fetching, keeping, transport
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.fetching import Progress, fetch
from tinystudio.downloads.keeping import folder_of, note_of
from tinystudio.downloads.transport import Transport, Unreachable, Unsound, check_address

DATA = bytes(range(256)) * 4096  # 1 MB: several chunks
AT_ONCE = (0.0, 0.0)


class Thing(Download):
    """A data set that only tests fetch."""

    id, title, area, question = "thing", "Thing", "Nowhere", "What is it?"
    licence, terms, source = "CC0", "Do what you like.", "https://example.org"

    def __init__(self, *files: RemoteFile) -> None:
        self.files = files  # type: ignore[misc]

    def dataset(self, request: Request) -> Dataset:
        raise NotImplementedError


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def one(server: FileServer, checksum: str | None = sha(DATA), size: int = len(DATA), exact=True):
    return Thing(RemoteFile("a.bin", server.url("/a"), size, checksum, exact))


def arrived(download: Download, name: str = "a.bin") -> bytes:
    return (folder_of(download) / name).read_bytes()


def test_a_file_arrives_whole_and_a_note_says_so(server: FileServer) -> None:
    server.serve("/a", DATA)
    told: list[Progress] = []
    note = fetch(one(server), told.append)
    assert arrived(one(server)) == DATA
    assert note.files[0].is_checked
    assert note_of(one(server)) == note
    assert [path.name for path in folder_of(one(server)).iterdir() if "part" in path.name] == []
    assert told
    assert all(0 <= item.done <= item.total == len(DATA) for item in told)


def test_what_is_there_is_not_fetched_again(server: FileServer) -> None:
    served = server.serve("/a", DATA)
    fetch(one(server))
    fetch(one(server))
    assert len(served.seen) == 1


def test_a_transfer_that_breaks_off_goes_on_where_it_was(server: FileServer) -> None:
    served = server.serve("/a", DATA, breaks_after=[300_000, 400_000])
    fetch(one(server), waits_s=AT_ONCE)
    assert arrived(one(server)) == DATA
    assert [seen.get("range") for seen in served.seen] == [
        None, "bytes=300000-", "bytes=700000-",
    ]  # fmt: skip
    assert served.seen[1]["if-range"] == '"one"'


def test_a_server_that_knows_no_ranges_is_asked_for_all_of_it(server: FileServer) -> None:
    server.serve("/a", DATA, breaks_after=[300_000], takes_ranges=False)
    fetch(one(server), waits_s=AT_ONCE)
    assert arrived(one(server)) == DATA


def test_a_file_that_changed_meanwhile_is_begun_anew(server: FileServer) -> None:
    other = DATA[::-1]
    download = one(server, checksum=None)
    server.serve("/a", DATA, breaks_after=[300_000])
    with pytest.raises(UserError, match="broke off"):
        fetch(download, waits_s=())
    served = server.serve("/a", other, etag='"two"')
    note = fetch(download, waits_s=())
    assert served.seen[0]["if-range"] == '"one"'
    assert arrived(download) == other
    assert not note.files[0].is_checked
    assert note.files[0].sha256 == hashlib.sha256(other).hexdigest()


def test_a_part_of_no_known_version_is_not_built_upon_where_nothing_can_check(
    server: FileServer,
) -> None:
    download = one(server, checksum=None)
    served = server.serve("/a", DATA, breaks_after=[300_000], etag="")
    with pytest.raises(UserError):
        fetch(download, waits_s=())
    fetch(download, waits_s=())
    assert "range" not in served.seen[1]
    assert arrived(download) == DATA


def test_a_part_that_is_too_long_for_the_server_is_begun_anew(server: FileServer) -> None:
    server.serve("/a", DATA)
    download = one(server, size=len(DATA), exact=False)
    folder_of(download).mkdir(parents=True)
    (folder_of(download) / "a.bin.part").write_bytes(DATA + b"more")
    fetch(download)
    assert arrived(download) == DATA


def test_a_wrong_checksum_is_an_error_and_nothing_stays(server: FileServer) -> None:
    server.serve("/a", DATA[:-1] + b"?")
    with pytest.raises(UserError, match="should be") as raised:
        fetch(one(server))
    assert hashlib.sha256(DATA).hexdigest() in raised.value.detail
    assert note_of(one(server)) is None
    assert keeping.arrived_bytes(one(server)) == 0


def test_an_md5_is_checked_where_that_is_what_is_published(server: FileServer) -> None:
    server.serve("/a", DATA)
    good = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
    assert fetch(one(server, f"md5:{good}")).files[0].is_checked
    keeping.remove(one(server))
    with pytest.raises(UserError, match="MD5"):
        fetch(one(server, "md5:" + "0" * 32))


def test_a_file_of_another_size_than_published_is_refused_at_once(server: FileServer) -> None:
    server.serve("/a", DATA)
    with pytest.raises(UserError, match="were published"):
        fetch(one(server, size=len(DATA) - 1))
    assert keeping.arrived_bytes(one(server)) == 0


def test_a_file_without_end_is_cut_off(server: FileServer) -> None:
    server.serve("/a", DATA, tells_length=False)
    with pytest.raises(UserError, match="larger than"):
        fetch(one(server, checksum=None, size=1000, exact=False))


def test_a_file_without_a_length_arrives_all_the_same(server: FileServer) -> None:
    server.serve("/a", DATA, tells_length=False)
    fetch(one(server))
    assert arrived(one(server)) == DATA


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(server: FileServer) -> None:
    busy = server.serve("/a", DATA, answers=[503])
    fetch(one(server), waits_s=AT_ONCE)
    assert len(busy.seen) == 2
    keeping.remove(one(server))
    gone = server.serve("/a", DATA, answers=[404, 404, 404])
    with pytest.raises(UserError, match="404"):
        fetch(one(server), waits_s=AT_ONCE)
    assert len(gone.seen) == 1


def test_without_a_connection_the_error_says_so(server: FileServer) -> None:
    download = one(server)
    server.server_close()  # nobody listens there any more
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 cannot be reached"):
        fetch(download, waits_s=(0.0,))


def test_it_stops_when_asked_to_and_goes_on_later(server: FileServer) -> None:
    served = server.serve("/a", DATA)
    asked: list[int] = []

    def after_a_chunk() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        fetch(one(server), is_cancelled=after_a_chunk)
    there = keeping.arrived_bytes(one(server))
    assert 0 < there < len(DATA)
    fetch(one(server))
    assert served.seen[1]["range"] == f"bytes={there}-"
    assert arrived(one(server)) == DATA


def test_several_files_count_as_one_and_whole_ones_are_kept(server: FileServer) -> None:
    server.serve("/a", DATA)
    broken = server.serve("/b", DATA[:5000], answers=[404])
    both = Thing(
        RemoteFile("a.bin", server.url("/a"), len(DATA), sha(DATA)),
        RemoteFile("b.bin", server.url("/b"), 5000, sha(DATA[:5000])),
    )
    with pytest.raises(UserError, match=r"b\.bin"):
        fetch(both)
    assert note_of(both) is None
    fetch(both)
    assert len(server.files["/a"].seen) == 1
    assert len(broken.seen) == 2
    assert arrived(both, "b.bin") == DATA[:5000]


def test_a_file_that_was_deleted_is_missed(server: FileServer) -> None:
    server.serve("/a", DATA)
    fetch(one(server))
    (folder_of(one(server)) / "a.bin").unlink()
    assert note_of(one(server)) is None
    fetch(one(server))
    assert arrived(one(server)) == DATA


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = server.serve("/a", DATA)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, fetching.SPARE_BYTES))
    with pytest.raises(UserError, match="free"):
        fetch(one(server))
    assert served.seen == []


def test_two_do_not_write_the_same_file(server: FileServer) -> None:
    server.serve("/a", DATA)
    download = one(server)
    folder_of(download).mkdir(parents=True)
    with fetching._alone(download, folder_of(download)), pytest.raises(UserError, match="already"):
        fetch(download)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/a", "ftp://example.org/a", "file:///etc/passwd", "data:,a",
     "http://127.0.0.1.example.org/a", "http://localhost@example.org/a"],
)  # fmt: skip
def test_only_https_and_this_computer_are_asked(url: str) -> None:
    with pytest.raises(Unsound):
        check_address(url)


@pytest.mark.parametrize("target", ["http://example.org/a", "file:///etc/passwd", "ftp://x/a"])
def test_a_redirect_leads_nowhere_else(server: FileServer, target: str) -> None:
    server.serve("/a", DATA, leads_to=target)
    with pytest.raises(UserError, match=r"not an https|not allowed"):
        fetch(one(server))


def test_redirects_are_followed_but_not_for_ever(server: FileServer) -> None:
    server.serve("/b", DATA)
    server.serve("/a", b"", leads_to=server.url("/b"))
    fetch(one(server))
    assert arrived(one(server)) == DATA
    keeping.remove(one(server))
    circle = server.serve("/a", b"", leads_to=server.url("/a"))
    with pytest.raises(UserError):
        fetch(one(server), waits_s=())
    assert len(circle.seen) <= transport.MOST_REDIRECTS + 1


def test_a_name_that_nobody_knows_is_no_connection() -> None:
    with pytest.raises(transport.Gone) as raised, Transport().opened("https://x.invalid/a", 0, ""):
        pass
    assert raised.value.is_unreachable


def test_removing_takes_everything_and_may_be_repeated(server: FileServer, tmp_path: Path) -> None:
    server.serve("/a", DATA)
    fetch(one(server))
    keeping.remove(one(server))
    keeping.remove(one(server))
    assert not folder_of(one(server)).exists()
