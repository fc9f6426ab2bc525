"""What happens around reviews by itself: reminders for whoever has them, and a word to the lead."""

from datetime import datetime

from domain.review import LEAD_HEARS_FROM, ReviewState
from usecases import letters, targets
from usecases.ports import Store
from usecases.reviews import people, telling
from usecases.reviews.opening import plan
from usecases.wording import listed
from usecases.work import DueWork


def run_remind(store: Store, due: DueWork, now: datetime) -> None:
    """Remind the owner and those whose sign-off is missing; after an outage one reminder stands for all missed ones."""
    review = store.reviews.lock(int(due.payload["review"]))
    if review is None or not review.is_live or review.plan != int(due.payload["plan"]):
        return
    index, reader, owner = int(due.payload["index"]), people.reminded(store, review), people.owner_of(store, review)
    why = f"plan{review.plan}:{index}"
    readers = [reader] if reader is not None else []
    if review.state is ReviewState.IN_REVIEW:
        found = store.incidents.many(review.incidents)
        incidents = [found[number] for number in review.incidents]
        asked = people.asked(store, review, incidents)
        readers += [person for person in asked if reader is None or person.id != reader.id]
    for person in readers:
        telling.show(store, review, person, why=why)
    lead = targets.lead_of(store, owner)
    if index >= LEAD_HEARS_FROM and lead is not None and all(lead.id != person.id for person in readers):
        waits = listed([side.capitalize() for side in review.waits_for()])
        missing = f"waits for {waits} to sign off" if waits else "is not finished"
        text = f"{review.at_first} ({owner.name}) was due on {review.due_at:%Y-%m-%d} and {missing}."
        letters.say_to_person(store, lead, text, key=f"review:{review.id}:{why}:lead", incident_id=review.incidents[0])
    plan(store, review, now)
