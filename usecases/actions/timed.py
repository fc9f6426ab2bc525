"""What happens around action items by itself: reminders for the owner, and a word to the lead."""

from datetime import datetime

from domain.action import LEAD_HEARS_FROM
from usecases import letters, targets
from usecases.actions import people, telling
from usecases.actions.doing import plan
from usecases.ports import Store
from usecases.work import DueWork


def run_remind(store: Store, due: DueWork, now: datetime) -> None:
    """Remind whoever has it, and plan the next reminder; after an outage one reminder stands for all that were missed."""
    action = store.actions.lock(int(due.payload["action"]))
    if action is None or not action.is_open or action.plan != int(due.payload["plan"]):
        return
    index, reader = int(due.payload["index"]), people.reminded(store, action)
    if reader is not None:
        telling.show(store, action, reader, why=f"plan{action.plan}:{index}")
    owner = people.owner_of(store, action)
    lead = targets.lead_of(store, owner)
    if index >= LEAD_HEARS_FROM and lead is not None and (reader is None or lead.id != reader.id):
        text = f"“{action.title}” ({action.name.lower()} of {owner.name}) was due on {action.due_on} and is not done."
        key = f"action:{action.id}:{action.plan}:{index}:lead"
        letters.say_to_person(store, lead, text, key=key, incident_id=action.incident)
    plan(store, action, now)
