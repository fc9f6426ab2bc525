"""Dark and light, a phone, no mouse, the moved clock, and a restart."""

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.browser.product.conftest import Stand
from tests.browser.product.seats import card_with, composer, field, press, press_more, tap_until_gone, write

# The lowest contrast of a text to what is painted behind it, by the formula of WCAG 2.
CONTRAST = """frame => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => rgb(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return "#fff";
  };
  const texts = [...frame.querySelectorAll("p, button")].filter((e) => e.textContent.trim());
  return Math.min(...texts.map((e) => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }));
}"""
FOCUSED = "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"


async def contrast(card: Locator) -> float:
    """Measure the weakest contrast; a card that is drawn anew in this moment gets two seconds of frames."""
    for _ in range(120):
        found = await card.locator(".card-frame").evaluate(CONTRAST)
        if found >= 4.5:
            break
        await card.page.evaluate("() => new Promise(requestAnimationFrame)")
    return found


async def test_every_word_of_the_card_is_readable_in_both_themes(open_page: Opener):
    page = await open_page("jose", color_scheme="dark")
    for severity in (1, 2, 3, 4):
        await write(page, f"@Incident declare Colour test {severity} sev{severity}")
        _, card = await card_with(page, f"Colour test {severity}")
        assert await contrast(card) >= 4.5
    await page.get_by_role("button", name="Light theme").click()
    for severity in (1, 2, 3, 4):
        _, card = await card_with(page, f"Colour test {severity}")
        assert await contrast(card) >= 4.5


async def test_on_a_phone_the_card_fits_and_is_worked_with_a_thumb(open_page: Opener, page_with_bot: Stand):
    teams, title = page_with_bot.teams, "The warehouse scanners of all sites lose their connection every few minutes"
    incidents = await teams.channel("tom", "Incidents")
    await teams.say("tom", incidents, f"@Incident declare {title} sev1 service:sign-on service:accounts")
    await teams.wait_for(lambda m: m.has(title) and m.card, person="tom", conversation=incidents)
    page = await open_page("tom", viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    await page.get_by_role("button", name="Incidents").tap()
    _, card = await card_with(page, title)
    await expect(press(card, "Acknowledge")).to_be_in_viewport()
    await expect(card.get_by_role("heading", name=title)).to_be_in_viewport(ratio=1)
    assert await sticking_out(page) == []
    await expect(card).to_contain_text("Paged:")  # drawn for the last time for a while: nothing takes a form away
    await press(card, "Add note").tap()
    await field(card, "What should stand").fill("Rebooting the access points of hall 3")
    assert await sticking_out(page) == []
    await press(card, "Save note").tap()
    await expect(card).to_contain_text("Rebooting the access points of hall 3")
    await tap_until_gone(card, "Acknowledge")
    await expect(press(card, "More options")).to_be_visible()


async def sticking_out(page: Page) -> list[str]:
    """Name what is wider than the screen."""
    return await page.evaluate(
        "[...document.querySelectorAll('#conversation *')].filter((e) => e.offsetParent &&"
        " e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.className + ': ' + e.textContent)"
    )


async def test_declare_and_acknowledge_without_a_mouse(open_page: Opener):
    page = await open_page("grace")

    async def go_to(key: str, wanted: str) -> None:
        for _ in range(80):
            await page.keyboard.press(key)
            if (await page.evaluate(FOCUSED)).lstrip("#").startswith(wanted):
                return
        raise AssertionError(f"{key} does not reach {wanted!r}")

    await go_to("Tab", "Skip to the conversation")
    await page.keyboard.press("Enter")
    await go_to("Shift+Tab", "Incidents")
    await page.keyboard.press("Enter")
    await expect(composer(page)).to_be_focused()
    await page.keyboard.type("/incident declare Typed without a mouse")
    await page.keyboard.press("Enter")
    _, card = await card_with(page, "Typed without a mouse")
    await expect(card).to_contain_text("New York")  # her own view has come: nothing takes an open menu away any more
    await go_to("Shift+Tab", "More options")  # of the message
    await go_to("Shift+Tab", "More options")  # of the card
    before = await page.locator("#conversation").bounding_box()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Resolve")).to_be_focused()
    assert await page.locator("#conversation").bounding_box() == before
    await page.keyboard.press("Escape")
    await go_to("Shift+Tab", "Acknowledge")
    await page.keyboard.press("Enter")
    await expect(press(card, "Acknowledge")).to_have_count(0)
    await expect(card).to_contain_text("Grace Hopper")


async def test_the_moved_clock_shows_on_cards(open_page: Opener):
    page = await open_page("soren")
    await write(page, "@Incident declare Certificates expire soon sev3")
    _, card = await card_with(page, "Certificates expire soon")
    await page.get_by_role("button", name="The bot's clock").click()
    await page.get_by_role("button", name="+1 h").click()
    await expect(page.get_by_text("The bot's clock shows")).to_be_visible()
    await press(card, "Acknowledge").click()
    await expect(press(card, "Acknowledge")).to_have_count(0)
    await expect(card.get_by_text(re.compile(r"^1 h\b"))).to_have_count(2)


async def test_after_a_restart_everything_is_there_and_works(open_page: Opener, page_with_bot: Stand):
    page = await open_page("juergen")
    await page.locator("#list").get_by_role("button", name="Incidents").click()
    await write(page, "@Incident declare Invoices are wrong sev2 service:invoicing")
    _, card = await card_with(page, "Invoices are wrong")
    await expect(card).to_contain_text("Paged:")  # drawn for the last time for a while: nothing takes a menu away
    await page_with_bot.stop()
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    await page_with_bot.start()
    await expect(page.get_by_text("The connection is lost.")).to_have_count(0)
    await expect(page.get_by_text("declare Invoices are wrong")).to_be_visible()
    told = "declared it with severity 2: Invoices are wrong"
    await press_more(card, "Timeline")
    try:
        await expect(card).to_contain_text(told, timeout=5_000)
    except AssertionError:  # the view that the page asks for once it is connected again came after the press
        await press_more(card, "Timeline")
        await expect(card).to_contain_text(told)
    await press(card, "Back to status").click()
    await press(card, "Acknowledge").click()
    await expect(press(card, "Acknowledge")).to_have_count(0)
