"""The cards of the fake bot."""

from typing import Any

HOSTILE = '<img src=x onerror="window.hacked=1"> <script>window.hacked=2</script> [click](javascript:window.hacked=3) **bold**'


def message(card: dict[str, Any]) -> dict[str, Any]:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment], "summary": "A card"}


def _card(body: list[Any], actions: list[Any], **more: Any) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": actions, **more}


def status(title: str, *, mri: str, by: str = "", note: str = "") -> dict[str, Any]:
    facts = [
        {"title": "Status", "value": "🔍 Investigating" if by else "🔔 Declared"},
        {"title": "Services", "value": "Checkout (tier 1)"},
        {"title": "Commander", "value": by or "nobody yet"},
        {"title": "Open for", "value": "4 min · since 2026-11-23 09:31 UTC"},
    ]
    body: list[dict[str, Any]] = [
        {
            "type": "Container",
            "style": "attention",
            "bleed": True,
            "items": [
                {"type": "TextBlock", "text": "🔴 SEV1 Critical · INC-12", "weight": "bolder", "wrap": True},
                {
                    "type": "TextBlock",
                    "text": title,
                    "size": "large",
                    "weight": "bolder",
                    "wrap": True,
                    "spacing": "none",
                },
            ],
        },
        {"type": "FactSet", "facts": facts},
        {
            "type": "TextBlock",
            "text": f"Acknowledged by **{by}**" if by else "Nobody has _acknowledged_ yet.",
            "wrap": True,
        },
    ]
    if note:
        body.append({"type": "TextBlock", "text": note, "wrap": True, "isSubtle": True})
    execute = {"type": "Action.Execute", "data": {"title": title}}
    acknowledge = {**execute, "title": "Acknowledge", "verb": "ack", "style": "positive"}
    actions = [] if by else [acknowledge]
    note_card = _card(
        [
            {
                "type": "Input.Text",
                "id": "note",
                "label": "Note",
                "isMultiline": True,
                "isRequired": True,
                "errorMessage": "Write a note",
            }
        ],
        [{**execute, "title": "Save note", "verb": "ack"}],
    )
    actions += [
        {**execute, "title": "Take command", "verb": "sentence"},
        {"type": "Action.ShowCard", "title": "Add note", "card": note_card},
        {**execute, "title": "Break", "verb": "broken", "style": "destructive"},
        {"type": "Action.OpenUrl", "title": "Runbook", "url": "https://wiki.example.org/checkout"},
    ]
    refresh = {"action": {**execute, "verb": "refresh", "title": "Refresh"}, "userIds": [mri]}
    return _card(body, actions, refresh=refresh)


def form_opener() -> dict[str, Any]:
    fetch = {"msteams": {"type": "task/fetch"}, "kind": "note"}
    people = {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}
    services = {"type": "Data.Query", "dataset": "services"}
    body = [
        {"type": "TextBlock", "text": "Choose", "id": "title"},
        {"type": "Input.ChoiceSet", "id": "who", "label": "Who", "choices": [], "choices.data": people},
        {"type": "Input.ChoiceSet", "id": "service", "label": "Service", "choices": [], "choices.data": services},
        {"type": "TextBlock", "text": "More to read", "id": "more", "isVisible": False},
    ]
    return _card(
        body,
        [
            {"type": "Action.Submit", "title": "Open form", "data": fetch},
            {"type": "Action.Submit", "title": "Send word", "data": {"word": "hello"}},
            {"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]},
        ],
    )


def dialog() -> dict[str, Any]:
    body = [
        {"type": "TextBlock", "text": "What happened?", "wrap": True},
        {
            "type": "Input.Text",
            "id": "note",
            "label": "Note",
            "isMultiline": True,
            "isRequired": True,
            "errorMessage": "Write a note",
        },
        {
            "type": "Input.ChoiceSet",
            "id": "severity",
            "label": "Severity",
            "value": "2",
            "choices": [{"title": "🔴 Critical", "value": "1"}, {"title": "🟠 Major", "value": "2"}],
        },
    ]
    card = _card(body, [{"type": "Action.Submit", "title": "Save", "data": {"form": "note"}}])
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"title": "Add a note", "width": "medium", "height": "medium", "card": attachment}


def hostile() -> dict[str, Any]:
    bad = {
        "type": "Action.OpenUrl",
        "title": '<b onmouseover="window.hacked=4">x</b>',
        "url": "javascript:window.hacked=5",
    }
    texts = [HOSTILE, "\\*not bold\\* and \\[not a link\\](https://example.org)", "<at>Ada Lovelace</at> <b>x</b>"]
    return _card([{"type": "TextBlock", "text": text, "wrap": True} for text in texts], [bad])
