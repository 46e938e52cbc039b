"""Turns a theme into Qt's palette and stylesheet.

Widgets say what they are through the property `role`; colours follow from it:
QFrame "panel" (a bordered surface), "card" (sunken, on a panel), "advice" (accent-tinted),
"job" (a row that takes the focus), "drop line" (where what is dragged would come);
QLabel "title", "heading", "muted", "paper" (muted, over a plot), "figure", "good", "bad",
"warning", "accent", "hollow figure" (what is not measured yet), and, after "error", "warning" or
"news", "notice" (QFrame: "toast");
QPushButton "primary", "link"; QToolButton "tool", "primary"; QTabBar "close" (its tabs are).
`set_role` changes a role afterwards.
"""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget

from tinystudio.core.places import resources
from tinystudio.gui.motion import style_of_motion
from tinystudio.gui.text_size import points
from tinystudio.gui.theme import Theme

RADIUS = 5  # pixels, of every rounded corner
TAB_PADDING, TAB_GAP = 12, 4  # pixels beside the words of a tab, and to the next one
CLOSER = 2 * (TAB_PADDING - 6) + TAB_GAP  # pixels that each takes less where they stand close


def set_role(widget: QWidget, role: str) -> None:
    """Give `widget` a role of the stylesheet, now or later."""
    if widget.property("role") == role:
        return  # polishing takes long, and figures change sixty times a second
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def palette(theme: Theme) -> QPalette:
    """Return Fusion's colours for what the stylesheet does not draw."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.sunken,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Button: theme.surface,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.bad_text,
        QPalette.ColorRole.ToolTipBase: theme.tooltip,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent_text,
        QPalette.ColorRole.LinkVisited: theme.accent_text,
        QPalette.ColorRole.Accent: theme.accent,
        QPalette.ColorRole.Light: theme.surface,
        QPalette.ColorRole.Midlight: theme.sunken,
        QPalette.ColorRole.Mid: theme.border,
        QPalette.ColorRole.Dark: theme.border,
        QPalette.ColorRole.Shadow: theme.border,
    }
    for role, colour in roles.items():
        result.setColor(role, QColor(colour))
    off = QPalette.ColorGroup.Disabled
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        result.setColor(off, role, QColor(theme.faint))
    return result


def stylesheet(theme: Theme) -> str:
    """Return the stylesheet of the whole program."""
    parts = (_surfaces, _words, _buttons, _ticks, _fields, _tabs, _lists, _bars, _menus)
    return "\n".join((*(part(theme) for part in parts), style_of_motion()))


def _surfaces(t: Theme) -> str:
    return f"""
    QMainWindow, QDialog, QWizard {{ background: {t.window}; }}
    QFrame[role="panel"] {{
        background: {t.surface}; border: 1px solid {t.border}; border-radius: {RADIUS}px;
    }}
    QFrame[role="card"] {{
        background: {t.sunken}; border: 1px solid {t.border}; border-radius: {RADIUS}px;
    }}
    QFrame[role="chosen card"] {{
        background: {t.accent_soft}; border: 1px solid {t.accent}; border-radius: {RADIUS}px;
    }}
    QFrame[role="card"]:focus, QFrame[role="chosen card"]:focus {{ border-color: {t.text}; }}
    QFrame[role="advice"] {{
        background: {t.accent_soft}; border: none; border-radius: {RADIUS}px;
    }}
    QFrame[role$=" toast"] {{
        background: {t.tooltip}; border: 1px solid {t.bad}; border-radius: {RADIUS}px;
    }}
    QFrame[role="warning toast"] {{ border-color: {t.warning_text}; }}
    QFrame[role="news toast"] {{ border-color: {t.accent}; }}
    QFrame[role="job"] {{ border: 1px solid transparent; border-radius: {RADIUS}px; }}
    QFrame[role="job"]:focus {{ border-color: {t.accent}; background: {t.accent_soft}; }}
    QFrame[role="drop line"] {{ background: {t.accent}; border: none; }}
    QFrame[role="drop"] {{
        background: transparent; border: 1px dashed {t.faint}; border-radius: {RADIUS}px;
    }}
    QFrame[role="drop"]:focus {{ border: 1px solid {t.accent}; }}
    QFrame[role="drop"][hot="true"] {{ background: {t.accent_soft}; border-color: {t.accent}; }}
    QFrame[role="line"] {{ background: {t.border}; border: none; max-height: 1px; }}
    QScrollArea {{ background: transparent; border: 1px solid transparent; }}
    QScrollArea:focus {{ border-color: {t.accent}; }}
    QScrollArea[role="page"]:focus {{ border-color: transparent; }}
    QScrollArea > QWidget > QWidget[role="plain"] {{ background: transparent; }}
    QSplitter::handle {{ background: transparent; }}
    QSplitter::handle:hover {{ background: {t.border}; }}
    QToolTip {{
        background: {t.tooltip}; color: {t.text}; border: 1px solid {t.border}; padding: 4px;
    }}
    """


def _words(t: Theme) -> str:
    return f"""
    QLabel {{ background: transparent; }}
    QLabel[role="title"] {{ font-weight: 600; font-size: {points(11)}; }}
    QLabel[role="heading"] {{ font-weight: 600; }}
    QLabel[role="muted"] {{ color: {t.muted}; font-size: {points(8)}; }}
    QLabel[role="muted"]:disabled {{ color: {t.faint}; }}
    QLabel[role="paper"] {{ color: {t.muted}; background: {t.surface}; font-size: {points(8)}; }}
    QLabel[role="figure"] {{ font-weight: 600; font-size: {points(15)}; }}
    QLabel[role="hollow figure"] {{ font-weight: 400; font-size: {points(15)}; }}
    QLabel[role="good"] {{ color: {t.good_text}; font-weight: 600; font-size: {points(8)}; }}
    QLabel[role="bad"] {{ color: {t.bad_text}; font-weight: 600; font-size: {points(8)}; }}
    QLabel[role="warning"] {{ color: {t.warning_text}; font-weight: 600; font-size: {points(8)}; }}
    QLabel[role="accent"] {{ color: {t.accent_text}; font-weight: 600; font-size: {points(8)}; }}
    QLabel[role="error notice"] {{ color: {t.bad_text}; font-weight: 600; }}
    QLabel[role="warning notice"] {{ color: {t.warning_text}; font-weight: 600; }}
    QLabel[role="news notice"] {{ color: {t.accent_text}; font-weight: 600; }}
    """


def _buttons(t: Theme) -> str:
    return f"""
    QPushButton {{
        background: {t.surface}; color: {t.text}; border: 1px solid {t.border};
        border-radius: {RADIUS}px; padding: 4px 12px; min-height: 18px;
    }}
    QPushButton:hover {{ border-color: {t.accent}; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {t.accent}; }}
    QPushButton:pressed {{ background: {t.accent_soft}; }}
    QPushButton:checked {{ background: {t.accent_soft}; border-color: {t.accent}; }}
    QPushButton:disabled {{ color: {t.faint}; border-color: {t.border}; }}
    QPushButton[role="primary"] {{
        background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600;
    }}
    QPushButton[role="primary"]:hover {{ background: {t.accent_hover}; }}
    QPushButton[role="primary"]:focus {{ border: 2px solid {t.text}; padding: 3px 11px; }}
    QPushButton[role="primary"]:disabled {{
        background: {t.sunken}; color: {t.faint}; border-color: {t.border};
    }}
    QPushButton[role="link"] {{
        background: transparent; border: 1px solid transparent; padding: 2px 4px;
        color: {t.accent_text}; font-weight: 600;
    }}
    QPushButton[role="link"]:checked {{ background: {t.accent_soft}; }}
    QPushButton[role="link"]:hover {{ border-color: {t.border}; }}
    QPushButton[role="link"]:focus {{ border-color: {t.accent}; }}
    QPushButton[role="link"]:disabled {{ color: {t.faint}; }}
    QToolButton {{
        background: transparent; border: 1px solid transparent; border-radius: {RADIUS}px;
        padding: 3px 6px; color: {t.text};
    }}
    QToolButton:hover {{ border-color: {t.border}; background: {t.sunken}; }}
    QToolButton:pressed, QToolButton:checked {{ background: {t.accent_soft}; }}
    QToolButton:disabled {{ color: {t.faint}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton[role="tool"], QToolButton[role="primary"] {{
        background: {t.surface}; border: 1px solid {t.border}; padding: 4px 10px;
    }}
    QToolButton[role="tool"]:checked {{ background: {t.accent_soft}; }}
    QToolButton[role="tool"]:hover {{ border-color: {t.accent}; }}
    QToolButton[role="tool"]:focus {{ border-color: {t.accent}; background: {t.accent_soft}; }}
    QToolButton[role="primary"] {{
        background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600;
    }}
    QToolButton[role="primary"]:hover {{ background: {t.accent_hover}; }}
    QToolButton[role="primary"]:focus {{ border: 2px solid {t.text}; padding: 3px 9px; }}
    QToolButton[role="primary"]:disabled {{
        background: {t.sunken}; color: {t.faint}; border-color: {t.border};
    }}
    /* Beside an icon Qt leaves the room of two blanks at the right of the words. */
    QToolBar QToolButton[role="tool"], QToolBar QToolButton[role="primary"] {{
        padding: 4px 6px 4px 14px;
    }}
    QToolBar QToolButton[role="primary"]:focus {{ padding: 3px 5px 3px 13px; }}
    """


UNDER_TITLE = 22  # pixels from the left of a box or a radio button to its title, as _ticks has it


def _ticks(t: Theme) -> str:
    # Fusion draws their edge darker than the window, which cannot be seen on a dark one.
    tick = (resources() / "icons" / f"tick-{t.name}.svg").as_posix()
    return f"""
    QCheckBox::indicator, QRadioButton::indicator {{
        width: 14px; height: 14px; border: 1px solid {t.faint}; background: {t.surface};
    }}
    QCheckBox::indicator {{ border-radius: 3px; }}
    QRadioButton::indicator {{ border-radius: 8px; }}
    QCheckBox::indicator:checked {{
        background: {t.accent}; border-color: {t.accent}; image: url("{tick}");
    }}
    QRadioButton::indicator:checked {{ border: 4px solid {t.accent}; width: 8px; height: 8px; }}
    QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {t.accent}; }}
    QCheckBox:focus, QRadioButton:focus {{ color: {t.accent_text}; }}
    QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{
        border-color: {t.edge}; background: {t.sunken};
    }}
    """


def _fields(t: Theme) -> str:
    return f"""
    QLineEdit, QPlainTextEdit, QTextEdit {{
        background: {t.sunken}; color: {t.text}; border: 1px solid {t.border};
        border-radius: {RADIUS}px; padding: 3px 7px;
        selection-background-color: {t.accent}; selection-color: {t.on_accent};
    }}
    QLineEdit, QPlainTextEdit, QTextEdit {{ placeholder-text-color: {t.muted}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {t.accent}; }}
    QLineEdit:disabled {{ color: {t.faint}; }}
    QComboBox {{
        background: {t.surface}; border: 1px solid {t.border}; border-radius: {RADIUS}px;
        padding: 3px 8px; min-height: 18px;
    }}
    QComboBox:hover, QComboBox:focus {{ border-color: {t.accent}; }}
    QComboBox:disabled {{ color: {t.faint}; }}
    QComboBox QAbstractItemView {{
        background: {t.surface}; border: 1px solid {t.border};
        selection-background-color: {t.accent_soft}; selection-color: {t.text};
    }}
    QSlider::groove:horizontal {{ height: 4px; background: {t.border}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
    QSlider::handle:horizontal {{
        background: {t.surface}; border: 2px solid {t.accent}; border-radius: 8px;
        width: 12px; height: 12px; margin: -6px 0;
    }}
    QSlider::handle:horizontal:hover {{ background: {t.accent_soft}; }}
    QSlider::handle:horizontal:focus {{ background: {t.accent}; }}
    QSlider::sub-page:horizontal:disabled {{ background: {t.faint}; }}
    QSlider::handle:horizontal:disabled {{ border-color: {t.faint}; }}
    """


def _tabs(t: Theme) -> str:
    return f"""
    QTabWidget::pane {{ border: none; border-top: 1px solid {t.border}; }}
    QTabWidget {{ background: transparent; }}
    QTabBar {{ background: transparent; border: none; }}
    QTabBar::tab {{
        background: transparent; color: {t.muted}; border: none;
        border-bottom: 2px solid transparent; padding: 7px {TAB_PADDING}px 6px {TAB_PADDING}px;
        margin-right: {TAB_GAP}px;
    }}
    QTabBar[role="close"]::tab {{ padding: 7px 6px 6px 6px; margin-right: 0; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QTabBar::tab:selected {{
        color: {t.accent_text}; border-bottom-color: {t.accent}; font-weight: 600;
    }}
    QTabBar::scroller {{ width: 26px; }}
    QTabBar QToolButton {{ padding: 0; background: {t.surface}; }}
    QTabBar::tab:focus {{ border-bottom-color: {t.text}; }}
    """


def _lists(t: Theme) -> str:
    return f"""
    QTreeView, QTableView, QListView {{
        background: transparent; border: 1px solid transparent; color: {t.text};
        alternate-background-color: {t.sunken}; gridline-color: {t.grid_line};
        selection-background-color: {t.accent_soft}; selection-color: {t.text};
        outline: none;
    }}
    QTreeView:focus, QTableView:focus, QListView:focus {{ border-color: {t.accent}; }}
    QTreeView::item:selected, QTableView::item:selected, QListView::item:selected {{
        background: {t.accent_soft};
    }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QTableView::item {{ padding: 0 4px; }}
    QHeaderView {{ background: transparent; border: none; }}
    QHeaderView::section {{
        background: transparent; color: {t.muted}; border: none; padding: 5px 6px;
        border-bottom: 1px solid {t.border};
    }}
    QHeaderView::section:vertical {{ padding: 1px 6px; border-bottom: none; }}
    QTableCornerButton::section {{ background: transparent; border: none; }}
    """


def _bars(t: Theme) -> str:
    return f"""
    QToolBar {{
        background: {t.surface}; border: none; border-bottom: 1px solid {t.border};
        padding: 6px 8px; spacing: 8px;
    }}
    QStatusBar {{ background: {t.surface}; border-top: 1px solid {t.border}; }}
    QStatusBar::item {{ border: none; }}
    QProgressBar {{
        background: {t.border}; border: none; border-radius: 3px;
        min-height: 6px; max-height: 6px;
    }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
    QProgressBar[state="finished"]::chunk {{ background: {t.good}; }}
    QProgressBar[state="failed"]::chunk {{ background: {t.bad}; }}
    QProgressBar[state="stopped"]::chunk {{ background: {t.faint}; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 1px; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 1px; }}
    QScrollBar::handle {{ background: {t.edge}; border-radius: 4px; }}
    QScrollBar::handle:vertical {{ min-height: 24px; }}
    QScrollBar::handle:horizontal {{ min-width: 24px; }}
    QScrollBar::handle:hover {{ background: {t.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def _menus(t: Theme) -> str:
    # Words here are as dark as those on the accent of the other theme.
    tick = (resources() / "icons" / f"tick-{'light' if t.is_dark else 'dark'}.svg").as_posix()
    return f"""
    QMenuBar {{ background: {t.surface}; border-bottom: 1px solid {t.border}; padding: 2px 8px; }}
    QMenuBar::item {{ background: transparent; padding: 4px 10px; border-radius: {RADIUS}px; }}
    QMenuBar::item:selected {{ background: {t.accent_soft}; }}
    QMenu {{ background: {t.surface}; border: 1px solid {t.border}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: {RADIUS}px; }}
    QMenu::item:selected {{ background: {t.accent_soft}; color: {t.text}; }}
    QMenu::item:disabled {{ color: {t.faint}; }}
    QMenu::indicator {{ width: 16px; height: 16px; margin-left: 8px; }}
    QMenu::indicator:checked {{ image: url("{tick}"); }}
    QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}
    """
