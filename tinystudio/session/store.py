"""The project's database: every record durable once `write` returns, in one SQLite file."""

from __future__ import annotations

import errno
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from tinystudio.core.errors import UserError
from tinystudio.core.files import unwritable
from tinystudio.jobs.events import EVENT, Event, VariantReady
from tinystudio.session.marks import Mark
from tinystudio.session.moving import Move
from tinystudio.session.records import Marked, Memory, ProjectState, Record, is_lasting

# One entry per version of the format; a released entry never changes, new ones are added below.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE events (number INTEGER PRIMARY KEY, job TEXT NOT NULL, kind TEXT NOT NULL,
                         body TEXT NOT NULL);
    CREATE INDEX events_by_job ON events (job);
    CREATE TABLE marks (variant TEXT PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
    CREATE VIEW runs AS
        SELECT job, json_extract(body, '$.what.kind') AS kind,
               json_extract(body, '$.what.title') AS title, json_extract(body, '$.at') AS started
        FROM events WHERE kind = 'started';
    CREATE VIEW variants AS
        SELECT json_extract(body, '$.variant.id') AS variant, job,
               json_extract(body, '$.variant.network') AS network,
               json_extract(body, '$.variant.measurement.split') AS split,
               json_extract(body, '$.variant.measurement.score') AS score,
               json_extract(body, '$.variant.measurement.size_bytes') AS size_bytes,
               json_extract(body, '$.variant.measurement.latency_ms') AS latency_ms,
               json_extract(body, '$.variant.artifact.sha256') AS artifact
        FROM events WHERE kind = 'variant-ready';
    """,
)
FORMAT = len(MIGRATIONS)


class Store:
    """One open database. Threads may share it: a lock lets one at a time through."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._database = _connect(path, read_only)
        try:
            self.format = int(self._ask("PRAGMA user_version")[0][0])
            if self.format < 0:
                raise _damaged(self._path, "its version is below 0")
            if not read_only and self.format <= FORMAT:
                self._prepare()
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        # Full: a measurement on screen survives a power cut, not only a crash.
        self._run(lambda: self._database.execute("PRAGMA journal_mode = WAL"))
        self._run(lambda: self._database.execute("PRAGMA synchronous = FULL"))
        for version in range(self.format, FORMAT):
            script = f"BEGIN; {MIGRATIONS[version]} PRAGMA user_version = {version + 1}; COMMIT;"
            self._run(partial(self._database.executescript, script))
        self.format = FORMAT

    def write(self, records: Iterable[Record]) -> None:
        """Write the lasting ones of `records`, all or none; durable when this returns.

        Raises `UserError` where the disk is full or the file cannot be written.
        """
        lasting = [record for record in records if is_lasting(record)]
        if lasting:
            self._run(lambda: self._insert(lasting))

    def _insert(self, records: list[Record]) -> None:
        with self._database:
            for record in records:
                self._database.execute(*_statement(record))

    def read(self) -> Memory:
        """Return everything. What a newer program wrote and this one does not know is left out."""
        events = (_event(body) for (body,) in self._ask("SELECT body FROM events ORDER BY number"))
        marks = self._ask("SELECT variant, body FROM marks ORDER BY rowid")
        state = self._ask("SELECT body FROM state")
        return Memory(
            tuple(event for event in events if event is not None),
            tuple(made for variant, body in marks if (made := _marked(variant, body)) is not None),
            _state(state[0][0]) if state else ProjectState(),
        )

    def relocate(self, move: Move) -> int:
        """Let the project remember everything as if something had always been at another path.

        All or nothing; what this program does not know stays as it is. Returns how many variants
        changed their ids.
        """
        ids: dict[str, str] = {}
        self._run(lambda: self._rewrite(move, ids))
        return len(ids)

    def _rewrite(self, move: Move, ids: dict[str, str]) -> None:
        database = self._database
        with database:
            for number, body in database.execute("SELECT number, body FROM events").fetchall():
                event = _event(body)
                moved = None if event is None else move.event(event)
                if event is None or moved is None or moved == event:
                    continue
                if isinstance(event, VariantReady) and isinstance(moved, VariantReady):
                    ids[event.variant.id] = moved.variant.id
                text = EVENT.dump_json(moved).decode()
                database.execute("UPDATE events SET body = ? WHERE number = ?", (text, number))
            for old, new in ids.items():
                database.execute("UPDATE OR REPLACE marks SET variant = ? WHERE variant = ?",
                                 (new, old))  # fmt: skip
            for (body,) in database.execute("SELECT body FROM state").fetchall():
                database.execute(*_statement(move.state(_state(body), ids)))

    def rewrite(self, changed: Callable[[str], str]) -> None:
        """Change every stored text, all or none, and leave nothing of the old ones in the file.

        For a copy that is to be given away.
        """
        self._run(lambda: self._change_texts(changed))

    def _change_texts(self, changed: Callable[[str], str]) -> None:
        database = self._database
        with database:
            for table, key in (("events", "number"), ("state", "id")):
                rows = database.execute(f"SELECT {key}, body FROM {table}").fetchall()
                texts = [(changed(body), number) for number, body in rows]
                database.executemany(f"UPDATE {table} SET body = ? WHERE {key} = ?", texts)
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("VACUUM")  # what was overwritten lies in free pages until then

    def copy_to(self, path: Path) -> None:
        """Write a copy of the database as it is now."""

        def copy() -> None:
            target = sqlite3.connect(path)
            try:
                self._database.backup(target)
            finally:
                target.close()

        self._run(copy)

    def close(self) -> None:
        """Close the file; may be repeated."""
        with self._lock:
            self._database.close()

    def _ask(self, query: str) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        self._run(lambda: rows.extend(self._database.execute(query).fetchall()))
        return rows

    def _run(self, work: Callable[[], object]) -> None:
        with self._lock:
            try:
                work()
            except sqlite3.Error as error:
                raise _explain(self._path, error) from error
            except UnicodeDecodeError as error:  # from what sqlite says of a damaged table
                raise _damaged(self._path, "its tables cannot be read") from error


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    try:
        if not read_only:
            return sqlite3.connect(path, check_same_thread=False)
        return _connect_read_only(path)
    except sqlite3.Error as error:
        raise _explain(path, error) from error


def _connect_read_only(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
    try:
        database.execute("PRAGMA user_version").fetchall()
    except sqlite3.OperationalError:
        # In a folder that cannot be written to, WAL finds no place for its index. Nobody else
        # can write there either, so the file may be read as one that does not change.
        database.close()
        return sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, check_same_thread=False)
    return database


def _statement(record: Record) -> tuple[str, tuple[str, ...]]:
    if isinstance(record, Marked):
        return "INSERT OR REPLACE INTO marks VALUES (?, ?)", (
            record.variant,
            record.mark.model_dump_json(),
        )
    if isinstance(record, ProjectState):
        return "INSERT OR REPLACE INTO state VALUES (1, ?)", (record.model_dump_json(),)
    job = getattr(record, "job", "")
    body = EVENT.dump_json(record).decode()
    return "INSERT INTO events (job, kind, body) VALUES (?, ?, ?)", (job, record.kind, body)


def _event(body: str) -> Event | None:
    try:
        return EVENT.validate_json(body)
    except (ValidationError, UserError):
        return None


def _marked(variant: str, body: str) -> Marked | None:
    try:
        return Marked(variant, Mark.model_validate_json(body))
    except ValidationError:
        return None


def _state(body: str) -> ProjectState:
    try:
        return ProjectState.model_validate_json(body)
    except (ValidationError, UserError):
        return _known_state(body)


def _known_state(body: str) -> ProjectState:
    """Return model and data of a state that cannot be read as a whole, as far as they can be."""
    try:
        known = json.loads(body)
        return ProjectState(network=known.get("network"), data=known.get("data"))
    except (ValueError, TypeError, AttributeError):  # it is damaged: nothing is open then
        return ProjectState()


def _explain(path: Path, error: sqlite3.Error) -> UserError:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL:
        return unwritable(path, OSError(errno.ENOSPC, "full"))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return unwritable(path, OSError(errno.EACCES, "denied"))
    return _damaged(path, str(error))


def _damaged(path: Path, what: str) -> UserError:
    return UserError(
        f"The project {path.parent.name} was not read or written",
        f"Its database is not in order: {what}.",
        "Check that the folder is a TinyStudio project and that its disk is in order.",
    )
