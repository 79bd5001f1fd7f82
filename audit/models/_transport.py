"""One HTTP request and what came of it, within a time that the other side cannot stretch.

The connection is kept for the next request, certificates are verified, proxies are those of the environment, and
redirects are not followed: they would carry the credentials elsewhere. urllib3 looks after sockets, compression and
broken framing; its time-outs are per read, so a server that sends one byte a second would keep it for ever. Here a
timer shuts the connection down when the time of the whole request is over.

No message shows more of the address than scheme, host and port: credentials may lie in all other parts of it. The file
is imported only once an endpoint is opened.
"""

from __future__ import annotations

import contextlib
import email.utils
import logging
import os
import re
import socket
import ssl
import threading
import urllib.request
import weakref
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    DecodeError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ProxySchemeUnknown,
    ProxySchemeUnsupported,
    ReadTimeoutError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as UrllibTimeout

from audit.errors import SubjectError

_LONGEST_CONNECT_SECONDS = 10.0
_PIECE_BYTES = 1 << 16
_LONGEST_RETRY_AFTER_SECONDS = 60.0
_SECONDS = re.compile(r"[0-9]{1,9}")

_ASKING: ContextVar[bool] = ContextVar("asking", default=False)


def _not_ours(record: logging.LogRecord) -> bool:
    return not _ASKING.get()


# urllib3 logs the path and query of each request at debug level, and a key may stand there
logging.getLogger("urllib3.connectionpool").addFilter(_not_ours)


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
        self._url, self._headers = url, dict(headers)
        self._seconds = timeout_seconds
        self._open: weakref.WeakSet[HTTPConnection] = weakref.WeakSet()
        try:
            self._pools = _pools(url)
        except (ProxySchemeUnknown, ProxySchemeUnsupported, LocationValueError):
            raise SubjectError(f"{self.origin}: the proxy that the environment names for it cannot be used") from None
        self._pools.pool_classes_by_scheme = _watched_pools(self._open)

    def post(self, body: bytes, *, most_bytes: int) -> Reply:
        """Send one request.

        Args:
            body: JSON.
            most_bytes: of the decoded answer.

        Raises:
            SubjectError: something that another try cannot mend: the certificate, the address, or an answer that is
                too long.
        """
        asking = _ASKING.set(True)
        try:
            with self._limited() as over:
                reply = self._exchange(body, most_bytes)
            if over.is_set() and not (reply.status and reply.framed):
                return Reply(fault=self._too_slow(), slow=True, sent=reply.sent)
            return reply
        finally:
            _ASKING.reset(asking)

    def _exchange(self, body: bytes, most_bytes: int) -> Reply:
        timeout = urllib3.Timeout(connect=min(_LONGEST_CONNECT_SECONDS, self._seconds), read=self._seconds)
        try:
            response = self._pools.urlopen(
                "POST", self._url, body=body, headers=self._headers, timeout=timeout, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
            try:
                return self._read(response, most_bytes)
            finally:
                response.close() if not response.closed else response.release_conn()
        except LocationValueError:
            raise SubjectError(f"{self.origin}: the address of the model cannot be read") from None
        except (HTTPError, OSError) as error:
            return self._faulty(error)
        except (ValueError, UnicodeError) as error:
            raise SubjectError(f"{self.origin}: the request cannot be built ({type(error).__name__})") from None

    def _read(self, response: urllib3.BaseHTTPResponse, most_bytes: int) -> Reply:
        pieces, size = [], 0
        while piece := response.read(_PIECE_BYTES, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > most_bytes and response.status < 300:
                raise SubjectError(f"the model at {self.origin} answered more than {most_bytes:,} bytes")
            if size > most_bytes:
                break
        headers = response.headers
        return Reply(
            status=response.status,
            content=b"".join(pieces),
            retry_after_seconds=retry_after_seconds(headers.get("Retry-After"), headers.get("Date")),
            page=headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml")),
            framed="Content-Length" in headers or "chunked" in headers.get("Transfer-Encoding", "").lower(),
        )

    def _faulty(self, error: Exception) -> Reply:
        """The words for a fault; the text of the exception is not used, for it quotes the address."""
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            raise SubjectError(
                f"{self.origin}: its certificate is not trusted; name the authority that signed it in SSL_CERT_FILE"
            ) from None
        if isinstance(error, ProxyError):
            return Reply(fault="the proxy that the environment names could not be reached", sent=False)
        if isinstance(error, NewConnectionError):
            names = any(isinstance(cause, socket.gaierror) for cause in causes)
            refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
            words = "no such host" if names else "connection refused" if refused else "no connection"
            return Reply(fault=words, sent=False)
        if isinstance(error, ReadTimeoutError | TimeoutError):
            return Reply(fault=self._too_slow(), slow=True)
        if isinstance(error, UrllibTimeout):
            return Reply(fault="no connection in time", sent=False)
        if isinstance(error, DecodeError):
            return Reply(fault="its compressed answer is broken")
        if isinstance(error, SSLError):
            return Reply(fault="the encrypted connection broke")
        return Reply(fault="the connection broke before the whole answer was there")

    def _too_slow(self) -> str:
        return f"no whole answer within {self._seconds:g} seconds"

    @contextlib.contextmanager
    def _limited(self) -> Iterator[threading.Event]:
        """Shut every connection down once the time is over; the event says whether that happened."""
        over = threading.Event()

        def end() -> None:
            over.set()
            for connection in list(self._open):
                _shut(connection)

        timer = threading.Timer(self._seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield over
        finally:
            timer.cancel()


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


def _pools(url: str) -> urllib3.PoolManager:
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return urllib3.PoolManager(num_pools=1, maxsize=1)
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    named = urlsplit(proxy)
    user = f"{unquote(named.username)}:{unquote(named.password or '')}" if named.username else None
    headers = urllib3.make_headers(proxy_basic_auth=user) if user else None
    place = named._replace(netloc=named.netloc.rpartition("@")[2]).geturl()
    return urllib3.ProxyManager(place, num_pools=1, maxsize=1, proxy_headers=headers)


def _watched_pools(connections: weakref.WeakSet[HTTPConnection]) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections can be found by the timer, from before they connect."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            connections.add(self)
            super().connect()

    class Encrypted(HTTPSConnection):
        def connect(self) -> None:
            connections.add(self)
            super().connect()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _shut(connection: HTTPConnection) -> None:
    """End both directions of a connection that another thread waits on."""
    with contextlib.suppress(OSError, AttributeError, ValueError):
        # a second handle: it ends plain and encrypted connections alike and leaves closing to their owner
        with socket.socket(fileno=os.dup(connection.sock.fileno())) as handle:
            handle.shutdown(socket.SHUT_RDWR)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, what it wraps and what it came from."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in found:
            continue
        found.append(one)
        yield one
        inner = [one.__cause__, one.__context__, getattr(one, "original_error", None), *one.args]
        waiting += [cause for cause in inner if isinstance(cause, BaseException)]
