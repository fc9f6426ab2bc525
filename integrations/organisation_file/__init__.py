"""The organisation file: people, teams, services, schedules, policies and settings as YAML text."""

from datetime import datetime

from domain.notes import find_notes
from domain.organisation import Organisation
from domain.references import Sections, find_problems
from integrations.organisation_file.faults import Fault, Faults, OrganisationFileError
from integrations.organisation_file.reader import Reader
from integrations.organisation_file.sections import sections
from integrations.organisation_file.tree import load_tree
from integrations.organisation_file.writer import write_organisation

__all__ = ["Fault", "OrganisationFileError", "read_organisation", "read_with_notes", "write_organisation"]


def read_organisation(data: bytes) -> Organisation:
    """Read and check the bytes of an organisation file.

    Raises OrganisationFileError with every fault, each with its line and a sentence; the file is then not usable in
    any part. Wall-clock times of overrides without an offset are read in the zone of their schedule.
    """
    return _read(data)[0]


def read_with_notes(data: bytes, now: datetime) -> tuple[Organisation, tuple[Fault, ...]]:
    """Read as `read_organisation` does, and tell with their lines what is right but worth knowing at `now` (UTC)."""
    organisation, parts, reader = _read(data)
    notes = (Fault(reader.line_of(note.path), note.sentence) for note in find_notes(parts, now))
    return organisation, tuple(sorted(notes, key=lambda note: note.line))


def _read(data: bytes) -> tuple[Organisation, Sections, Reader]:
    faults = Faults()
    reader = Reader(faults)
    found = reader.record(load_tree(data, faults), (), "the organisation file", sections)
    if found is not None:
        for problem in find_problems(found[0]):
            reader.wrong(problem.path, problem.sentence)
    if found is None or faults.found:
        raise OrganisationFileError(faults.found)
    parts, settings = found
    organisation = Organisation(
        people=tuple(parts.people),
        teams=tuple(parts.teams),
        services=tuple(parts.services),
        schedules=tuple(parts.schedules),
        escalation_policies=tuple(parts.escalation_policies),
        settings=settings,
    )
    return organisation, parts, reader
