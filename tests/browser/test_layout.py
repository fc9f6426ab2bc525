"""Dark mode, phone width, keyboard and the clock."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.conftest import Opener, with_clock
from tests.local_teams.harness import listen, standing

BACKGROUND = "getComputedStyle(document.getElementById('list')).backgroundColor"


async def test_dark_mode_follows_the_system_and_can_be_switched(open_page: Opener):
    page = await open_page("ada", color_scheme="dark")
    dark = await page.evaluate(BACKGROUND)
    await page.get_by_role("button", name="Light theme").click()
    light = await page.evaluate(BACKGROUND)
    assert dark != light
    await page.reload()
    await page.locator("body.ready").wait_for()
    assert await page.evaluate(BACKGROUND) == light


async def test_a_card_is_drawn_again_for_the_other_theme(open_page: Opener):
    page = await open_page("ada")
    box = page.get_by_role("textbox", name="Start a post")
    await box.fill("@Incident declare X")
    await box.press("Enter")
    style = "getComputedStyle(document.querySelector('.ac-adaptiveCard')).backgroundColor"
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
    assert await page.evaluate(style) == "rgb(255, 255, 255)"
    await page.get_by_role("button", name="Dark theme").click()
    assert await page.evaluate(style) == "rgb(43, 43, 43)"


async def test_on_a_phone_list_and_conversation_are_two_screens(open_page: Opener):
    page = await open_page("ada", viewport={"width": 390, "height": 780}, has_touch=True)
    entries, box = page.locator("#list"), page.get_by_role("textbox", name="Start a post")
    await expect(entries).to_be_visible()
    await expect(box).to_be_hidden()
    await page.get_by_role("button", name="General").first.tap()
    await expect(entries).to_be_hidden()
    await box.fill("@Incident declare A title that is long enough to need several lines on a small phone")
    await box.press("Enter")
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert await page.evaluate(wide) is False
    await page.get_by_role("button", name="Back to the list").tap()
    await expect(entries).to_be_visible()
    await expect(box).to_be_hidden()


async def test_the_whole_path_with_the_keyboard_alone(open_page: Opener):
    page = await open_page("grace")

    async def tab_to(name: str) -> None:
        for _ in range(60):
            await page.keyboard.press("Tab")
            label = await page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"
            )
            if label.startswith(name):
                return
        raise AssertionError(f"Tab does not reach {name!r}")

    await tab_to("Skip to the conversation")
    await page.keyboard.press("Enter")
    await tab_to("Start a post")
    await page.keyboard.type("@Incident declare Typed only")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Drawn for Grace Hopper")).to_be_visible()
    await page.keyboard.press("Shift+Tab")
    await page.locator("#list button").first.focus()
    await tab_to("More options")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    await tab_to("Acknowledge")
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Acknowledged by Grace Hopper")).to_be_visible()


async def test_roles_and_names_for_assistive_technology(open_page: Opener):
    page = await open_page("ada")
    await expect(page.get_by_role("log", name="Messages in General")).to_be_visible()
    await expect(page.get_by_role("navigation", name="Areas")).to_be_visible()
    unnamed = await page.evaluate(
        "[...document.querySelectorAll('button, input, textarea')].filter((e) =>"
        " !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"
    )
    assert unnamed == 0


async def test_without_a_development_clock_there_is_no_control(open_page: Opener):
    page = await open_page("ada")
    await expect(page.locator("#clock")).to_be_hidden()


async def test_the_clock_is_shown_and_moved(browser):
    async with with_clock() as (stand, clock):
        page = await browser.new_page()
        await page.goto(f"{stand.address}/?as=ada")
        await page.get_by_role("button", name="The bot's clock").click()
        await page.get_by_role("button", name="+15 min").click()
        await expect(page.get_by_text("The bot's clock shows")).to_contain_text("09:15 UTC")
        await page.get_by_label("New time, UTC").fill("2026-11-30T08:00")
        await page.get_by_role("button", name="Set", exact=True).click()
        await expect(page.locator(".toast")).to_have_count(2)
        assert clock.asked == [{"advance": "PT15M"}, {"set": "2026-11-30T08:00:00Z"}]
        await page.close()


async def test_after_a_restart_the_page_comes_back_by_itself(browser: Browser, tmp_path: Path):
    sock, port = listen()
    page = await browser.new_page()
    async with standing(store_path=tmp_path / "teams.sqlite", sock=sock) as stand:
        await page.goto(f"{stand.address}/?as=ada")
        box = page.get_by_role("textbox", name="Start a post")
        await box.fill("@Incident declare Before the restart")
        await box.press("Enter")
        await expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
        await box.fill("A post that was only begun")
        await page.get_by_role("button", name="Reply").click()
        await page.get_by_role("textbox", name="Reply").fill("A reply that was only begun")
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    async with standing(store_path=tmp_path / "teams.sqlite", sock=listen(port)[0]) as stand:
        await expect(page.get_by_text("The connection is lost.")).to_have_count(0)
        await expect(box).to_have_value("A post that was only begun")
        await expect(page.get_by_role("textbox", name="Reply")).to_have_value("A reply that was only begun")
        await page.get_by_role("button", name="Acknowledge").click()
        await expect(page.get_by_text("Acknowledged by Ada Lovelace")).to_be_visible()
    await page.close()


async def test_a_long_conversation_shows_its_newest_messages_and_then_more(browser: Browser):
    async with standing(send_windows=()) as stand:
        channel = await stand.teams.channel("ada", "General", "Payments")
        first = await stand.teams.say("ada", channel, "The first post")
        for number in range(400):
            await stand.bot.post(channel, {"type": "message", "text": f"number {number} end"})
        await stand.bot.post(f"{channel};messageid={first.id}", {"type": "message", "text": "a late reply"})
        page = await browser.new_page()
        await page.goto(f"{stand.address}/?as=ada&c={channel}")
        await expect(page.get_by_text("number 399 end")).to_be_visible()
        await expect(page.locator(".post", has_text="The first post")).to_contain_text("a late reply")
        await expect(page.get_by_text("number 10 end")).to_have_count(0)
        await page.get_by_role("button", name="Show earlier messages").click()
        await expect(page.get_by_text("number 10 end")).to_be_attached()
        await expect(page.get_by_role("button", name="Show earlier messages")).to_have_count(0)
        await page.close()
