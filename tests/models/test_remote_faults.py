"""What networks and services do wrong: each ends in an answer or in a clear error, in time, and shows no secret."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from audit import models
from audit.errors import NotMeasurable, SubjectError
from audit.models import Source
from audit.models._budget import FOLDER_VARIABLE, Budget
from audit.models._pace import Batch, Pace
from audit.models._transport import Transport, retry_after_seconds
from tests.models.endpoint import Act, Endpoint, Request, answer, endpoint, zipped

ROWS = np.arange(300.0).reshape(150, 2)
TOKEN, KEY = "t0ken-that-nobody-sees", "query-key-that-nobody-sees"


def truth(rows: Any) -> list[str]:
    return [f"class {int(row[0]) % 3}" for row in rows]


def shown(error: BaseException | None) -> str:
    """All that a traceback of an error could print of it and of those before it."""
    return f"{error} {error!r} {shown(error.__cause__)} {shown(error.__context__)}" if error else ""


def honest(request: Request) -> bytes:
    return answer({"predictions": truth(request.question["inputs"])})


def predict(server: Endpoint, rows: np.ndarray = ROWS, *, regression: bool = False, **settings: Any) -> list[Any]:
    source = Source(settings={"url": server.url(), "timeout_seconds": 5.0, **settings}, regression=regression)
    return list(models.load(source, "http").predict(rows))


def sizes(server: Endpoint) -> list[int]:
    return [len(request.question["inputs"]) for request in server.requests]


def once(act: Act | bytes, at: int = 1) -> Callable[[Request], Act | bytes]:
    """The second request goes wrong, all others do not."""
    return lambda request: act if request.number == at else honest(request)


GOOD = answer({"predictions": truth(ROWS[:32])})
BROKEN = {
    "nothing at all": Act(b"", end="close"),
    "reset": Act(b"", end="reset"),
    "half the head": Act(GOOD[:20], end="close"),
    "half the body": Act(GOOD[:-30], end="close"),
    "half the body, reset": Act(GOOD[:-30], end="reset"),
    "half the body of unknown length": Act(answer({"predictions": ["a"] * 64}, framed=False)[:-9], end="close"),
    "all but the last brace": Act(answer({"outputs": [], "x": {"y": {}}}, framed=False)[:-1], end="close"),
    "half a chunk": Act(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + b'{"predictions":', end="close"
    ),
    "half of what was packed": Act(
        answer(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", headers="Content-Encoding: gzip\r\n"), end="keep"
    ),
    "not packed as it says": Act(answer(b"{}", headers="Content-Encoding: gzip\r\n")),
    "no HTTP": Act(b"SSH-2.0-OpenSSH_9.2p1\r\n", end="close"),
    **{
        f"status {status}": Act(answer({"detail": "later"}, status=status))
        for status in (408, 425, 429, 500, 502, 503, 504)
    },
}


@pytest.mark.parametrize("act", BROKEN.values(), ids=BROKEN)
def test_what_may_pass_is_asked_again(act: Act) -> None:
    with endpoint(once(act)) as server:
        assert predict(server) == truth(ROWS)
        assert sizes(server) == [32, 64, 64, 54]


def test_one_connection_serves_all_requests_and_a_dead_one_is_noticed_before_it_is_used() -> None:
    with endpoint(honest) as server:
        assert predict(server, rows_per_request=10) == truth(ROWS)
        assert (len(server.requests), server.connections) == (15, 1)
    with endpoint(lambda request: Act(honest(request), end="close")) as server:
        transport = Transport(server.url(), {}, 5.0)
        for number in range(1, 4):
            assert transport.post(b'{"inputs":[[1,2]]}', most_bytes=1000).status == 200
            time.sleep(0.05)
            assert len(server.requests) == server.connections == number


def test_packed_answers() -> None:
    with endpoint(lambda request: zipped({"predictions": truth(request.question["inputs"])})) as server:
        assert predict(server) == truth(ROWS)
        assert "accept-encoding: gzip" in server.requests[0].head.lower()


def test_a_bomb_is_not_unpacked() -> None:
    with endpoint(lambda request: zipped("0" * 9_000_000)) as server:
        started = time.monotonic()
        with pytest.raises(SubjectError, match=r"answered more than 2,097,152 bytes"):
            predict(server, ROWS[:1])
        assert time.monotonic() - started < 5


STUCK = {
    "hangs before it answers": Act(b"", pause=30),
    "drips the head": Act(GOOD, piece=1, pause=0.2),
    "drips the body": Act(GOOD, piece=100, pause=0.2),
    "drips interim answers": Act(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, piece=25, pause=0.1),
}


@pytest.mark.parametrize("act", STUCK.values(), ids=STUCK)
def test_a_server_that_keeps_one_waiting_ends_in_time(act: Act) -> None:
    with endpoint(lambda request: act) as server:
        started = time.monotonic()
        with pytest.raises(SubjectError, match=r"within 0\.25 seconds, 3 times in a row; raise timeout_seconds"):
            predict(server, timeout_seconds=0.25)
        assert time.monotonic() - started < 3
        assert sizes(server) == [32, 16, 8]


def test_a_server_that_accepts_and_never_answers_a_handshake_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        transport = Transport(f"https://127.0.0.1:{listening.getsockname()[1]}/", {}, 0.4)
        held = []
        threading.Thread(target=lambda: held.append(listening.accept()[0]), daemon=True).start()
        started = time.monotonic()
        reply = transport.post(b"{}", most_bytes=100)
        assert time.monotonic() - started < 2
        assert (reply.status, reply.sent, reply.fault) == (0, False, "no connection in time")
        source = Source(settings={"url": f"{transport.origin}/", "timeout_seconds": 0.2, "query_budget": 1})
        with pytest.raises(SubjectError, match="no connection in time, 3 times in a row"):
            models.load(source, "http").predict(ROWS[:1])
        held[0].close()


def test_a_slow_model_is_asked_about_fewer_rows() -> None:
    def slow(request: Request) -> Act:
        return Act(honest(request)) if len(request.question["inputs"]) <= 16 else Act(b"", pause=30)

    with endpoint(slow) as server:
        assert predict(server, ROWS[:80], timeout_seconds=0.4) == truth(ROWS[:80])
        assert sizes(server) == [32, *[16] * 5]


@pytest.mark.parametrize("hangs_up", [False, True])
def test_batches_shrink_until_they_are_taken_and_the_answers_stay_the_same(hangs_up: bool) -> None:
    def narrow(request: Request) -> Act | bytes:
        if len(request.question["inputs"]) > 5:
            return Act(answer({}, status=413), end="close" if hangs_up else "keep")
        return honest(request)

    with endpoint(narrow) as server:
        assert predict(server, query_budget=150) == truth(ROWS)
        assert sizes(server) == [32, 16, 8, *[4] * 37, 2]
    with endpoint(lambda request: answer({}, status=414)) as server:
        with pytest.raises(SubjectError, match="status 414 to a single row"):
            predict(server)
        assert sizes(server) == [32, 16, 8, 4, 2, 1]


def test_a_service_that_many_rows_break_is_asked_about_fewer() -> None:
    def fragile(request: Request) -> bytes:
        return honest(request) if len(request.question["inputs"]) <= 8 else answer({}, status=500)

    with endpoint(fragile) as server:
        assert predict(server, ROWS[:40]) == truth(ROWS[:40])
        assert sizes(server) == [*[32] * 3, *[16] * 3, *[8] * 5]
    with endpoint(lambda request: answer({}, status=500)) as server:
        with pytest.raises(SubjectError, match="no answer in 6 tries; the last: status 500"):
            predict(server, rows_per_request=2)
        assert sizes(server) == [2, 2, 2, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("rows_per_request", [1, 7, 150, None])
def test_answers_do_not_depend_on_the_batch(rows_per_request: int | None) -> None:
    settings: dict[str, Any] = {"rows_per_request": rows_per_request} if rows_per_request else {}
    with endpoint(honest) as server:
        assert predict(server, **settings) == truth(ROWS)
        assert max(sizes(server)) == (rows_per_request or 64)


PAGE = b"<!doctype html><title>" + TOKEN.encode() + b"</title>"
LASTING = {
    "page": (answer(PAGE, kind="text/html; charset=utf-8"), "web page instead of JSON"),
    "page that says it is JSON": (answer(b"\n" + PAGE), "web page instead of JSON"),
    "redirect": (answer({}, status=307, headers="Location: /x?" + KEY + "\r\n"), "redirects are not followed"),
    "unauthorised": (answer({"was": TOKEN}, status=401), "status 401; is the variable in headers_from_env"),
    "bad request": (answer({"was": KEY}, status=400), "status 400"),
    "no content": (answer(b"", status=204), "status 204"),
    "empty": (answer(b""), "not JSON: Expecting value at line 1"),
    "not UTF-8": (answer(b'{"predictions": ["\xff"]}'), "not UTF-8"),
    "two meanings": (answer(b'{"x ' + TOKEN[:5].encode() + b'": 1, "predictions": [], "predictions": []}'), "twice"),
    "NaN": (answer(b'{"predictions": [NaN]}'), "NaN is no JSON number"),
    "beyond 64 bits": (answer(b'{"predictions": [1e999]}'), "the number ... is too large"),
    "many digits": (answer(b'{"predictions": [' + b"9" * 5000 + b"]}"), "not JSON"),
    "deep": (answer(b"[" * 100_000), "nested too deeply"),
    "list": (answer([1]), "no JSON object"),
    "no key": (answer({TOKEN[:9]: 1}), 'neither "predictions" nor "probabilities"'),
    "mapping": (answer({"predictions": {"0": "a"}}), '"predictions" that are no list'),
    "nested label": (answer({"predictions": [{"a": 1}]}), "a list or a mapping where one label"),
    "no label": (answer({"predictions": [None]}), "no usable label"),
    "long label": (answer({"predictions": ["x" * 5000]}), "a label of 5000 characters"),
    "too few": (answer({"predictions": []}), "0 predictions for 1 rows"),
    "too many": (answer({"probabilities": [[0.5, 0.5]] * 2}), "2 predictions for 1 rows"),
    "sums": (answer({"probabilities": [[0.5, 0.4]]}), "do not sum to 1"),
    "negative": (answer({"probabilities": [[1.5, -0.5]]}), "negative"),
    "numbers as text": (answer({"probabilities": [["0.5", "0.5"]]}), "not numbers"),
    "secret": (answer({"predictions": [TOKEN]}), "a label that repeats a header or a value of the query"),
    "secret of the query": (answer({"predictions": [KEY]}), "a label that repeats a header or a value of the query"),
    "packed otherwise": (
        answer(b"{}", headers="Content-Encoding: br\r\n"),
        "packs its answers in another way than gzip",
    ),
}


@pytest.mark.parametrize(("content", "words"), LASTING.values(), ids=LASTING)
def test_what_will_not_pass_is_an_error_that_shows_nothing_secret(
    content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_TOKEN", f"Bearer {TOKEN}")
    with endpoint(lambda request: content) as server:
        headers = {"Authorization": "MODEL_TOKEN"}
        with pytest.raises(SubjectError) as caught:
            predict(server, ROWS[:1], url=server.url(f"/s?k={KEY}"), headers_from_env=headers)
        assert TOKEN in server.requests[0].head
        assert KEY in server.requests[0].head
    assert words in str(caught.value)
    assert not any(secret in shown(caught.value) for secret in (TOKEN, KEY, TOKEN[:9], "/s?", "doctype"))


def test_numbers_of_a_regression_are_looked_at() -> None:
    for given, words in (
        (["1.5"], "not a number"),
        ([[1.5, 2.5]], "probabilities, and the task is a regression"),
        ([10**400], "not a number"),
        ([True, 2], "2 predictions for 1 rows"),
    ):
        content = answer({"predictions": given})
        with endpoint(once(content, at=0)) as server, pytest.raises(SubjectError, match=words):
            predict(server, ROWS[:1], regression=True)
    with endpoint(lambda request: answer({"predictions": [2.5, 10]})) as server:
        assert predict(server, ROWS[:2], regression=True) == [2.5, 10.0]


def test_an_error_says_how_many_rows_were_good() -> None:
    def later(request: Request) -> bytes:
        rows = request.question["inputs"]
        return answer({"probabilities": [[0.5, 0.5 if request.number < 2 else 0.6]] * len(rows)})

    with endpoint(later) as server, pytest.raises(SubjectError, match=r"after 96 usable rows: .* do not sum to 1"):
        predict(server)


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "is not set"), ("", "is not set"), (f"{TOKEN}\n", "line end"), (f"{TOKEN}\N{EURO SIGN}", "no header")],
)
def test_a_secret_that_no_header_can_carry(value: str | None, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is not None:
        monkeypatch.setenv("MODEL_TOKEN", value)
    settings = {"url": "http://127.0.0.1:9/", "headers_from_env": {"Authorization": "MODEL_TOKEN"}}
    with pytest.raises(SubjectError, match=words) as caught:
        models.load(Source(settings=settings), "http")
    assert "MODEL_TOKEN" in str(caught.value)
    assert TOKEN not in shown(caught.value)


def test_a_value_of_the_query_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", f"{KEY} & more")
    with endpoint(honest) as server:
        for path in ("/s", "/s?v=1", "/s?v=1#part"):
            predict(server, ROWS[:1], url=server.url(path), query_from_env={"key": "MODEL_KEY"})
        sent = f"key={KEY}+%26+more HTTP/1.1"
        assert [request.head.split("\r")[0] for request in server.requests] == [
            f"POST /s?{sent}", f"POST /s?v=1&{sent}", f"POST /s?v=1&{sent}",
        ]  # fmt: skip
    with endpoint(lambda request: answer({"predictions": [f"{KEY} & more"]})) as server:
        with pytest.raises(SubjectError, match="repeats a header or a value of the query") as caught:
            predict(server, ROWS[:1], query_from_env={"key": "MODEL_KEY"})
        assert KEY not in shown(caught.value)


@pytest.mark.parametrize("url", [f"http://u:{TOKEN}@[bad/", f"http://h:99999/?{KEY}", f"http://h/a b?{KEY}"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(SubjectError, match="the address of the model") as caught:
        models.load(Source(settings={"url": url}), "http")
    assert TOKEN not in shown(caught.value)
    assert KEY not in shown(caught.value)


@pytest.mark.parametrize("host", ["a..invalid", "a" * 70 + ".invalid"])
def test_a_host_that_is_none(host: str) -> None:
    reply = Transport(f"http://{host}/?{KEY}", {}, 5.0).post(b"{}", most_bytes=100)
    assert (reply.status, reply.sent, reply.fault) == (0, False, "no such host")


# what it costs


def test_the_budget_counts_what_may_have_reached_the_model() -> None:
    def costly(request: Request) -> Act | bytes:
        wrong: dict[int, Act | bytes] = {0: answer({}, status=429), 1: Act(b"", end="close")}
        return wrong.get(request.number, honest(request))

    with endpoint(costly) as server:
        assert predict(server, query_budget=182, rows_per_request=32) == truth(ROWS)  # 150, and 32 of them again
        assert sizes(server) == [32, 32, 32, 32, 32, 32, 22]
    words = r"22 more rows are needed and 21 are left \(32 rows were sent again"
    with endpoint(costly) as server, pytest.raises(NotMeasurable, match=words):
        predict(server, query_budget=181, rows_per_request=32)
    with endpoint(honest) as server:
        with pytest.raises(NotMeasurable, match="150 more rows are needed and 149 are left"):
            predict(server, query_budget=149)
        assert server.requests == []


def test_budgets_of_replaced_processes_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    Budget(100, "a").take(60)
    Budget(100, "b").take(60)
    again = Budget(100, "a")
    with pytest.raises(NotMeasurable, match="41 more rows are needed and 40 are left"):
        again.take(41)
    again.take(40)
    again.give_back(40)
    threads = [threading.Thread(target=Budget(100, "a").take, args=(1,)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(NotMeasurable, match="0 are left"):
        Budget(100, "a").check(1)
    for file in tmp_path.iterdir():
        file.write_text("damaged")
    with pytest.raises(SubjectError, match="cannot be kept"):
        Budget(100, "a").take(1)


def test_the_declared_rate_is_kept() -> None:
    with endpoint(honest) as server:
        predict(server, requests_per_second=20.0, rows_per_request=10)
        times = [request.at for request in server.requests]
        assert len(times) == 15
        assert times[-1] - times[0] >= 14 / 20 - 0.05


def test_times_beyond_every_clock() -> None:
    with endpoint(honest) as server:
        assert predict(server, ROWS[:1], requests_per_second=1e-300, timeout_seconds=1e300) == truth(ROWS[:1])


def test_retry_after_is_kept() -> None:
    with endpoint(once(answer({}, status=429, headers="Retry-After: 1\r\n"))) as server:
        assert predict(server) == truth(ROWS)
        assert server.requests[2].at - server.requests[1].at >= 1.0


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("3", None, 3.0),
        (" 0 ", None, 0.0),
        ("86400", None, 60.0),
        ("-3", None, None),
        ("1.5", None, None),
        ("soon", None, None),
        (None, None, None),
        ("Wed, 21 Oct 2026 07:28:05 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 5.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:29:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 60.0),
        ("Wed, 21 Oct 2026 07:28:05 GMT", None, None),
        ("Wed, 99 Oct 2026 07:28:05 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, date: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, date) == seconds


def test_the_pace_slows_after_complaints_and_recovers() -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    # a service that takes ten requests in each second
    pace, taken, refused = Pace(clock=lambda: now, sleep=sleep), [0] * 1000, 0
    for _ in range(600):
        pace.wait()
        now += 0.002
        if taken[int(now)] < 10:
            taken[int(now)] += 1
            pace.answered()
        else:
            refused += 1
            pace.complained()
    assert refused < 60
    assert max(taken) == 10
    assert now < 2.0 * 600 / 10


def test_waits_double_within_bounds_and_are_the_same_each_time() -> None:
    waits = [Pace().backoff_seconds(1), *map(Pace().backoff_seconds, range(1, 12))]
    assert waits[0] == waits[1]
    for tries, seconds in enumerate(waits[1:], start=1):
        longest = min(8.0, 0.05 * 2 ** (tries - 1))
        assert longest / 2 <= seconds <= longest


def test_batches_grow_only_while_answers_are_quick() -> None:
    batch = Batch(timeout_seconds=4.0)
    for seconds, rows in ((0.1, 64), (0.9, 128), (1.1, 128), (0.1, 256)):
        batch.answered(batch.rows, seconds)
        assert batch.rows == rows
    batch.answered(3, 0.0)
    assert batch.rows == 256
    batch.refused(256, for_ever=True)
    for _ in range(20):
        batch.answered(batch.rows, 0.0)
    assert batch.rows == 128


# proxies and encryption


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint(honest) as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:{TOKEN}@127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        source = Source(settings={"url": "http://model.invalid/score?k=1"})
        assert list(models.load(source, "http").predict(ROWS)) == truth(ROWS)
        head = proxy.requests[0].head
        assert head.startswith("POST http://model.invalid/score?k=1 HTTP/1.1\r\nHost: model.invalid\r\n")
        assert "Proxy-Authorization: Basic " in head
        monkeypatch.setenv("https_proxy", f"socks5://user:{TOKEN}@127.0.0.1:1")
        with pytest.raises(SubjectError, match="proxy") as caught:
            models.load(Source(settings={"url": "https://model.invalid/"}), "http")
        assert TOKEN not in str(caught.value)


def certificate(folder: Path) -> Path:
    """A certificate for localhost that nobody signed, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_certificates_are_verified_and_an_encrypted_drip_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    drip = Act(GOOD, piece=1, pause=0.1)
    with endpoint(lambda request: drip if request.number else honest(request), context) as server:
        settings = {"url": f"https://localhost:{server.port}/?k={KEY}", "rows_per_request": 32, "timeout_seconds": 0.5}
        with pytest.raises(
            SubjectError, match=f"https://localhost:{server.port}: its certificate is not trusted"
        ) as caught:
            models.load(Source(settings=settings), "http").predict(ROWS)
        assert KEY not in shown(caught.value)
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        model = models.load(Source(settings=settings), "http")
        assert list(model.predict(ROWS[:32])) == truth(ROWS[:32])
        started = time.monotonic()
        with pytest.raises(SubjectError, match="3 times in a row"):
            model.predict(ROWS)
        assert time.monotonic() - started < 4
