"""`review` through the whole bot on a real store: opened, written by several people, sent, signed off, closed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.organisation import OrganisationSettings
from domain.review import SECTION_LIMIT, Review, ReviewState
from domain.review_template import ReviewTemplate, SectionKind
from domain.timeline import EntryKind
from tests.support.care_desk import CareDesk
from tests.support.rota import buttons, card_of, everything, said, shown, texts, utc
from tests.usecases.changer import tell

DAY = timedelta(days=1)


async def opened(url: str, severity: int = 1, **more: Any) -> CareDesk:
    """Resolve an incident on which Ada (Payments) and Lin (Operations) worked; Ada commands it."""
    desk = await CareDesk.opened(url, **more)
    await tell(desk.rota, f"declare Checkout is down sev{severity} service:checkout")
    for who, text in (
        ("ada", "assign INC-1 commander @ada"),
        ("ada", "ack INC-1"),
        ("lin", "note INC-1 the queue is full"),
        ("ada", "status INC-1 identified"),
    ):
        desk.rota.later(minutes=6)
        await tell(desk.rota, text, who)
    desk.rota.later(minutes=36)
    await tell(desk.rota, "resolve INC-1 Rolled back 4.12", "ada")
    await desk.runs()
    return desk


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[CareDesk]:
    made = await opened(sqlite_url)
    yield made
    await made.db.close()


@pytest.fixture
async def anywhere(database_url: str) -> AsyncIterator[CareDesk]:
    made = await opened(database_url)
    yield made
    await made.db.close()


async def review(desk: CareDesk, number: int = 1) -> Review:
    found = await desk.rota.see(lambda store: store.reviews.get(number))
    assert found is not None
    return found


async def press(desk: CareDesk, button: str, who: str = "ada", within: Any = None, **typed: Any) -> dict[str, Any]:
    """Press a button of a card, else of the newest review card of Ada."""
    action = buttons(within or desk.card("ada", letter="review"))[button]
    if action["type"] == "Action.Execute":
        return await desk.rota.press(action["verb"], {**action["data"], **typed}, who)
    name = "task/fetch" if "msteams" in action["data"] else "task/submit"
    task = await desk.rota.dialog(name, {**action["data"], **typed}, who)
    if task is None:  # the dialog closes, and the card behind it is brought up to date
        return await desk.rota.press("review.view", {"review": 1}, who)
    return {"value": task["value"]["card"]["content"] if task["type"] == "continue" else task["value"]}


async def section(desk: CareDesk, name: str, who: str = "ada") -> dict[str, Any]:
    """Open the form of a section."""
    form = (await press(desk, "Open review", who))["value"]
    first = field(form, "go")
    assert first
    answer = await press(
        desk, "Save" if "Save" in buttons(form) else "Go on", who, form, text=field(form, "text"), go=name
    )
    return answer["value"]


def field(form: dict[str, Any], name: str) -> str:
    return next((str(one.get("value", "")) for one in everything(form) if one.get("id") == name), "")


async def writes(desk: CareDesk, name: str, text: str, who: str = "ada") -> dict[str, Any]:
    form = await section(desk, name, who)
    return await press(desk, "Save and close", who, form, text=text)


async def whole(desk: CareDesk) -> None:
    """Write what is needed."""
    await writes(desk, "factors", "- A deploy on Friday")


# -- opened ------------------------------------------------------------------------------------------------------------


async def test_a_resolved_major_incident_has_a_drafted_review_with_an_owner_and_a_day(anywhere: CareDesk) -> None:
    desk = anywhere
    made = await review(desk)
    assert (made.state, made.incidents, made.severity) == (ReviewState.DRAFT, (1,), 1)
    assert made.due_at == desk.rota.now + 3 * DAY
    texts_of = {one.id: one.text for one in made.sections}
    assert "INC-1, severity 1 (Critical) on Checkout: Checkout is down." in texts_of["summary"]
    assert "Rolled back 4.12" in texts_of["summary"]
    assert texts_of["impact"] == "Affected: Checkout. It lasted 1 h at severity 1 (Critical)."
    assert "Somebody had it after 12 min" in texts_of["detection"]
    card = desk.card("ada", letter="review")
    assert [*buttons(card)] == ["Open review", "Send for review", "Add factor", "Read", "Hand over"]
    assert "still needed: Contributing factors" in texts(card)
    assert (
        "Where the time went: acknowledge 12 min (20 %), assemble 6 min (10 %), diagnose 6 min (10 %), fix 36 min (60 %)"
        in (texts(card))
    )
    assert len(desk.got("ada", letter="review")) == 1
    status = (await desk.rota.press("incident.view", {"incident": 1}, "ada"))["value"]
    assert "Open review" in buttons(status)
    assert "draft, Ada Lovelace, due" in texts(status)


async def test_a_minor_one_begins_when_somebody_wants_it_and_may_be_skipped(sqlite_url: str) -> None:
    desk = await opened(sqlite_url, severity=3)
    offer = card_of(await desk.rota.say("review INC-1", "lin"))
    assert "has no review" in texts(offer)
    begun = await press(desk, "Begin review", "lin", offer)
    assert (await review(desk)).owner == desk.rota.people["ada"].id, "the commander has it"
    assert "Skip" in buttons(begun["value"])
    assert "belongs to Ada Lovelace" in said(await desk.rota.say("review skip INC-1 a drill", "zoe"))
    await desk.rota.say("review skip INC-1", "ada")
    skipped = card_of(await desk.rota.say("review skip INC-1 a drill", "ada"))
    assert "Review: skipped" in texts(skipped)
    assert (await review(desk)).skipped == "a drill"
    await desk.db.close()


async def test_a_major_one_is_never_skipped_and_an_open_one_has_none(desk: CareDesk) -> None:
    assert "always reviewed" in said(await desk.rota.say("review skip INC-1 no time", "ada"))
    await tell(desk.rota, "declare Search is slow sev1")
    assert "INC-2 is still open" in said(await desk.rota.say("review INC-2", "ada"))
    assert "There is no INC-9" in said(await desk.rota.say("review INC-9", "ada"))
    assert "After `review` I know" in said(await desk.rota.say("review frob INC-1", "ada"))


# -- written -----------------------------------------------------------------------------------------------------------


async def test_its_sections_are_filled_step_by_step_and_each_step_is_saved(desk: CareDesk) -> None:
    form = (await press(desk, "Open review"))["value"]
    assert "Contributing factors" in texts(form), "it begins with what is still needed"
    form = (await press(desk, "Save", "ada", form, text="- A deploy on Friday", go="went_well"))["value"]
    assert "“Contributing factors” is saved." in texts(form)
    assert "What went well" in texts(form)
    form = (await press(desk, "Save", "lin", form, text="Rolling back took a minute", go="timeline"))["value"]
    assert "Lin Wei 林薇 noted: the queue is full" in texts(form)
    assert "This is written by itself" in texts(form)
    overview = (await press(desk, "Go on", "lin", form, go="overview"))["value"]
    assert "Written" in texts(overview)
    made = await review(desk)
    assert made.section("went_well").by == desk.rota.people["lin"].id
    again = (await press(desk, "Open review"))["value"]
    assert field(again, "text") == "", "the next one that is empty"


async def test_two_people_who_edit_one_section_lose_nothing(anywhere: CareDesk) -> None:
    desk = anywhere
    base = "One\nTwo\nThree"
    await writes(desk, "went_well", base)
    mine, theirs = await section(desk, "went_well", "ada"), await section(desk, "went_well", "lin")
    await press(desk, "Save and close", "lin", theirs, text="Zero\nOne\nTwo\nThree")
    clash = (await press(desk, "Save", "ada", mine, text="One\nTwo\nThree\nFour"))["value"]
    assert "Lin Wei 林薇 has changed this section meanwhile" in texts(clash)
    assert field(clash, "text") == "Zero\nOne\nTwo\nThree\nFour"
    assert "What you wrote" in texts(clash)
    assert (await review(desk)).section("went_well").text == "Zero\nOne\nTwo\nThree", "nothing is saved yet"
    # The phone loses its signal here: what was typed waits in the section.
    later = await section(desk, "went_well", "ada")
    assert field(later, "text") == "One\nTwo\nThree\nFour"
    assert "it is not saved yet" in texts(later)
    await press(desk, "Save", "ada", clash, text=field(clash, "text"))
    saved = (await review(desk)).section("went_well")
    assert saved.text == "Zero\nOne\nTwo\nThree\nFour"
    assert field(await section(desk, "went_well", "ada"), "text") == saved.text, "no draft is left"
    earlier = await desk.rota.see(lambda store: store.reviews.earlier(1, "went_well"))
    assert [one.text for one in earlier] == ["", base, "Zero\nOne\nTwo\nThree"]


async def test_a_form_that_is_sent_twice_saves_once(desk: CareDesk) -> None:
    form = await section(desk, "went_well")
    await press(desk, "Save and close", "ada", form, text="Rolling back")
    before = await review(desk)
    await press(desk, "Save and close", "ada", form, text="Rolling back")
    assert await review(desk) == before


async def test_what_is_too_long_or_too_late_comes_back_and_is_kept(desk: CareDesk) -> None:
    form = await section(desk, "went_well")
    long = "x" * (SECTION_LIMIT + 1)
    answer = (await press(desk, "Save", "ada", form, text=long))["value"]
    assert f"{SECTION_LIMIT + 1} characters" in texts(answer)
    await whole(desk)
    await press(desk, "Send for review")
    await desk.runs()
    for who in ("lin", "grace"):
        await press(desk, "Sign off", who, desk.card("lin", letter="review"))
    late = (await press(desk, "Save and close", "ada", form, text="Too late"))["value"]
    assert "is reviewed: press “Back to draft”" in texts(late)
    draft = await desk.rota.see(lambda store: store.reviews.draft(1, "went_well", desk.rota.people["ada"].id))
    assert draft.text == "Too late"


async def test_wording_that_blames_gets_a_question_that_only_its_writer_sees(desk: CareDesk) -> None:
    form = await section(desk, "was_hard")
    after = (await press(desk, "Save", "ada", form, text="Lin should have seen it", go="mitigators"))["value"]
    assert "A thought on “should have”: What did it look like at that moment?" in texts(after)
    assert "What did it look like" in texts(await section(desk, "was_hard", "ada"))
    assert "What did it look like" not in texts(await section(desk, "was_hard", "lin"))


async def test_a_factor_and_its_action_item_are_added_in_one_form_once(desk: CareDesk) -> None:
    form = (await press(desk, "Add factor"))["value"]
    typed = {
        "factor": "No alert on  the\nqueue",
        "title": "Alert on it",
        "kind": "detect",
        "person": "",
        "due": "2026-12-04",
    }
    again = await press(desk, "Add", "ada", form, **typed)
    assert "Choose a person" in shown(again), "an action item has one owner"
    assert (await review(desk)).section("factors").text == "", "nothing of it was written"
    typed["person"] = "grace"
    done = (await press(desk, "Add", "ada", form, **typed))["value"]
    assert "1 written down" in texts(done)
    await press(desk, "Add", "ada", form, **typed)
    assert (await review(desk)).section("factors").text == "- No alert on the queue"
    action = await desk.rota.see(lambda store: store.actions.get(1))
    assert (action.incident, action.factor.split(), action.title) == (
        1,
        ["No", "alert", "on", "the", "queue"],
        "Alert on it",
    )
    assert "Action 1 (detect): Alert on it, Grace Hopper, due 2026-12-04, open" in texts(await section(desk, "actions"))
    alone = (await press(desk, "Add factor", "lin"))["value"]
    await press(desk, "Add", "lin", alone, factor="A deploy on Friday", title="")
    assert (await review(desk)).section("factors").text == "- No alert on the queue\n- A deploy on Friday"


# -- sent and signed off -------------------------------------------------------------------------------------------------


async def test_both_sides_sign_it_off_by_card_and_it_is_closed(anywhere: CareDesk) -> None:
    desk = anywhere
    early = await press(desk, "Send for review")
    assert "write something in “Contributing factors”" in shown(early)
    await whole(desk)
    sent = await press(desk, "Send for review")
    assert "Waits for" in shown(sent)
    await desk.runs()
    assert [*buttons(desk.card("lin", letter="review"))] == ["Sign off", "Open review", "Read", "Back to draft"]
    assert desk.got("grace", letter="review"), "Ada leads Payments and wrote it: somebody else of Payments is asked"
    own = await press(desk, "Sign off", "ada", desk.card("lin", letter="review"))
    assert "You have written it" in shown(own)
    stranger = await press(desk, "Sign off", "zoe", desk.card("lin", letter="review"))
    assert "you are in no team on that side" in shown(stranger)
    first = await press(desk, "Sign off", "lin", desk.card("lin", letter="review"))
    assert "Lin Wei 林薇 (Operations)" in shown(first)
    version = (await review(desk)).version
    twice = await press(desk, "Sign off", "lin", desk.card("lin", letter="review"))
    assert "You signed it off" in shown(twice)
    assert (await review(desk)).version == version
    await press(desk, "Sign off", "grace", desk.card("grace", letter="review"))
    assert (await review(desk)).state is ReviewState.REVIEWED
    await desk.runs()
    assert "Review: reviewed" in texts(desk.got("a:lin", letter="review", again=True)[-1].card)
    closed = await press(desk, "Close review", "ada", desk.got("a:ada", letter="review", again=True)[-1].card)
    assert "Review: closed" in shown(closed)
    entries = await desk.rota.see(lambda store: store.timeline.page(1, limit=100))
    told = [entry.text for entry in entries if entry.kind is EntryKind.REVIEW]
    assert told == [
        "Ada Lovelace sent the review; it waits for Engineering and Operations to sign off.",
        "Lin Wei 林薇 signed off the review for Operations.",
        "Grace Hopper signed off the review for Engineering.",
        "Ada Lovelace closed the review.",
    ]


async def test_a_text_that_changes_takes_sign_offs_back_and_a_reader_may_send_it_back(desk: CareDesk) -> None:
    await whole(desk)
    await press(desk, "Send for review")
    await desk.runs()
    await press(desk, "Sign off", "lin", desk.card("lin", letter="review"))
    await writes(desk, "went_well", "Rolling back")
    assert (await review(desk)).sign_offs == ()
    form = (await press(desk, "Back to draft", "lin", desk.card("lin", letter="review")))["value"]
    assert "Say what is missing" in shown(await press(desk, "Back to draft", "lin", form, reason=" "))
    back = await press(desk, "Back to draft", "lin", form, reason="The queue is not in it")
    assert "The queue is not in it" in shown(back)
    await desk.runs()
    assert "The queue is not in it" in texts(desk.card("ada", letter="review"))
    assert (await review(desk)).state is ReviewState.DRAFT


async def test_nobody_signs_what_has_changed_since_the_card_was_drawn(desk: CareDesk) -> None:
    await whole(desk)
    await press(desk, "Send for review")
    await desk.runs()
    card = desk.card("lin", letter="review")
    await writes(desk, "went_well", "Rolling back")
    answer = await press(desk, "Sign off", "lin", card)
    assert "A text has changed since this card was drawn" in shown(answer)
    assert (await review(desk)).sign_offs == ()
    await press(desk, "Sign off", "lin", answer["value"])
    assert len((await review(desk)).sign_offs) == 1


async def test_without_a_side_the_owners_lead_is_asked(sqlite_url: str) -> None:
    desk = await CareDesk.opened(sqlite_url)
    await tell(desk.rota, "declare The build hangs sev2 service:platform", "zoe")
    await tell(desk.rota, "resolve INC-1 Restarted", "zoe")
    await desk.runs()
    assert await desk.rota.see(lambda store: store.reviews.get(1).sides) == ()
    await desk.rota.say("review owner INC-1 @grace", "zoe")  # whose lead is Ada
    form = (await desk.rota.press("review.open", {"review": 1}, "grace"))["value"]
    await press(desk, "Save and close", "grace", form, text="- A full disk")
    await desk.rota.say("review send INC-1", "grace")
    await desk.runs()
    assert "Sign off" in buttons(desk.card("ada", letter="review"))
    await press(desk, "Sign off", "ada", desk.card("ada", letter="review"))
    assert (await review(desk)).state is ReviewState.REVIEWED
    await desk.db.close()


async def test_a_minor_one_that_comes_back_worse_may_not_be_skipped_any_more(sqlite_url: str) -> None:
    desk = await opened(sqlite_url, severity=3)
    await tell(desk.rota, "reopen INC-1 it is back")
    await desk.rota.press("review.begin", {"incident": 1}, "ada")
    await tell(desk.rota, "resolve INC-1 again")
    await desk.rota.press("review.begin", {"incident": 1}, "ada")
    await tell(desk.rota, "reopen INC-1 and worse")
    await tell(desk.rota, "severity INC-1 1")
    await tell(desk.rota, "resolve INC-1 for good")
    assert (await review(desk)).severity == 1
    assert "always reviewed" in said(await desk.rota.say("review skip INC-1 no time", "ada"))
    await desk.db.close()


async def test_another_owner_hears_of_it(desk: CareDesk) -> None:
    refused = said(await desk.rota.say("review owner INC-1 @grace", "zoe"))
    assert "belongs to Ada Lovelace" in refused
    await desk.rota.say("review owner INC-1 @grace", "ada")
    await desk.runs()
    assert "Grace Hopper" in texts(desk.card("grace", letter="review"))


# -- time --------------------------------------------------------------------------------------------------------------


async def test_the_owner_is_reminded_at_nine_and_the_lead_once_it_is_overdue(sqlite_url: str) -> None:
    desk = await opened(sqlite_url)
    await desk.rota.say("review owner INC-1 @grace", "ada")  # Grace in New York, whose lead is Ada
    await desk.runs()
    desk.sent.clear()
    await desk.to(utc(2027, 1, 30, 0))
    at = [(one.at.strftime("%m-%d %H:%M")) for one in desk.got("grace", letter="review")]
    assert at == ["11-25 14:00", "11-26 14:00", "11-27 14:00", "11-29 14:00", "12-03 14:00", "12-10 14:00"]
    told = desk.got("ada", "is not finished")
    assert [one.at.strftime("%m-%d") for one in told] == ["11-27", "11-29", "12-03", "12-10"]
    await desk.db.close()


async def test_a_reopened_incident_takes_its_review_back_and_gets_a_new_day(desk: CareDesk) -> None:
    await whole(desk)
    await writes(desk, "went_well", "Rolling back")
    await press(desk, "Send for review")
    await tell(desk.rota, "reopen INC-1 It is back", "lin")
    await desk.runs()
    made = await review(desk)
    assert (made.state, made.reason) == (ReviewState.DRAFT, "INC-1 was reopened by Lin Wei 林薇.")
    assert "INC-1 is open again" in texts(desk.got("ada", letter="review")[-1].card)
    before = desk.rota.now
    await desk.to(before + 30 * DAY)
    assert [one for one in desk.got("ada", letter="review") if one.at > before] == [], "nobody is reminded meanwhile"
    await tell(desk.rota, "resolve INC-1 Fixed for good", "lin")
    again = await review(desk)
    assert again.due_at == desk.rota.now + 3 * DAY
    assert "Fixed for good" in again.section("summary").text, "what nobody has written in is drafted anew"
    assert again.section("went_well").text == "Rolling back"
    assert [made.id for made in await desk.rota.see(lambda store: [store.reviews.get(2)]) if made] == []


# -- several -----------------------------------------------------------------------------------------------------------


async def test_several_incidents_are_looked_at_in_one_review(anywhere: CareDesk) -> None:
    desk = anywhere
    for title in ("Search is slow", "Mail is late"):
        await tell(desk.rota, f"declare {title} sev2")
    await tell(desk.rota, "resolve INC-2", "ada")
    await desk.runs()
    assert "INC-3 is still open" in said(await desk.rota.say("review group INC-1 INC-3", "ada"))
    grouped = card_of(await desk.rota.say("review group INC-1, INC-2", "ada"))
    assert "INC-1 Checkout is down and 1 more" in texts(grouped)
    made = await review(desk)
    assert made.incidents == (1, 2)
    assert "INC-2, severity 2 (Major): Search is slow." in made.section("summary").text
    assert await desk.rota.see(lambda store: (store.reviews.get(2), store.reviews.of_incident(2))) == (None, 1)
    await desk.runs()
    assert "put together with another one" in str(desk.sent[-3:] and [one.activity for one in desk.sent])
    shown_by_the_other = card_of(await desk.rota.say("review INC-2", "ada"))
    assert "INC-1 and INC-2" in texts(shown_by_the_other)


async def test_a_review_that_people_have_written_in_does_not_give_way(desk: CareDesk) -> None:
    await tell(desk.rota, "declare Search is slow sev2")
    await tell(desk.rota, "resolve INC-2", "ada")
    await whole(desk)
    answer = said(await desk.rota.say("review group INC-2 INC-1", "ada"))
    assert "`review group INC-1` and the other incidents keeps it" in answer


# -- templates, reading and lists ----------------------------------------------------------------------------------------


async def test_the_organisation_may_have_sections_of_its_own(sqlite_url: str) -> None:
    own = ReviewTemplate(
        id="shop",
        title="Shop review",
        sections=(
            SectionKind(id="baskets", title="Lost baskets", required=True),
            SectionKind(id="rest", title="The rest"),
        ),
    )
    settings = OrganisationSettings(review_template="shop", review_templates=(own,))
    desk = await opened(sqlite_url, settings=settings)
    made = await review(desk)
    assert [one.id for one in made.sections] == ["baskets", "rest"]
    assert "Add factor" not in buttons(desk.card("ada", letter="review"))
    await desk.imports(settings=OrganisationSettings())  # a deploy: the review keeps what it began with
    await writes(desk, "baskets", "About 40")
    assert (await review(desk)).section("baskets").text == "About 40"
    await desk.db.close()


async def test_it_is_read_in_pages_that_a_phone_can_take(desk: CareDesk) -> None:
    for name in ("went_well", "was_hard", "was_lucky", "mitigators"):
        await writes(desk, name, "\n".join(f"{name} line {n} " + "ä" * 40 for n in range(40)))
    page = (await press(desk, "Read"))["value"]
    seen = texts(page)
    while "Next page" in buttons(page):
        page = (await press(desk, "Next page", "ada", page))["value"]
        seen += texts(page)
    for name in ("went_well", "was_hard", "was_lucky", "mitigators"):
        assert all(f"line {n} " in seen for n in range(40)), name


async def test_lists_show_what_is_due_first(desk: CareDesk) -> None:
    await tell(desk.rota, "declare Search is slow sev2")
    await tell(desk.rota, "resolve INC-2", "lin")
    rows = texts(card_of(await desk.rota.say("review list", "ada")))
    assert rows.index("Checkout is down") < rows.index("Search is slow")
    mine = texts(card_of(await desk.rota.say("review list mine", "lin")))
    assert "Search is slow" in mine
    assert "Checkout" not in mine
    assert "There is none" in texts(card_of(await desk.rota.say("review list overdue", "ada")))
    desk.sleeps(desk.rota.now + 4 * DAY)
    assert "Overdue" in texts(card_of(await desk.rota.say("review list overdue", "ada")))


async def test_forged_buttons_are_answered_with_a_sentence(desk: CareDesk) -> None:
    before = await review(desk)
    for verb in ("review.view", "review.save", "review.send", "review.sign", "review.factor.submit"):
        for data in ({}, {"review": 99}, {"review": True}, {"review": "1"}, {"review": 1, "section": "?"}):
            answer = shown(await desk.rota.press(verb, data, "ada")).lower()
            assert "review" in answer or "say in a few words" in answer, (verb, data)
    assert await review(desk) == before
