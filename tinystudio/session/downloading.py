"""One data set on its way here, in a thread of its own; and whether there is a way at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from enum import Enum
from urllib.parse import urlsplit
from urllib.request import getproxies

from tinystudio.core.errors import Cancelled, UserError
from tinystudio.downloads.download import Download
from tinystudio.downloads.fetching import Progress, fetch
from tinystudio.downloads.keeping import Note

Fetch = Callable[..., Note]
LookUp = Callable[[str], object]


class DownloadState(Enum):
    """How far it is; the last three are ends."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Downloading:
    """No Qt: whoever shows it looks at `state`, `progress` and `problem` now and then.

    What has arrived when it is stopped, or when the program ends, is gone on from next time.
    """

    def __init__(self, download: Download, fetch: Fetch = fetch) -> None:
        self.download = download
        self.progress: Progress | None = None
        self.problem: UserError | None = None
        self.note: Note | None = None
        self._stop = threading.Event()
        # A daemon: a connection on which nothing comes must not hold the program's end up.
        self._thread = threading.Thread(
            target=self._run, args=(fetch,), name=f"download {download.id}", daemon=True
        )
        self._thread.start()

    @property
    def state(self) -> DownloadState:
        """Return how far it is."""
        if self._thread.is_alive():
            return DownloadState.STOPPING if self._stop.is_set() else DownloadState.RUNNING
        if self.note is not None:
            return DownloadState.DONE
        return DownloadState.STOPPED if self.problem is None else DownloadState.FAILED

    def stop(self) -> None:
        """Ask for its end; returns at once."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end, at most so long."""
        self._thread.join(seconds)

    def _run(self, fetch: Fetch) -> None:
        try:
            self.note = fetch(self.download, self._tell, self._stop.is_set)
        except Cancelled:
            return
        except UserError as error:
            self.problem = error
        except Exception as error:  # noqa: BLE001 - the thread's outer edge: nobody else hears it
            self.problem = UserError(
                f"{self.download.title} was not downloaded",
                f"Something unforeseen happened: {type(error).__name__}: {error}.",
                "Try again. What has arrived is kept.",
            )

    def _tell(self, progress: Progress) -> None:
        self.progress = progress


class Reachability:
    """Looks up, in a thread, whether the names of computers are known: they are not offline.

    Nothing is sent to them.
    """

    def __init__(self, hosts: Iterable[str], look_up: LookUp | None = None) -> None:
        self.is_known = False
        self._hosts = sorted(set(hosts))
        self._reasons: dict[str, str] = {}
        self._look_up = look_up or _look_up
        self._thread = threading.Thread(target=self._run, name="reachability", daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is known, at most so long."""
        self._thread.join(seconds)

    def reason_against(self, host: str) -> str:
        """Return why nothing can be fetched from a computer; "" where nothing is known of that."""
        return self._reasons.get(host, "") if self.is_known else ""

    def _run(self) -> None:
        for host in self._hosts:
            try:
                self._look_up(host)
            except OSError:
                self._reasons[host] = f"{host} cannot be reached: there is no connection to it."
        self.is_known = True


def _look_up(host: str) -> None:
    """Raise `OSError` where the name of a computer, or of the proxy to it, is not known."""
    proxy = getproxies().get("https")
    name = (urlsplit(proxy).hostname or host) if proxy else host
    socket.getaddrinfo(name, 443)
