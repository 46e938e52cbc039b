"""A model file that was never opened here is first opened in a process of its own.

Whatever it does there, by taking too long, too much memory, or the process down with it, is an
error that names it. What went well is remembered by content, so that it costs once.
"""

from __future__ import annotations

from collections.abc import Iterable
from multiprocessing import current_process
from pathlib import Path

from tinystudio.core import places
from tinystudio.core.child_words import Doing, Refused
from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256_of
from tinystudio.core.reporter import Reporter
from tinystudio.core.watched_child import Limits, WatchedChild, memory_within
from tinystudio.graph import opening_process
from tinystudio.graph.external_data import TOGETHER
from tinystudio.graph.opened_before import OpenedBefore
from tinystudio.graph.opening import COPIES, LARGEST_FILE_BYTES, LEAST_ROOM, file_size, unreadable
from tinystudio.graph.opening_words import OPENING_WORD, Holds, Opened, OpeningWord

LEAST_S, BYTES_PER_S = 60.0, 5e6  # 500 MB take 5 s where nothing else is done, and get 160
LONGEST_S = 600.0  # that a file comes to whose time has run out before
STEP_S = 0.05
TOLD_AFTER_S = 0.5  # what is over in a blink is not told
SMALLER = "Choose a smaller model, or export it again where it was made."


def opening_limits(held_bytes: int, seconds: float | None = None) -> Limits:
    """Return what opening a network of so many bytes may take; `seconds` replaces the usual."""
    held = min(held_bytes, LARGEST_FILE_BYTES)
    memory = memory_within(LEAST_ROOM + COPIES * held)
    return Limits(memory, LEAST_S + held / BYTES_PER_S if seconds is None else seconds)


def try_opening(path: Path, reporter: Reporter, seconds: float | None = None) -> tuple[Path, ...]:
    """Make sure that this process can open `path`, and return the files beside it that it needs.

    Raises `UserError` where it cannot be opened, or not within the limits; hears `Cancelled`.
    """
    size = file_size(path)
    digest = _hash(path, reporter)
    known = OpenedBefore(places.cache())
    beside = known.data_files(digest)
    if beside is not None and _hashes(path, beside, reporter) == dict(beside):
        return tuple(path.parent / name for name in beside)
    found = _tried(path, size, digest, known, reporter, seconds)
    # What has changed while it was tried is tried again the next time.
    if _hash(path, reporter) == digest:
        known.note(digest, _hashes(path, found, reporter))
    return tuple(path.parent / name for name in found)


def note_own(sha256: str) -> None:
    """Remember that a model of this content comes from this program: it needs no trial."""
    OpenedBefore(places.cache()).note(sha256, {})


class Trial(WatchedChild[OpeningWord]):
    """Its last word is `Opened` or `Refused`, whatever becomes of the process."""

    doing = "Opening"

    def __init__(self, path: Path, limits: Limits) -> None:
        self._title = f"{path.name} was not opened"
        # What the network holds is known only in there, and told: then the eye from here is keener.
        most = opening_limits(LARGEST_FILE_BYTES).memory_bytes
        request = opening_process.OpenIt(path, most)
        super().__init__(opening_process.main, request, limits, "tinystudio-opening")

    def allow(self, limits: Limits) -> None:
        """Give it other limits; the time is from its beginning."""
        self._limits = limits

    @property
    def allowed_s(self) -> float:
        """Return the time that it has, from its beginning."""
        return self._limits.seconds

    def _read(self, data: bytes) -> OpeningWord:
        return OPENING_WORD.validate_json(data)

    def _is_last(self, word: OpeningWord) -> bool:
        return isinstance(word, Opened | Refused)

    def _refused(self, detail: str) -> OpeningWord:
        return Refused(title=self._title, detail=detail, hint=SMALLER)


def _tried(
    path: Path, size: int, digest: str, known: OpenedBefore, reporter: Reporter,
    seconds: float | None,
) -> tuple[str, ...]:  # fmt: skip
    """Open it in a process of its own; return the data files that it names."""
    if current_process().daemon:  # Python's rule for what multiprocessing.Pool starts
        raise UserError(
            f"{path.name} was not opened",
            "It was never opened here, and this process may not start the one to try it in.",
            "Open it once with `tinystudio inspect`, and then here.",
        )
    asked = seconds if seconds is not None else known.allowed_s(digest)
    trial = Trial(path, opening_limits(size, asked))
    try:
        while True:
            for word in trial.words(STEP_S):
                match word:
                    case Doing() if trial.seconds > TOLD_AFTER_S:
                        reporter.progress(word.share, 1, word.text)
                    case Holds():
                        trial.allow(opening_limits(max(size, word.size_bytes), asked))
                    case Opened():
                        return word.beside
                    case Refused():
                        hint = word.hint
                        if trial.took_too_long:
                            hint = _more_time(trial.allowed_s, digest, known)
                        raise UserError(word.title, word.detail, hint)
            reporter.check()
    finally:
        trial.close()


def _more_time(seconds: float, digest: str, known: OpenedBefore) -> str:
    """Return what to do about a model whose time ran out: opened again, it gets more."""
    if seconds >= LONGEST_S:
        return f"{SMALLER} On the command line, --time-limit allows any time."
    more = min(LONGEST_S, 2 * seconds)
    known.allow(digest, more)
    return (
        f"Open it again (in the window: Retry), and it is given {more:.0f} seconds; or choose a "
        "smaller model."
    )


def _hashes(path: Path, names: Iterable[str], reporter: Reporter) -> dict[str, str]:
    """Return the hash of each file beside the model; what is not there has none.

    Raises `UserError` for one that is outside of the model's folder.
    """
    found = {}
    folder = path.parent.resolve()
    for name in names:
        file = (path.parent / name).resolve()
        if folder not in file.parents:
            detail = f"It names '{name}', outside the model's folder."
            raise UserError(f"{path.name} was not opened", detail, TOGETHER)
        found[name] = _hash(file, reporter) if file.is_file() else ""
    return found


def _hash(path: Path, reporter: Reporter) -> str:
    try:
        return sha256_of(path, reporter.check)
    except OSError as error:
        raise unreadable(path, error) from error
