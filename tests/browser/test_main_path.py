"""People and the bot in real Chromium: the path every newcomer walks."""

import asyncio
import re

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Opener
from tests.local_teams.harness import Stand


async def post(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Start a post")
    await box.fill(text)
    await box.press("Enter")


async def test_declare_acknowledge_and_everybody_sees_it(open_page: Opener):
    ada, grace = await open_page("ada"), await open_page("grace")
    await post(ada, "@Incident declare Checkout is down")
    await expect(grace.get_by_text("Checkout is down").last).to_be_visible()
    await grace.get_by_role("button", name="Acknowledge").click()
    for page in (ada, grace):
        await expect(page.get_by_text("Acknowledged by Grace Hopper")).to_be_visible()
        await expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(page.locator(".message.from-bot")).to_have_count(1)


async def test_the_person_is_chosen_from_the_switcher_and_kept_in_the_address(open_page: Opener):
    page = await open_page("ada")
    await page.get_by_role("button", name="You are: Ada Lovelace").click()
    await page.get_by_role("searchbox", name="Find a person").fill("alan")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="You are: Alan Turing")).to_be_visible()
    await expect(page.locator("#list")).not_to_contain_text("Payments")
    assert "as=alan" in page.url


async def test_the_mention_menu_completes_the_bot_and_its_commands(open_page: Opener, page_with_bot: Stand):
    page = await open_page("ada")
    await page.get_by_role("textbox", name="Start a post").click()
    await page.keyboard.type("@inc")
    await expect(page.get_by_role("option")).to_contain_text(["Incident"])
    await page.keyboard.press("Enter")
    await page.keyboard.type("dec")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Search is slow")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("since noon")
    await page.keyboard.press("Enter")
    heard = await page_with_bot.bot.hear_until(lambda all_: any(a["type"] == "message" for a in all_))
    texts = [a["text"] for a in heard if a["type"] == "message"]
    assert texts == ["<at>Incident</at> declare Search is slow\nsince noon"]


async def test_talk_without_the_bots_name_stays_among_people(open_page: Opener, page_with_bot: Stand):
    ada, grace = await open_page("ada"), await open_page("grace")
    await expect(ada.get_by_text("Mention @Incident or type / to talk to the bot.")).to_be_visible()
    await post(ada, "Good morning")
    await expect(grace.get_by_text("Good morning")).to_be_visible()
    assert [a for a in page_with_bot.bot.heard if a["type"] == "message"] == []


async def test_a_slash_command_is_seen_by_its_author_only(open_page: Opener):
    ada, grace = await open_page("ada"), await open_page("grace")
    await ada.get_by_role("textbox", name="Start a post").click()
    await ada.keyboard.type("/")
    await ada.keyboard.press("Enter")
    await expect(ada.get_by_text("Only you and Incident will see this.")).to_be_visible()
    await ada.keyboard.type("list mine")
    await ada.keyboard.press("Enter")
    await expect(ada.get_by_text("Only for you: list mine")).to_be_visible()
    await expect(ada.get_by_text("Only you can see this")).to_have_count(2)
    await post(ada, "Now for all")
    await expect(grace.get_by_text("Now for all")).to_be_visible()
    await expect(grace.get_by_text("list mine")).to_have_count(0)


async def test_a_slash_command_may_be_typed_or_pasted_to_the_end(open_page: Opener, page_with_bot: Stand):
    page = await open_page("ada")
    box = page.get_by_role("textbox", name="Start a post")
    await box.press_sequentially("/incident declare Typed")
    await box.press("Enter")
    await box.fill("/Incident list all")
    await box.press("Enter")
    await expect(page.get_by_text("Only for you: list all")).to_be_visible()
    await box.fill("/List mine")
    await box.press("Enter")
    await expect(page.get_by_text("Only for you: List mine")).to_be_visible()
    said = [a for a in page_with_bot.bot.heard if a["type"] == "message"]
    assert [(a["text"], a["recipient"].get("isTargeted")) for a in said] == [
        ("declare Typed", True),
        ("list all", True),
        ("List mine", True),
    ]


async def test_who_writes_before_the_messages_have_come_writes_to_the_open_conversation(
    open_page: Opener, page_with_bot: Stand
):
    page = await open_page("ada")
    await page.get_by_role("textbox", name="Start a post").fill("For General, later")
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/api/messages*", late)
    await page.locator("#list").get_by_role("button", name="Incidents").click()
    await post(page, "Said before anything was shown")
    await page.get_by_role("textbox", name="Start a post").fill("Only begun")
    come.set()
    await expect(page.locator(".message", has_text="Said before anything was shown")).to_have_count(1)
    await expect(page.get_by_role("textbox", name="Start a post")).to_have_value("Only begun")
    channel = await page_with_bot.teams.channel("ada", "Incidents")
    said = [message.text for message in await page_with_bot.teams.messages("ada", channel)]
    assert said == ["Said before anything was shown"]
    await page.locator("#list").get_by_role("button", name="General").first.click()
    await expect(page.get_by_role("textbox", name="Start a post")).to_have_value("For General, later")


async def test_a_reply_goes_into_its_thread(open_page: Opener, page_with_bot: Stand):
    page = await open_page("ada")
    await post(page, "@Incident declare One")
    await page.get_by_role("button", name="Reply").click()
    await page.keyboard.type("@Incident hello")
    await page.keyboard.press("Enter")
    await expect(page.locator(".post .replies").get_by_text("You said: hello")).to_be_visible()
    await expect(page.locator(".post")).to_have_count(1)


async def test_a_group_chat_is_opened_with_its_people(open_page: Opener):
    ada, lin = await open_page("ada"), await open_page("lin")
    await ada.get_by_role("button", name=re.compile("^Chat")).click()
    await ada.get_by_role("button", name="New group chat").click()
    await ada.get_by_label("Name").fill("War room")
    await ada.get_by_role("checkbox", name="Lin Wei").check()
    await ada.get_by_role("button", name="Create").click()
    await ada.get_by_role("textbox", name="Type a message").fill("@Incident hello")
    await ada.keyboard.press("Enter")
    await expect(ada.get_by_text("You said: hello")).to_be_visible()
    await lin.get_by_role("button", name=re.compile("^Chat")).click()
    await lin.get_by_role("button", name="War room").click()
    await expect(lin.get_by_text("You said: hello")).to_be_visible()


async def test_own_messages_are_edited_and_deleted(open_page: Opener, page_with_bot: Stand):
    ada, grace = await open_page("ada"), await open_page("grace")
    await post(ada, "@Incident note one")
    mine = ada.locator(".message.own")
    await mine.hover()
    await mine.get_by_role("button", name="More options").click()
    await ada.get_by_role("menuitem", name="Edit").click()
    await ada.get_by_role("textbox", name="Edit message").fill("@Incident note two")
    await ada.keyboard.press("Enter")
    await expect(grace.get_by_text("Edited")).to_be_visible()
    await expect(grace.get_by_text("Incident note two")).to_be_visible()
    await mine.hover()
    await mine.get_by_role("button", name="More options").click()
    await ada.get_by_role("menuitem", name="Delete").click()
    await expect(grace.get_by_text("This message has been deleted.")).to_be_visible()
    await ada.get_by_role("button", name="Undo").click()
    await expect(grace.get_by_text("Incident note two")).to_be_visible()
    heard = await page_with_bot.bot.hear_until(lambda all_: sum(a["type"].startswith("message") for a in all_) == 4)
    kinds = [a["channelData"].get("eventType") for a in heard if a["type"].startswith("message")]
    assert kinds == [None, "editMessage", "softDeleteMessage", "undeleteMessage"]
