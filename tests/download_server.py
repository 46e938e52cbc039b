"""A server on this computer that hands out files, and breaks off, changes or refuses as asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """One file and how it is served; `seen` are the headers of every request."""

    data: bytes
    etag: str = '"one"'
    takes_ranges: bool = True
    tells_length: bool = True
    breaks_after: list[int] = field(default_factory=list)  # bytes, one entry per request
    answers: list[int] = field(default_factory=list)  # codes in place of the file
    leads_to: str = ""
    seen: list[dict[str, str]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        """Serve a file, or the part that is asked for."""
        served = self.server.files.get(self.path)
        if served is None:
            self.send_error(404)
            return
        served.seen.append({name.lower(): value for name, value in self.headers.items()})
        if served.answers:
            self.send_error(served.answers.pop(0))
            return
        if served.leads_to:
            self.send_response(302)
            self.send_header("Location", served.leads_to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._send(served, self._begin(served))

    def _begin(self, served: Served) -> int:
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range", served.etag) == served.etag
        if not asked or not served.takes_ranges or not same:
            return 0
        return int(asked.removeprefix("bytes=").rstrip("-"))

    def _send(self, served: Served, begin: int) -> None:
        size = len(served.data)
        if begin >= size > 0 and begin:
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
        if served.tells_length:
            self.send_header("Content-Length", str(size - begin))
        if served.etag:
            self.send_header("ETag", served.etag)
        self.end_headers()
        end = size
        if served.breaks_after:
            end = min(size, begin + served.breaks_after.pop(0))
        with contextlib.suppress(ConnectionError):  # whoever asked may have stopped
            self.wfile.write(served.data[begin:end])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class FileServer(ThreadingHTTPServer):
    """Files by path; `url(path)` is where one is fetched from."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, Served] = {}

    def url(self, path: str) -> str:
        """Return a file's address."""
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def serve(self, path: str, data: bytes, **how: object) -> Served:
        """Serve a file from now on."""
        self.files[path] = Served(data, **how)  # type: ignore[arg-type]
        return self.files[path]


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Run a server; it is closed with its thread at the end."""
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
