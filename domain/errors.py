"""Refusals: sentences a user may read, raised where a rule is broken."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that cannot be done; `str()` is one sentence that says what to do instead."""


class Unknown(Refused):
    """The thing that was named does not exist, or not for this person."""


class Repeated(Exception):  # noqa: N818 - a state of things, not a fault
    """This very request was carried out before; nothing is done again."""


class StaleVersion(Exception):  # noqa: N818 - the turn is run again, nobody reads it
    """Somebody else changed the row between our read and our write; run the whole turn again."""
