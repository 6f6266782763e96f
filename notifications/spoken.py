"""Templates as one language speaks them: `{{ say.when }}` is filled in once, when the template is read."""

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

from django.template import Engine, Origin, Template
from django.template.loaders import filesystem

from notifications.phrases import PHRASES

TEMPLATES = Path(__file__).resolve().parent / "templates"
_PHRASE = re.compile(r"{{ say\.(\w+) }}")


class Loader(filesystem.Loader):
    """Reads templates from `dirs` and puts the phrases of `language` in; one that is asked for and missing raises."""

    def __init__(self, engine: Engine, dirs: Sequence[str], language: str) -> None:
        super().__init__(engine, list(dirs))
        self._phrases = PHRASES[language]

    def get_contents(self, origin: Origin) -> str:
        text = super().get_contents(origin)
        as_html = origin.name.endswith(".html")
        return _PHRASE.sub(lambda found: self._phrase(found[1], as_html=as_html), text)

    def _phrase(self, name: str, *, as_html: bool) -> str:
        phrase: str = getattr(self._phrases, name)
        return escape(phrase) if as_html else phrase


@cache
def _engine(language: str) -> Engine:
    """Return an engine of our own, which knows no request and no other app; it keeps what it has compiled."""
    ours = ("notifications.spoken.Loader", [str(TEMPLATES)], language)
    return Engine(loaders=[("django.template.loaders.cached.Loader", [ours])])


@cache
def template(kind: str, part: str, language: str) -> Template:
    """Return the compiled template of the kind: `part` is subject.txt, body.txt or body.html."""
    name, ending = part.split(".")
    file = part if language == "en" else f"{name}.{language}.{ending}"
    return _engine(language).get_template(f"notifications/{kind}/{file}")
