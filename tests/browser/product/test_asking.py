"""Looking things up, forms, and the sentences for what cannot be done."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.product.conftest import Stand
from tests.browser.product.seats import (
    card_with,
    cards,
    composer,
    field,
    open_personal_chat,
    press,
    write,
)

HOSTILE = "Disk <at>Ada</at> **full** [x](https://example.org) <img src=x onerror=alert(1)> مرحبا 🔥"


async def test_the_slash_menu_opens_a_form_for_the_asker_and_a_card_for_all(open_page: Opener):
    zoe, maya = await open_page("zoe"), await open_page("maya")
    await composer(zoe).click()
    await zoe.keyboard.type("/dec")
    await expect(zoe.get_by_role("option")).to_contain_text(["Incident declare"])
    await zoe.keyboard.press("Enter")
    await zoe.keyboard.press("Enter")
    _, form = await card_with(zoe, "Declare an incident")
    await expect(form).to_contain_text("Only you can see this")
    await press(form, "Declare incident").click()
    await expect(form.get_by_text("Say in a few words what is broken.")).to_be_visible()
    await field(form, "What is broken?").fill("Web shop shows no prices")
    await field(form, "Severity").select_option("▲ SEV2 Major")
    await form.get_by_role("checkbox", name="Web shop").check()
    await field(form, "Details").fill("Since the release of 09:30")
    await press(form, "Declare incident").click()
    for page in (zoe, maya):
        _, card = await card_with(page, "Web shop shows no prices")
        await expect(card).to_contain_text("SEV2 Major")
        await expect(card).to_contain_text("Since the release of 09:30")
    await expect(form.get_by_role("textbox")).to_have_count(0)
    await expect(cards(maya, "Declare an incident")).to_have_count(0)


async def test_in_the_personal_chat_the_form_becomes_the_card(open_page: Opener):
    page = await open_page("rahul")
    await open_personal_chat(page)
    await write(page, "declare")
    form_id, form = await card_with(page, "Declare an incident")
    await field(form, "What is broken?").fill("Search finds nothing")
    await press(form, "Declare incident").click()
    card_id, card = await card_with(page, "Search finds nothing")
    assert card_id == form_id
    await press(card, "Acknowledge").click()
    await expect(press(card, "Acknowledge")).to_have_count(0)
    await write(page, "declare")
    _, other = await card_with(page, "Declare an incident")
    await press(other, "Cancel").click()
    await expect(cards(page, "Declare an incident")).to_have_count(0)
    await write(page, "list mine")
    _, mine = await card_with(page, "My open incidents")
    await expect(mine).to_contain_text("Search finds nothing")


async def test_titles_are_shown_as_they_were_typed(open_page: Opener):
    page = await open_page("maya")
    await write(page, f"@Incident declare {HOSTILE}")
    _, card = await card_with(page, HOSTILE)
    await write(page, "/incident list")
    _, found = await card_with(page, "Open incidents")
    await expect(found.get_by_text(HOSTILE, exact=True)).to_be_visible()
    await write(page, "/incident resolve")
    _, asked = await card_with(page, "Which incident do you mean with “resolve”?")
    await expect(field(asked, "Incident")).to_contain_text("Disk <at>Ada</at> **full**")
    await press(card, "Add note").click()
    await field(card, "What should stand").fill(f"- {HOSTILE}\n# second & <b>last</b>")
    await press(card, "Save note").click()
    await expect(card).to_contain_text(f"- {HOSTILE}")
    await expect(card).to_contain_text("# second & <b>last</b>")
    assert await page.locator("#conversation img, #conversation script, .card-frame b").count() == 0
    assert set(await card.locator("a").all_inner_texts()) == {"https://example.org"}
    assert await card.locator("li, .mention, em").count() == 0


async def test_an_incident_is_opened_from_a_list_and_an_old_button_is_answered(open_page: Opener, page_with_bot: Stand):
    priya = await open_page("priya")
    await write(priya, "@Incident declare Mail is late sev2")
    card_id, _ = await card_with(priya, "Mail is late")
    await write(priya, "/incident list")
    _, listed = await card_with(priya, "Open incidents")
    await listed.get_by_text("Mail is late").click()
    await expect(press(listed, "Acknowledge")).to_be_visible()
    teams = page_with_bot.teams
    channel = await teams.channel("jose", "General")
    posted = next(m for m in await teams.messages("jose", channel) if m.id == card_id)
    await teams.press("jose", posted, "Acknowledge")
    await press(listed, "Acknowledge").click()
    await expect(listed).to_contain_text("José Núñez acknowledged INC-")
    await expect(press(listed, "Acknowledge")).to_have_count(0)


async def test_help_an_unknown_word_and_an_unknown_incident(open_page: Opener):
    page = await open_page("lin")
    await open_personal_chat(page)
    await write(page, "help")
    await expect(cards(page, "What I can do").last).to_contain_text("declare [title]")
    await write(page, "decalre everything is down")
    await expect(page.get_by_text("I do not know “decalre”. Did you mean “declare”")).to_be_visible()
    await write(page, "show INC-4711")
    await expect(page.get_by_text("INC-4711").last).to_be_visible()
    await expect(last_words(page)).to_contain_text("There is no")


def last_words(page: Page):
    return page.locator(".message.from-bot").last
