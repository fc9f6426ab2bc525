"""Finding incidents that are alike, measured on a generated corpus: on both databases, as the bench does."""

import pytest

from bench.similar import GENERATED_AT_LEAST, generated, prepare, quality
from domain.similarity import Told, affordable, chosen_terms, likeness, same_trouble, stem, terms
from storage.database import Database
from tests.support.samples import NOW


async def test_most_of_what_is_found_is_relevant(database_url: str) -> None:
    cases = generated(1_000)
    prepare(database_url, cases)
    database = Database.open(database_url)
    found, rank, n = await quality(database, cases)
    await database.close()
    assert n > 200
    assert found >= GENERATED_AT_LEAST
    assert rank >= 0.8


def told(title: str, *services: str, text: str = "", number: int = 1) -> Told:
    return Told(id=number, title=title, text=text, services=services, at=NOW)


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [
        (told("Checkout is down", "checkout"), told("checkout IS down!", "checkout", "search"), True),
        (told("Checkout is down (17)", "checkout"), told("Checkout is down on host 4", "checkout"), True),
        (told("Checkout is down", "checkout"), told("Checkout is down", "search"), False),
        (told("Checkout is down"), told("Checkout is down"), False),
        (told("Checkout is down", "checkout"), told("Invoices are wrong", "checkout"), False),
        (told("12", "checkout"), told("34", "checkout"), True),
        (told("林薇 支払い", "checkout"), told("林薇 支払い", "checkout"), True),
    ],
)
def test_the_same_trouble_is_a_service_in_common_and_titles_that_say_the_same(new: Told, old: Told, same: bool) -> None:
    assert same_trouble(new, old) is same
    assert same_trouble(old, new) is same


def test_a_likeness_needs_two_reasons() -> None:
    new = told("Payments queue is full", "checkout", number=9)
    assert likeness(new, told("Queues are long"), ["queue"]) is None
    words = likeness(new, told("Queue of payment workers"), ["payments", "queue"])
    assert words is not None
    assert (words.words, words.services, words.same_kind) == (("payments", "queue"), (), False)
    service = likeness(new, told("A queue", "checkout"), ["queue"])
    assert service is not None
    assert service.services == ("checkout",)


def test_words_are_chosen_that_tell_something_and_can_be_afforded() -> None:
    frequency = {"is": 900, "down": 150, "queue": 10, "redis": 2}
    chosen = chosen_terms(["is", "down", "queue", "redis", "new"], frequency, 1_000, most=3)
    assert chosen == ["redis", "queue", "down"]
    assert affordable(chosen, frequency, 20) == ["redis", "queue"]


def test_words_are_cut_and_stemmed() -> None:
    assert terms("Queue’s queue: x 支払い OR_b") == ["queue", "支払い", "or"]
    assert [stem(word) for word in ("queues", "queue", "draining", "bus", "expired")] == [
        "queu",
        "queu",
        "drain",
        "bus",
        "expir",
    ]
