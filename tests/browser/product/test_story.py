"""The user story: one incident from the first word to the reopening, three people, one card."""

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.browser.product.conftest import Stand
from tests.browser.product.seats import (
    card_with,
    cards,
    composer,
    field,
    message,
    open_channel,
    open_personal_chat,
    press,
    press_more,
    ref_of,
    write,
)

TITLE = "Checkout is down"


async def test_one_incident_from_declaring_to_reopening(open_page: Opener):
    ada, grace, juergen = [await open_page(who) for who in ("ada", "grace", "juergen")]
    await open_channel(ada, "General")
    await expect(ada.get_by_text("added me here")).to_be_in_viewport()
    await composer(ada).press_sequentially("/incident declare Checkout is down sev1 service:checkout")
    await composer(ada).press("Enter")
    card_id, card = await card_with(ada, TITLE)
    await expect(card).to_contain_text("SEV1 Critical")
    await expect(card).to_contain_text("Investigating")
    await expect(card.get_by_text("Checkout", exact=True)).to_be_visible()
    ref = await ref_of(card)
    acknowledged, led = message(grace, card_id), message(juergen, card_id)
    await press(acknowledged, "Acknowledge").click()
    await expect(press(acknowledged, "Acknowledge")).to_have_count(0)
    await press(led, "Take command").click()
    await expect(press(led, "Take command")).to_have_count(0)
    # A card of his own: what changes for everybody would close a form in the middle of the typing.
    await write(juergen, f"/incident show {ref}")
    await expect(cards(juergen, TITLE)).to_have_count(2)
    await work_on(cards(juergen, TITLE).last)
    for page in (ada, grace, juergen):
        for text in ("Grace Hopper", "Jürgen Großmann", "Identified", "SEV2 Major", "Rolling back", "Scribe"):
            await expect(message(page, card_id)).to_contain_text(text)
        await expect(press(message(page, card_id), "Acknowledge")).to_have_count(0)
    for page in (ada, grace):
        await expect(cards(page, TITLE)).to_have_count(1)
    await resolve_and_reopen(ada, grace, led, ref)


async def work_on(shown: Locator) -> None:
    """Note, status and severity, a role: each form stands in the card and gives way to the card again."""
    card = message(shown.page, await shown.get_attribute("data-message") or "")
    await press(card, "Add note").click()
    await press(card, "Save note").click()
    await expect(card.get_by_text("Write what should stand on the timeline.")).to_be_visible()
    await field(card, "What should stand").fill("Rolling back the release of 14:00")
    # Leaving the field takes its complaint away: the button moves up now, not under the press.
    await field(card, "What should stand").blur()
    await press(card, "Save note").click()
    await expect(card.get_by_text("Rolling back the release of 14:00")).to_be_visible()
    await press(card, "Change status").click()
    await field(card, "Status").select_option("Identified")
    await field(card, "Severity").select_option("▲ SEV2 Major")
    await press(card, "Save").click()
    await expect(card).to_contain_text("Identified")
    await press(card, "Change status").click()
    await press(card, "Save").click()
    await expect(card).to_contain_text("stands like that already")
    await press(card, "Bring in Operations").click()
    await expect(card.get_by_text(re.compile("^I paged "))).to_be_visible()
    await press_more(card, "Assign")
    await field(card, "Role").select_option("Scribe")
    await field(card, "Person").select_option("Ada Lovelace")
    await press(card, "Assign").click()
    await expect(card.get_by_text("Scribe")).to_be_visible()


async def resolve_and_reopen(ada: Page, grace: Page, led: Locator, ref: str) -> None:
    """The card follows in the personal chat of one person and in the channel of the others."""
    await open_personal_chat(grace)
    await write(grace, f"show {ref}")
    _, own = await card_with(grace, TITLE)
    await press(led, "Resolve").click()
    await field(led, "What fixed it?").fill("Rolled back to 1.44")
    await press(led, "Resolve").click()
    await expect(press(led, "Reopen")).to_be_visible()
    card = message(ada, await led.get_attribute("data-message") or "")
    for each in (card, own):
        await expect(each).to_contain_text("Resolved")
        await expect(each).to_contain_text("Rolled back to 1.44")
        await expect(press(each, "Resolve")).to_have_count(0)
    await press(own, "Reopen").click()
    await field(own, "Why is it open again?").fill("Errors again since 15:10")
    await press(own, "Reopen").click()
    for each in (own, led, card):
        await expect(each).to_contain_text("Errors again since 15:10")
        await expect(press(each, "Resolve")).to_be_visible()


async def test_a_long_timeline_is_read_page_by_page(open_page: Opener, page_with_bot: Stand):
    page = await open_page("noor")
    await write(page, "@Incident declare Builds wait for hours sev3")
    _, card = await card_with(page, "Builds wait for hours")
    ref = await ref_of(card)
    chat = await page_with_bot.teams.personal("soren")
    for number in range(1, 31):
        await page_with_bot.teams.say("soren", chat, f"note {ref} step {number} done")
    await write(page, f"/incident timeline {ref}")
    _, pages = await card_with(page, f"Timeline of {ref}: Builds wait for hours")
    await expect(pages.get_by_text("noted: step 30 done", exact=True)).to_be_visible()
    await expect(pages.get_by_text("noted: step 1 done", exact=True)).to_have_count(0)
    await press(pages, "Older").click()
    await expect(pages.get_by_text("noted: step 1 done", exact=True)).to_be_visible()
    await expect(pages).to_contain_text("Noor Haddad")
    await expect(pages).to_contain_text("declared it with severity 3: Builds wait for hours")
    await expect(press(pages, "Older")).to_have_count(0)
    await press(pages, "Newer").click()
    await expect(pages.get_by_text("noted: step 30 done", exact=True)).to_be_visible()
    await expect(press(pages, "Newer")).to_have_count(0)
    await press(pages, "Back to status").click()
    await expect(press(pages, "Escalate")).to_be_visible()
