"""A mail about Kim's visit, and its page as a reader of HTML sees it."""

from html.parser import HTMLParser
from typing import Any

from booking.wording import LANGUAGES
from notifications.render import Kind, Rendered, render
from tests.notifications.letters import mail_facts


def mail_of(kind: Kind = "confirmation", /, *, language: str = "en", **changes: Any) -> Rendered:
    known = language if language in LANGUAGES else "en"
    return render(kind, mail_facts(kind, language=known, **changes), language)


class Page(HTMLParser):
    """The page as a reader of HTML sees it; every tag must be closed in order."""

    EMPTY = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]
