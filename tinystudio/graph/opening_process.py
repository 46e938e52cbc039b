"""The process in which a model file is opened for the first time; it may be ended, or die.

Imports only what imports the standard library, so that the thread counts are set before numpy is
loaded anywhere; and little besides, so that a small file waits for no more than it must.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from tinystudio.core.watched_process import cap_memory, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinystudio.graph.opening_words import OpeningWord

LOG = "opening.log"


@dataclass(frozen=True)
class OpenIt:
    """Say whether this file can be opened with so much further memory."""

    path: Path
    memory_bytes: int


def main(pipe: Connection, request: OpenIt) -> None:
    """Open the file, say how it went, and end."""
    settle(LOG)
    from tinystudio.graph.opening_words import OPENING_WORD

    def say(word: OpeningWord) -> None:
        pipe.send_bytes(OPENING_WORD.dump_json(word))

    say(_answer(request, say))


def _answer(request: OpenIt, say: Callable[[OpeningWord], None]) -> OpeningWord:
    """Open it; whatever goes wrong is an answer too."""
    from tinystudio.core.child_words import Doing, Refused
    from tinystudio.graph.opening import open_with_files
    from tinystudio.graph.opening_words import Holds, Opened
    from tinystudio.graph.ort_format import is_ort_file

    def heard(share: float, text: str, held: int) -> None:
        say(Holds(size_bytes=held))
        say(Doing(text=text, share=share))

    if is_ort_file(request.path):
        _load_into_runtime(request)
        return Opened()
    cap_memory(request.memory_bytes)  # what was loaded until now is not counted
    try:
        _, beside = open_with_files(request.path, heard)
    except Exception as error:  # noqa: BLE001 - the outer edge: nothing may pass it unsaid
        return Refused.of(error, f"{request.path.name} was not opened")
    return Opened(beside=beside)


def _load_into_runtime(request: OpenIt) -> None:
    """Load a file in the runtime's own format, which nothing else can read.

    Here it may bring down the process. What the runtime has against it is said, in the same words
    as of any model, where it is to be measured.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    cap_memory(request.memory_bytes)
    with suppress(Exception):
        onnxruntime.InferenceSession(request.path, options, providers=["CPUExecutionProvider"])
