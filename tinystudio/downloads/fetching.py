"""Fetches files over HTTPS: resumed where a transfer broke off, checked before they are used.

What arrives goes to NAME.part; a note beside it says which version of the file it is a part of,
so that a part is only continued with the same version. A whole part whose size and checksum are
right is renamed to NAME. Addresses are those that the program knows, never ones from a file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.files import unwritable
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.keeping import NOTE, PART, KeptFile, Note, folder_of, note_of, write_note
from tinystudio.downloads.transport import Gone, Transport, Unreachable, Unsound

CHUNK_BYTES = 2**18
SPARE_BYTES = 2**29  # of the disk that are left alone
ROOM_FOR_INEXACT = 3  # times the size that is only about right, before it is refused
WAITS_S = (0.5, 2.0, 5.0)  # between attempts; one that brought something starts anew
TELL_EVERY_S = 0.1
RATE_OVER_S = 5.0


@dataclass(frozen=True)
class Progress:
    """How far it is; `rate` in bytes per second, None while it is not known."""

    text: str
    done: int
    total: int
    rate: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest will take at this rate."""
        return (self.total - self.done) / self.rate if self.rate else None


Tell = Callable[[Progress], None]
IsCancelled = Callable[[], bool]


def fetch(
    download: Download,
    tell: Tell = lambda _: None,
    is_cancelled: IsCancelled = lambda: False,
    transport: Transport | None = None,
    waits_s: tuple[float, ...] = WAITS_S,
) -> Note:
    """Fetch what is missing and return the note of all files; the licence must be accepted before.

    Raises `UserError` (`Unreachable` where there is no connection) and `Cancelled`; what has
    arrived by then stays for the next time.
    """
    known = note_of(download)
    if known is not None:
        return known
    folder = folder_of(download)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(download, folder):
            work = _Work(download, folder, tell, is_cancelled, transport or Transport(), waits_s)
            work.check_room()
            return write_note(download, tuple(work.file(file) for file in download.files))
    except OSError as error:
        raise unwritable(folder / NOTE, error) from error


@contextmanager
def _alone(download: Download, folder: Path) -> Iterator[None]:
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"{download.title} was not downloaded",
            "It is being downloaded already, perhaps by another window or command.",
            "Wait for that one, or stop it.",
        ) from None
    try:
        yield
    finally:
        lock.release()


@dataclass
class _Work:
    """One data set on its way; `arrived` counts the bytes of files before the one at work."""

    download: Download
    folder: Path
    tell: Tell
    is_cancelled: IsCancelled
    transport: Transport
    waits_s: tuple[float, ...]
    arrived: int = 0
    _told_at: float = 0.0
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def check_room(self) -> None:
        """Raise `UserError` where the disk cannot hold what is missing."""
        there = sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())
        missing = max(0, self.download.size_bytes - there)
        free = shutil.disk_usage(self.folder).free
        if missing + SPARE_BYTES > free:
            raise UserError(
                f"{self.download.title} was not downloaded",
                f"It takes {missing / 1e9:.1f} GB more in {self.folder}, "
                f"where {free / 1e9:.1f} GB are free.",
                "Free some space.",
            )

    def file(self, file: RemoteFile) -> KeptFile:
        """Fetch one file, or find it there whole, and check it."""
        path, part = self.folder / file.name, self.folder / f"{file.name}{PART}"
        is_there = path.is_file()
        if not is_there:
            self._transfer(file, part)
        kept = self._checked(file, path if is_there else part)
        part_note(part).unlink(missing_ok=True)
        if not is_there:
            part.replace(path)
        self.arrived += kept.size_bytes
        return kept

    def _transfer(self, file: RemoteFile, part: Path) -> None:
        """Go on until all of the file is there; raises `UserError`, `Cancelled`."""
        failures = 0
        while True:
            before = _size(part)
            try:
                self._attempt(file, part)
                return
            except Gone as error:
                if _size(part) > before:
                    failures = 0
                if failures == len(self.waits_s):
                    raise self._unfetched(file, error) from error
                self._wait(self.waits_s[failures])
                failures += 1
            except Unsound as error:
                raise self._error(f"{file.name}: {error}.", "Try again another day.") from error

    def _attempt(self, file: RemoteFile, part: Path) -> None:
        """Fetch the rest of a part; raises `Gone` where it breaks off."""
        have = _size(part)
        if file.is_exact and have == file.size_bytes:
            return
        note = _read_note(part, file)
        if have and not note and file.checksum is None:
            have = 0  # nothing would tell whether two versions were put together
        with self.transport.opened(file.url, have, note) as answer:
            if answer.start not in (0, have):
                raise Unsound(f"byte {have:,} was asked for, byte {answer.start:,} came")
            have = answer.start
            part_note(part).write_text(json.dumps({"url": file.url, "version": answer.version}))
            self._check_total(file, answer.total)
            with part.open("r+b" if have else "wb") as out:
                out.seek(have)
                out.truncate()
                while chunk := answer.read(CHUNK_BYTES):
                    self._check_cancelled()
                    out.write(chunk)
                    have += len(chunk)
                    self._check_length(file, have)
                    self._say(f"Downloading {file.name}", have)
        total = answer.total or (file.size_bytes if file.is_exact else have)
        if have < total:
            raise Gone("the connection broke off")

    def _check_total(self, file: RemoteFile, total: int | None) -> None:
        if total is not None and file.is_exact and total != file.size_bytes:
            raise Unsound(
                f"it has {total:,} bytes at its source, {file.size_bytes:,} were published"
            )
        self._check_length(file, total or 0)

    @staticmethod
    def _check_length(file: RemoteFile, length: int) -> None:
        if length > file.size_bytes * (1 if file.is_exact else ROOM_FOR_INEXACT):
            raise Unsound(f"it is larger than the {file.size_bytes:,} bytes that were published")

    def _checked(self, file: RemoteFile, path: Path) -> KeptFile:
        """Return a file's entry for the note; one that is not what was published is deleted."""
        kind, _, wanted = (file.checksum or "sha256:").partition(":")
        published = hashlib.new(kind, usedforsecurity=False)
        own = hashlib.sha256()
        done = 0
        with path.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                self._check_cancelled()
                own.update(chunk)
                if kind != "sha256":
                    published.update(chunk)
                done += len(chunk)
                share = done / max(1, _size(path))
                self._say(f"Checking {file.name}: {share:.0%}", _size(path), at_rate=False)
        found = own.hexdigest() if kind == "sha256" else published.hexdigest()
        if wanted and found != wanted:
            path.unlink()
            part_note(path).unlink(missing_ok=True)
            raise self._error(
                f"{file.name} is not the file that was published: its {kind.upper()} is {found}, "
                f"it should be {wanted}. It was deleted.",
                "Try again; if it stays so, the file has changed at its source.",
            )
        return KeptFile(
            name=file.name, size_bytes=done, sha256=own.hexdigest(), is_checked=bool(wanted)
        )

    def _say(self, text: str, have: int, at_rate: bool = True) -> None:
        now = time.monotonic()
        if now - self._told_at < TELL_EVERY_S:
            return
        self._told_at = now
        done = self.arrived + have
        self._marks.append((now, done))
        while now - self._marks[0][0] > RATE_OVER_S:
            self._marks.popleft()
        (then, before), rate = self._marks[0], None
        if at_rate and now > then and done > before:
            rate = (done - before) / (now - then)
        self.tell(Progress(text, done, max(done, self.download.size_bytes), rate))

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._check_cancelled()
            time.sleep(min(0.05, seconds))

    def _check_cancelled(self) -> None:
        if self.is_cancelled():
            raise Cancelled

    def _unfetched(self, file: RemoteFile, error: Gone) -> UserError:
        hint = "Check the connection to the internet. What has arrived is kept: it goes on there."
        title = f"{self.download.title} was not downloaded"
        if error.is_unreachable:
            detail = f"{file.host} cannot be reached ({error})."
            return Unreachable(title, detail, hint)
        return UserError(title, f"{file.name}: {error}.", hint)

    def _error(self, detail: str, hint: str) -> UserError:
        return UserError(f"{self.download.title} was not downloaded", detail, hint)


def part_note(part: Path) -> Path:
    """Return where it is noted which version of the file a part is of."""
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path, file: RemoteFile) -> str:
    """Return the version that a part is of; "" where it is not known."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        said = json.loads(part_note(part).read_bytes())
        if said.get("url") == file.url:
            return str(said.get("version", ""))
    return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
