"""Every colour of the window by its meaning, and which theme is on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

Preference = Literal["system", "light", "dark"]
PREFERENCES: tuple[Preference, ...] = ("system", "light", "dark")

MEASURED = "measured-front"  # a line and no points
PREDICTED = "predicted-front"  # the series that nothing is measured of: always hollow
PREVIEWED = "preview"  # the one point that moves along with the slider: hollow, and larger

GRID = 8  # pixels; every margin, gap and height is a multiple or a half of it


@dataclass(frozen=True)
class Look:
    """How one series is drawn; `symbol` is pyqtgraph's word. Shape as well as colour tells."""

    title: str
    colour: str
    symbol: str


@dataclass(frozen=True)
class Theme:
    """Colours by meaning, as #rrggbb. `..._text` reads on `surface` at 4.5:1 or better."""

    name: Literal["light", "dark"]
    window: str  # behind the panels
    surface: str  # a panel
    sunken: str  # fields and cards on a panel
    border: str
    edge: str  # of what is off, and the handle of a scroll bar: 2:1 on `surface`
    text: str
    muted: str  # second lines, captions
    faint: str  # what is off or empty
    accent: str
    accent_hover: str
    accent_text: str  # accent as the colour of words
    on_accent: str  # words on an accent surface
    accent_soft: str  # selected rows, advice
    good: str
    good_text: str
    bad: str
    bad_text: str
    warning_text: str
    limit: str
    on_limit: str
    beyond: str  # the area that a limit rules out
    grid_line: str  # seen and not looked at: 1.2:1 on `surface`
    tooltip: str
    blue: str
    orange: str
    green: str
    pink: str
    sky: str
    yellow: str

    @property
    def is_dark(self) -> bool:
        """Say whether this is the dark theme."""
        return self.name == "dark"

    def series(self, series: str) -> Look:
        """Return how the points of a series are drawn; any series has a look of its own."""
        if series == MEASURED:
            return Look("measured front", self.accent, "")
        if series == PREVIEWED:
            return Look("preview", self.accent, "o")  # a ring: told apart by its fill and size
        return _known_looks(self).get(series) or self._other(series)

    def curve(self, number: int) -> Look:
        """Return how the curve of this number is drawn; six in a row differ in colour and mark."""
        colours = (self.blue, self.orange, self.green, self.pink, self.sky, self.yellow)
        symbols = ("o", "s", "t1", "d", "h", "star")
        at = number % len(colours)
        return Look(f"curve {number + 1}", colours[at], symbols[at])

    def _other(self, series: str) -> Look:
        # A technique added later is told apart without anyone listing it here.
        colours = (self.sky, self.green, self.orange, self.pink, self.blue)
        symbols = ("p", "t", "star", "t2", "t3", "h", "+")
        number = sum(series.encode())
        title = series.replace("-", " ")
        return Look(title, colours[number % len(colours)], symbols[number % len(symbols)])


@cache
def _known_looks(theme: Theme) -> dict[str, Look]:
    return {
        "original": Look("original", theme.text, "o"),
        "channel-pruning": Look("channel pruning", theme.blue, "o"),
        "weight-pruning": Look("weight pruning", theme.green, "t1"),
        "static-quantization": Look("static INT8", theme.orange, "s"),
        "dynamic-quantization": Look("dynamic INT8", theme.yellow, "d"),
        "random-control": Look("random control", theme.pink, "x"),
        "plain-control": Look("plain training (control)", theme.pink, "x"),
        "layer-levels": Look("layer levels", theme.sky, "h"),
        "fine-tuning": Look("fine-tuning", theme.green, "star"),
        "distillation": Look("distillation", theme.blue, "p"),
        PREDICTED: Look("predicted front", theme.accent, "o"),
    }


LIGHT = Theme(
    name="light",
    window="#f4f6f8",
    surface="#ffffff",
    sunken="#f5f7f9",
    border="#dde2e8",
    edge="#aeb6c0",
    text="#1a1f27",
    muted="#5d6875",
    faint="#8b95a1",
    accent="#0072b2",
    accent_hover="#005f96",
    accent_text="#0069a5",
    on_accent="#ffffff",
    accent_soft="#e8f0f7",
    good="#009e73",
    good_text="#007a58",
    bad="#c8442a",
    bad_text="#b23a22",
    warning_text="#a34700",
    limit="#d55e00",
    on_limit="#ffffff",
    beyond="#eef1f5",
    grid_line="#e2e6eb",
    tooltip="#ffffff",
    blue="#0072b2",
    orange="#e69f00",
    green="#009e73",
    pink="#c0558c",
    sky="#3a9fd6",
    yellow="#a89500",
)

DARK = Theme(
    name="dark",
    window="#14171b",
    surface="#1d2027",
    sunken="#15181d",
    border="#2e333c",
    edge="#4b525e",
    text="#e8ebf0",
    muted="#9ea8b5",
    faint="#717b88",
    accent="#56b4e9",
    accent_hover="#7cc6ef",
    accent_text="#6bbdeb",
    on_accent="#0d1a24",
    accent_soft="#20303f",
    good="#2bc4a0",
    good_text="#3fd0ae",
    bad="#ff7a5c",
    bad_text="#ff8c70",
    warning_text="#ffa366",
    limit="#ff8f4f",
    on_limit="#241204",
    beyond="#262a32",
    grid_line="#2c313a",
    tooltip="#262b33",
    blue="#56b4e9",
    orange="#e6a520",
    green="#2bc4a0",
    pink="#e58fbd",
    sky="#9fd3f2",
    yellow="#f0e442",
)


class ThemeSwitch(QObject):
    """Knows which theme is on; follows the system until the user has chosen one."""

    theme_changed = Signal(object)  # the Theme that is on now

    def __init__(self) -> None:
        super().__init__()
        self._preference: Preference = "system"
        self._theme = LIGHT

    @property
    def preference(self) -> Preference:
        """Return what the user has chosen."""
        return self._preference

    @property
    def theme(self) -> Theme:
        """Return the theme that is on."""
        return self._theme

    def follow_system(self) -> None:
        """Begin to hear when the system turns dark or light; needs the application."""
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self.prefer(self._preference)

    def prefer(self, preference: Preference) -> None:
        """Use this theme from now on."""
        self._preference = preference
        self._turn(resolve(preference, system_is_dark()))

    @Slot(Qt.ColorScheme)
    def _on_scheme_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._turn(resolve(self._preference, system_is_dark()))

    def dress_again(self) -> None:
        """Have all that is drawn drawn anew: what it is drawn with has changed."""
        self.theme_changed.emit(self._theme)

    def _turn(self, theme: Theme) -> None:
        if theme is not self._theme:
            self._theme = theme
            self.theme_changed.emit(theme)


def resolve(preference: Preference, system_dark: bool) -> Theme:
    """Return the theme that a preference means where the system is dark or not."""
    dark = system_dark if preference == "system" else preference == "dark"
    return DARK if dark else LIGHT


def system_is_dark() -> bool:
    """Say whether the system asks for dark windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


@cache
def switch() -> ThemeSwitch:
    """Return the one switch of this program."""
    return ThemeSwitch()


def current() -> Theme:
    """Return the theme that is on."""
    return switch().theme
