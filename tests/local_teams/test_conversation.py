"""The main path: somebody says something, a card appears, somebody presses, everybody sees it."""

from tests.local_teams.harness import ADA, GRACE, LIN, Stand


async def test_a_command_in_a_channel_brings_a_card_in_its_thread(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("ada", channel, "@Incident declare Checkout is down")
    card = await stand.teams.wait_for(lambda m: m.has("Checkout is down", "SEV1"), person="grace", conversation=channel)
    assert card.root == said.id
    assert card.from_bot
    assert "Acknowledge" in card.buttons()


async def test_a_press_changes_the_card_for_everybody(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    await stand.teams.say("ada", channel, "@Incident declare Checkout is down")
    card = await stand.teams.wait_for(lambda m: "Acknowledge" in m.buttons(), person="grace", conversation=channel)
    outcome = await stand.teams.press("grace", card, "Acknowledge")
    assert outcome.kind == "card"
    seen = await stand.teams.wait_for(lambda m: m.has("Grace Hopper"), person="lin", conversation=channel)
    assert seen.id == card.id
    assert "Acknowledge" not in seen.buttons()


async def test_the_press_reaches_the_bot_as_teams_sends_it(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("ada", channel, "@Incident declare X")
    card = await stand.teams.wait_for(lambda m: "Acknowledge" in m.buttons(), person="grace", conversation=channel)
    await stand.teams.press("grace", card, "Acknowledge")
    press = stand.bot.heard[-1]
    assert press["type"] == "invoke"
    assert press["name"] == "adaptiveCard/action"
    assert press["replyToId"] == card.id
    assert press["value"]["trigger"] == "manual"
    assert press["value"]["action"]["verb"] == "ack"
    assert press["conversation"]["id"] == f"{channel};messageid={said.id}"
    assert press["from"]["aadObjectId"] == GRACE.object_id


async def test_a_message_has_the_shape_of_teams(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    said = await stand.teams.say("ada", channel, "@Incident assign commander @Lin Wei <now> & here")
    (heard,) = stand.bot.heard
    assert heard["id"] == said.id
    assert said.id.isdigit()
    assert heard["text"] == "<at>Incident</at> assign commander <at>Lin Wei</at> &lt;now&gt; &amp; here"
    assert heard["channelId"] == "msteams"
    assert heard["conversation"] == {
        "id": f"{channel};messageid={said.id}",
        "conversationType": "channel",
        "tenantId": heard["channelData"]["tenant"]["id"],
        "isGroup": True,
    }
    assert heard["from"]["id"].startswith("29:1")
    assert heard["from"]["aadObjectId"] == ADA.object_id
    assert heard["recipient"] == {"id": "28:local-bot", "name": "Incident"}
    assert heard["channelData"]["channel"]["id"] == channel
    assert heard["channelData"]["team"]["name"] == "Payments"
    assert heard["localTimezone"] == "Europe/London"
    assert heard["timestamp"].endswith("Z")
    kinds = [entity["type"] for entity in heard["entities"]]
    assert kinds == ["clientInfo", "mention", "mention"]
    assert heard["entities"][1]["mentioned"]["id"] == heard["recipient"]["id"]
    assert heard["entities"][2]["mentioned"]["id"] == stand.emulator.directory.mri(LIN)
    assert heard["attachments"][0]["contentType"] == "text/html"


async def test_a_reply_stays_in_its_thread(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    post = await stand.teams.say("ada", channel, "Good morning")
    reply = await stand.teams.say("grace", channel, "@Incident hello", root=post.id)
    assert reply.root == post.id
    assert stand.bot.heard[-1]["conversation"]["id"] == f"{channel};messageid={post.id}"
    answer = await stand.teams.wait_for(lambda m: m.from_bot, person="ada", conversation=channel)
    assert answer.root == post.id


async def test_the_bot_does_not_hear_talk_without_its_name(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    await stand.teams.say("ada", channel, "Incidents happen, mail me at ada@Incidental.example")
    group = await stand.teams.group_chat("ada", "War room", ["grace"])
    await stand.teams.say("ada", group, "hello all")
    assert stand.bot.heard == []


async def test_a_personal_chat_needs_no_mention(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.teams.say("ada", chat, "help")
    (heard,) = stand.bot.heard
    assert heard["conversation"]["conversationType"] == "personal"
    assert heard["conversation"]["id"].startswith("a:1")
    assert "isGroup" not in heard["conversation"]
    assert heard["text"] == "help"


async def test_a_group_chat_knows_its_people_and_the_bot(stand: Stand):
    group = await stand.teams.group_chat("ada", "War room", ["grace", "lin"])
    assert group.endswith("@thread.v2")
    await stand.teams.say("lin", group, "@incident hello")
    assert stand.bot.heard[-1]["conversation"]["conversationType"] == "groupChat"
    assert group not in [each["id"] for each in await stand.teams.conversations("alan")]


async def test_messages_typed_in_quick_succession_have_rising_ids(stand: Stand):
    chat = await stand.teams.personal("ada")
    said = [await stand.teams.say("ada", chat, f"word {n}") for n in range(5)]
    ids = [int(message.id) for message in said]
    assert ids == sorted(set(ids))
