"""The process in which a foreign file is read: it may run what the file holds, and may be ended.

Imports only what imports the standard library, so that the thread counts are set before numpy is
loaded anywhere.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from tinystudio.core.watched_process import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinystudio.runners.conversion_words import Request, Word

LOG = "import.log"


def main(pipe: Connection, request: Request) -> None:
    """Carry out one request, say how it went, and end."""
    settle(LOG)
    from tinystudio.runners.conversion_words import WORD

    def say(word: Word) -> None:
        pipe.send_bytes(WORD.dump_json(word))

    say(answer_in_words(request, say))


def answer_in_words(request: Request, say: Callable[[Word], None]) -> Word:
    """Carry out a request; whatever goes wrong is an answer too."""
    from tinystudio.core.child_words import Refused
    from tinystudio.runners.converting import answer

    title = f"{request.path.name} was not opened"
    try:
        return answer(request, say)
    except ModuleNotFoundError as error:  # what such files need is no part of this program
        detail = f"This installation has no {error.name}, which is needed to read such files."
        hint = f"Install it with `pip install {error.name}`, or export the model to ONNX elsewhere."
        return Refused(title=title, detail=detail, hint=hint)
    except Exception as error:  # noqa: BLE001 - the outer edge: nothing may pass it unsaid
        return Refused.of(error, title)
