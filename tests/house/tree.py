"""The files of the house, as git would see them in a clone."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_TOOLS = {"__pycache__", "node_modules"}
PACKAGES = ("config", "web", "notifications", "booking", "content", "tools", "tests", "bench")


def files() -> list[Path]:
    """Return every file that is or could be committed, relative to the root, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if name]
    if not names:  # an unpacked archive has no git
        found = (path for package in PACKAGES for path in (ROOT / package).rglob("*"))
        names = [str(path.relative_to(ROOT)) for path in found if not MADE_BY_TOOLS & set(path.parts)]
    return sorted(Path(name) for name in names if (ROOT / name).is_file())


def python_files() -> list[Path]:
    """Return the Python files that people write: no migrations."""
    return [path for path in files() if path.suffix == ".py" and "migrations" not in path.parts]


def documents() -> dict[str, str]:
    """Return the text of README and every page below docs/, by path."""
    return {
        str(path): (ROOT / path).read_text()
        for path in files()
        if path.suffix == ".md" and (path.parts[0] == "docs" or len(path.parts) == 1)
    }
