"""One HTTP request and what came of it, within a time that the other side cannot stretch.

The connection is kept for the next request, certificates are verified, proxies are those of the environment, and
redirects are not followed: they would carry the credentials elsewhere. A time-out of a socket is one of a single read,
so a server that sends one byte a second would never meet it; a timer shuts the connection down when the time of the
whole request is over.

No message shows more of the address than scheme, host and port, and none the text of an exception: credentials may lie
in all other parts.
"""

from __future__ import annotations

import base64
import contextlib
import email.utils
import http.client
import re
import select
import socket
import ssl
import threading
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from audit.errors import SubjectError

_LONGEST_RETRY_AFTER_SECONDS = 60.0
_LONGEST_CONNECT_SECONDS = 10.0
_PIECE_BYTES = 1 << 16
_SECONDS = re.compile(r"[0-9]{1,9}")
_PRINTABLE = re.compile(r"[!-~]+")
_GZIP = 16 + zlib.MAX_WBITS


class _BadCompression(Exception):
    """The body is not the gzip that it claims to be, or ends within it."""


@dataclass(frozen=True)
class Reply:
    """What came of one request.

    Attributes:
        status: status code; 0 where no whole answer came.
        content: the decoded body.
        fault: why no whole answer came, empty if one did.
        sent: whether the request may have reached the model.
        slow: whether the time of the request ran out.
        retry_after_seconds: how long the server asks to wait, at most 60; None where it does not say.
        page: whether the body calls itself a web page.
        framed: whether the server said where the body ends; otherwise a broken connection looks like its end.
    """

    status: int = 0
    content: bytes = field(default=b"", repr=False)
    fault: str = ""
    sent: bool = True
    slow: bool = False
    retry_after_seconds: float | None = None
    page: bool = False
    framed: bool = True


class _Connection(http.client.HTTPConnection):
    """A connection that may be encrypted, and that another thread can end at any moment of its life.

    Args:
        seconds: the longest that one read may take; connecting may take 10 at most.
        context: for https, else None.
    """

    def __init__(self, host: str, port: int | None, *, seconds: float, context: ssl.SSLContext | None) -> None:
        self.default_port = http.client.HTTPS_PORT if context else http.client.HTTP_PORT
        super().__init__(host, port, timeout=min(_LONGEST_CONNECT_SECONDS, seconds))
        self._context, self._seconds = context, seconds
        self.over = threading.Event()
        self.established = False

    def connect(self) -> None:
        """Connect, through the proxy where one is set."""
        self.established = False
        super().connect()
        self._go_on()
        if self._context is not None:
            host: str = getattr(self, "_tunnel_host", None) or self.host
            self.sock = self._context.wrap_socket(self.sock, server_hostname=host, do_handshake_on_connect=False)
            self._go_on()  # the socket is a new one, which a timer that just went off did not see
            self.sock.do_handshake()
        self.sock.settimeout(self._seconds)
        self.established = True

    def stale(self) -> bool:
        """Whether an idle connection was ended, or the other side sent what nobody asked for."""
        return self.over.is_set() or (self.sock is not None and bool(select.select([self.sock], [], [], 0)[0]))

    def end(self) -> None:
        """Wake the thread that waits on this connection; for the timer."""
        self.over.set()
        with contextlib.suppress(OSError, AttributeError):
            # not the method of an encrypted socket, which would pull the cipher from under the thread that reads
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _go_on(self) -> None:
        if self.over.is_set():
            raise TimeoutError


class Transport:
    """A connection to one address.

    Args:
        url: with a query that may hold secrets.
        headers: sent with each request; may hold secrets.
        timeout_seconds: for a whole request, from the first byte sent to the last one read.

    Raises:
        SubjectError: the address, or the proxy that the environment names for it, cannot be used.
    """

    def __init__(self, url: str, headers: Mapping[str, str], timeout_seconds: float) -> None:
        self.origin = origin(url)
        self._headers = {"Accept-Encoding": "gzip", **headers}
        self._seconds = timeout_seconds
        self._connection: _Connection | None = None
        try:
            parts = urlsplit(url)
            self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            if not _PRINTABLE.fullmatch(self._target):
                raise ValueError
            self._connect = self._way_to(parts)
        except ValueError:
            raise SubjectError(f"{self.origin}: the address of the model, or that of its proxy, is none") from None

    def post(self, body: bytes, *, most_bytes: int) -> Reply:
        """Send one request.

        Args:
            body: JSON.
            most_bytes: of the decoded answer.

        Raises:
            SubjectError: something that another try cannot mend: the certificate, or an answer that is too long.
        """
        if self._connection is None or self._connection.stale():
            self.close()
            self._connection = self._connect()
        connection = self._connection
        with _limited(connection, self._seconds):
            try:
                reply = self._exchange(connection, body, most_bytes)
            except (OSError, UnicodeError, http.client.HTTPException, zlib.error, _BadCompression) as error:
                reply = self._faulty(error, established=connection.established)
        if connection.over.is_set():
            self.close()
            if not (reply.status and reply.framed):
                return self._too_slow(established=connection.established)
        elif reply.status != http.client.OK:
            self.close()  # many a server hangs up after an error, if only a moment later
        return reply

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, connection: _Connection, body: bytes, most_bytes: int) -> Reply:
        if connection.sock is None:
            connection.connect()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            # a server that finds the body too large answers and hangs up while it is still being sent
            connection.request("POST", self._target, body=body, headers=self._headers)
        response = connection.getresponse()
        framed = response.length is not None or bool(response.chunked)
        content = self._read(response, most_bytes)
        return Reply(
            status=response.status,
            content=content,
            retry_after_seconds=retry_after_seconds(response.headers["Retry-After"], response.headers["Date"]),
            page=response.headers.get_content_type() in ("text/html", "application/xhtml+xml"),
            framed=framed,
        )

    def _read(self, response: http.client.HTTPResponse, most_bytes: int) -> bytes:
        encoding = (response.headers["Content-Encoding"] or "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            self.close()
            raise SubjectError(f"the model at {self.origin} packs its answers in another way than gzip")
        unpacking = None if encoding == "identity" else zlib.decompressobj(_GZIP)
        content = bytearray()
        while piece := response.read(_PIECE_BYTES):
            content += piece if unpacking is None else unpacking.decompress(piece, most_bytes + 1 - len(content))
            if len(content) > most_bytes:
                self.close()
                raise SubjectError(f"the model at {self.origin} answered more than {most_bytes:,} bytes")
        if response.length:
            raise http.client.IncompleteRead(b"")
        if unpacking is not None and not unpacking.eof:
            raise _BadCompression
        return bytes(content)

    def _faulty(self, error: Exception, *, established: bool) -> Reply:
        """The words for a fault."""
        if isinstance(error, ssl.SSLCertVerificationError):
            self.close()
            raise SubjectError(
                f"{self.origin}: its certificate is not trusted; name the authority that signed it in SSL_CERT_FILE"
            ) from None
        if isinstance(error, TimeoutError):
            return self._too_slow(established=established)
        if isinstance(error, socket.gaierror | UnicodeError):
            fault = "no such host"
        elif isinstance(error, ConnectionRefusedError):
            fault = "connection refused"
        elif not established:
            fault = "no connection, or the proxy refused it"
        elif isinstance(error, zlib.error | _BadCompression):
            fault = "its compressed answer is broken"
        elif isinstance(error, http.client.BadStatusLine) and not isinstance(error, ConnectionError):
            fault = "its answer is no HTTP"
        else:
            fault = "the connection broke before the whole answer was there"
        return Reply(fault=fault, sent=established)

    def _too_slow(self, *, established: bool) -> Reply:
        fault = f"no whole answer within {self._seconds:g} seconds" if established else "no connection in time"
        return Reply(fault=fault, slow=True, sent=established)

    def _way_to(self, parts: SplitResult) -> Callable[[], _Connection]:
        """How to connect: straight, or by the proxy that the environment names."""
        context = ssl.create_default_context() if parts.scheme == "https" else None
        named = urllib.request.getproxies()
        proxy = named.get(parts.scheme) or named.get("all")
        host, port, seconds = parts.hostname or "", parts.port, self._seconds
        if not proxy or urllib.request.proxy_bypass(parts.netloc):
            return lambda: _Connection(host, port, seconds=seconds, context=context)
        place = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        by, by_port = place.hostname, place.port or http.client.HTTP_PORT
        if place.scheme != "http" or not by:
            raise ValueError
        user = f"{unquote(place.username)}:{unquote(place.password or '')}" if place.username else ""
        allowed = {"Proxy-Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"} if user else {}
        if context is None:
            self._target = f"http://{parts.netloc}{self._target}"
            self._headers |= allowed
            return lambda: _Connection(by, by_port, seconds=seconds, context=None)

        def tunnelled() -> _Connection:
            connection = _Connection(by, by_port, seconds=seconds, context=context)
            connection.set_tunnel(host, port or http.client.HTTPS_PORT, headers=allowed)
            return connection

        return tunnelled


def origin(url: str) -> str:
    """Scheme, host and port of an address: all that a message may show of it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "?", parts.port
    except ValueError:
        return "the endpoint"
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def retry_after_seconds(value: str | None, date: str | None = None) -> float | None:
    """Seconds to wait as the header Retry-After says, 0 to 60; None where it says nothing that can be read.

    Args:
        value: seconds, or a date of HTTP.
        date: the clock of the server (header Date); without it a date says nothing, for clocks differ.
    """
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return min(float(value), _LONGEST_RETRY_AFTER_SECONDS)
    try:
        then, now = email.utils.parsedate_to_datetime(value), email.utils.parsedate_to_datetime(date or "")
        seconds = (then - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_SECONDS)


@contextlib.contextmanager
def _limited(connection: _Connection, seconds: float) -> Iterator[None]:
    """End the connection once the time is over."""
    timer = threading.Timer(seconds, connection.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
