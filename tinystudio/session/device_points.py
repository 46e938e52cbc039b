"""Figures that the user measured on another device: read from a table, told apart from ours."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from tinystudio.core.errors import UserError
from tinystudio.session.marks import ProjectVariant

COLUMNS = ("variant", "device", "latency_ms", "size_bytes", "energy_mj")
NEEDED = ("variant", "latency_ms")
MOST_ROWS = 10_000
HINT = (
    "The first line names the columns: variant (id or title), device, latency_ms, and if you have "
    "them size_bytes and energy_mj."
)


class DevicePoint(BaseModel):
    """One variant as somebody measured it elsewhere; `variant` is its id in the project."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    variant: str
    device: str
    latency_ms: float
    size_bytes: float | None = None
    energy_mj: float | None = None

    @property
    def words(self) -> str:
        """Return where it is from, as it is marked everywhere."""
        return f"measured on {self.device}, imported"


def read_device_points(
    data: bytes, name: str, variants: Sequence[ProjectVariant]
) -> tuple[DevicePoint, ...]:
    """Read a CSV of figures from a device, one row a variant; raises `UserError` with its line.

    `name` is the file's; without a column `device` its stem is the device.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _misread(name, "It is not UTF-8 text.") from None
    rows = csv.DictReader(io.StringIO(text), dialect=_dialect(text))
    try:
        columns = {(key or "").strip().lower(): key for key in rows.fieldnames or ()}
        missing = [needed for needed in NEEDED if needed not in columns]
        if missing:
            raise _misread(name, f"There is no column {missing[0]!r}.")
        found = [
            _point(_cells(row, columns), rows.line_num, name, variants)
            for row in rows
            if any((cell or "").strip() for cell in row.values() if isinstance(cell, str))
        ]
    except csv.Error as error:
        raise _misread(name, f"It is no table: {error}.") from None
    if not found:
        raise _misread(name, "It has no rows.")
    if len(found) > MOST_ROWS:
        raise _misread(name, f"It has more than {MOST_ROWS:,} rows.")
    return tuple({(point.variant, point.device): point for point in found}.values())


def merged(known: Iterable[DevicePoint], new: Iterable[DevicePoint]) -> tuple[DevicePoint, ...]:
    """Return all points; a new one takes the place of an older one of its variant and device."""
    found = {(point.variant, point.device): point for point in (*known, *new)}
    return tuple(found.values())


def example(variants: Sequence[ProjectVariant]) -> str:
    """Return a table to be filled in: every variant with its id, and nothing measured."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows((item.id, "", "", "", "") for item in variants)
    return text.getvalue()


def _dialect(text: str) -> type[csv.Dialect]:
    """Return how cells are parted; a table that a German spreadsheet wrote has semicolons."""
    first = text.partition("\n")[0]

    class Parted(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Parted


def _cells(row: dict[str, str | None], columns: dict[str, str]) -> dict[str, str]:
    return {name: (row.get(columns.get(name, "")) or "").strip() for name in COLUMNS}


def _point(
    cells: dict[str, str], line: int, name: str, variants: Sequence[ProjectVariant]
) -> DevicePoint:
    latency = _number(cells, "latency_ms", line, name)
    if latency is None:
        raise _misread(name, f"Line {line} has no latency_ms.")
    return DevicePoint(
        variant=_variant(cells["variant"], line, name, variants).id,
        device=cells["device"] or name.rsplit(".", 1)[0],
        latency_ms=latency,
        size_bytes=_number(cells, "size_bytes", line, name),
        energy_mj=_number(cells, "energy_mj", line, name),
    )


def _variant(
    named: str, line: int, name: str, variants: Sequence[ProjectVariant]
) -> ProjectVariant:
    by_id = [item for item in variants if item.id == named]
    found = by_id or [item for item in variants if item.title == named]
    if len(found) == 1:
        return found[0]
    why = "several variants have" if found else "no variant of the open model has"
    hint = "Name variants by their ids." if found else ""
    raise _misread(name, f"Line {line}: {why} the id or title {named!r}. {hint}".strip())


def _number(cells: dict[str, str], column: str, line: int, name: str) -> float | None:
    text = cells[column]
    if not text:
        return None
    try:
        # A comma before the decimals: the cells are then parted by semicolons.
        number = float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise _misread(name, f"Line {line}: {column} is {text!r}, and not a number above 0.")
    return number


def _misread(name: str, why: str) -> UserError:
    return UserError(f"No figures were taken from {name}", why, HINT)
