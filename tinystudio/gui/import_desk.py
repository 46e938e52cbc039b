"""Has foreign model files converted, asks what must be asked, and says when one can be opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from tinystudio.core.errors import UserError
from tinystudio.gui.file_dialogs import MODULES, FileDialogs
from tinystudio.gui.import_card import ImportCard
from tinystudio.gui.notice import Notice
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.studio import Studio
from tinystudio.gui.window import MainWindow
from tinystudio.importers.importer import ImportSettings, InputShape
from tinystudio.importers.user_module import read_source
from tinystudio.runners.conversion import Conversion, conversion_limits
from tinystudio.runners.conversion_words import Convert, Request
from tinystudio.session.importing import Import, ImportState

LOOK_EVERY_MS = 50  # the process is heard, and kept within its memory, so often
ASK_AFTER_S = 120.0  # a conversion that takes longer is asked about; most take seconds


class ImportDesk(QObject):
    """One at a time; a newer file takes the place of one that is still being asked about."""

    converted = Signal(str, str, str)  # the ONNX file, what it was made from, data or nothing

    def __init__(self, window: MainWindow, studio: Studio, remembered: Remembered) -> None:
        super().__init__(window)
        self._window, self._studio, self._remembered = window, studio, remembered
        self._coming: Import | None = None
        self._shown: ImportState | None = None
        self._is_asking = False  # whether to wait longer
        self._data = ""  # chosen with the model or after it
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._on_tick)
        self.card: ImportCard | None = None

    @property
    def is_busy(self) -> bool:
        """Say whether a file is on its way."""
        return self._coming is not None

    def attach(self, data: str) -> None:
        """Open the model that is on its way together with this data."""
        self._data, self._shown = data, None
        if self._coming is not None:
            self._coming.use_data(data)

    def begin(self, path: Path) -> None:
        """Look at a file; what it is, and how it goes, is shown on a card."""
        self.close()
        data = self._studio.session.data if self._studio.is_open else None
        self._coming = Import(path, ImportSettings(), data or "", self._is_trusted, _begun)
        self.card = ImportCard(path.name, self._window)
        self.card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.card.answered.connect(self._on_answered)
        self.card.module_named.connect(self._on_module_named)
        self.card.module_browse_requested.connect(self._on_browse)
        self.card.wait_requested.connect(self._on_wait)
        self.card.finished.connect(self._on_card_closed)
        self.card.show()
        self._timer.start()

    def close(self) -> None:
        """End what is under way, and its card."""
        self._timer.stop()
        self._shown, self._data, self._is_asking = None, "", False
        coming, self._coming = self._coming, None
        card, self.card = self.card, None
        if coming is not None:
            coming.close()
        if card is not None:
            card.close()

    @Slot()
    def _on_tick(self) -> None:
        coming, card = self._coming, self.card
        if coming is None or card is None:
            return
        coming.step(0)
        match coming.state:
            case ImportState.DONE:
                made = (str(coming.output), str(coming.path), self._data)
                self.close()
                self.converted.emit(*made)
            case ImportState.FAILED if coming.problem is not None:
                self._tell(coming, card, coming.problem)
            case ImportState.ASKING:
                if self._shown is not ImportState.ASKING and coming.looked is not None:
                    guess = " ".join(str(shape) for shape in coming.guess)
                    card.ask(coming.looked, coming.questions, guess)
            case _:
                card.show_work(coming.text)
                self._ask_to_wait(coming, card)
        self._shown = coming.state

    def _tell(self, coming: Import, card: ImportCard, problem: UserError) -> None:
        """Show what went wrong where it can be mended; else it is a notice, and over."""
        if coming.looked is None and not coming.settings.module:
            self.close()
            self._studio.raise_notice(Notice.of(problem))
        elif self._shown is not ImportState.FAILED:
            card.show_problem(problem, coming.questions)

    def _ask_to_wait(self, coming: Import, card: ImportCard) -> None:
        if coming.is_late and not self._is_asking:
            self._is_asking = True
            card.ask_to_wait(coming.seconds)

    @Slot()
    def _on_wait(self) -> None:
        self._is_asking = False
        if self._coming is not None and self.card is not None:
            self._coming.wait_longer()
            self.card.keep_waiting()

    @Slot()
    def _on_answered(self) -> None:
        self._studio.attempt(self._take_answers)

    def _take_answers(self) -> None:
        coming, card = self._coming, self.card
        if coming is None or card is None:
            return
        if coming.looked is None:  # it could not be looked at, with what was typed then
            self._use_module(coming, card)
            return
        if card.module != coming.settings.module:  # its code has not been shown yet
            self._use_module(coming, card)
            return
        shapes = tuple(InputShape.parse(text) for text in card.shapes)
        if coming.looked.needs_shapes and not shapes:
            raise UserError(
                f"{coming.path.name} was not opened",
                "The shape of its input is not known.",
                "Type the sizes of one sample with the batch in front, such as 1,3,32,32.",
            )
        coming.use(ImportSettings(coming.settings.module, shapes))
        self._shown, self._is_asking = None, False
        code = coming.looked.code_sha256
        if code and not self._is_trusted(code):
            self._remembered.change(self._remembered.settings.with_trusted(code))
        coming.go_on()

    @Slot()
    def _on_module_named(self) -> None:
        coming, card = self._coming, self.card
        if coming is None or card is None or card.module in ("", coming.settings.module):
            return
        if card.module.endswith(":"):  # the factory is still being typed
            return
        self._studio.attempt(lambda: self._use_module(coming, card))

    def _use_module(self, coming: Import, card: ImportCard) -> None:
        read_source(card.module)  # what is wrong with it is said while it can still be mended
        self._shown = None
        coming.use(ImportSettings(card.module, coming.settings.shapes))
        card.show_work(f"Reading {card.module}")

    @Slot()
    def _on_browse(self) -> None:
        FileDialogs(self._window, self._remembered).ask_file(
            "module", "Choose your module", MODULES, self._on_module_chosen
        )

    def _on_module_chosen(self, path: Path) -> None:
        if self.card is not None:
            self.card.name_module(f"{path}:")

    @Slot()
    def _on_card_closed(self) -> None:
        if self.sender() is self.card:
            self.card = None
            self.close()

    def _is_trusted(self, sha256: str) -> bool:
        return sha256 in self._remembered.settings.trusted


def _begun(request: Request) -> Conversion:
    """Begin a process that is asked about after a while, and not ended without a word."""
    limits = conversion_limits(request)
    if isinstance(request, Convert):
        limits = replace(limits, asked_after_s=min(ASK_AFTER_S, limits.seconds))
    return Conversion(request, limits)
