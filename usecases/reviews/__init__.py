"""Reviews: what people write down together after an incident."""

from usecases.reviews.doing import (
    Clash,
    Result,
    Typed,
    add_factor,
    back_to_draft,
    begin,
    close,
    hand_over,
    join,
    keep,
    review_of,
    review_to_see,
    send,
    sign_off,
    skip,
    write,
)
from usecases.reviews.following import follow
from usecases.reviews.views import ReviewView, Wanted, listed, review_view, whole_view

__all__ = [
    "Clash",
    "Result",
    "ReviewView",
    "Typed",
    "Wanted",
    "add_factor",
    "back_to_draft",
    "begin",
    "close",
    "follow",
    "hand_over",
    "join",
    "keep",
    "listed",
    "review_of",
    "review_to_see",
    "review_view",
    "send",
    "sign_off",
    "skip",
    "whole_view",
    "write",
]
