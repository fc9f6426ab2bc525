"""Why an inbound request is not served. The text is for our log only: a caller sees a fixed sentence."""


class Refusal(Exception):  # noqa: N818 - it is an answer to a caller, not a fault of ours
    """A request that is not served; `str()` is a short reason without any text of the request."""


class Malformed(Refusal):
    """The body is no activity."""


class TooLarge(Refusal):
    """The body is over the limit."""


class Unauthorized(Refusal):
    """The token is missing or not good."""


class Forbidden(Refusal):
    """A good token, but not for this activity."""


class KeysUnavailable(Refusal):
    """The signing keys cannot be had now, so nobody can say whether the token is good."""
