"""The weekly digest as a card."""

from bot.cards import kit
from bot.turn import Card
from usecases.digests import Digest, Section
from usecases.wording import between


def digest_card(digest: Digest) -> Card:
    """Draw a digest, in the time zone of its team with UTC beside it; a quiet week is one line."""
    whose = f" of {kit.plain(digest.team.name)}" if digest.team else ""
    if digest.quiet:
        return kit.card([kit.block(f"**{digest.title}**{whose}: {_QUIET}")], speak=spoken(digest))
    body = [
        kit.block(f"{digest.title}{whose}", weight="Bolder", size="Large", style="heading"),
        kit.block(between(digest.since, digest.until, digest.zone), size="Small", isSubtle=True, spacing="None"),
        *(_drawn(section) for section in digest.sections),
    ]
    return kit.card(body, speak=spoken(digest), wide=True)


def spoken(digest: Digest) -> str:
    """Say a digest in a sentence."""
    whose = f" of {digest.team.name}" if digest.team else ""
    if digest.quiet:
        return f"{digest.title}{whose}: {_QUIET}"
    count = len(digest.figures.incidents)
    return f"{digest.title}{whose}: {count} incident{'' if count == 1 else 's'}."


_QUIET = "a quiet week, and nothing is open or due."


def _drawn(section: Section) -> Card:
    rows = [kit.block(kit.plain(line), spacing="Small") for line in section.lines]
    title = kit.block(section.title, weight="Bolder", style="heading")
    return kit.container([title, *rows], separator=True, spacing="Medium")
