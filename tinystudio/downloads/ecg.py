"""PTB-XL: electrocardiograms of 12 leads."""

from __future__ import annotations

import ast
import csv
import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array, Dataset, Preprocessing
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, Made, Rows, assembled
from tinystudio.downloads.series import LayoutSettings, SeriesForm
from tinystudio.downloads.streams import zip_bytes, zip_ending

LEADS, STEPS = 12, 1000  # 10 s at 100 Hz
CLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
VALIDATION_FOLD, TEST_FOLD = 9, 10
LONGEST_TEXT = 10_000  # characters of one record's statements


class Ecg(Download):
    """Electrocardiograms of 10 s with 12 leads at 100 Hz, in mV, of 18,869 patients.

    The class is one of the five groups of diagnoses: normal, infarction (MI), changes of ST and T
    (STTC), conduction (CD), hypertrophy (HYP). Records with diagnoses of several groups, or of
    none, are left out: about three in four of the 21,799 stay. Splits by the published folds, in
    which no patient is in two: 1 to 8 to learn from, 9 for validation, 10, checked by hand, for
    the test. The archive holds the same records at 500 Hz, which are fetched along and not used.
    It is no medical device.
    """

    id = "ecg"
    title = "PTB-XL electrocardiograms"
    area = "Health"
    question = "Which group of diagnoses fits the electrocardiogram?"
    licence = "CC BY 4.0, P. Wagner, N. Strodthoff, R. Bousseljot, W. Samek and T. Schaeffter"
    terms = "You may use, share and change it, also commercially, if you name the authors."
    source = "https://physionet.org/content/ptb-xl/1.0.3/"
    params = LayoutSettings
    files = (
        # PhysioNet publishes checksums of the files inside, and none of the archive.
        RemoteFile(
            "ptb-xl-1.0.3.zip",
            "https://physionet.org/static/published-projects/ptb-xl/"
            "ptb-xl-a-large-publicly-available-electrocardiography-dataset-1.0.3.zip",
            1_840_000_000, None, is_exact=False,
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the records (12, 1000) as the network wants them."""
        given = request.settings
        assert isinstance(given, LayoutSettings)
        form = SeriesForm.of(given, request.wanted.sample, LEADS, STEPS)
        with zipfile.ZipFile(self.path(request)) as archive:
            database = zip_ending(archive, "ptbxl_database.csv")
            root = database.removesuffix("ptbxl_database.csv")
            records = _records(archive, root)

            def rows(wanted: Collection[int]) -> Rows:
                for number, record in enumerate(records):
                    if number not in wanted:
                        continue
                    request.reporter.check()
                    request.reporter.progress(number, len(records), "Reading electrocardiograms")
                    yield number, form.prepared(_signal(archive, root + record.path))

            listing = Listing(
                labels=np.array([record.label for record in records], np.int64),
                roles=np.array([record.role for record in records]),
                classes=CLASSES,
                groups=np.array([record.patient for record in records]),
            )
            note = Preprocessing(note="none: signals in mV as recorded")
            made = Made(form.shape(LEADS, STEPS), rows, form.settings.model_dump(), note)
            return assembled(self.title, request, listing, made)


@dataclass(frozen=True)
class _Record:
    path: str  # of its files, without the ending
    label: int
    patient: str
    role: str


def _records(archive: zipfile.ZipFile, root: str) -> list[_Record]:
    """Return the records whose diagnoses are all of one group."""
    group_of = {
        row[""]: row["diagnostic_class"]
        for row in _rows(archive, f"{root}scp_statements.csv")
        if row["diagnostic"] and float(row["diagnostic"]) == 1
    }
    records = []
    for row in _rows(archive, f"{root}ptbxl_database.csv"):
        found = {group_of[code] for code in _codes(row["scp_codes"]) if code in group_of}
        if len(found) == 1 and found <= set(CLASSES):
            fold = int(float(row["strat_fold"]))
            role = {VALIDATION_FOLD: "validation", TEST_FOLD: "test"}.get(fold, "train")
            label = CLASSES.index(found.pop())
            records.append(_Record(row["filename_lr"], label, row["patient_id"], role))
    if not records:
        raise ValueError("ptbxl_database.csv has no record of one group of diagnoses")
    return records


def _rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(zip_bytes(archive, name).decode())))


def _codes(text: str) -> list[str]:
    """Return the codes of a record, written as a Python dictionary: {'NORM': 100.0, 'SR': 0.0}."""
    if len(text) > LONGEST_TEXT:
        raise ValueError("ptbxl_database.csv has a list of statements that is too long")
    try:
        said = ast.literal_eval(text)  # constants alone: nothing in it can run
    except (SyntaxError, MemoryError, RecursionError, TypeError):
        said = None
    if not isinstance(said, dict):
        raise ValueError(f"ptbxl_database.csv has statements that are none: {text[:40]}")
    return [str(code) for code in said]


def _signal(archive: zipfile.ZipFile, path: str) -> Array:
    """Return a WFDB record of format 16 in mV, (12, 1000).

    The header's first line is NAME SIGNALS RATE STEPS; each further one FILE FORMAT
    GAIN(BASELINE)/UNIT ... of a signal. Numbers are 16 bits each, little-endian, one step after
    the other.
    """
    lines = zip_bytes(archive, f"{path}.hea").decode().splitlines()
    head, signals = lines[0].split(), [line.split() for line in lines[1 : 1 + LEADS]]
    if [int(head[1]), int(head[3])] != [LEADS, STEPS]:
        raise ValueError(f"{path}.hea has not {LEADS} signals of {STEPS} steps")
    if any(signal[1] != "16" for signal in signals):
        raise ValueError(f"{path}.hea is not of format 16")
    numbers = np.frombuffer(zip_bytes(archive, f"{path}.dat"), "<i2")
    if len(numbers) != LEADS * STEPS:
        raise ValueError(f"{path}.dat is not as long as its header says")
    scales = np.array([_gain(signal) for signal in signals])
    values = numbers.reshape(STEPS, LEADS).T.astype(np.float64)
    millivolts: Array = (values - scales[:, 1:]) / scales[:, :1]
    return millivolts.astype(np.float32)


def _gain(signal: list[str]) -> tuple[float, float]:
    """Return the numbers per mV and the number that is 0 mV, of a signal's line."""
    gain, _, baseline = signal[2].partition("/")[0].partition("(")
    zero = float(baseline.rstrip(")")) if baseline else float(signal[4])
    if not float(gain):
        raise ValueError("a header has a gain of 0")
    return float(gain), zero
