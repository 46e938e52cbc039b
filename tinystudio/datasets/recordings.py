"""Sensor recordings in text tables, cut into windows: one file each, or one long table."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from tinystudio.core.assembling import assemble, check_splits
from tinystudio.core.class_folders import (
    ROLES,
    Role,
    cut_by_role,
    files_in,
    folder_state,
    has_class_files,
)
from tinystudio.core.class_order import classes_setting, written
from tinystudio.core.data import Array, Dataset, Samples, Wanted
from tinystudio.core.delimited import listed, number_in
from tinystudio.core.labels import Labels, class_labels
from tinystudio.core.name_patterns import EXAMPLE, NamePattern
from tinystudio.core.params import Params, choice, integer, text
from tinystudio.core.sensor_tables import Columns, Recorded, Stretch, columns_said, read_recording
from tinystudio.core.stored_rows import Pieces, stored_rows
from tinystudio.core.windowing import Windows, standardized, window_form
from tinystudio.datasets.format import DataFormat, Request

MOST_BYTES = 2**30  # of all recordings together, while they are cut
LONGEST = 100_000  # rows of one window
WINDOWS_AT_ONCE = 256
MOST_SEEN = 36  # files, where only a part is asked for
NOTHING_SAYS = "Nothing says what is recorded: there is no label column and no class folder."
NAME_IT = "Name the column (label=activity), or what names of files say (names={label}_*)."


class RecordingSettings(Params):
    """How recordings become the network's input."""

    window: int = integer(
        0, title="Window", unit="rows", ge=0, le=LONGEST,
        help="How long one sample is. 0: as the model wants it, else 128 rows.",
    )  # fmt: skip
    stride: int = integer(
        0, title="Stride", unit="rows", ge=0, le=LONGEST,
        help="From the beginning of one window to the next. 0: as long as the window.",
    )  # fmt: skip
    names: str = text(
        title="Names of files", empty="the folder is the label, where no column is",
        help="What names say: {label}/* or {subject}_{label}_*; * is anything.",
    )  # fmt: skip
    label: str = text(
        title="Label column", empty="label, activity, class or target, where there is one",
        help="The column that says what is recorded; windows end where it changes.",
    )  # fmt: skip
    subject: str = text(
        title="Subject column", empty="subject, person, participant, user or id; else each file",
        help="Whose recording it is: nobody is in two splits. Without one, no recording is.",
    )  # fmt: skip
    time: str = text(
        title="Time column", empty="time, timestamp or t, where there is one",
        help="It is not fed; windows end where time jumps or runs back.",
    )  # fmt: skip
    channels: str = text(
        title="Channels", empty="all other columns",
        help="The columns that are fed, in the model's order, with commas between them.",
    )  # fmt: skip
    layout: Literal["guess", "channels-first", "time-first"] = choice(
        "guess", title="Layout",
        titles={
            "guess": "as the model wants it", "channels-first": "channels, time",
            "time-first": "time, channels",
        },
        help="The order of axes. Without a model: channels, time.",
    )  # fmt: skip
    standardize: Literal["guess", "none", "training"] = choice(
        "guess", title="Standardize",
        titles={
            "guess": "as the model's file says, else no", "none": "no",
            "training": "by the training windows",
        },
        help="(x - mean) / deviation for each channel, where the model wants it.",
    )  # fmt: skip
    separator: Literal["guess", "comma", "semicolon", "tab", "pipe"] = choice(
        "guess", title="Separator", help="What stands between two cells.", advanced=True,
        titles={
            "guess": "guess", "comma": "comma", "semicolon": "semicolon", "tab": "tab",
            "pipe": "vertical bar",
        },
    )  # fmt: skip
    header: Literal["guess", "yes", "no"] = choice(
        "guess", title="Header", titles={"guess": "guess", "yes": "yes", "no": "no"},
        help="Whether the first line names the columns.", advanced=True,
    )  # fmt: skip
    classes: str = classes_setting()


class Recordings(DataFormat):
    """Recordings of sensors in tables (.csv, .tsv): one row per moment, one column per channel.

    Either a folder with one file per recording, whose label a column, its class folder or a pattern
    of its name says; where a column is the label, folders are persons. Or one long table with
    columns for label and subject, which is taken for recordings where the model wants windows of
    several channels, or with format=recordings.

    Recordings are cut into windows, which end where label or subject change and where time jumps;
    what fills no window is left out. Splits (60/20/20, or as folders `train`, `validation`, `test`
    say) are cut by subject, else by recording: none is in two of them. Classes named by text are
    numbered as the setting or the model's file says, else by name.
    """

    id: ClassVar[str] = "recordings"
    title: ClassVar[str] = "Sensor recordings"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv")
    is_folder: ClassVar[bool] = True
    params: ClassVar[type[RecordingSettings]] = RecordingSettings

    def recognizes(self, path: Path) -> bool:
        """Say whether it is a table, or a folder with tables in it."""
        if path.suffix.lower() in self.suffixes and not path.is_dir():
            return True
        return has_class_files(path, self.suffixes, also_loose=True)

    def suits(self, path: Path, wanted: Wanted) -> bool:
        """Say whether the network takes windows of several channels, where it is one table."""
        return path.is_dir() or sum(size != 1 for size in wanted.sample) > 1

    def state(self, path: Path) -> Hashable:
        """Return what changes with the folders or the file."""
        return folder_state(path) if path.is_dir() else super().state(path)

    def read(self, request: Request) -> Dataset:
        """Cut, or fetch what was cut before; raises `UserError` naming file and line."""
        given = request.settings
        assert isinstance(given, RecordingSettings)
        found = _found(request, given)
        form = window_form(
            found.columns.channels, (given.window, given.stride, given.layout), request.wanted,
            request.title,
        )  # fmt: skip
        windows = Windows.of([item.values for item in found.stretches], form)
        labels = _labels(found, windows, given, request)
        groups = found.groups[windows.stretch_of]
        roles = [found.roles[at] for at in windows.stretch_of]
        strata = np.unique(found.words[windows.stretch_of], return_inverse=True)[1]
        parts = cut_by_role(strata, roles, groups, request.seed)
        hint = "Record more, choose a shorter window, or name the subjects otherwise."
        check_splits(parts, request.title, hint)
        ready, settled = standardized(windows, parts["train"], given.standardize, request.wanted)
        order = np.concatenate(list(parts.values()))
        kept_by = repr((found.content, form, ready, order.tolist()))

        def make() -> Pieces:
            for start in range(0, len(order), WINDOWS_AT_ONCE):
                request.reporter.check()
                some = order[start : start + WINDOWS_AT_ONCE]
                fed = form.shaped(ready.applied(windows.taken(some)))
                yield np.arange(start, start + len(some)), fed

        stored = stored_rows(kept_by, (len(order), *form.shape), make, request.reporter)
        every = Samples((stored.rows,), labels.values[order], order, groups[order])
        train, validation, test = every.cut([len(part) for part in parts.values()])
        settings = {
            "window": form.window, "stride": form.stride, "layout": form.layout,
            "standardize": settled, "classes": written(labels.classes),
            "channels": written(found.columns.channels), "label": found.columns.label,
            "subject": found.columns.subject, "time": found.columns.time,
        }  # fmt: skip
        return assemble(
            request.path.stem if request.path.is_file() else request.path.name,
            train=train,
            validation=validation,
            test=test,
            seed=request.seed,
            classes=labels.classes,
            preprocessing=ready,
            settings=given.model_dump() | settings,
            content=stored.content,
        )


@dataclass(frozen=True)
class _Found:
    """All stretches; `words`, `groups` and `roles` are of each, `content` names what was read."""

    stretches: tuple[Stretch, ...]
    columns: Columns
    words: Array
    groups: Array
    roles: tuple[Role | None, ...]
    content: str


def _found(request: Request, given: RecordingSettings) -> _Found:
    root, files = _files(request)
    pattern = _pattern(root, files, given, request)
    read = _read(root, files, _columns(given, pattern), given, request)
    words: list[str] = []
    groups: list[str] = []
    roles: list[Role | None] = []
    digest = hashlib.sha256()
    for path, recorded in zip(files, read, strict=True):
        role, inside = _role(path.relative_to(root))
        said = {} if pattern is None else _said(pattern, inside, request)
        for at, stretch in enumerate(recorded.stretches):
            label = said.get("label", stretch.label)
            if label is None:
                raise request.error(NOTHING_SAYS, NAME_IT)
            words.append(label)
            alone = f"{inside.as_posix()} {at}" if len(files) == 1 else inside.as_posix()
            groups.append(said.get("subject", stretch.subject) or alone)
            roles.append(role)
            digest.update(np.ascontiguousarray(stretch.values).data)
    stretches = tuple(stretch for recorded in read for stretch in recorded.stretches)
    return _Found(
        stretches, read[0].columns, np.array(words), np.array(groups), tuple(roles),
        digest.hexdigest(),
    )  # fmt: skip


def _columns(given: RecordingSettings, pattern: NamePattern | None) -> Columns:
    fields = () if pattern is None else pattern.fields
    return Columns(
        given.label, given.subject, given.time, tuple(listed(given.channels)),
        has_label="label" not in fields, has_subject="subject" not in fields,
    )  # fmt: skip


def _read(
    root: Path, files: Sequence[Path], columns: Columns, given: RecordingSettings, request: Request
) -> list[Recorded]:
    """Read every file; all must have the same channels."""
    read: list[Recorded] = []
    size = 0
    for number, path in enumerate(files):
        request.reporter.progress(number, len(files), f"Reading recordings of {request.path.name}")
        inside = path.relative_to(root).as_posix()
        title = f"{inside} was not read as data"
        recorded = read_recording(
            path, title, columns, given.separator, given.header, request.reporter
        )
        read.append(recorded)
        mine, first = recorded.columns.channels, read[0].columns.channels
        if mine != first:
            raise request.error(
                f"{inside} has the channels {', '.join(mine)}; "
                f"{files[0].relative_to(root).as_posix()} has {', '.join(first)}.",
                "Name those that all have: channels=x,y,z.",
            )
        size += sum(stretch.values.nbytes for stretch in recorded.stretches)
        if size > MOST_BYTES:
            detail = f"The recordings take more than {MOST_BYTES / 1e9:.1f} GB."
            raise request.error(detail, "Use fewer of them, or save windows in an .npz file.")
    return read


def _files(request: Request) -> tuple[Path, list[Path]]:
    """Return the folder that names are within, and all files in the order of their paths."""
    if request.path.is_file():
        return request.path.parent, [request.path]
    try:
        files = files_in(request.path, Recordings.suffixes)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror or error}."
        raise request.error(reason, "Check the folder.") from None
    if not files:
        raise request.error("It has no recordings (.csv, .tsv).", "Choose another folder.")
    return request.path, _few(files, request.most)


def _few(files: list[Path], most: int | None) -> list[Path]:
    """Return some of the files, from all over the folder; None: all."""
    if most is None or len(files) <= MOST_SEEN:
        return files
    return [files[at] for at in np.linspace(0, len(files) - 1, MOST_SEEN).astype(int)]


def _role(inside: Path) -> tuple[Role | None, Path]:
    """Return the split that the first folder names, and the path below that."""
    top = inside.parts[0].lower()
    if len(inside.parts) > 1 and top in ROLES:
        return ROLES[top], Path(*inside.parts[1:])
    return None, inside


def _pattern(
    root: Path, files: Sequence[Path], given: RecordingSettings, request: Request
) -> NamePattern | None:
    """Return what names say: as set; else the folder is what no column says.

    That is where all files are in folders: the label, or else the subject.
    """
    if given.names:
        try:
            return NamePattern(given.names)
        except ValueError as error:
            raise request.error(f"The setting names: {error}.", EXAMPLE) from None
    inside = [_role(path.relative_to(root))[1] for path in files]
    tops = {path.parts[0] for path in inside if len(path.parts) > 1}
    is_sorted = len(tops) > 1 and all(len(path.parts) > 1 for path in inside)
    if not is_sorted:
        return None
    title = f"{files[0].relative_to(root).as_posix()} was not read as data"
    columns = Columns(given.label, given.subject)
    said = columns_said(files[0], title, columns, given.separator, given.header, request.reporter)
    if "label" not in said:
        return NamePattern("{label}/*")
    return None if "subject" in said else NamePattern("{subject}/*")


def _said(pattern: NamePattern, inside: Path, request: Request) -> dict[str, str]:
    said = pattern.read(inside)
    if said is None:
        detail = f"The name {inside.as_posix()} is of another form than the setting names says."
        raise request.error(detail, EXAMPLE)
    return said


def _labels(found: _Found, windows: Windows, given: RecordingSettings, request: Request) -> Labels:
    """Return the label of every window."""
    if not len(windows):
        longest = max(len(item.values) for item in found.stretches)
        raise request.error(
            f"No recording fills a window of {windows.form.window} rows; "
            f"the longest has {longest}.",
            "Set a shorter window.",
        )
    words = found.words[windows.stretch_of].tolist()
    labels = class_labels(
        words, list(_numbers(words)), given.classes, request.wanted, request.title
    )
    if len(labels.classes) < 2:
        detail = f"All windows are of one class, {words[0]!r}."
        raise request.error(detail, "To tell classes apart, at least two are needed.")
    return labels


def _numbers(words: Sequence[str]) -> Iterator[float | None]:
    known = {word: number_in(word, decimal_comma=False) for word in set(words)}
    return (known[word] for word in words)
