"""What people do in the page, in the words a person would use."""

import re

from playwright.async_api import Locator, Page, expect

COMPOSER = re.compile("^(Start a post|Type a message)$")


def composer(page: Page) -> Locator:
    """Find the box at the foot of the open conversation."""
    return page.get_by_role("textbox", name=COMPOSER)


async def write(page: Page, text: str) -> None:
    """Write a message and send it."""
    await composer(page).fill(text)
    await composer(page).press("Enter")


def cards(page: Page, heading: str) -> Locator:
    """Find the messages whose card has this heading: an incident's title, or what a form or list is called."""
    return page.locator(".message", has=page.get_by_role("heading", name=heading, exact=True))


async def card_with(page: Page, heading: str) -> tuple[str, Locator]:
    """Wait for the one card with this heading; returns its message's id and the message, whatever it shows later."""
    found = cards(page, heading)
    await expect(found).to_have_count(1)
    message_id = await found.get_attribute("data-message") or ""
    return message_id, message(page, message_id)


def message(page: Page, message_id: str) -> Locator:
    """Find a message by id: the same one for everybody."""
    return page.locator(f'[data-message="{message_id}"]')


def press(card: Locator, title: str) -> Locator:
    """Find a button of a card."""
    return card.locator(".card-frame").get_by_role("button", name=title, exact=True)


async def tap_until_gone(card: Locator, title: str) -> None:
    """Tap a button that its press takes away, as a person does: once more where the card changed under the thumb."""
    await press(card, title).tap()
    try:
        await expect(press(card, title)).to_have_count(0, timeout=5_000)
    except AssertionError:
        await press(card, title).tap()
        await expect(press(card, title)).to_have_count(0)


async def press_more(card: Locator, title: str) -> None:
    """Press a button behind the "…" of a card."""
    await press(card, "More options").click()
    await card.page.get_by_role("menuitem", name=title, exact=True).last.click()


def field(card: Locator, label: str) -> Locator:
    """Find an input by the first words of its label."""
    return card.get_by_label(re.compile(f"^{re.escape(label)}"))


async def ref_of(card: Locator) -> str:
    """Read which incident a status card is about."""
    return (await card.get_by_text(re.compile(r"^INC-\d+$")).inner_text()).strip()


async def open_personal_chat(page: Page) -> None:
    """Go to the person's own chat with the bot."""
    await page.get_by_role("navigation", name="Areas").get_by_role("button", name="Chat").click()
    await page.locator("#list").get_by_role("button", name=re.compile(r"^Incident\s*(unread)?$")).click()
    await expect(page.get_by_role("heading", name="Incident", exact=True)).to_be_visible()


async def open_channel(page: Page, name: str) -> None:
    """Go to a channel of the person's first team."""
    await page.get_by_role("navigation", name="Areas").get_by_role("button", name="Teams").click()
    await page.locator("#list").get_by_role("button", name=name).first.click()
    await expect(page.get_by_role("log", name=f"Messages in {name}")).to_be_visible()
