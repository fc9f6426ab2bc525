"""What the settings say about the other side: where Teams is, and who we are there."""

from bot.notifier import FirstAddress
from bot.transport.addresses import PUBLIC_CLOUD, Addresses, emulator
from bot.transport.credentials import AppCredentials
from server.addresses import http_origin
from server.settings import Settings

LOCAL_TEAMS_PATH = "/local-teams"
"""Where the built-in emulator is mounted."""
LOCAL_SERVICE_PATH = f"{LOCAL_TEAMS_PATH}/teams/"
"""The built-in emulator's service URL, below the address of the server."""
PUBLIC_SERVICE_URL = "https://smba.trafficmanager.net/teams/"
"""Opens chats in every region of Microsoft's public cloud; activities name the region's own."""


def local_teams_url(settings: Settings) -> str:
    """Return the address of the built-in emulator: always the socket itself, whatever PUBLIC_URL says."""
    return http_origin(settings.host, settings.port) + LOCAL_TEAMS_PATH


def addresses_of(settings: Settings) -> Addresses:
    """Return the addresses of Microsoft's cloud, of an outside emulator, or of Local Teams."""
    if settings.local_teams:
        return emulator(local_teams_url(settings))
    return emulator(settings.emulator_url) if settings.emulator_url else PUBLIC_CLOUD


def first_address_of(settings: Settings) -> FirstAddress:
    """Return where people are reached whom nobody has introduced: before the first activity names a service URL."""
    tenant = settings.app.tenant_id if settings.app else ""
    if settings.local_teams:
        return FirstAddress(tenant, http_origin(settings.host, settings.port) + LOCAL_SERVICE_PATH)
    return FirstAddress(
        tenant, f"{settings.emulator_url.rstrip('/')}/" if settings.emulator_url else PUBLIC_SERVICE_URL
    )


def credentials_of(settings: Settings) -> AppCredentials:
    """Return what our own token is asked with."""
    app = settings.app
    if app is None:
        return AppCredentials(settings.app_id)
    certificate = str(app.certificate_path) if app.certificate_path else ""
    return AppCredentials(app.id, str(app.type), app.tenant_id, app.password or "", certificate)
