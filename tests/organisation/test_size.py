"""A large organisation is read quickly: 500 people, 500 services, 200 schedules."""

import time

import pytest

from integrations.organisation_file import OrganisationFileError, read_organisation, write_organisation


def large(person="person", zone="Europe/London"):
    turns = [", ".join(f"{person}-{(n * 2 + turn) % 500}" for turn in range(6)) for n in range(200)]
    lines = ["people:", *(f"  - {{id: person-{n}, name: Zoë {n}, time_zone: {zone}}}" for n in range(500))]
    lines += ["teams:", *(f"  - {{id: team-{n}, name: T, side: engineering, lead: person-{n}}}" for n in range(60))]
    lines += ["services:", *(f"  - {{id: service-{n}, name: S, owner: team-{n % 60}, tier: 2}}" for n in range(500))]
    lines += ["schedules:"]
    for n in range(200):
        rotation = f'{{starts: 2026-11-02T09:00, shift: P7D, people: [{turns[n]}], only: ["mon-fri 09:00-17:00"]}}'
        override = "{person: person-1, from: 2026-11-01T00:00, to: 2026-11-02T00:00}"
        lines += [f"  - id: schedule-{n}", f"    team: team-{n % 60}", "    time_zone: America/New_York"]
        lines += [f"    rotations: [{rotation}, {rotation}]", f"    overrides: [{override}, {override}]"]
    return "\n".join(lines).encode()


def test_a_large_organisation_is_read_and_written_in_two_seconds_of_cpu():
    data, began = large(), time.process_time()
    organisation = read_organisation(data)
    write_organisation(organisation)
    assert time.process_time() - began < 2
    assert (len(organisation.people), len(organisation.services), len(organisation.schedules)) == (500, 500, 200)


def test_a_large_organisation_full_of_faults_is_refused_in_five_seconds_of_cpu():
    began = time.process_time()
    with pytest.raises(OrganisationFileError) as refused:
        read_organisation(large(person="persen", zone="Europe/Lodnon"))
    assert time.process_time() - began < 5
    assert len(refused.value.faults) == 1001
