"""How the outbound token is fetched, shared, renewed and forgotten."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from bot.transport import credentials
from bot.transport.addresses import PUBLIC_CLOUD, emulator
from bot.transport.credentials import AppCredentials, Grant, TokenCache, TokenUnavailable, in_thread, token_cache
from tests.support.connector_double import ConnectorDouble, serving
from tests.support.tokens import rsa_key


class Source:
    """A counting token source."""

    def __init__(self, lifetime: float = 3600, delay: float = 0.0) -> None:
        self.lifetime, self.delay, self.calls = lifetime, delay, 0
        self.error: Exception | None = None

    async def __call__(self) -> Grant:
        self.calls += 1
        await asyncio.sleep(self.delay)
        if self.error:
            raise self.error
        return Grant(f"t{self.calls}", credentials.time.time() + self.lifetime)


class MovingTime:
    """Stands in for the `time` module of the credentials."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovingTime:
    moving = MovingTime()
    monkeypatch.setattr(credentials, "time", moving)
    return moving


async def test_a_hundred_callers_during_a_slow_fetch_share_it() -> None:
    source = Source(delay=0.05)
    cache = TokenCache(source)
    assert await asyncio.gather(*(cache.get() for _ in range(100))) == ["t1"] * 100
    assert await cache.get() == "t1"
    assert source.calls == 1


@pytest.mark.parametrize(("lifetime", "last_use"), [(3600, 3299), (86400, 86099), (100, 89), (10, 8.9)])
async def test_a_token_is_renewed_early_without_making_anybody_wait(
    clock: MovingTime, lifetime: float, last_use: float
) -> None:
    source = Source(lifetime)
    cache = TokenCache(source)
    assert await cache.get() == "t1"
    clock.ahead = last_use
    assert await cache.get() == "t1"
    await asyncio.sleep(0)
    assert source.calls == 1
    clock.ahead = last_use + 1.05
    assert await cache.get() == "t1"
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await cache.get() == "t2"


async def test_an_ended_token_is_never_given_out(clock: MovingTime) -> None:
    source = Source(100)
    cache = TokenCache(source)
    await cache.get()
    clock.ahead = 101
    assert await cache.get() == "t2"


async def test_a_failed_renewal_leaves_the_old_token_to_its_end(clock: MovingTime) -> None:
    source = Source(3600)
    cache = TokenCache(source)
    await cache.get()
    source.error = RuntimeError("secret inside")
    clock.ahead = 3500
    for _ in range(3):
        assert await cache.get() == "t1"
        await asyncio.sleep(0)
    assert source.calls == 2
    clock.ahead = 3601.5
    with pytest.raises(TokenUnavailable) as caught:
        await cache.get()
    assert str(caught.value) == "RuntimeError"


async def test_after_a_failure_nobody_asks_again_for_a_second(clock: MovingTime) -> None:
    source = Source()
    source.error = TokenUnavailable("refused: invalid_client")
    cache = TokenCache(source)
    for _ in range(5):
        with pytest.raises(TokenUnavailable, match="invalid_client"):
            await cache.get()
    assert source.calls == 1
    source.error, clock.ahead = None, 1.1
    assert await cache.get() == "t2"


async def test_only_the_refused_token_is_forgotten() -> None:
    source = Source()
    cache = TokenCache(source)
    await cache.get()
    cache.invalidate("an older one")
    assert await cache.get() == "t1"
    cache.invalidate("t1")
    assert await cache.get() == "t2"


async def test_a_blocking_fetch_runs_beside_the_loop() -> None:
    def blocking() -> Grant:
        time.sleep(0.2)
        return Grant("t", time.time() + 3600)

    cache = TokenCache(in_thread(blocking))
    fetching = asyncio.create_task(cache.get())
    ticks = 0
    while not fetching.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert (fetching.result(), ticks > 5) == ("t", True)


def test_a_token_and_a_secret_do_not_show_in_a_repr() -> None:
    shown = repr(Grant("hidden-token", 1.0)) + repr(AppCredentials("app-1", password="hidden-password"))
    assert "hidden" not in shown


async def test_an_emulator_is_asked_with_a_client_credentials_form(
    teams: tuple[ConnectorDouble, str], http: ClientSession
) -> None:
    double, base = teams
    assert await token_cache(http, emulator(base), AppCredentials("app-1")).get() == "t1"
    assert double.token_form == {
        "grant_type": "client_credentials",
        "client_id": "app-1",
        "client_secret": "local",
        "scope": "https://api.botframework.com/.default",
    }


@pytest.mark.parametrize("status", [302, 400, 401, 500])
async def test_an_emulator_that_refuses_gives_no_token(
    teams: tuple[ConnectorDouble, str], http: ClientSession, status: int
) -> None:
    double, base = teams
    double.token_status = status
    with pytest.raises(TokenUnavailable):
        await token_cache(http, emulator(base), AppCredentials("app-1")).get()


async def test_our_secret_does_not_follow_a_redirect(http: ClientSession, teams: tuple[ConnectorDouble, str]) -> None:
    double, elsewhere = teams

    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"{elsewhere}/oauth2/v2.0/token")

    app = web.Application()
    app.router.add_post("/oauth2/v2.0/token", redirect)
    async with serving(app) as base:
        with pytest.raises(TokenUnavailable):
            await token_cache(http, emulator(base), AppCredentials("app-1", password="pw")).get()
    assert double.token_calls == 0


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"error": "invalid_client", "error_description": "trace"}, {"access_token": 5}]
)
def test_an_answer_without_a_token_is_a_failure(answer: Any) -> None:
    with pytest.raises(TokenUnavailable) as caught:
        credentials._grant(answer)
    assert "trace" not in str(caught.value)


@pytest.mark.parametrize("lifetime", [None, 0, -1, "soon", "inf", "nan", []])
def test_a_token_without_a_usable_life_is_a_failure(lifetime: Any) -> None:
    with pytest.raises(TokenUnavailable, match="expires_in"):
        credentials._grant({"access_token": "t", "expires_in": lifetime})


def certificate(name: str, folder: Path) -> Path:
    """A self-signed certificate for localhost and its key in one PEM file."""
    key, subject = rsa_key(name), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class Entra:
    """The two requests of Microsoft Entra that MSAL makes, over real TLS."""

    def __init__(self) -> None:
        self.form: dict[str, Any] = {}
        self.paths: list[str] = []
        self.answer: dict[str, Any] = {"access_token": "entra", "expires_in": 3600, "token_type": "Bearer"}

    async def any(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        base = f"https://{request.host}/tenant-1"
        if request.path.endswith("openid-configuration"):
            found = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": base}
            return web.json_response(found)
        self.form = dict(await request.post())
        return web.json_response(self.answer, status=400 if "error" in self.answer else 200)

    @asynccontextmanager
    async def serving(self, pem: Path) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.any)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
            yield f"https://localhost:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()


@pytest.fixture
async def entra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Entra, str]]:
    pem = certificate("tls", tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    double = Entra()
    async with double.serving(pem) as url:
        yield double, url


async def test_a_secret_is_sent_to_entra(entra: tuple[Entra, str]) -> None:
    double, url = entra
    registered = AppCredentials("app-1", tenant_id="tenant-1", password="pw")
    fetch = in_thread(partial(credentials._from_entra, registered, url))
    cache = TokenCache(fetch)
    assert await cache.get() == "entra"
    assert (double.form["client_secret"], double.form["scope"]) == ("pw", "https://api.botframework.com/.default")
    cache.invalidate("entra")
    await cache.get()
    assert sum(path.endswith("/token") for path in double.paths) == 2


async def test_a_certificate_signs_with_its_sha256_thumbprint(entra: tuple[Entra, str], tmp_path: Path) -> None:
    double, url = entra
    file = certificate("app", tmp_path)
    registered = AppCredentials("app-1", tenant_id="tenant-1", certificate_path=str(file))
    assert await TokenCache(in_thread(partial(credentials._from_entra, registered, url))).get() == "entra"
    assertion = double.form["client_assertion"]
    header = jwt.get_unverified_header(assertion)
    assert header["alg"] == "PS256"
    assert "x5t#S256" in header
    assert "x5t" not in header
    assert "client_secret" not in double.form
    claims = jwt.decode(assertion, rsa_key("app").public_key(), ["PS256"], {"verify_aud": False})
    assert claims["iss"] == "app-1"


async def test_entras_refusal_is_a_reason_without_its_description(entra: tuple[Entra, str]) -> None:
    double, url = entra
    double.answer = {"error": "invalid_client", "error_description": "AADSTS7000215: trace 123"}
    registered = AppCredentials("app-1", tenant_id="tenant-1", password="wrong")
    with pytest.raises(TokenUnavailable, match=r"^refused: invalid_client$"):
        await TokenCache(in_thread(partial(credentials._from_entra, registered, url))).get()


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_an_unreadable_certificate_is_a_reason(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "app.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TokenUnavailable, match="certificate"):
        credentials._proof(AppCredentials("app-1", certificate_path=str(file)))


async def test_a_managed_identity_asks_the_machines_own_endpoint(
    http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []

    async def identity(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return web.json_response({"access_token": "msi", "expires_in": "3600", "resource": "r", "token_type": "Bearer"})

    app = web.Application()
    app.router.add_get("/metadata/identity/oauth2/token", identity)
    async with serving(app) as base:
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", base)
        registered = AppCredentials("app-1", app_type="UserAssignedMSI")
        assert await token_cache(http, PUBLIC_CLOUD, registered).get() == "msi"
    assert asked[0]["client_id"] == "app-1"
    assert asked[0]["resource"] == "https://api.botframework.com"


async def test_with_microsofts_addresses_entra_is_asked(http: ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[AppCredentials] = []

    def entra(registered: AppCredentials) -> Grant:
        seen.append(registered)
        return Grant("t", time.time() + 3600)

    monkeypatch.setattr(credentials, "_from_entra", entra)
    registered = AppCredentials("app-1", tenant_id="tenant-1", password="pw")
    assert await token_cache(http, PUBLIC_CLOUD, registered).get() == "t"
    assert seen == [registered]


async def test_the_connector_alone_loads_neither_msal_nor_the_sdk() -> None:
    code = "import sys, bot.transport.connector; print(sorted({'msal', 'requests', 'botbuilder'} & set(sys.modules)))"
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await program.communicate()
    assert out.strip() == b"[]"
