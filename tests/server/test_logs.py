import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from server import logs

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl-_A"
TOUCHED = ("", *logs.TALKATIVE, "aiohttp.access", "incident.test")


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in TOUCHED}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


class Log:
    """A configured log that writes into memory."""

    def __init__(self, *, json_lines: bool, level: str = "INFO", secrets: tuple[str, ...] = ()) -> None:
        self.stream = io.StringIO()
        logs.configure(json_lines=json_lines, level=level, secrets=secrets, stream=self.stream)
        self.logger = logging.getLogger("incident.test")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def entry(self) -> dict[str, Any]:
        (line,) = self.text.splitlines()
        return json.loads(line)


def fail_with(text: str) -> None:
    raise RuntimeError(text)


def test_console_line_is_for_people() -> None:
    log = Log(json_lines=False)
    log.logger.info("Declared %s", "INC-12", extra={"severity": 1})
    assert log.text.endswith("Z INFO     incident.test: Declared INC-12 severity=1\n")
    assert log.text.count("\n") == 1


def test_json_line_has_all_fields() -> None:
    log = Log(json_lines=True)
    record = logging.LogRecord("incident.test", logging.WARNING, "f.py", 1, "Slow %s", ("turn",), None)
    record.created, record.seconds, record.place, record.ok = 1764582896.25, 1.5, None, True
    log.logger.handle(record)
    assert log.entry == {
        "time": "2025-12-01T09:54:56.250Z",
        "level": "WARNING",
        "logger": "incident.test",
        "message": "Slow turn",
        "seconds": 1.5,
        "place": None,
        "ok": True,
    }


def test_json_field_cannot_replace_ours() -> None:
    log = Log(json_lines=True)
    log.logger.info("hello", extra={"level": "x", "time": "y", "logger": "z", "exception": "w"})
    assert (log.entry["level"], log.entry["logger"]) == ("INFO", "incident.test")
    assert (log.entry["level_"], log.entry["exception_"]) == ("x", "w")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": object}, b"x", {1, 2}])
def test_json_line_is_json_whatever_the_field(value: object) -> None:
    log = Log(json_lines=True)
    log.logger.info("hello", extra={"value": value})
    assert log.entry["value"] == str(value)


@pytest.mark.parametrize("json_lines", [False, True])
@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b", "a\x00b", "a\x85b"])
def test_a_message_is_one_line(text: str, *, json_lines: bool) -> None:
    log = Log(json_lines=json_lines)
    log.logger.info("title %s", text, extra={"field": text})
    assert len(log.text.splitlines()) == 1
    assert "\x1b" not in log.text


def test_a_traceback_follows_indented() -> None:
    log = Log(json_lines=False)
    try:
        fail_with("first\n2026-01-01T00:00:00.000Z INFO forged: line")
    except RuntimeError:
        log.logger.exception("It failed")
    first, *rest = log.text.splitlines()
    assert first.endswith("It failed")
    assert rest[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") for line in rest)


def test_json_traceback_is_a_field() -> None:
    log = Log(json_lines=True)
    try:
        fail_with("boom")
    except RuntimeError:
        log.logger.exception("It failed")
    assert log.entry["message"] == "It failed"
    assert log.entry["exception"].endswith("RuntimeError: boom")


@pytest.mark.parametrize("json_lines", [False, True])
@pytest.mark.parametrize("secret", ["pass-word", 'quo"te\\d-secret', "ünï-secret", "a+b*c(secret", "it's-a-secret"])
def test_registered_secrets_are_blotted_out_everywhere(secret: str, *, json_lines: bool) -> None:
    log = Log(json_lines=json_lines, secrets=(secret, "", "abc"))
    try:
        fail_with(f"cannot log in with {secret!r}")
    except RuntimeError:
        log.logger.exception("Message %s", secret, extra={"field": secret, "nested": {"key": [secret]}})
    kept = [form for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]) if form in log.text]
    assert kept == []
    assert log.text.count("***") >= 4


@pytest.mark.parametrize("json_lines", [False, True])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"token {JWT} end", "token *** end"),
        ("eyJhbGciOiJSUzI1NiJ9 alone", "*** alone"),
        ("Authorization: Bearer abc.DEF-123_~+/=", "Authorization: Bearer ***"),
        ("bearer  0123456789", "bearer ***"),
        ("postgresql://bot:pw@db/x failed", "postgresql://bot:***@db/x failed"),
        ("postgresql://db/x?user=bot&password=pw failed", "postgresql://db/x?user=bot&password=*** failed"),
        ("eyJ is short, the bearer is Ada", "eyJ is short, the bearer is Ada"),
        ("abc is too short to blot out", "abc is too short to blot out"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text: str, shown: str, *, json_lines: bool) -> None:
    log = Log(json_lines=json_lines, secrets=("abc",))
    log.logger.info("%s", text)
    assert (log.entry["message"] if json_lines else log.text.split(": ", 1)[1].strip()) == shown


def test_a_longer_secret_wins_over_one_inside_it() -> None:
    redact = logs.Redactor(["secret", "secret-and-more"])
    assert redact("x secret-and-more y secret z") == "x *** y *** z"


@pytest.mark.parametrize("name", logs.TALKATIVE)
def test_talkative_libraries_stay_quiet_at_debug(name: str) -> None:
    log = Log(json_lines=False, level="DEBUG")
    logging.getLogger(name).info("Authorization: secret")
    logging.getLogger(f"{name}.deep").debug("Authorization: secret")
    log.logger.debug("ours")
    assert log.text.count("\n") == 1
    assert "ours" in log.text


def test_talkative_libraries_follow_a_higher_level() -> None:
    log = Log(json_lines=False, level="ERROR")
    logging.getLogger("msal").warning("warned")
    assert log.text == ""


def test_configuring_twice_writes_once() -> None:
    Log(json_lines=True)
    log = Log(json_lines=True)
    log.logger.info("once")
    assert log.entry["message"] == "once"


def test_a_lone_surrogate_and_a_narrow_stream_are_written() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    logs.configure(json_lines=False, level="INFO", stream=stream)
    logging.getLogger("incident.test").info("\ud800 ünï")
    stream.flush()
    assert raw.getvalue().strip().endswith(rb"\ud800 \xfcn\xef")


def test_a_lost_line_does_not_print_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(json_lines=False, secrets=("s3cret-value",))
    log.logger.info("one %d", "s3cret-value")
    assert log.text == ""
    error = capsys.readouterr().err
    assert error.startswith("A log line was lost (TypeError) at ")
    assert "s3cret-value" not in error
    assert error.count("\n") == 1


def test_standard_error_is_the_default_stream(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json_lines=False, level="INFO")
    logging.getLogger("incident.test").info("hello")
    assert sys.stderr is not None
    assert "hello" in capsys.readouterr().err


def access(method: str, path: str, *, level: str = "INFO") -> str:
    log = Log(json_lines=False, level=level)
    request = make_mocked_request(method, path, headers={"Authorization": "Basic c2VjcmV0"})
    logs.AccessLogger(logging.getLogger("aiohttp.access"), "").log(request, web.Response(status=204), 0.0123)
    return log.text


def test_access_line_has_no_query_and_no_header() -> None:
    line = access("GET", "/api/v1/incidents?token=s3cret#x")
    assert line.endswith("INFO     aiohttp.access: GET /api/v1/incidents 204 12.3 ms\n")
    assert "c2VjcmV0" not in line


def test_access_line_keeps_the_address_of_a_calendar_secret() -> None:
    line = access("GET", "/calendar/s3cret-s3cret.ics")
    assert line.endswith("INFO     aiohttp.access: GET /calendar/*** 204 12.3 ms\n")


def test_access_line_cannot_be_forged_by_a_path() -> None:
    line = access("GET", "/a%0A2026-01-01T00:00:00.000Z%20INFO%20forged")
    assert line.count("\n") == 1
    assert "/a%0A2026" in line


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_monitors_ask_is_logged_at_debug_only(path: str) -> None:
    assert access("GET", path) == ""
    assert path in access("GET", path, level="DEBUG")
