"""`review`: looking back at incidents together."""

from collections.abc import Callable, Mapping

from bot.cards.review import asked_list, drawn, none_card
from bot.grammar import About, first_word, incident_and_rest, leading_ref, person_of
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Refused
from domain.review import Review
from usecases import reviews
from usecases.reviews import Result

_WAYS = "list, send, sign, close, draft, skip, owner and group"


def run(turn: Turn, rest: str) -> Answer:
    """Show the review of an incident, or do what the first word says."""
    word, left = first_word(rest)
    way = _DOES.get(word.lower().rstrip(":,"))
    if way is not None:
        return way(turn, left)
    number, _ = leading_ref(rest, bare_number=True)
    if word and number is None:
        raise Refused(f"After `review` I know an incident's name, {_WAYS}, but not “{rest[:40]}”.")
    about = incident_and_rest(turn, "review", rest, bare_number=True)
    if isinstance(about, OpenForm):
        return about
    review = reviews.review_of(turn.store, turn.actor, about.incident.id)
    if review is not None:
        return drawn(turn, Result(review=review))
    if about.incident.is_open:
        raise Refused(f"{about.incident.ref} is still open. Its review begins when it is resolved.")
    card = none_card(about.incident.ref, about.incident.id)
    return Reply(text=card["speak"], card=card)


def _list(turn: Turn, rest: str) -> Answer:
    return asked_list(turn, rest.strip().lower())


def _send(turn: Turn, rest: str) -> Answer:
    return _step(turn, "send", rest, lambda review, _: reviews.send(turn.store, turn.actor, review.id, turn.now))


def _sign(turn: Turn, rest: str) -> Answer:
    return _step(turn, "sign", rest, lambda review, _: reviews.sign_off(turn.store, turn.actor, review.id, turn.now))


def _close(turn: Turn, rest: str) -> Answer:
    return _step(turn, "close", rest, lambda review, _: reviews.close(turn.store, turn.actor, review.id, turn.now))


def _draft(turn: Turn, rest: str) -> Answer:
    def step(review: Review, words: str) -> Result | OpenForm:
        if not words.strip():
            return OpenForm(name="review-back", values={"review": review.id})
        return reviews.back_to_draft(turn.store, turn.actor, review.id, words, turn.now)

    return _step(turn, "draft", rest, step)


def _owner(turn: Turn, rest: str) -> Answer:
    def step(review: Review, words: str) -> Result | OpenForm:
        if not words.strip():
            return OpenForm(name="review-owner", values={"review": review.id})
        return reviews.hand_over(turn.store, turn.actor, review.id, person_of(turn, words), turn.now)

    return _step(turn, "owner", rest, step)


def _skip(turn: Turn, rest: str) -> Answer:
    about = incident_and_rest(turn, "review skip", rest)
    if isinstance(about, OpenForm):
        return about
    if not about.rest.strip():
        ref = about.incident.ref
        raise Refused(f"Say why it is not reviewed, as in `review skip {ref} a drill, nobody was affected`.")
    return drawn(turn, reviews.skip(turn.store, turn.actor, about.incident.id, about.rest, turn.now))


def _group(turn: Turn, rest: str) -> Answer:
    numbers: list[int] = []
    left = rest.replace(",", " ")
    while left.strip():
        number, after = leading_ref(left)
        if number is None:
            raise Refused(f"“{left[:40]}” is no incident. Write `review group INC-12 INC-14`.")
        numbers.append(number)
        left = after
    if len(set(numbers)) < 2:  # noqa: PLR2004 - a group
        raise Refused("Name the incidents that are looked at together, as in `review group INC-12 INC-14`.")
    review = _existing(turn, numbers[0])
    result = Result(review=review)
    for number in numbers[1:]:
        result = reviews.join(turn.store, turn.actor, review.id, number, turn.now)
    return drawn(turn, result)


def _existing(turn: Turn, incident: int) -> Review:
    return reviews.review_of(turn.store, turn.actor, incident) or reviews.begin(
        turn.store, turn.actor, incident, turn.now
    )


def _step(turn: Turn, way: str, rest: str, do: Callable[[Review, str], Result | OpenForm]) -> Answer:
    about = incident_and_rest(turn, f"review {way}", rest, bare_number=True)
    if not isinstance(about, About):
        return about
    review = reviews.review_of(turn.store, turn.actor, about.incident.id)
    if review is None:
        ref = about.incident.ref
        raise Refused(f"{ref} has no review. Write `review {ref}` to begin one.")
    done = do(review, about.rest)
    return done if isinstance(done, OpenForm) else drawn(turn, done)


_DOES: Mapping[str, Callable[[Turn, str], Answer]] = {
    "list": _list,
    "mine": lambda turn, _: asked_list(turn, "mine"),
    "overdue": lambda turn, _: asked_list(turn, "overdue"),
    "send": _send,
    "sign": _sign,
    "close": _close,
    "draft": _draft,
    "skip": _skip,
    "owner": _owner,
    "group": _group,
}
COMMAND = Command(
    word="review",
    usage=(
        "review [ref] · review list [mine|overdue|all] · review send|sign|close [ref] · review draft [ref] <reason> · "
        "review skip [ref] <reason> · review owner [ref] @person · review group <ref> <ref> …"
    ),
    meaning="Look back at an incident together: write the review, send it, sign it off.",
    run=run,
    example="review INC-12",
    aliases=("reviews", "postmortem"),
)
