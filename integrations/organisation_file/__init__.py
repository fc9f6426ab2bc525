"""The organisation file: people, teams, services, schedules, policies and settings as YAML text."""

from domain.organisation import Organisation
from domain.references import find_problems
from integrations.organisation_file.faults import Fault, Faults, OrganisationFileError
from integrations.organisation_file.reader import Reader
from integrations.organisation_file.sections import sections
from integrations.organisation_file.tree import load_tree
from integrations.organisation_file.writer import write_organisation

__all__ = ["Fault", "OrganisationFileError", "read_organisation", "write_organisation"]


def read_organisation(data: bytes) -> Organisation:
    """Read and check the bytes of an organisation file.

    Raises OrganisationFileError with every fault, each with its line and a sentence; the file is then not usable in
    any part. Wall-clock times of overrides without an offset are read in the zone of their schedule.
    """
    faults = Faults()
    reader = Reader(faults)
    found = reader.record(load_tree(data, faults), (), "the organisation file", sections)
    if found is not None:
        for problem in find_problems(found[0]):
            reader.wrong(problem.path, problem.sentence)
    if found is None or faults.found:
        raise OrganisationFileError(faults.found)
    parts, settings = found
    return Organisation(
        people=tuple(parts.people),
        teams=tuple(parts.teams),
        services=tuple(parts.services),
        schedules=tuple(parts.schedules),
        escalation_policies=tuple(parts.escalation_policies),
        settings=settings,
    )
