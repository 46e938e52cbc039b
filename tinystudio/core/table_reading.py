"""One table of cells made into a data set, whatever file it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from tinystudio.core.assembling import assemble, check_splits, standardization
from tinystudio.core.class_order import classes_setting, written
from tinystudio.core.data import Array, Dataset, Preprocessing, Rows, Samples, Wanted
from tinystudio.core.delimited import Cells, is_missing, listed, number_in
from tinystudio.core.errors import UserError
from tinystudio.core.labels import Labels, class_labels, outputs_of
from tinystudio.core.params import Params, Single, choice, text
from tinystudio.core.splitting import grouped, stratified

SHARES = (0.6, 0.2, 0.2)  # train, validation, test
TARGETS = ("target", "label", "labels", "class", "y")  # what a target is called, else the last
FEW_NUMBERS = 20  # as many different whole numbers are classes where no network tells
MOST_CLASSES = 1000
MOST_CATEGORIES = 100  # of one column
SHOWN_ROWS = 8  # in a preview
MOST_NAMED = 12  # columns in an error


class ColumnUse(Params):
    """What the columns of a table are for."""

    target: str = text(
        title="Target", empty="target, label, class or y; else the last column",
        help="The column that the model is to tell.",
    )  # fmt: skip
    task: Literal["guess", "classes", "amounts"] = choice(
        "guess", title="Task",
        titles={"guess": "guess", "classes": "classes", "amounts": "amounts (regression)"},
        help="Text is classes, fractions are amounts; whole numbers as the model has outputs.",
    )  # fmt: skip
    features: str = text(
        title="Features", empty="all other columns",
        help="The columns that the model is fed, in its order, with commas between them.",
    )  # fmt: skip
    left_out: str = text(
        title="Leave out", empty="none",
        help="Columns that are not fed, such as a number of the row, with commas between them.",
    )  # fmt: skip
    group: str = text(
        title="Group", empty="none: every row stands for itself",
        help="A column such as a person or a machine; none of them is in two splits.",
    )  # fmt: skip
    text_columns: Literal["one-hot", "refuse"] = choice(
        "one-hot", title="Text columns",
        titles={"one-hot": "one input per category", "refuse": "refuse"},
        help="Categories are those of the training rows, by name; an unknown one is all zeros.",
    )  # fmt: skip
    missing: Literal["refuse", "median"] = choice(
        "refuse", title="Missing values",
        titles={"refuse": "refuse", "median": "fill with the median"},
        help="The median is of the training rows; a missing category is all zeros.",
    )  # fmt: skip
    standardize: Literal["none", "training"] = choice(
        "none", title="Standardize", titles={"none": "no", "training": "by the training rows"},
        help="(x - mean) / deviation for each column of numbers, where the model wants it.",
    )  # fmt: skip
    classes: str = classes_setting()


@dataclass(frozen=True)
class _Column:
    """Encoded cells (n, k): one number, or one per category; `names` has k entries."""

    names: tuple[str, ...]
    values: Array
    is_number: bool


@dataclass(frozen=True)
class TableSource:
    """Cells, what their columns are for, and for whom; `title` heads errors."""

    name: str
    title: str
    seed: int
    wanted: Wanted
    cells: Cells
    use: ColumnUse
    decimal_comma: bool = False


class TableReading:
    """One table being made into a data set; raises `UserError` that names row and column."""

    def __init__(self, source: TableSource) -> None:
        self._source = source
        self._given, self._cells, self._comma = source.use, source.cells, source.decimal_comma
        given, cells = source.use, source.cells
        target = given.target or next((n for n in cells.names if n.lower() in TARGETS), "")
        self._target = self._index(target or cells.names[-1])
        self._group = self._index(given.group) if given.group else None
        left_out = {self._index(name) for name in listed(given.left_out)}
        unfed = {self._target, self._group} | left_out
        if given.features:
            self._features = [self._index(name) for name in listed(given.features)]
        else:
            self._features = [at for at in range(len(cells.names)) if at not in unfed]
        clash = next((at for at in self._features if at in unfed), None)
        if clash is not None:
            raise self._error(
                f"The column {cells.names[clash]!r} is a feature, and target, group or left out.",
                "Give every column one use.",
            )
        if not self._features:
            raise self._error(
                "No column is left to be fed to the model.",
                "Check the separator, and which columns are left out.",
            )

    def dataset(self) -> Dataset:
        """Return the split samples."""
        target = self._labels()
        train, validation, test = self._parts(target.strata)
        splits = {"training": train, "validation": validation, "test": test}
        check_splits(splits, self._source.title, "Add rows, or groups: at least three.")
        columns = [self._column(at, train) for at in self._features]
        raw = np.concatenate([column.values for column in columns], axis=1)
        preprocessing = self._preprocessing(columns, raw[train])
        with np.errstate(over="ignore", invalid="ignore"):  # judged by what comes out
            values = preprocessing.applied(raw)
        fed = self._shaped(self._finite(values, columns))
        every = Samples((fed,), target.values, np.arange(len(fed)), self._groups)
        made = assemble(
            self._source.name,
            train=every.take(train),
            validation=every.take(validation),
            test=every.take(np.sort(test)),
            seed=self._source.seed,
            metric="accuracy" if target.classes else "mean-absolute-error",
            classes=target.classes,
            preprocessing=preprocessing,
            settings=self._settled(target),
        )
        return replace(made, rows=self._first_rows())

    def _first_rows(self) -> Rows:
        used = {self._target, *self._features}
        return Rows(
            self._cells.names,
            self._cells.rows[:SHOWN_ROWS],
            self._target,
            tuple(at for at in range(len(self._cells.names)) if at not in used),
        )

    def _index(self, name: str) -> int:
        names = self._cells.names
        if name not in names:
            shown = ", ".join(names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")
            raise self._error(f"There is no column {name!r}.", f"There are: {shown}.")
        return names.index(name)

    def _labels(self) -> Labels:
        texts = self._cells.column(self._target)
        for row, word in enumerate(texts):
            if is_missing(word):
                raise self._wrong_cell(
                    row, self._target, "is missing", "Fill it, or remove the row."
                )
        numbers = [number_in(word, self._comma) for word in texts]
        if self._task(numbers) == "amounts":
            return self._amounts(texts, numbers)
        target = class_labels(
            texts, numbers, self._given.classes, self._source.wanted, self._source.title
        )
        if len(target.classes) < 2:
            raise self._error(
                f"The target {self._cells.names[self._target]!r} has only one class, {texts[0]!r}.",
                "To tell classes apart, at least two are needed; or set task=amounts.",
            )
        if len(target.classes) > MOST_CLASSES:
            raise self._error(
                f"The target {self._cells.names[self._target]!r} has {len(target.classes):,} "
                "different values.",
                f"At most {MOST_CLASSES:,} can be classes: choose another target, or task=amounts.",
            )
        return target

    def _task(self, numbers: Sequence[float | None]) -> Literal["classes", "amounts"]:
        if self._given.task != "guess":
            return self._given.task
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            return "classes"
        if not all(number.is_integer() for number in known):
            return "amounts"
        outputs = outputs_of(self._source.wanted.outputs)
        if outputs is None:
            return "classes" if len(set(known)) <= FEW_NUMBERS else "amounts"
        return "classes" if outputs > 1 or len(set(known)) <= 2 else "amounts"

    def _amounts(self, texts: Sequence[str], numbers: Sequence[float | None]) -> Labels:
        for row, number in enumerate(numbers):
            if number is None:
                words = f"is {texts[row]!r}, not a number"
                raise self._wrong_cell(row, self._target, words, "Correct it, or set task=classes.")
        labels = np.array(numbers, np.float32)
        outputs = self._source.wanted.outputs
        return Labels(labels[:, None] if outputs and len(outputs[0]) == 2 else labels, ())

    def _parts(self, strata: Array) -> tuple[Array, ...]:
        if self._groups is None:
            return stratified(strata, SHARES, self._source.seed)
        return grouped(strata, self._groups, SHARES, self._source.seed)

    @cached_property
    def _groups(self) -> Array | None:
        if self._group is None:
            return None
        groups = self._cells.column(self._group)
        for row, name in enumerate(groups):
            if is_missing(name):
                raise self._wrong_cell(row, self._group, "is missing", "Fill it in.")
        return np.array(groups)

    def _column(self, index: int, train: Array) -> _Column:
        words = self._cells.column(index)
        absent = np.array([is_missing(word) for word in words])
        if absent.any() and self._given.missing == "refuse":
            hint = "Fill it, or set missing=median."
            raise self._wrong_cell(int(np.argmax(absent)), index, "is missing", hint)
        numbers = [number_in(word, self._comma) for word in words]
        held = sum(number is not None for number in numbers)
        # Where most cells are numbers, one that is none is a mistake and no category.
        if held * 2 >= len(words) - int(absent.sum()):
            return self._numbers(index, words, numbers, absent, train)
        return self._categories(index, words, absent, train)

    def _numbers(
        self,
        index: int,
        words: Sequence[str],
        numbers: Sequence[float | None],
        absent: Array,
        train: Array,
    ) -> _Column:
        for row, number in enumerate(numbers):
            if number is None and not absent[row]:
                wrong = f"is {words[row]!r}, not a number"
                raise self._wrong_cell(row, index, wrong, "Correct it, or leave the column out.")
        values = np.array([np.nan if number is None else number for number in numbers])
        if absent.any():
            known = values[train][~absent[train]]
            if not len(known):
                detail = f"The column {self._cells.names[index]!r} has no value to train on."
                raise self._error(detail, "Leave it out.")
            values[absent] = np.median(known)
        return _Column((self._cells.names[index],), values[:, None], is_number=True)

    def _categories(self, index: int, words: Sequence[str], absent: Array, train: Array) -> _Column:
        name = self._cells.names[index]
        if self._given.text_columns == "refuse":
            row = next(at for at, gone in enumerate(absent) if not gone)
            wrong = f"is {words[row]!r}, a text"
            raise self._wrong_cell(
                row, index, wrong, "Leave the column out, or allow text columns."
            )
        known = sorted({words[at] for at in train if not absent[at]})
        if len(known) > MOST_CATEGORIES:
            raise self._error(
                f"The column {name!r} has {len(known):,} different texts.",
                f"At most {MOST_CATEGORIES} can be categories: leave the column out.",
            )
        values = np.array([[word == item for item in known] for word in words], np.float64)
        values[absent] = 0.0
        return _Column(tuple(f"{name}={item}" for item in known), values, is_number=False)

    def _preprocessing(self, columns: Sequence[_Column], train: Array) -> Preprocessing:
        order = "inputs: " + ", ".join(name for column in columns for name in column.names)
        if self._given.standardize == "none":
            return Preprocessing(note=f"none; {order}")
        found = standardization(train, "column")
        is_number = [column.is_number for column in columns for _ in column.names]
        return Preprocessing(
            tuple(m if yes else 0.0 for m, yes in zip(found.mean, is_number, strict=True)),
            tuple(s if yes else 1.0 for s, yes in zip(found.scale, is_number, strict=True)),
            f"{found.note}, categories as 0 and 1; {order}",
        )

    def _finite(self, values: Array, columns: Sequence[_Column]) -> Array:
        bad = ~np.isfinite(values)
        if bad.any():
            row, at = np.argwhere(bad)[0]
            names = [name for column in columns for name in column.names]
            index = self._cells.names.index(names[at])  # a category is never too large
            raise self._wrong_cell(
                int(row), index, "is too large for 32 bits", "Use smaller units."
            )
        return values

    def _shaped(self, values: Array) -> Array:
        """Return (n, features), or with the axes of size 1 that the network has besides."""
        sizes = self._source.wanted.sample
        if len(sizes) > 1 and sorted(map(str, sizes)) == sorted(
            [str(values.shape[1]), *["1"] * (len(sizes) - 1)]
        ):
            return values.reshape(len(values), *(int(size) for size in sizes if size is not None))
        return values

    def _settled(self, target: Labels) -> dict[str, Single]:
        return self._given.model_dump() | {
            "target": self._cells.names[self._target],
            "task": "classes" if target.classes else "amounts",
            "classes": written(target.classes),
        }

    def _wrong_cell(self, row: int, column: int, what: str, hint: str) -> UserError:
        line, name = self._cells.lines[row], self._cells.names[column]
        return self._error(f"{self._cells.place} {line}: {name} {what}.", hint)

    def _error(self, detail: str, hint: str) -> UserError:
        return UserError(self._source.title, detail, hint)
