"""What can be wrong with an organisation file, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_FAULTS = 1000


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to correct: the line, counted from 1, and a sentence saying what to do."""

    line: int
    sentence: str

    def __str__(self) -> str:
        """Write it as "line 12: …"."""
        return f"line {self.line}: {self.sentence}"


class Faults:
    """The faults found so far; many thousands are not worth collecting, so reading ends at a limit."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, line: int, sentence: str) -> None:
        """Add a fault. Raises OrganisationFileError when there are more than 1,000."""
        self.found.append(Fault(line, sentence))
        if len(self.found) > MAX_FAULTS:
            self.found[-1] = Fault(line, f"There are more than {MAX_FAULTS:,} faults: correct these first.")
            raise OrganisationFileError(self.found)


class OrganisationFileError(ValueError):
    """The file cannot be imported; `faults` has everything found, in the order of the lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(str(fault) for fault in self.faults))
