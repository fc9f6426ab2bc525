"""Cards and dialogs in real Chromium."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Opener
from tests.local_teams import cards
from tests.local_teams.harness import ADA, Stand


async def declared(page: Page, title: str = "Checkout is down") -> None:
    box = page.get_by_role("textbox", name="Start a post")
    await box.fill(f"@Incident declare {title}")
    await box.press("Enter")
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()


async def formed(page: Page) -> None:
    box = page.get_by_role("textbox", name="Start a post")
    await box.fill("@Incident form")
    await box.press("Enter")
    await expect(page.get_by_role("button", name="Open form")).to_be_visible()


async def test_a_sentence_and_an_error_show_under_the_card(open_page: Opener):
    page = await open_page("ada")
    await declared(page)
    await page.get_by_role("button", name="Take command").click()
    await expect(page.get_by_text("You are already on it.")).to_be_visible()
    await page.get_by_role("button", name="Break").click()
    await expect(page.get_by_text("Unable to reach app. Please try again.")).to_be_visible()
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_enabled()


async def test_the_card_is_refreshed_for_those_who_look(open_page: Opener):
    ada, grace = await open_page("ada"), await open_page("grace")
    await declared(ada)
    await expect(ada.get_by_text("Drawn for Ada Lovelace")).to_be_visible()
    await expect(grace.get_by_text("Checkout is down").last).to_be_visible()
    await expect(grace.get_by_text("Drawn for")).to_have_count(0)


async def test_a_required_input_is_asked_for_and_what_is_typed_survives_an_update(
    open_page: Opener, page_with_bot: Stand
):
    page = await open_page("ada")
    await declared(page)
    await expect(page.get_by_text("Drawn for Ada Lovelace")).to_be_visible()
    await page.get_by_role("button", name="Add note").click()
    await page.get_by_role("button", name="Save note").click()
    await expect(page.get_by_text("Write a note")).to_be_visible()
    await page.get_by_role("textbox", name="Note").fill("Restarted the database")
    channel = await page_with_bot.teams.channel("ada", "General", "Payments")
    card = next(m for m in await page_with_bot.teams.messages("ada", channel) if m.card)
    fresh = cards.status("Checkout is down", mri="29:nobody", note="Changed meanwhile")
    await page_with_bot.bot.put(channel, card.id, cards.message(fresh))
    await expect(page.get_by_text("Changed meanwhile")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Note")).to_have_value("Restarted the database")
    await page.get_by_role("button", name="Save note").click()
    await expect(page.get_by_text("Acknowledged by Ada Lovelace")).to_be_visible()
    saved = next(a for a in page_with_bot.bot.heard if a.get("value", {}).get("action", {}).get("verb") == "ack")
    assert saved["value"]["action"]["data"] == {"title": "Checkout is down", "note": "Restarted the database"}


async def test_a_dialog_is_filled_in_and_answers_with_a_sentence(open_page: Opener):
    page = await open_page("ada")
    await formed(page)
    await page.get_by_role("button", name="Open form").click()
    dialog = page.get_by_role("dialog", name="Add a note")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Write a note")).to_be_visible()
    await dialog.get_by_role("textbox", name="Note").fill("All well")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Thank you.")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("Noted: All well")).to_be_visible()


async def test_escape_closes_a_dialog(open_page: Opener):
    page = await open_page("ada")
    await formed(page)
    await page.get_by_role("button", name="Open form").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_submit_toggle_people_and_typeahead(open_page: Opener, page_with_bot: Stand):
    page = await open_page("ada")
    await formed(page)
    await page.get_by_label("Who").select_option("Grace Hopper")
    await page.get_by_label("Service").select_option("Search API")
    await page.get_by_role("button", name="More", exact=True).click()
    await expect(page.get_by_text("More to read")).to_be_visible()
    await page.get_by_role("button", name="Send word").click()
    await expect(page.get_by_text("Got hello")).to_be_visible()
    await expect(page.get_by_text("Your response was sent to the app.")).to_be_visible()
    value = next(a["value"] for a in page_with_bot.bot.heard if a["type"] == "message" and "value" in a)
    assert value["service"] == "search"
    assert value["who"].endswith("0002")


async def test_hostile_texts_stay_texts(open_page: Opener):
    page = await open_page("ada")
    box = page.get_by_role("textbox", name="Start a post")
    await box.fill(f"@Incident {cards.HOSTILE}")
    await box.press("Enter")
    await expect(page.get_by_text("You said:")).to_be_visible()
    await box.fill("@Incident hostile")
    await box.press("Enter")
    await expect(page.locator(".card-frame")).to_be_visible()
    await expect(page.locator(".card-frame")).to_contain_text("*not bold* and [not a link](https://example.org)")
    await expect(page.locator(".card-frame .mention")).to_have_text("Ada Lovelace")
    assert await page.locator(".card-frame strong").all_text_contents() == ["bold"]
    assert await page.locator("#conversation img, #conversation script").count() == 0
    links = await page.locator("#conversation a").evaluate_all("all => all.map(a => a.href)")
    assert links == ["https://example.org/"]
    await page.locator(".card-frame button").click()
    await expect(page.get_by_text("This link is not a web address and was not opened.")).to_be_visible()
    assert await page.evaluate("window.hacked") is None


async def test_a_message_action_brings_its_dialog(open_page: Opener, page_with_bot: Stand):
    page = await open_page("ada")

    async def reply(_, activity):
        if activity.get("name") == "composeExtension/fetchTask":
            return json_answer({"task": {"type": "continue", "value": cards.dialog()}})
        if activity.get("name") == "composeExtension/submitAction":
            return json_answer({"composeExtension": {"type": "message", "text": "Added to the timeline."}})
        return None

    page_with_bot.bot.reply = reply
    box = page.get_by_role("textbox", name="Start a post")
    await box.fill("The disk is full")
    await box.press("Enter")
    await page.locator(".message.own").hover()
    await page.get_by_role("button", name="More options").click()
    await page.get_by_role("menuitem", name="Add to incident timeline").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Note").fill("disk")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Added to the timeline.")).to_be_visible()
    fetch = next(a for a in page_with_bot.bot.heard if a.get("name") == "composeExtension/fetchTask")
    assert fetch["value"]["messagePayload"]["body"]["content"] == "<p>The disk is full</p>"
    assert fetch["value"]["messagePayload"]["from"]["user"]["id"] == ADA.object_id


def json_answer(body):
    from aiohttp import web

    return web.json_response(body)
