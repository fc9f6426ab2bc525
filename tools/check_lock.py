"""Say whether the lock files in requirements/ still fit what the .in files ask for, without asking any index.

`python -m tools.check_lock` prints one sentence per fault and ends with 1, or with 0 when there is none.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).resolve().parent.parent / "requirements"

# A lock and the one it builds on: both are installed into one environment.
BUILDS_ON = {"test": "run", "check": "test", "bench": "test"}

_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_DIRECT = re.compile(r"#\s+(?:via\s+)?-r requirements/(\w+)\.in")


@dataclass
class Pin:
    """One locked package: its version, how many hashes it has, and which .in files ask for it by name."""

    version: str
    hashes: int
    asked_by: set[str] = field(default_factory=set[str])


def faults(folder: Path = FOLDER) -> list[str]:
    """Return a sentence for everything that is wrong; an empty list means that the locks are up to date."""
    found: list[str] = []
    locks: dict[str, dict[str, Pin]] = {}
    for wanted in sorted(folder.glob("*.in")):
        lock = wanted.with_suffix(".txt")
        if not lock.is_file():
            found.append(f"{lock.name} is missing.")
            continue
        pins, unread = read_lock(lock)
        locks[wanted.stem] = pins
        found += unread + _unmet(folder, wanted.stem, pins) + _forgotten(folder, wanted.stem, pins)
    return found + _disagreements(locks)


def read_lock(path: Path) -> tuple[dict[str, Pin], list[str]]:
    """Return the pins by canonical name, and a sentence for every line that does not belong into a lock."""
    pins: dict[str, Pin] = {}
    found: list[str] = []
    latest: Pin | None = None
    for line in path.read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        direct = _DIRECT.search(line)
        if direct and latest:
            latest.asked_by.add(direct[1])
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            requirement = Requirement(_HASH.sub("", line).strip())
        except InvalidRequirement:
            found.append(f"{path.name} has a line that is no locked package: {line.split()[0]}.")
            continue
        name, pinned = canonicalize_name(requirement.name), re.fullmatch(r"==([^*,]+)", str(requirement.specifier))
        if requirement.url or not pinned:
            found.append(f"{path.name} does not pin {name} to one version of an index.")
            continue
        latest = pins[name] = Pin(version=pinned[1], hashes=len(_HASH.findall(line)))
        if not latest.hashes:
            found.append(f"{path.name} has no hash for {name}.")
    return pins, found


def _asked(folder: Path, stem: str, *, deep: bool) -> list[Requirement]:
    found: list[Requirement] = []
    for line in (folder / f"{stem}.in").read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("-r "):
            found += _asked(folder, text[3:].strip().removesuffix(".in"), deep=True) if deep else []
        elif text:
            found.append(Requirement(text))
    return found


def _unmet(folder: Path, stem: str, pins: dict[str, Pin]) -> list[str]:
    found: list[str] = []
    for requirement in _asked(folder, stem, deep=True):
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None:
            found.append(f"{stem}.txt does not have {requirement.name}: run `make lock`.")
        elif not requirement.specifier.contains(pin.version, prereleases=True):
            found.append(f"{stem}.txt has {requirement.name} {pin.version}, asked is {requirement}: run `make lock`.")
    return found


def _forgotten(folder: Path, stem: str, pins: dict[str, Pin]) -> list[str]:
    asked = {canonicalize_name(requirement.name) for requirement in _asked(folder, stem, deep=False)}
    locked = {name for name, pin in pins.items() if stem in pin.asked_by}
    return [f"{stem}.txt still has {name}, which {stem}.in no longer asks for." for name in sorted(locked - asked)]


def _disagreements(locks: dict[str, dict[str, Pin]]) -> list[str]:
    found: list[str] = []
    for upper, lower in BUILDS_ON.items():
        for name, pin in locks.get(lower, {}).items():
            other = locks.get(upper, {}).get(name)
            if upper in locks and (other is None or other.version != pin.version):
                found.append(f"{upper}.txt and {lower}.txt disagree about {name}: run `make lock`.")
    return found


def main() -> int:
    """Print the faults; 0 when there is none."""
    found = faults()
    sys.stdout.writelines(f"{sentence}\n" for sentence in found or ["The lock files are up to date."])
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
