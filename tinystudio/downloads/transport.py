"""One request over HTTPS for the rest of a file, and what can become of it."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit

from tinystudio import __version__
from tinystudio.core.errors import UserError

TIMEOUT_S = 20.0  # without a byte
MOST_REDIRECTS = 5
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# What may be over in a moment: too busy, or a server behind the server is.
PASSING = (408, 425, 429, 500, 502, 503, 504)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
_NOWHERE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.ENETDOWN)


class Gone(Exception):  # noqa: N818 - tried again before it becomes an error
    """The connection was not made, or broke off; the text says how."""

    def __init__(self, text: str, is_unreachable: bool = False) -> None:
        super().__init__(text)
        self.is_unreachable = is_unreachable


class Unsound(Exception):  # noqa: N818 - told as a UserError
    """The server answered what cannot be used; trying again would not help."""


class Unreachable(UserError):  # noqa: N818 - shown as the sentence it is
    """There is no connection to where the files are."""


@dataclass(frozen=True)
class Answer:
    """An open answer: where in the file it starts, how large the whole is, which version it is."""

    start: int
    total: int | None
    version: str
    _file: http.client.HTTPResponse

    def read(self, most: int) -> bytes:
        """Return what has arrived, b"" at the end; raises `Gone`."""
        try:
            return self._file.read1(most)
        except (OSError, http.client.HTTPException) as error:
            raise Gone(_words(error)) from error


class Transport:
    """Only https, and http from this very computer; redirects of neither kind lead elsewhere."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        # No handlers of files, FTP or data addresses: a redirect cannot reach them.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(),
        ):
            self._opener.add_handler(handler)

    @contextmanager
    def opened(self, url: str, have: int, version: str) -> Iterator[Answer]:
        """Ask for a file from byte `have` on; the answer may start at 0 all the same.

        `version` is that of what is here already: another one is sent from its beginning. Raises
        `Gone` and `Unsound`.
        """
        check_address(url)
        headers = {"User-Agent": f"TinyStudio/{__version__}", "Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if version:
                headers["If-Range"] = version
        request = urllib.request.Request(url, headers=headers)
        with self._answer(request) as response:
            yield _read_head(response)

    def _answer(self, request: urllib.request.Request) -> Any:
        try:
            return self._opener.open(request, timeout=self._timeout_s)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return self._answer(_from_the_beginning(request))
            said = f"the server answered {error.code} {error.reason}"
            if error.code in PASSING:
                raise Gone(said) from None
            raise Unsound(said) from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise Unsound(f"its certificate is not valid ({error.reason})") from None
            raise Gone(_words(error.reason), _is_nowhere(error.reason)) from None
        except (OSError, http.client.HTTPException) as error:
            raise Gone(_words(error)) from error


def check_address(url: str) -> None:
    """Raise `Unsound` for an address that is not fetched from."""
    parts = urlsplit(url)
    is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not is_here:
        raise Unsound(f"{parts.scheme}://{parts.hostname or ''} is not an https address")


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MOST_REDIRECTS
    max_repeats = 2

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        check_address(newurl)
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise Unsound(f"it leads to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _from_the_beginning(request: urllib.request.Request) -> urllib.request.Request:
    kept = {k: v for k, v in request.header_items() if k.lower() not in ("range", "if-range")}
    return urllib.request.Request(request.full_url, headers=kept)


def _read_head(response: http.client.HTTPResponse) -> Answer:
    length = response.headers.get("Content-Length", "")
    etag, changed = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
    # A weak tag says that two versions mean the same, not that they are the same bytes.
    version = etag if etag and not etag.startswith("W/") else changed
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None:
            raise Unsound("the server sent a part and did not say which")
        return Answer(int(found[1]), int(found[2]), version, response)
    if response.status != http.HTTPStatus.OK:
        raise Unsound(f"the server answered {response.status}")
    return Answer(0, int(length) if length.isdigit() else None, version, response)


def _words(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "nothing came for too long"
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return str(error).strip().rstrip(".") or type(error).__name__


def _is_nowhere(reason: object) -> bool:
    if isinstance(reason, (socket.gaierror, TimeoutError)):
        return True
    return isinstance(reason, OSError) and reason.errno in _NOWHERE
