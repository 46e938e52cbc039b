"""One foreign model on its way in: looked at, asked about, converted in a process of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Literal

from tinystudio.core import places
from tinystudio.core.child_words import Doing, Refused
from tinystudio.core.errors import UserError
from tinystudio.importers import whole_model
from tinystudio.importers.importer import ImportSettings, InputShape
from tinystudio.importers.user_module import split_module
from tinystudio.runners.conversion import Conversion
from tinystudio.runners.conversion_words import Convert, LookAt, Looked, Request

FORMAT = 1  # of what importers write; a change converts everything anew
FOLDER = "imported"

Question = Literal["module", "shapes", "trust"]


class ImportState(Enum):
    """How far it is. `ASKING` waits for the user, the last two are ends."""

    LOOKING = "looking"
    ASKING = "asking"
    CONVERTING = "converting"
    DONE = "done"
    FAILED = "failed"


class Import:
    """No thread and no Qt: whoever drives it calls `step` until it has ended or asks something.

    Converted models are kept below the user's data by what they were made from, so that a file is
    converted once; the file itself is never written to. `is_trusted` is asked with the hash of
    what can run code.
    """

    def __init__(
        self,
        path: Path,
        settings: ImportSettings,
        data: str = "",
        is_trusted: Callable[[str], bool] = lambda _: False,
        start: Callable[[Request], Conversion] = Conversion,
    ) -> None:
        """`start` begins the process that reads the file, with limits of its choice."""
        self.path = whole_model(path.absolute(), bool(settings.module))
        self.settings = settings
        self.looked: Looked | None = None
        self.text = ""
        self.problem: UserError | None = None
        self._data, self._is_trusted, self._start = data, is_trusted, start
        self._conversion: Conversion | None = None
        self._look()

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return what the user has to say before it can be converted."""
        looked, asked = self.looked, list[Question]()
        if looked is None:
            return ()
        if looked.needs_module and not self.settings.module:
            asked.append("module")
        if looked.needs_shapes and not self.settings.shapes:
            asked.append("shapes")
        if looked.code_sha256 and not self._is_trusted(looked.code_sha256):
            asked.append("trust")
        return tuple(asked)

    @property
    def guess(self) -> tuple[InputShape, ...]:
        """Return the shapes of the inputs as the data has them; empty where it is not known."""
        texts = () if self.looked is None else self.looked.guessed_shapes
        return tuple(InputShape.parse(text) for text in texts)

    @property
    def output(self) -> Path:
        """Return where the converted model is, or will be."""
        assert self.looked is not None  # asked for only after it was looked at
        looked, settings = self.looked, self.settings
        shapes = [str(shape) for shape in settings.shapes] if looked.needs_shapes else []
        factory = split_module(settings.module)[1] if settings.module else ""
        said = json.dumps([FORMAT, looked.importer, looked.hash, shapes, factory])
        key = hashlib.sha256(said.encode()).hexdigest()[:20]
        return places.data() / FOLDER / key / f"{self.path.stem}.onnx"

    @property
    def is_late(self) -> bool:
        """Say whether the user should be asked to go on waiting."""
        return self._conversion is not None and self._conversion.is_late

    @property
    def seconds(self) -> float:
        """Return how long the process has taken so far."""
        return 0.0 if self._conversion is None else self._conversion.seconds

    def wait_longer(self) -> None:
        """Give the process as much time again."""
        if self._conversion is not None:
            self._conversion.wait_longer()

    def step(self, timeout: float) -> None:
        """Hear what the process says, waiting for at most `timeout` seconds."""
        if self._conversion is None:
            return
        for word in self._conversion.words(timeout):
            match word:
                case Doing():
                    self.text = word.text
                case Looked():
                    self.looked = word
                    self.go_on()
                case Refused():
                    self.problem = UserError(word.title, word.detail, word.hint)
                    self.state = ImportState.FAILED
                case _:
                    self.state = ImportState.DONE

    def use(self, settings: ImportSettings) -> None:
        """Take other settings; another module, or what could not be read, is read first."""
        is_other = settings.module != self.settings.module or self.looked is None
        self.settings = settings
        if is_other:
            self._look()

    def use_data(self, data: str) -> None:
        """Take the shapes from other data, as long as nothing is converted yet."""
        if self.state in (ImportState.LOOKING, ImportState.ASKING):
            self._data = data
            self._look()

    def use_guess(self) -> None:
        """Take the shapes that the data has."""
        self.use(replace(self.settings, shapes=self.guess))

    def go_on(self) -> None:
        """Convert it, where nothing is left to ask and it was not converted before.

        After a failure it is tried again, with what is set now.
        """
        if self.looked is None or self.state is ImportState.CONVERTING:
            return
        self.problem = None
        has_settings = {"module", "shapes"}.isdisjoint(self.questions)
        if has_settings and self.output.is_file():
            self.state = ImportState.DONE
        elif self.questions:
            self.state = ImportState.ASKING
        else:
            self.state = ImportState.CONVERTING
            self._begin(Convert(self.path, self.settings, self.looked.hash, self.output))

    def close(self) -> None:
        """End it; may be repeated."""
        if self._conversion is not None:
            self._conversion.close()

    def _look(self) -> None:
        self.state, self.looked, self.problem = ImportState.LOOKING, None, None
        self._begin(LookAt(self.path, self.settings, self._data))

    def _begin(self, request: Request) -> None:
        self.close()
        self._conversion = self._start(request)
