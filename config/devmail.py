"""Pages under /dev/mail/ that show what the local inbox has kept.

They are for a developer's own machine: with production settings nothing here is mounted, and every view
answers 404 all the same. Mail is shown without trusting it: its HTML comes from an address of its own, in a
sandboxed frame, under a policy that runs no script and loads nothing; files come as downloads of fixed types.
A message is only ever found by looking its name up among those in the folder.
"""

import re
from collections.abc import Callable
from email.message import EmailMessage
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from config import mailbox
from web.doors import open_to

A_PAGE = 50
# The frame runs no script, loads nothing, sends no form; mail is styled in no other way than in line.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)
DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)
NO_HTML = "<!doctype html><title>No HTML</title><p>This message has no HTML part."

app_name = "devmail"
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def local_only(view: View[P]) -> View[P]:
    """Answer 404 unless this is a local studio with an inbox, whatever the addresses say."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (settings.LOCAL and settings.MAILBOX_DIR):
            raise Http404
        return view(request, *args, **kwargs)

    return open_to("public")(never_cache(require_safe(guarded)))


@local_only
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the list, newest first."""
    return render(request, "config/devmail/inbox.html", _listing(request))


@local_only
def message(request: HttpRequest, name: str) -> HttpResponse:
    """Show one message: HTML, text, calendar, files and source, with the list beside it."""
    letter = _find(name)
    mail = letter.message()
    leaves = mailbox.parts(mail)
    calendar = next((part for part in leaves if part.is_calendar), None)
    facts = mailbox.calendar_facts(calendar.content) if calendar else []
    context = _listing(request) | {
        "letter": letter,
        "subject": mailbox.header(mail, "Subject"),
        "facts": _facts(mail),
        "headers": _headers_and_envelope(letter, mail),
        "peer": letter.envelope().get("peer", ""),
        "has_html": mailbox.first_text(leaves, "text/html") is not None,
        "text": mailbox.first_text(leaves, "text/plain"),
        "calendar": facts,
        "method": dict(facts).get("Method"),
        "starts": dict(facts).get("Starts"),
        "raw_calendar": calendar.text() if calendar else "",
        "files": [part for part in leaves if part.is_calendar or part.disposition == "attachment"],
    }
    return render(request, "config/devmail/message.html", context)


@xframe_options_sameorigin
@local_only
def html(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the mail's own HTML to the frame, its links made to open in a new tab."""
    text = mailbox.first_text(mailbox.parts(_find(name).message()), "text/html")
    page = NO_HTML if text is None else _links_in_new_tabs(text)
    return HttpResponse(
        page,
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": MAIL_POLICY},
    )


@local_only
def source(_request: HttpRequest, name: str) -> HttpResponse:
    """Show the message as it came over the wire, as plain text."""
    return _plain(_find(name).octets())


@local_only
def download(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the message as an .eml file, octet for octet."""
    letter = _find(name)
    return _file(letter.octets(), content_type="message/rfc822", filename=f"{letter.name}.eml")


@local_only
def part(_request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Give one part as a file: a calendar as .ics, anything else as bare octets."""
    leaves = mailbox.parts(_find(name).message())
    if number >= len(leaves):
        raise Http404
    leaf = leaves[number]
    content_type = "text/calendar; charset=utf-8" if leaf.is_calendar else "application/octet-stream"
    return _file(leaf.content, content_type=content_type, filename=f"{name}-{leaf.download_name}")


def _listing(request: HttpRequest) -> dict[str, Any]:
    page = Paginator(mailbox.letters(_folder()), A_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "rows": [_row(letter) for letter in page]}


def _row(letter: mailbox.Letter) -> dict[str, Any]:
    mail = letter.message()
    return {
        "letter": letter,
        "to": mailbox.header(mail, "To") or ", ".join(letter.envelope().get("rcpt_to", [])),
        "subject": mailbox.header(mail, "Subject"),
        "kind": mailbox.kind(mail),
    }


def _facts(mail: EmailMessage) -> list[tuple[str, str]]:
    named = [(name, mailbox.header(mail, name)) for name in ("To", "From", "Reply-To")]
    return [(name, value) for name, value in named if value] + [("Kind", mailbox.kind(mail))]


def _headers_and_envelope(letter: mailbox.Letter, mail: EmailMessage) -> str:
    envelope = letter.envelope()
    lines = [f"{name}: {mailbox.header(mail, name)}" for name in dict.fromkeys(mail.keys())]
    if envelope:
        lines += [
            "",
            f"Envelope from: {envelope['mail_from']}",
            f"Envelope to: {', '.join(envelope['rcpt_to'])}",
        ]
    return "\n".join(lines)


def _folder() -> Path:
    return Path(settings.MAILBOX_DIR)


def _find(name: str) -> mailbox.Letter:
    for letter in mailbox.letters(_folder()):
        if letter.name == name:
            return letter
    raise Http404


def _links_in_new_tabs(text: str) -> str:
    # After the head's own tag, or after the doctype: before it, the browser would fall into quirks mode.
    opening = HEAD.search(text) or DOCTYPE.match(text)
    end = opening.end() if opening else 0
    return f'{text[:end]}<base target="_blank">{text[end:]}'


def _plain(octets: bytes) -> HttpResponse:
    return HttpResponse(octets, content_type="text/plain; charset=utf-8")


def _file(octets: bytes, *, content_type: str, filename: str) -> HttpResponse:
    disposition = f'attachment; filename="{filename}"'
    return HttpResponse(octets, content_type=content_type, headers={"Content-Disposition": disposition})


urlpatterns = [
    path("", inbox, name="inbox"),
    path("<slug:name>/", message, name="message"),
    path("<slug:name>/html/", html, name="html"),
    path("<slug:name>/source/", source, name="source"),
    path("<slug:name>/message.eml", download, name="download"),
    path("<slug:name>/parts/<int:number>/", part, name="part"),
]
