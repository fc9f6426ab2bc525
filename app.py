"""The composition root and the command line: settings -> storage -> use cases -> bot -> server. Nobody imports it."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web

from bot import registry
from bot.letters.registry import LETTERS
from bot.members import Members
from bot.notifier import Notifier
from bot.router import Router
from bot.transport.addresses import Addresses
from bot.transport.connector import Connector, open_session
from bot.transport.credentials import token_cache
from bot.transport.framework import TeamsEdge
from bot.transport.inbound_auth import InboundAuth
from bot.turn import Command
from dialogs import registry as dialog_registry
from integrations.calendars.fetching import Fetcher
from integrations.calendars.reader import FeedReader
from integrations.organisation_file import read_organisation
from integrations.paging.email import Email
from integrations.paging.update_email import UpdateEmail
from scheduling.auditor import EVERY_S, Auditor
from scheduling.clock import DevelopmentClock, SystemClock, real_now
from scheduling.delivery import DeliveryLoop
from scheduling.engine import WorkEngine
from scheduling.heartbeat import Heartbeat
from scheduling.jobs.registry import all_jobs
from scheduling.ticks import Ticks, all_of
from scheduling.time_walk import Walk
from scheduling.ways import by_way
from server import logs, pages
from server import organisation_commands as org
from server.addresses import http_origin
from server.api.routes import add_api
from server.application import web_application
from server.calendars import add_calendars
from server.demo.play import play
from server.dev_clock import add_dev_clock
from server.doctor import doctor
from server.dotenv import read_dotenv
from server.health import add_health, database_check, keys_check, overdue_check, work_check
from server.local_organisation import LocalDirectory
from server.local_teams import CommandHint, LocalTeams
from server.logs import AccessLogger
from server.metrics import Metrics
from server.settings import Settings, SettingsError
from server.teams_side import LOCAL_TEAMS_PATH, addresses_of, credentials_of, first_address_of, local_teams_url
from storage.database import Database
from storage.migrate import sql, upgrade
from storage.work_queue import SqlWorkQueue
from usecases import digests, handoffs
from usecases.calendars import PUBLIC_URL
from usecases.organisation import load_demo
from usecases.ports import Store, Unavailable
from usecases.work import WorkQueue

log = logging.getLogger("incident")
ROOT = Path(__file__).resolve().parent
VERSION = "0.1.0"
GC_THRESHOLD = 10_000  # new objects before a look; Python's 700 is one for every turn
GRACE_SECONDS = 5.0  # for requests in flight when the server is stopped; Teams sends again what got no answer


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 with a sentence on stderr, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except SettingsError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Incident coordination inside Microsoft Teams.")
    parser.set_defaults(run=_serve, host=None, port=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the bot (the default)")
    serve.add_argument("--host", help="where to listen; overrides HOST")
    serve.add_argument("--port", help="where to listen; overrides PORT")
    serve.set_defaults(run=_serve)
    migrate = commands.add_parser("migrate", help="bring the database up to date")
    migrate.add_argument("--sql", action="store_true", help="print the SQL instead of running it")
    migrate.set_defaults(run=_migrate)
    org = commands.add_parser("org", help="check, import or export the organisation file")
    org.add_argument("action", choices=("check", "import", "export"))
    org.add_argument("file", metavar="FILE")
    org.set_defaults(run=_org)
    commands.add_parser("doctor", help="say what is missing or wrong, in sentences").set_defaults(run=_doctor)
    commands.add_parser("demo", help="play one incident and print what each person sees").set_defaults(run=_demo)

    return parser


def _environ(options: argparse.Namespace) -> dict[str, str]:
    """Read the environment; what the command line says wins, `.env` is asked last."""
    given = {"HOST": options.host, "PORT": options.port}
    return {**read_dotenv(ROOT / ".env"), **os.environ, **{k: v for k, v in given.items() if v is not None}}


def _settings(options: argparse.Namespace) -> Settings:
    return Settings.from_environment(_environ(options))


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


# -- serve ------------------------------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace) -> int:

    settings = _settings(options)
    logs.configure(json_lines=settings.log_format == "json", level=settings.log_level, secrets=settings.secrets())
    for warning in settings.warnings:
        log.warning("%s", warning)
    try:
        listening = socket.create_server(
            (settings.host, settings.port), family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        )
    except OSError as error:
        why = (
            os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        )  # the rest repeats the address
        return _fail(f"Cannot listen on {settings.host}:{settings.port}: {why}. Set HOST and PORT.")
    try:
        upgrade(settings.database_url)
        asyncio.run(_serve_until_stopped(settings.listening_on(listening.getsockname()[1]), listening))
    except Unavailable as error:
        return _fail(str(error))
    return 0


async def _serve_until_stopped(settings: Settings, listening: socket.socket) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with running(settings, listening):
        _announce(settings)
        await stopped.wait()
        log.info("stopping")


def _announce(settings: Settings) -> None:
    if settings.local_teams:
        print(
            f"Local Teams is ready at {settings.public_url}/\n"
            "Pick a person, open a channel and type: /incident declare Checkout is down sev1 service:checkout",
            flush=True,
        )
    else:
        print(f"The bot is ready at {settings.public_url}/api/messages", flush=True)


def clock_of(settings: Settings) -> DevelopmentClock | SystemClock:
    """Tell whose time counts: in development it can be moved, and the database knows how far."""
    return DevelopmentClock() if settings.development else SystemClock()


@asynccontextmanager
async def running(settings: Settings, listening: socket.socket) -> AsyncIterator[None]:
    """Run the whole product on a listening socket until the end of the block."""
    addresses = addresses_of(settings)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_session())
        database = Database.open(settings.database_url)
        stack.push_async_callback(database.close)
        clock = clock_of(settings)
        metrics = Metrics(VERSION)
        auth = _auth(settings, addresses, http, metrics)
        connector = Connector(http, token_cache(http, addresses, credentials_of(settings)), addresses.service_urls)
        router = _router(database, clock, connector)
        notifier = Notifier(
            connector,
            database,
            clock,
            bot_id=f"28:{settings.app_id}",
            letters=LETTERS,
            first_address=first_address_of(settings),
        )
        email = Email(database, clock, settings.mail_server, public_url=settings.outside_url)
        await email.announce()
        ways = (email, UpdateEmail(database, clock, settings.mail_server))
        delivery = DeliveryLoop(database.lanes, by_way(ways, notifier.deliver), on_outcome=metrics.sent)
        web_app = web_application(messages=TeamsEdge(auth, connector, router).handle, metrics=metrics)
        add_api(web_app, database, settings.api_tokens, clock=clock)
        add_calendars(web_app, database, clock)
        await database.write(lambda store: store.key_value.set(PUBLIC_URL, settings.public_url))
        queue = SqlWorkQueue(database, clock)
        engine = WorkEngine(queue, all_jobs(), on_outcome=metrics.worked)
        heartbeat = Heartbeat(http, settings.heartbeat_url)
        auditor = Auditor(
            database, queue, database.lanes, clock, all_is_well=heartbeat.beat, on_findings=metrics.set_findings
        )
        feeds = FeedReader(database, clock, Fetcher(loopback=settings.development))
        ticks = _ticks(database, clock, queue, auditor, feeds)
        checks = (
            database_check(database.check),
            overdue_check(database.lanes),
            work_check(queue),
            keys_check(lambda: auth.ready),
        )
        add_health(web_app, checks=checks, lanes=database.lanes, queue=queue, metrics=metrics)
        if isinstance(clock, DevelopmentClock):
            walk = Walk(database, clock, queue, engine, database.lanes, kinds=engine.kinds)
            add_dev_clock(web_app, database, clock.now, walk.go)
        await _add_page(web_app, settings, database, http, clock, commands=registry.COMMANDS)
        runner = web.AppRunner(
            web_app, handler_cancellation=False, access_log_class=AccessLogger, shutdown_timeout=GRACE_SECONDS
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening).start()
        await auth.warm_up()
        for part in (delivery, engine, ticks):
            await part.start()
            stack.push_async_callback(part.stop)
        _spare_the_collector()
        yield


def _auth(settings: Settings, addresses: Addresses, http: ClientSession, metrics: Metrics) -> InboundAuth:
    return InboundAuth(
        http,
        app_id=settings.app_id,
        metadata_url=addresses.metadata_url,
        issuers=addresses.issuers,
        service_urls=addresses.service_urls,
        allowed_tenants=settings.allowed_tenant_ids or None,
        require_endorsements=addresses.require_endorsements,
        on_key_refresh=lambda ok: metrics.keys_refreshed(ok=ok),
    )


def _router(database: Database, clock: DevelopmentClock | SystemClock, connector: Connector) -> Router:
    return Router(
        database=database,
        clock=clock,
        commands=registry.by_word(registry.COMMANDS),
        verbs=registry.by_name((*registry.VERBS, *dialog_registry.VERBS)),
        forms=dialog_registry.FORMS,
        members_of=Members(connector, database),
    )


def _spare_the_collector() -> None:
    """Let what is loaded now stay: the collector need not look at it again for every few hundred new objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def _ticks(
    database: Database,
    clock: DevelopmentClock | SystemClock,
    queue: WorkQueue,
    auditor: Auditor,
    feeds: FeedReader,
) -> Ticks:
    """List what is done now and then in every process; nothing that must happen belongs here, that is due work."""

    def plan_all(store: Store) -> None:
        handoffs.plan_all(store, clock.now(store))
        digests.plan_all(store, clock.now(store))

    async def plan() -> None:
        await database.write(plan_all)

    ticks = Ticks()
    ticks.every(600, "forget done work", all_of(queue.sweep))
    ticks.every(EVERY_S, "look for overdue promises", auditor.look, at_once=True)
    ticks.every(300, "plan handoffs and digests nobody has planned", plan, at_once=True)
    ticks.every(60, "read outside calendars", feeds.look, at_once=True)
    return ticks


async def _add_page(
    web_app: web.Application,
    settings: Settings,
    database: Database,
    http: ClientSession,
    clock: DevelopmentClock | SystemClock,
    *,
    commands: Sequence[Command],
) -> None:
    """Serve `/`: Local Teams with the demo organisation in development, else a page that says what this is."""
    if not isinstance(clock, DevelopmentClock) or not settings.local_teams:
        web_app.router.add_get("/", pages.index)
        return
    demo = read_organisation((ROOT / "server/demo/organisation.yaml").read_bytes())
    await database.write(lambda store: load_demo(store, demo, clock.now(store)))
    await database.read(clock.now)
    directory = LocalDirectory(database)
    local_teams = LocalTeams(
        base_url=local_teams_url(settings),
        bot_url=f"{http_origin(settings.host, settings.port)}/api/messages",
        people=directory.people,
        teams=directory.teams,
        http=http,
        app_id=settings.app_id,
        store_path=_local_teams_file(settings.database_url),
        now=clock.last_seen,
        commands=[CommandHint(command.word, command.meaning) for command in commands],
    )
    web_app.add_subapp(LOCAL_TEAMS_PATH, local_teams.app())
    web_app.add_routes(local_teams.page_routes)


def _local_teams_file(database_url: str) -> Path:
    """Name the file that keeps the emulator's chats: beside the SQLite database, else under var/."""
    kind, _, path = database_url.partition(":///")
    folder = Path(path).parent if kind == "sqlite" else ROOT / "var"
    return folder / "local-teams.db"


# -- the other commands -----------------------------------------------------------------------------------------------


def _migrate(options: argparse.Namespace) -> int:
    settings = _settings(options)
    if options.sql:
        print(sql(settings.database_url))
        return 0
    try:
        upgrade(settings.database_url)
    except Unavailable as error:
        return _fail(str(error))
    print("The database is up to date.")
    return 0


def _org(options: argparse.Namespace) -> int:

    if options.action == "check":
        return org.check(options.file, now=real_now(), out=sys.stdout, err=sys.stderr)
    settings = _settings(options)
    try:
        upgrade(settings.database_url)
    except Unavailable as error:
        return _fail(str(error))
    if options.action == "export":
        return org.export(options.file, settings.database_url, out=sys.stdout, err=sys.stderr)
    return org.import_(options.file, settings.database_url, clock_of(settings), out=sys.stdout, err=sys.stderr)


def _doctor(options: argparse.Namespace) -> int:
    return doctor(_environ(options), out=sys.stdout, err=sys.stderr)


def _demo(_: argparse.Namespace) -> int:
    """Play on a database and a port of its own, whatever the settings say: nobody's incidents are touched."""
    logs.configure(json_lines=False, level="ERROR")
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        settings = Settings.from_environment({"DATABASE_URL": f"sqlite:///{folder}/demo.db", "PORT": str(port)})
        upgrade(settings.database_url)
        asyncio.run(_play(settings, listening))
    return 0


async def _play(settings: Settings, listening: socket.socket) -> None:
    async with running(settings, listening):
        await play(settings.public_url, local_teams_url(settings), sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
