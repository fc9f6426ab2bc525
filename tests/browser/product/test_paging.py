"""Pages in people's chats, on a clock that is moved by hand: what a phone shows at three in the morning."""

import asyncio
import re

from playwright.async_api import Locator, Page, expect

from server.local_teams.client import Seen, TeamsClient
from tests.browser.conftest import Opener
from tests.browser.product.conftest import Stand
from tests.browser.product.seats import card_with, cards, composer, open_personal_chat, press, write

STOREFRONT = ("zoe", "maya", "rahul")
OPERATIONS = ("jose", "lin", "priya", "tom")


async def paged_of(teams: TeamsClient, people: tuple[str, ...], title: str) -> tuple[str, Seen]:
    """Wait for the one of these people who gets a page, and for the page: who is on call depends on the day."""

    async def waits(person: str) -> tuple[str, Seen]:
        chat = await teams.personal(person)
        return person, await teams.wait_for(lambda m: is_page(m, title), person=person, conversation=chat)

    waiting = [asyncio.ensure_future(waits(person)) for person in people]
    done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    return done.pop().result()


def is_page(message: Seen, title: str) -> bool:
    return message.from_bot and message.has(title) and "Acknowledge" in message.buttons()


async def page_in_chat(page: Page, title: str) -> Locator:
    await open_personal_chat(page)
    await expect(cards(page, title).last).to_be_visible()
    return cards(page, title).last


async def test_nobody_answers_the_next_ones_are_paged_and_one_press_ends_it(open_page: Opener, page_with_bot: Stand):
    teams, title = page_with_bot.teams, "The shelves are empty"
    channel = await teams.channel("zoe", "Incidents")
    await teams.say("zoe", channel, f"@Incident declare {title} sev1 service:web-shop")
    on_call, _ = await paged_of(teams, STOREFRONT, title)
    first = await open_page(on_call, viewport={"width": 390, "height": 780})
    paged = await page_in_chat(first, title)
    await expect(paged).to_contain_text("SEV1 Critical")
    await expect(paged).to_contain_text("Web shop")
    await expect(paged).to_contain_text("Without an answer")
    await expect(press(paged, "Acknowledge")).to_be_visible()
    await first.get_by_role("button", name="The bot's clock").click()
    await first.get_by_role("button", name="+5 min").click()
    on_call, _ = await paged_of(teams, OPERATIONS, title)
    operator = await open_page(on_call)
    second = await page_in_chat(operator, title)
    await expect(second).to_contain_text("tep 2 of 2")
    await press(second, "Acknowledge").click()
    for shown in (second, paged):
        await expect(press(shown, "Acknowledge")).to_have_count(0)
        await expect(shown).to_contain_text("acknowledged")
    label = re.search(r"INC-\d+", await paged.inner_text())
    assert label is not None
    await expect(first.get_by_text(f"acknowledged {label[0]}. You need not do anything.")).to_be_visible()


async def test_who_is_on_call_is_answered_in_the_chat_and_changed_from_there(open_page: Opener):
    page = await open_page("noor")
    await open_personal_chat(page)
    await write(page, "oncall checkout")
    _, found = await card_with(page, "On call for Checkout")
    await expect(found).to_contain_text("Engineering")
    await expect(found).to_contain_text("Operations")
    await press(found, "Override").click()
    await expect(found.get_by_label("Schedule")).to_be_visible()
    await expect(composer(page)).to_be_visible()


async def test_a_drill_tells_how_long_it_took(open_page: Opener, page_with_bot: Stand):
    teams = page_with_bot.teams
    page = await open_page("soren")
    await open_personal_chat(page)
    await write(page, "drill platform-primary")
    await expect(page.get_by_text("I paged").last).to_be_visible()
    on_call, paged = await paged_of(teams, ("noor", "soren"), "Drill")
    await teams.press(on_call, paged, "Acknowledge")
    await expect(page.get_by_text("acknowledged after").last).to_be_visible()
