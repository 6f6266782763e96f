"""Writes golden/ anew from what is rendered today: `.venv/bin/python -m tests.notifications.renew_golden`.

Then read `git diff tests/notifications/golden` as a client would read the mail: the files are the specification.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from booking.wording import LANGUAGES
from notifications.render import KINDS, Kind, MailFacts, Rendered, render
from notifications.summary import DECLINED_INVITE, DIGEST, render_declined, render_digest
from tests.booking.visits import visit
from tests.notifications.letters import ANSWER_UNTIL, calendar_for, digest_facts, mail_facts

GOLDEN = Path(__file__).resolve().with_name("golden")
DESK = "https://book.stillwater.example/admin/booking/appointment/4711/change/"
WEEKLY = [visit().start_at + timedelta(weeks=n) for n in range(4)]
OF_A_SERIES: dict[str, dict[str, Any]] = {
    "confirmation": {"series": tuple(WEEKLY)},
    "rescheduled": {"series": tuple(WEEKLY)},
    "cancelled": {"series": (WEEKLY[3],), "cancelled_with": tuple(WEEKLY[:3])},
    "request-received": {"series": tuple(WEEKLY)},
}
ASKED = {"status": "pending", "expires_at": ANSWER_UNTIL}
# What else a kind says, by what is added to its name: other facts of the visit, other facts of the mail.
OTHERWISE: dict[str, dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "request-received": {
        "after-a-confirmation": ({"sequence": 2}, {"taken_back": "confirmed"}),
        "after-a-refusal": ({"sequence": 2}, {"taken_back": "declined"}),
    },
    "declined": {"by-nobody": ({"cancel_reason": ""}, {"unanswered": True})},
    "rescheduled": {"of-a-request": (ASKED, {"calendar_url": "", "note": None})},
    "relocated": {"of-a-request": (ASKED, {"calendar_url": "", "note": None})},
    "cancel-link": {"of-a-request": (ASKED, {})},
}


def golden_files(kind: Kind) -> dict[str, bytes]:
    """What Kim gets, by file name: the text with its subject, the page, and the invite where there is one.

    Where a series is told of, or something else can be the matter, what she gets then follows.
    """
    files: dict[str, bytes] = {}
    for language in LANGUAGES:
        usual = mail_facts(kind, language=language)
        files |= _files(kind, kind, usual, language)
        if kind in OF_A_SERIES:
            of_a_series = replace(usual, appointment=replace(usual.appointment, **OF_A_SERIES[kind]), note=None)
            files |= _files(f"{kind}-of-a-series", kind, of_a_series, language)
        for name, (of_visit, of_mail) in OTHERWISE.get(kind, {}).items():
            facts = replace(usual, appointment=replace(usual.appointment, **of_visit), **of_mail)
            files |= _files(f"{kind}-{name}", kind, facts, language)
    return files


def golden_summaries() -> dict[str, bytes]:
    """What the studio gets, by file name."""
    files: dict[str, bytes] = {}
    for language in LANGUAGES:
        files |= _pages(DIGEST, render_digest(digest_facts(), language), language)
        for name, said_no_to in ((DECLINED_INVITE, visit()), (f"{DECLINED_INVITE}-of-a-request", visit(**ASKED))):
            told = render_declined(said_no_to, guest="Kim Larsen", desk_url=DESK, language=language)
            files |= _pages(name, told, language)
    return files


def _files(name: str, kind: Kind, facts: MailFacts, language: str) -> dict[str, bytes]:
    files = _pages(name, render(kind, facts, language), language)
    calendar = calendar_for(kind, facts) if name == kind else b""
    return files | ({_named(name, language, "ics"): calendar} if calendar else {})


def _pages(name: str, mail: Rendered, language: str) -> dict[str, bytes]:
    return {
        _named(name, language, "txt"): f"Subject: {mail.subject}\n\n{mail.text}".encode(),
        _named(name, language, "html"): mail.html.encode(),
    }


def _named(name: str, language: str, ending: str) -> str:
    return f"{name}.{ending}" if language == "en" else f"{name}.{language}.{ending}"


def renew() -> None:
    renewed = [*map(golden_files, KINDS), golden_summaries()]
    for old in GOLDEN.glob("*.*"):
        if old.suffix in {".txt", ".html", ".ics"}:
            old.unlink()
    for files in renewed:
        for name, content in files.items():
            (GOLDEN / name).write_bytes(content)


if __name__ == "__main__":
    renew()
