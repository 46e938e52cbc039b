"""The interpreter outlives Qt."""

from __future__ import annotations

import subprocess
import sys

SIGNALS = """
import tinystudio.gui
from PySide6.QtCore import QObject, Signal

class Speaker(QObject):
    said = Signal()

speaker = Speaker()
for _ in range(30_000):
    speaker.said.emit()
    speaker.parent()
print("alive")
"""


def test_when_many_signals_were_sent_python_is_still_alive() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNALS], capture_output=True, text=True, check=False
    )
    assert done.stdout == "alive\n", done.stderr
