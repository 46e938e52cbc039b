"""How the program starts: what is loaded, what is remembered, what a crash leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import shiboken6
from contrasts import contrast
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from tinystudio.__main__ import is_for_window
from tinystudio.gui import app, theme
from tinystudio.gui.action_table import ACTIONS, MENUS, PRIMARY
from tinystudio.gui.actions import Actions, shortcut_lines
from tinystudio.gui.crash import CrashLog
from tinystudio.gui.notice import Notice
from tinystudio.gui.opening import kind_of
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.stylesheet import stylesheet
from tinystudio.gui.theme import DARK, LIGHT, Theme
from tinystudio.gui.window import MainWindow
from tinystudio.session.settings import Settings, load_settings

WINDOW_WITH_PANELS = """
import sys
from PySide6.QtWidgets import QApplication
from tinystudio.gui.app import make_application
application = make_application()
from tinystudio.gui.actions import Actions
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.window import MainWindow
from tinystudio.session.settings import Settings
actions = Actions()
window = MainWindow(actions)
assembly = Assembly(window, actions, Settings())
window.show()
application.processEvents()
print(*sorted({"torch", "onnxruntime", "pyqtgraph"} & set(sys.modules)))
"""

FRAME = """
import sys
import tinystudio.gui.app
print(*sorted({"torch", "onnxruntime", "onnx", "pyqtgraph", "qtawesome"} & set(sys.modules)))
"""


def fresh_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return done.stdout.strip()


def test_the_window_with_all_panels_loads_neither_torch_nor_onnxruntime():
    assert fresh_python(WINDOW_WITH_PANELS) == "pyqtgraph"


def test_the_frame_that_is_painted_first_loads_nothing_heavy():
    assert fresh_python(FRAME) == ""


@pytest.mark.parametrize("words", [[], ["watch.tinystudio"], ["models/net.onnx"]])
def test_without_a_command_or_with_a_project_the_window_opens(words):
    assert is_for_window(words)


@pytest.mark.parametrize("words", [["demo"], ["--help"], ["inspect", "net.onnx"], ["net.onx"]])
def test_anything_else_is_for_the_command_line(words):
    assert not is_for_window(words)


def test_without_a_display_the_program_says_what_to_use_instead(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert app.run([]) == app.NO_DISPLAY
    assert "tinystudio demo" in capsys.readouterr().err


def test_the_moment_of_the_first_paint_is_written_where_asked(monkeypatch, tmp_path, qtbot):
    monkeypatch.setenv(app.FIRST_PAINT_ENV, str(tmp_path / "paint"))
    window = MainWindow(Actions())
    qtbot.addWidget(window)
    window.first_painted.connect(app.report_first_paint)
    with qtbot.waitSignal(window.first_painted):
        window.show()
    assert float((tmp_path / "paint").read_text()) > 0


def test_an_icon_drawn_for_the_accent_is_not_put_into_a_menu(qtbot):
    window = MainWindow(Actions())
    qtbot.addWidget(window)
    shown = [s.id for s in ACTIONS if window.actions_by_id[s.id].isIconVisibleInMenu()]
    assert PRIMARY not in shown
    assert "measure" in shown


def test_a_window_that_is_gone_right_after_its_first_paint_says_nothing_more(qtbot):
    window = MainWindow(Actions())
    window.show()
    window.grab()  # paints it
    with qtbot.captureExceptions() as raised:
        shiboken6.delete(window)
        QApplication.processEvents()
    assert raised == []


def test_the_layout_comes_back_as_it_was_left(qtbot):
    first, second = MainWindow(Actions()), MainWindow(Actions())
    for window in (first, second):
        qtbot.addWidget(window)
    first.set_part_visible("show-jobs", False)
    second.restore(*first.layout_texts())
    assert second.parts_shown() == first.parts_shown()
    assert second.layout_texts()[1] == first.layout_texts()[1]


def test_a_layout_that_cannot_be_read_changes_nothing(qtbot):
    window = MainWindow(Actions())
    qtbot.addWidget(window)
    window.restore("", "bm90IGEgbGF5b3V0|")
    assert window.parts_shown() == dict.fromkeys(window.parts_shown(), True)


def test_hidden_parts_are_ticked_off_in_the_view_menu(qtbot):
    actions = Actions()
    window = MainWindow(actions)
    qtbot.addWidget(window)
    window.set_part_visible("show-browser", False)
    assert not actions["show-browser"].isChecked()
    window.reset_layout()
    assert actions["show-browser"].isChecked()


def test_every_action_has_somebody_who_carries_it_out(opened):
    assert opened.assembly.commands.ids == {spec.id for spec in ACTIONS}


def test_no_two_actions_share_a_shortcut_and_every_menu_has_some():
    keys = [keys for lines in shortcut_lines().values() for keys, _ in lines]
    assert len(keys) == len(set(keys))
    assert {spec.menu for spec in ACTIONS} == set(MENUS)


def test_an_action_is_enabled_when_all_it_needs_is_there(qtbot):
    actions = Actions()
    actions.enable({"studio", "network"})
    assert actions["attach-data"].isEnabled() is False
    actions.enable({"studio", "network", "writable"})
    assert actions["attach-data"].isEnabled() is True


@pytest.mark.parametrize("shown", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_every_surface(shown: Theme):
    pairs = [
        (shown.text, shown.surface), (shown.text, shown.accent_soft), (shown.muted, shown.surface),
        (shown.accent_text, shown.surface), (shown.good_text, shown.surface),
        (shown.bad_text, shown.surface), (shown.warning_text, shown.surface),
        (shown.on_accent, shown.accent), (shown.text, shown.sunken),
    ]  # fmt: skip
    poor = [(a, b, contrast(a, b)) for a, b in pairs if contrast(a, b) < 4.5]
    assert poor == []


def test_series_differ_in_shape_as_well_as_in_colour():
    known = ("original", "channel-pruning", "weight-pruning", "static-quantization",
             "dynamic-quantization", "random-control")  # fmt: skip
    looks = [LIGHT.series(series) for series in known]
    assert LIGHT.series("random-control").symbol == "x"
    assert len({look.colour for look in looks}) == len(looks)
    assert len({look.symbol for look in looks[1:]}) == len(looks) - 1


def test_a_technique_nobody_listed_still_has_a_look_of_its_own():
    assert LIGHT.series("low-rank") == LIGHT.series("low-rank")
    assert LIGHT.series("low-rank").title == "low rank"


def test_the_users_choice_of_theme_wins_over_the_system():
    assert theme.resolve("light", system_dark=True) is LIGHT
    assert theme.resolve("system", system_dark=True) is DARK


def test_a_stylesheet_names_no_colour_that_its_theme_does_not_have():
    assert "{" in stylesheet(LIGHT)
    assert "{t." not in stylesheet(LIGHT)
    assert LIGHT.accent not in stylesheet(DARK)


def test_choosing_a_theme_is_remembered(opened):
    opened.window.actions_by_id["theme-dark"].trigger()
    assert theme.current() is DARK
    assert load_settings().theme == "dark"
    assert opened.window.actions_by_id["theme-dark"].isChecked()


def test_settings_that_cannot_be_written_are_told_once(monkeypatch, tmp_path):
    (tmp_path / "tinystudio").write_text("a file where a folder should be")
    monkeypatch.setattr("tinystudio.session.settings.settings_path",
                        lambda: tmp_path / "tinystudio" / "settings.json")  # fmt: skip
    told: list[Notice] = []
    remembered = Remembered(Settings(), told.append)
    remembered.change(Settings(theme="dark"))
    remembered.change(Settings(theme="light"))
    assert len(told) == 1


def test_after_a_proper_end_nothing_is_said(tmp_path):
    log = CrashLog(tmp_path)
    assert log.begin() is None
    log.end()
    assert CrashLog(tmp_path)._last_words() is None


def test_after_a_crash_the_next_start_says_so_and_keeps_the_stack(tmp_path, caplog):
    finished = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                              capture_output=True, text=True, check=True)  # fmt: skip
    (tmp_path / f"running-{finished.stdout.strip()}").write_text("Fatal Python error: Segfault")
    log = CrashLog(tmp_path)
    notice = log.begin()
    log.end()
    caplog.clear()
    assert notice is not None
    assert notice.title == "TinyStudio did not end properly last time"
    assert "Segfault" in (tmp_path / "crash.log").read_text()


def test_a_second_window_is_not_taken_for_a_crash(tmp_path):
    (tmp_path / f"running-{os.getppid()}").touch()
    log = CrashLog(tmp_path)
    assert log.begin() is None
    log.end()


def test_an_error_nobody_caught_is_written_down_and_told(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    told: list[Notice] = []
    log = CrashLog(tmp_path)
    log.catch(told.append)
    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    caplog.clear()
    assert "division by zero" in told[0].detail
    assert "ZeroDivisionError" in (tmp_path / "crash.log").read_text()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("a.onnx", "network"), ("gallery:watch", "network"), ("p.tinystudio", "project"),
     ("p.tinystudio/", "project"), ("d.npz", "data"), ("r.json", "recipe"), ("x.mp4", "unknown")],
)  # fmt: skip
def test_a_path_means_what_its_name_says(path, kind):
    assert kind_of(path) == kind


def test_everything_one_can_use_has_a_name_for_screen_readers(opened, qtbot):
    QApplication.processEvents()
    nameless = [
        f"{type(widget).__module__}.{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in opened.window.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and type(widget).__module__.startswith("tinystudio")
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []
