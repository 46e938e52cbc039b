"""C-MAPSS: how many flights a jet engine has left."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Literal

import numpy as np

from tinystudio.core.data import Array, Dataset
from tinystudio.core.params import choice, integer
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, in_order
from tinystudio.downloads.series import SeriesSettings, series_dataset
from tinystudio.downloads.streams import inner_zip, zip_bytes, zip_ending

COLUMNS = 26  # engine, flight, 3 settings of the engine, 21 sensors
CHANNELS = COLUMNS - 2


class EngineSettings(SeriesSettings):
    """Which engines, and how much of their past is seen."""

    subset: Literal["FD001", "FD002", "FD003", "FD004"] = choice(
        "FD001", title="Engines",
        titles={
            "FD001": "one condition of flight, one fault", "FD002": "six conditions, one fault",
            "FD003": "one condition, two faults", "FD004": "six conditions, two faults",
        },
        help="Which of the four parts of the data set.",
    )  # fmt: skip
    window: int = integer(
        0, title="Window", unit="flights", ge=0, le=300,
        help="How many flights up to now are seen. 0: as the model wants it, else 30.",
    )  # fmt: skip
    cap: int = integer(
        125, title="Cap", unit="flights", ge=10, le=1000, advanced=True,
        help="More flights than these count as so many: a healthy engine shows nothing yet.",
    )  # fmt: skip


class Engines(Download):
    """Simulated jet engines, from healthy to broken: 24 figures after each flight (regression).

    The label is how many flights are left, 125 at most. What is learned from are all windows of
    the engines that ran to failure, a fifth of the engines kept for validation: no engine is in
    two splits. The test has the last window of each of the other engines, whose runs end early;
    one shorter than the window is filled up with its first flight.
    """

    id = "engines"
    title = "C-MAPSS jet engines"
    area = "Industry"
    question = "After how many more flights will the engine fail?"
    licence = "Public domain (work of the US government), A. Saxena and K. Goebel, NASA"
    terms = "You may use, share and change it, also commercially. NASA asks to be cited."
    source = "https://data.nasa.gov/dataset/cmapss-jet-engine-simulated-data"
    params = EngineSettings
    files = (
        # NASA publishes no checksum; this one is noted alike in many public projects.
        RemoteFile(
            "turbofan-engine-degradation.zip",
            "https://phm-datasets.s3.amazonaws.com/NASA/"
            "6.+Turbofan+Engine+Degradation+Simulation+Data+Set.zip",
            12_429_152, "sha256:c9c5dec12a945a82e8bb4446589d7fb3cc057b5e5d81fa1a12e25ee9912ad3b2",
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return windows (24, flights) as the network wants them."""
        given = request.settings
        assert isinstance(given, EngineSettings)
        window = given.window or _wanted(request) or 30
        with inner_zip(self.path(request), "CMAPSSData.zip") as archive:
            known = _table(archive, f"train_{given.subset}.txt", COLUMNS)
            asked = _table(archive, f"test_{given.subset}.txt", COLUMNS)
            left = _table(archive, f"RUL_{given.subset}.txt", 1)[:, 0]
        signals, labels, engines = _all_windows(known, window)
        last = _last_windows(asked, window)
        if len(last) != len(left):
            raise ValueError(f"RUL_{given.subset}.txt has not one line per engine")
        listing = Listing(
            labels=np.minimum(np.concatenate([labels, left]), given.cap).astype(np.float32),
            roles=in_order({"train": len(signals), "test": len(last)}),
            classes=(),
            # The engines of the test are others, numbered from 1 as well.
            groups=np.concatenate([engines, engines.max() + 1 + np.arange(len(last))]),
            metric="mean-absolute-error",
        )
        settled = given.model_copy(update={"window": window})
        request = replace(request, settings=settled)
        every = np.concatenate([signals, last])
        return series_dataset(self.title, request, listing, every, "standard")


def _wanted(request: Request) -> int:
    """Return how many flights the network takes; 0 where that is not known."""
    inner = request.wanted.sample[-2:]
    others = [size for size in inner if size != CHANNELS]
    return others[0] if len(inner) == 2 and len(others) == 1 and isinstance(others[0], int) else 0


def _table(archive: zipfile.ZipFile, name: str, columns: int) -> Array:
    data = zip_bytes(archive, zip_ending(archive, name))
    table = np.loadtxt(io.BytesIO(data), np.float64, ndmin=2)
    if table.shape[1] != columns or not np.isfinite(table).all():
        raise ValueError(f"{name} has not {columns} numbers in each line")
    return table


def _runs(table: Array) -> list[tuple[int, Array]]:
    """Return each engine with its figures (flights, 24), in the order of its flights."""
    engines = np.unique(table[:, 0])
    return [
        (int(engine), run[np.argsort(run[:, 1], kind="stable"), 2:])
        for engine in engines
        for run in (table[table[:, 0] == engine],)
    ]


def _all_windows(table: Array, window: int) -> tuple[Array, Array, Array]:
    """Return windows (n, 24, window), how many flights are left after each, and the engines."""
    signals, left, engines = [], [], []
    for engine, run in _runs(table):
        if len(run) >= window:
            cut = np.lib.stride_tricks.sliding_window_view(run, window, axis=0)
            signals.append(cut.astype(np.float32))
            left.append(np.arange(len(cut))[::-1])
            engines.append(np.full(len(cut), engine))
    if not signals:
        raise ValueError(f"no engine has {window} flights")
    return np.concatenate(signals), np.concatenate(left), np.concatenate(engines)


def _last_windows(table: Array, window: int) -> Array:
    """Return the last window (n, 24, window) of each engine."""
    rows = []
    for _, run in _runs(table):
        missing = max(0, window - len(run))
        filled = np.concatenate([np.repeat(run[:1], missing, axis=0), run])
        rows.append(filled[-window:].T.astype(np.float32))
    return np.stack(rows)
