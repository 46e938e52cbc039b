"""The process in which a foreign file is read: it may run what the file holds, and may be ended.

Imports only the standard library at its top, so that the thread counts below are set before
numpy is loaded anywhere.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinystudio.runners.conversion_words import Request, Word

LOG = "import.log"


def main(pipe: Connection, request: Request) -> None:
    """Carry out one request, say how it went, and end."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    _end_with_parent()
    _print_to_log()
    from tinystudio.runners.conversion_words import WORD

    def say(word: Word) -> None:
        pipe.send_bytes(WORD.dump_json(word))

    say(answer_in_words(request, say))


def answer_in_words(request: Request, say: Callable[[Word], None]) -> Word:
    """Carry out a request; whatever goes wrong is an answer too."""
    from tinystudio.core.errors import UserError
    from tinystudio.runners.conversion_words import Refused
    from tinystudio.runners.converting import answer

    title = f"{request.path.name} was not opened"
    try:
        return answer(request, say)
    except UserError as error:
        return Refused(title=error.title, detail=error.detail, hint=error.hint)
    except ModuleNotFoundError as error:  # a bundle without torch
        detail = f"This installation has no {error.name}, which is needed to read such files."
        hint = f"Install it with `pip install {error.name}`, or export the model to ONNX elsewhere."
        return Refused(title=title, detail=detail, hint=hint)
    except MemoryError:
        detail = "Reading it needs more memory than there is."
        return Refused(title=title, detail=detail, hint="Choose a smaller model.")
    except Exception as error:  # noqa: BLE001 - the outer edge: nothing may pass it unsaid
        traceback.print_exc()
        detail = f"Reading it failed: {type(error).__name__}: {error}"[:500]
        hint = "Export the model again; the log has more (Help, Show the log)."
        return Refused(title=title, detail=detail, hint=hint)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is None:
        return

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os._exit(0)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


def _print_to_log() -> None:
    """Keep what libraries and foreign code print off the program's own output."""
    from tinystudio.core import places

    path = places.log() / LOG
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(file, stream)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
