"""All kinds of subjects. A new kind is one line here; a duplicate fails at start."""

from domain.errors import Unknown
from usecases.approvals.subjects import SubjectKind
from usecases.changes import approving as changes
from usecases.maintenance import approval as maintenance
from usecases.updates import deciding as updates

SUBJECTS: tuple[SubjectKind, ...] = (changes.SUBJECT, maintenance.SUBJECT, updates.UPDATES)


def is_known(name: str) -> bool:
    """Tell whether this version knows a kind."""
    return any(kind.kind == name for kind in SUBJECTS)


def subject_kind(name: str) -> SubjectKind:
    """Find a kind by name. Raise Unknown for one this version does not know."""
    for kind in SUBJECTS:
        if kind.kind == name:
            return kind
    raise Unknown("This version does not know what was asked there. Wait until the bot is up to date everywhere.")
