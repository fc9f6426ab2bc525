"""What people may do with reviews. Each function is one intention inside the turn's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import review as steps
from domain.catalog import Side
from domain.errors import Refused, Unknown
from domain.incident import Incident
from domain.merging import merged
from domain.people import BOT_ID, Person
from domain.review import Review, ReviewState, Section
from domain.review_template import Fill
from domain.timeline import EntryKind, Source
from usecases import log
from usecases.access import incident_to_change, incident_to_see
from usecases.ports import Store
from usecases.review_ports import SectionDraft
from usecases.reviews import opening, people, telling
from usecases.wording import listed

_DRAFT_LIMIT = 2 * steps.SECTION_LIMIT
"""Characters that are kept of what could not be saved; ours: too long is one of the reasons why it could not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it stands after a press. `notice` is a sentence where nothing was changed, and says why."""

    review: Review
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody wrote in a section."""

    section: str
    text: str
    version: int
    """The section's, when they began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Somebody else has changed a section that was being written: nothing is lost, and both texts are shown."""

    section: Section
    """As it is now."""
    mine: str
    merged: str
    """Both texts put together, as a proposal."""


def review_to_see(store: Store, review_id: int) -> Review:
    """Load one to look at. Raise Unknown when there is none."""
    found = store.reviews.get(review_id)
    if found is None:
        raise Unknown("There is no such review. Write `review list` to see those there are.")
    return found


def review_of(store: Store, reader: Person, incident_id: int) -> Review | None:
    """Find the review that looks at an incident; None where there is none yet. Raise Unknown without that incident."""
    incident_to_see(store, reader, incident_id)
    number = store.reviews.of_incident(incident_id)
    return store.reviews.get(number) if number is not None else None


def begin(store: Store, actor: Person, incident_id: int, now: datetime) -> Review:
    """Open the review of a resolved incident by hand, whatever its severity. Again it gives the one there is."""
    incident = incident_to_change(store, actor, incident_id)
    number = store.reviews.of_incident(incident_id)
    if number is not None:
        return review_to_see(store, number)
    if incident.is_open:
        raise Refused(f"{incident.ref} is still open. Its review begins when it is resolved.")
    review = opening.open_review(store, incident, actor.id, now)
    _told(store, review, f"{actor.name} opened the review.", actor, now)
    return review


# -- writing -----------------------------------------------------------------------------------------------------------


def write(store: Store, actor: Person, review_id: int, typed: Typed, now: datetime) -> Review | Clash:
    """Save a section that was read with version `typed.version`. Any member may. Sent again it changes nothing.

    Where somebody else has changed it meanwhile what was typed is kept as the writer's draft, and both texts come back.
    """
    review, _ = _locked(store, actor, review_id)
    section, text = review.section(typed.section), steps.checked_section(typed.text)
    if section.version != typed.version and section.text != text:
        base = store.reviews.text_at(review.id, section.id, typed.version)
        keep(store, actor, review_id, Typed(section=section.id, text=text, version=section.version), now)
        return Clash(section=section, mine=text, merged=merged(base or "", section.text, text))
    changed = steps.write(review, section.id, text, by=actor.id, at=now)
    store.reviews.drop_draft(review.id, section.id, actor.id)
    return _saved(store, review, changed) if changed else review


def keep(store: Store, actor: Person, review_id: int, typed: Typed, now: datetime) -> None:
    """Keep what somebody wrote and did not save; the next time they open the section it is there."""
    review_to_see(store, review_id).section(typed.section)
    if actor.id != BOT_ID:
        draft = SectionDraft(text=typed.text[:_DRAFT_LIMIT], version=typed.version, at=now)
        store.reviews.keep_draft(review_id, typed.section, actor.id, draft)


def add_factor(store: Store, actor: Person, review_id: int, factor: str, now: datetime) -> Review:
    """Add a contributing factor to its list; two people who do so at once both find theirs there."""
    review, _ = _locked(store, actor, review_id)
    section = next((section for section in review.sections if section.kind.fill is Fill.FACTORS), None)
    if section is None:
        raise Refused("This review has no list of contributing factors. Write it into one of its sections.")
    if not factor.strip():
        raise Refused("Say in a few words what contributed.")
    changed = steps.write(review, section.id, steps.with_factor(section, factor), by=actor.id, at=now)
    return _saved(store, review, changed) if changed else review


# -- deciding ----------------------------------------------------------------------------------------------------------


def send(store: Store, actor: Person, review_id: int, now: datetime) -> Result:
    """Send it to those who sign off. Again it changes nothing."""
    review, incidents = _locked(store, actor, review_id)
    people.require_hand(store, review, incidents, actor)
    changed = steps.send(review, people.sides_wanted(store, incidents))
    if changed is None:
        return Result(review=review, notice="It is in review already.")
    saved = _saved(store, review, changed)
    opening.plan(store, saved, now)
    for person in people.asked(store, saved, incidents):
        telling.show(store, saved, person, why=f"sign{saved.plan}")
    waited = listed([side.capitalize() for side in saved.sides]) or "somebody else"
    return _after(store, saved, f"{actor.name} sent the review; it waits for {waited} to sign off.", actor, now)


def sign_off(store: Store, actor: Person, review_id: int, now: datetime, *, read: int | None = None) -> Result:
    """Stand by it for one's side; the last one makes it reviewed. Again it changes nothing.

    `read` names the texts that a card was drawn with (`Review.words`): nobody signs what they have not seen.
    """
    review, _ = _locked(store, actor, review_id)
    if read is not None and read != review.words and review.state is ReviewState.IN_REVIEW:
        return Result(review=review, notice="A text has changed since this card was drawn. Read it, and press again.")
    before = next((one for one in review.sign_offs if one.person == actor.id), None)
    sides: Sequence[Side] = () if before else people.signs_for(store, review, actor)
    changed = steps.sign_off(review, actor.id, sides, now)
    if changed is None:
        return Result(review=review, notice=f"You signed it off at {before.at:%H:%M} UTC." if before else "")
    saved, mine = _saved(store, review, changed), changed.sign_offs[-1]
    if saved.state is ReviewState.REVIEWED:
        opening.plan(store, saved, now)
    of = f" for {mine.side.capitalize()}" if mine.side else ""
    return _after(store, saved, f"{actor.name} signed off the review{of}.", actor, now)


def back_to_draft(store: Store, actor: Person, review_id: int, reason: str, now: datetime) -> Result:
    """Let it be written again, with a reason. Whoever may sign it off may, and who may send it. Again nothing changes."""
    review, incidents = _locked(store, actor, review_id)
    if not people.sides_of(store, actor):
        people.require_hand(store, review, incidents, actor)
    changed = steps.back_to_draft(review, reason)
    if changed is None:
        return Result(review=review, notice="It is a draft already.")
    saved = _saved(store, review, changed)
    opening.plan(store, saved, now)
    owner = people.reminded(store, saved)
    if owner is not None and owner.id != actor.id:
        telling.show(store, saved, owner, why=f"back{saved.plan}")
    return _after(store, saved, f"{actor.name} took the review back to its draft: {saved.reason}", actor, now)


def close(store: Store, actor: Person, review_id: int, now: datetime) -> Result:
    """Say that nothing more is to come. Again it changes nothing."""
    review, incidents = _locked(store, actor, review_id)
    people.require_hand(store, review, incidents, actor)
    changed = steps.close(review, by=actor.id, at=now)
    return _ended(store, actor, (review, changed), f"{actor.name} closed the review.", now)


def skip(store: Store, actor: Person, incident_id: int, reason: str, now: datetime) -> Result:
    """Close the review of a severity 3 or 4 unwritten, with a reason. Again it changes nothing."""
    review = begin(store, actor, incident_id, now)
    locked, incidents = _locked(store, actor, review.id)
    people.require_hand(store, locked, incidents, actor)
    changed = steps.skip(locked, reason, by=actor.id, at=now)
    said = f"{actor.name} skipped the review: {changed.skipped}" if changed else ""
    return _ended(store, actor, (locked, changed), said, now)


def hand_over(store: Store, actor: Person, review_id: int, owner: Person, now: datetime) -> Result:
    """Give it to somebody else, who hears of it; anybody may take one themselves. Again it changes nothing."""
    if not owner.active:
        raise Refused(f"{owner.name} is not in the organisation any more. Choose somebody else.")
    review, incidents = _locked(store, actor, review_id)
    if owner.id != actor.id:
        people.require_hand(store, review, incidents, actor)
    changed = steps.hand_over(review, owner.id)
    if changed is None:
        return Result(review=review, notice=f"{owner.name} has it already.")
    saved = _saved(store, review, changed)
    opening.plan(store, saved, now)
    if owner.id != actor.id:
        telling.show(store, saved, owner, why=f"owner{saved.plan}")
    whom = "took the review" if owner.id == actor.id else f"gave the review to {owner.name}"
    return _after(store, saved, f"{actor.name} {whom}.", actor, now)


def join(store: Store, actor: Person, review_id: int, incident_id: int, now: datetime) -> Result:
    """Look at one more resolved incident in a review; a draft of its own that nobody has written in gives way."""
    first = review_to_see(store, review_id)
    locked = {i: incident_to_change(store, actor, i) for i in sorted({*first.incidents, incident_id})}
    incident = locked[incident_id]
    if incident.is_open:
        raise Refused(f"{incident.ref} is still open. It can be reviewed once it is resolved.")
    review = _lock(store, review_id)
    own = store.reviews.of_incident(incident_id)
    changed = steps.join(review, incident_id, incident.severity)
    if changed is None:
        return Result(review=review, notice=f"{incident.ref} is in it already.")
    if own is not None:
        _give_way(store, own, incident)
    opened = opening.drafted_again(store, changed, now)
    saved = _saved(store, review, opened)
    return _after(store, saved, f"{actor.name} put {incident.ref} into the review of {review.ref}.", actor, now)


def _give_way(store: Store, review_id: int, incident: Incident) -> None:
    own = _lock(store, review_id)
    if len(own.incidents) > 1:
        raise Refused(f"{incident.ref} is in {own.name}. Look at them together there.")
    if own.state is not ReviewState.DRAFT or any(section.by is not None for section in own.sections):
        raise Refused(
            f"{incident.ref} has a review of its own that people have written in: "
            f"`review group {incident.ref}` and the other incidents keeps it."
        )
    for card in store.reviews.cards(own.id):
        telling.redraw_card(store, own, card, because=":gone")
    store.work.cancel(opening.subject_of(own))
    store.reviews.remove(own.id)


# -- shared ------------------------------------------------------------------------------------------------------------


def _locked(store: Store, actor: Person, review_id: int) -> tuple[Review, Sequence[Incident]]:
    """Lock the incidents first and then the review, in one order, so that two turns cannot deadlock."""
    ids = sorted(review_to_see(store, review_id).incidents)
    incidents = [incident_to_change(store, actor, number) for number in ids]
    return _lock(store, review_id), incidents


def _lock(store: Store, review_id: int) -> Review:
    review = store.reviews.lock(review_id)
    if review is None:
        raise Unknown("There is no such review any more. Write `review list` to see those there are.")
    return review


def _saved(store: Store, before: Review, after: Review) -> Review:
    store.reviews.save(after, seen=before.version)
    telling.redraw(store, after)
    return after


def _told(store: Store, review: Review, said: str, actor: Person, now: datetime) -> None:
    for number in sorted(review.incidents):
        incident = incident_to_change(store, actor, number)
        data = {"review": review.id, "state": str(review.state)}
        log.tell(store, incident, EntryKind.REVIEW, said, now, data=data, actor=actor.id, source=Source.BUTTON)


def _after(store: Store, review: Review, said: str, actor: Person, now: datetime) -> Result:
    _told(store, review, said, actor, now)
    return Result(review=review)


def _ended(store: Store, actor: Person, step: tuple[Review, Review | None], said: str, now: datetime) -> Result:
    before, changed = step
    if changed is None:
        return Result(review=before, notice="It is closed already.")
    saved = _saved(store, before, changed)
    opening.plan(store, saved, now)
    return _after(store, saved, said, actor, now)
