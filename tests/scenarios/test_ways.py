"""How a page reaches somebody: Teams, mail where Teams refuses or nobody reacts, and what happens when nothing works."""

from datetime import timedelta
from email.message import EmailMessage

from tests.scenarios.cast import Cast, step
from tests.scenarios.world import World, eventually, moment
from tests.support.mail_server import MailBox

TWO = (step("person:ada", "PT5M"), step("person:grace", "PT10M"))
NOT_INSTALLED = {"error": {"code": "BotNotInConversationRoster", "message": "The bot is not part of the roster."}}


def mails_to(post: MailBox, address: str) -> list[EmailMessage]:
    return [mail for mail in post.mails if address in str(mail["To"])]


async def mail_to(post: MailBox, address: str) -> EmailMessage:
    async def arrived() -> bool:
        return bool(mails_to(post, address))

    await eventually(arrived, wanted=True)
    return mails_to(post, address)[-1]


async def test_somebody_who_never_installed_the_bot_is_written_to_by_mail_at_once(
    anywhere: World, post: MailBox
) -> None:
    play = await anywhere.scene(Cast(people="ada grace", steps=TWO, emails="ada"))
    await anywhere.teams.install(play.id("ada"), await play.chat("ada"), installed=False)
    ref = await play.declare("Cards fail")
    mail = await mail_to(post, f"{play.id('ada')}@example.org")
    assert ref in str(mail["Subject"])
    assert "Cards fail" in str(mail["Subject"])
    assert "Checkout" in str(mail.get_body(("plain",)))
    await anywhere.advance("PT5M")
    await play.paged(ref, "ada step 1 +0:00 failed", "ada step 1 by email +0:00 sent", "grace step 2 +5:00 sent")
    assert "could not be paged in Teams" in (await play.story(ref, "page_failed"))[0]
    assert "A mail is sent instead." in (await play.story(ref, "page_failed"))[0]
    await play.told(play.room, ref, "1 message could not be delivered", "the bot is not a member of that conversation")


async def test_without_an_address_the_next_step_is_paged_at_once(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    await world.teams.install(play.id("ada"), await play.chat("ada"), installed=False)
    ref = await play.declare()
    await play.page("grace", ref)
    await play.paged(ref, "ada step 1 +0:00 failed", "grace step 2 +0:00 sent")
    await world.advance("PT9M")
    assert await play.story(ref, "unanswered") == []


async def test_where_nobody_of_a_step_can_be_reached_the_chain_still_ends_and_says_so(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO, repeat=1, away="ada grace"))
    ref = await play.declare()
    await world.advance("PT20M")
    await play.told(play.room, f"{ref}: Nobody has acknowledged after all rounds")
    lines = await play.delivered(ref)
    assert lines[:2] == ["ada step 1 +0:00 failed", "grace step 2 +0:00 failed"]
    assert all("failed" in line for line in lines)
    assert "there is no Teams account" in (await play.story(ref, "page_failed"))[0]


async def test_nobody_reacts_in_teams_so_a_mail_follows_before_the_next_step(world: World, post: MailBox) -> None:
    steps = (step("person:ada", "PT2M"), step("person:grace", "PT20M"))
    play = await world.scene(Cast(people="ada grace", steps=steps, emails="ada grace"))
    ref = await play.declare()
    await world.advance("PT4M")
    await play.paged(
        ref,
        "ada step 1 +0:00 sent",
        "ada step 1 by email +1:10 sent",  # 60 % of two minutes
        "grace step 2 +2:00 sent",
    )
    await world.advance("PT2M")
    assert "grace step 2 by email +5:00 sent" in await play.delivered(ref), "three minutes at most"
    assert len(mails_to(post, f"{play.id('ada')}@example.org")) == 1


async def test_whoever_answers_in_time_gets_no_mail(world: World, post: MailBox) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO, emails="ada grace"))
    ref = await play.declare()
    await world.advance("PT2M")
    await world.teams.press(play.id("ada"), await play.page("ada", ref), "Acknowledge")
    await world.advance("PT1H")
    await play.paged(ref, "ada step 1 +0:00 sent, answered")
    assert mails_to(post, f"{play.id('ada')}@example.org") == []


async def test_a_mail_server_that_refuses_the_address_lets_the_next_step_come_at_once(
    world: World, post: MailBox
) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO, emails="ada"))
    await world.teams.install(play.id("ada"), await play.chat("ada"), installed=False)
    post.answers = {f"{play.id('ada')}@example.org": "550 nobody of that name here"}
    ref = await play.declare()
    await play.page("grace", ref)
    await play.paged(ref, "ada step 1 +0:00 failed", "ada step 1 by email +0:00 failed", "grace step 2 +0:00 sent")
    assert len(await play.story(ref, "page_failed")) == 2


async def test_teams_asks_to_slow_down_and_the_page_comes_when_it_may(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    chat = await play.chat("ada")
    fault = {"method": "POST", "conversation": chat, "status": 429, "retry_after": 1}
    await world.teams.plan_faults(fault)
    ref = await play.declare()
    await play.page("ada", ref)
    await play.paged(ref, "ada step 1 +0:00 sent")
    posts = await posts_to(world, chat)
    assert [call["status"] for call in posts] == [429, 201]
    assert posts[1]["at"] - posts[0]["at"] >= 0.95


async def test_teams_is_down_for_ten_minutes_and_everything_arrives_once_it_is_back(world: World) -> None:
    play = await world.scene(Cast(people="ada grace lin", steps=(*TWO, step("person:lin", "PT1H"))))
    ada, grace = {"conversation": await play.chat("ada")}, {"conversation": await play.chat("grace")}
    many = {"path": "/v3/conversations", "count": 100_000}
    await world.teams.plan_faults(
        {**many, **ada, "status": 502}, {**many, **grace, "drop": True}, {**many, "status": 503}
    )
    ref = await play.declare()
    try:
        await world.advance("PT10M")
        assert [line.replace("unknown", "pending") for line in await play.ledger(ref)] == [
            "ada step 1 +0:00 pending",
            "grace step 2 +5:00 pending",
        ]
        assert await play.heard("ada") == await play.heard("grace") == []
    finally:
        await world.teams._send("DELETE", "_faults")
    await play.page("ada", ref)
    await play.page("grace", ref)
    await world.advance("PT5M")
    await play.page("lin", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent", "lin step 3 +15:00 sent")
    for who in ("ada", "grace", "lin"):
        assert len(await play.heard(who, ref)) == 1
    sent = moment((await world.api(f"/incidents/{ref}/pages"))["items"][0]["sent_at"])
    assert sent - play.declared[ref] >= timedelta(minutes=10), "it tells when it really left"


async def test_acknowledged_while_teams_is_down_nobody_is_paged_later(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    chat = await play.chat("ada")
    await world.teams.plan_faults({"method": "POST", "conversation": chat, "status": 502, "count": 100_000})
    ref = await play.declare()
    await eventually(lambda: tried(world, chat), wanted=True)
    await play.ask("rita", f"ack {ref}", "acknowledged")
    await world.teams._send("DELETE", "_faults")
    await world.advance("PT1H")
    await play.paged(ref, "ada step 1 +0:00 not_needed")
    assert await play.heard("ada", "you are paged") == []


async def test_a_person_who_blocks_the_bot_is_said_on_the_card_and_in_the_ledger(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    blocked = {"error": {"code": "ConversationBlockedByUser", "message": "Blocked."}}
    fault = {"method": "POST", "conversation": await play.chat("ada"), "status": 403, "body": blocked}
    await world.teams.plan_faults(fault)
    ref = await play.declare()
    await play.page("grace", ref)
    await play.told(play.room, ref, f"{play.name('ada')} could not be paged", "the person has blocked the bot (403)")
    page = (await world.api(f"/incidents/{ref}/pages"))["items"][0]
    assert (page["result"], page["detail"]) == ("failed", "the person has blocked the bot (403)")


async def posts_to(world: World, chat: str) -> list[dict]:
    calls = (await world.teams.traffic())["calls"]
    return [call for call in calls if call["method"] == "POST" and chat in call["path"]]


async def tried(world: World, chat: str) -> bool:
    return bool(await posts_to(world, chat))
