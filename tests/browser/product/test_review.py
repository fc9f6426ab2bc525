"""A review in the page: opened by resolving, written in a dialog by two people, sent and signed off."""

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.browser.product.seats import card_with, open_channel, open_personal_chat, press, ref_of, write

TITLE = "Payments are late"


async def test_a_review_is_written_by_two_people_and_signed_off(open_page: Opener):
    ada, grace = [await open_page(who) for who in ("ada", "grace")]
    await open_channel(ada, "Incidents")
    await write(ada, f"/incident declare {TITLE} sev1")
    _, card = await card_with(ada, TITLE)
    ref = await ref_of(card)
    await press(card, "Acknowledge").click()
    await expect(press(card, "Acknowledge")).to_have_count(0)
    await write(ada, f"/incident resolve {ref} Rolled back 4.12")
    await expect(press(card, "Open review")).to_be_visible()
    await open_personal_chat(ada)
    mine = ada.locator(".message", has=ada.get_by_role("heading", name=f"{ref} {TITLE}")).last
    await expect(mine).to_contain_text("still needed: Contributing factors")

    await press(mine, "Open review").click()
    await expect(dialog(ada)).to_contain_text("What made it possible")
    # Somebody else writes in the same section while the dialog is open, and stays in it.
    await open_channel(grace, "Incidents")
    _, shared = await card_with(grace, TITLE)
    await press(shared, "Open review").click()
    await text_of(grace).fill("- A deploy on Friday")
    await button(grace, "Save").click()
    await expect(dialog(grace)).to_contain_text("“Contributing factors” is saved.")
    await grace.keyboard.press("Escape")
    await text_of(ada).fill("- No alert on <at>the</at> **queue**")
    await button(ada, "Save and close").click()
    await expect(dialog(ada)).to_contain_text("Grace Hopper has changed this section meanwhile")
    await expect(text_of(ada)).to_have_value("- A deploy on Friday\n- No alert on <at>the</at> **queue**")
    await button(ada, "Save and close").click()
    await expect(dialog(ada)).to_have_count(0)
    await expect(mine).not_to_contain_text("still needed")

    await press(mine, "Read").click()
    await expect(mine).to_contain_text("- No alert on <at>the</at> **queue**")
    await press(mine, "Back").click()
    await press(mine, "Send for review").click()
    await expect(mine).to_contain_text("Waits for")
    await open_personal_chat(grace)
    asked = grace.locator(".message", has=grace.get_by_role("heading", name=f"{ref} {TITLE}")).last
    await press(asked, "Sign off").click()
    await expect(mine).to_contain_text("Grace Hopper (Engineering)")
    await press(mine, "Close review").click()
    await expect(mine).to_contain_text("Review: closed")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def text_of(page: Page) -> Locator:
    return dialog(page).get_by_role("textbox")


def button(page: Page, title: str) -> Locator:
    return dialog(page).get_by_role("button", name=title, exact=True)
