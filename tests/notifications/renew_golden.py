"""Writes golden/ anew from what is rendered today: `.venv/bin/python -m tests.notifications.renew_golden`.

Then read `git diff tests/notifications/golden` as a client would read the mail: the files are the specification.
"""

from pathlib import Path

from notifications.render import KINDS, Kind, render
from tests.notifications.letters import calendar_for, mail_facts

GOLDEN = Path(__file__).resolve().with_name("golden")


def golden_files(kind: Kind) -> dict[str, bytes]:
    """What Kim gets, by file name: the text with its subject, the page, and the invite where there is one."""
    facts = mail_facts(kind)
    mail = render(kind, facts, "en")
    files = {
        f"{kind}.txt": f"Subject: {mail.subject}\n\n{mail.text}".encode(),
        f"{kind}.html": mail.html.encode(),
        f"{kind}.ics": calendar_for(kind, facts),
    }
    return {name: content for name, content in files.items() if content}


def renew() -> None:
    for old in GOLDEN.glob("*.*"):
        if old.suffix in {".txt", ".html", ".ics"}:
            old.unlink()
    for kind in KINDS:
        for name, content in golden_files(kind).items():
            (GOLDEN / name).write_bytes(content)


if __name__ == "__main__":
    renew()
