"""Every kind of mail in every language, letter by letter. Covers acceptance.md I-13; style.md rule 17."""

import re
from pathlib import Path

import pytest

from booking.wording import LANGUAGES
from notifications.phrases import PHRASES
from notifications.render import KINDS, Kind
from notifications.spoken import TEMPLATES
from notifications.summary import DECLINED_INVITE, TO_THE_STUDIO
from tests.notifications.renew_golden import GOLDEN, golden_files, golden_summaries

MEANT = "If the change was meant: .venv/bin/python -m tests.notifications.renew_golden, then read the diff."
FOLDER = TEMPLATES / "notifications"
PARTS = ("subject.txt", "body.txt", "body.html")


def in_language(part: str, language: str) -> str:
    name, ending = part.split(".")
    return part if language == "en" else f"{name}.{language}.{ending}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_reads_as_in_its_golden_files(kind: Kind) -> None:
    """I-13: the invites, too, octet for octet."""
    for name, content in golden_files(kind).items():
        assert content == (GOLDEN / name).read_bytes(), f"{name} differs. {MEANT}"


def test_the_summary_for_the_studio_reads_as_in_its_golden_files() -> None:
    for name, content in golden_summaries().items():
        assert content == (GOLDEN / name).read_bytes(), f"{name} differs. {MEANT}"


def test_no_invite_among_them_has_a_time_zone_to_get_wrong() -> None:
    """Check 16."""
    invites = [path.read_bytes() for path in GOLDEN.glob("*.ics")]

    assert len(invites) >= 6
    assert not [invite for invite in invites if b"VTIMEZONE" in invite or b"TZID" in invite]


def test_every_golden_file_belongs_to_a_kind() -> None:
    expected = {name for kind in KINDS for name in golden_files(kind)} | set(golden_summaries())

    assert {path.name for path in GOLDEN.glob("*.[thi]*")} == expected


def test_every_kind_has_its_three_templates_in_every_language_and_nothing_else_lies_about() -> None:
    expected = {in_language(part, language) for part in PARTS for language in LANGUAGES}

    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == {*KINDS, *TO_THE_STUDIO}
    for kind in (*KINDS, *TO_THE_STUDIO):
        assert {path.name for path in (FOLDER / kind).iterdir()} == expected


class TestATranslation:
    """What one language says, the others say too."""

    # Who is addressed as “Sie” is not called by the first name.
    NOT_IN_GERMAN = frozenset({"first_name"})

    @pytest.mark.parametrize("kind", [*KINDS, *TO_THE_STUDIO])
    @pytest.mark.parametrize("part", PARTS)
    def test_asks_the_same_and_shows_the_same(self, kind: str, part: str) -> None:
        """No date, link or condition is lost, and no block of the page."""
        english = (FOLDER / kind / part).read_text()
        for language in LANGUAGES:
            translated = (FOLDER / kind / in_language(part, language)).read_text()
            assert facts_in(translated) == facts_in(english) - self.missing_in(language)
            assert re.findall(r"{% block (\w+) %}", translated) == re.findall(r"{% block (\w+) %}", english)

    def missing_in(self, language: str) -> frozenset[str]:
        return self.NOT_IN_GERMAN if language == "de" else frozenset()

    def test_has_every_phrase(self) -> None:
        assert set(PHRASES) == set(LANGUAGES)
        english = PHRASES["en"]
        for phrases in PHRASES.values():
            assert set(phrases.kinds) == set(english.kinds) == {*KINDS, DECLINED_INVITE}
            for name in english.__slots__:
                ours, theirs = getattr(english, name), getattr(phrases, name)
                assert theirs
                assert set(re.findall(r"{\w+}", str(theirs))) == set(re.findall(r"{\w+}", str(ours)))

    def test_of_what_the_pages_and_invites_say_is_complete(self) -> None:
        english = LANGUAGES["en"]
        for words in LANGUAGES.values():
            assert (len(words.weekdays), len(words.months)) == (7, 12)
            for name in set(english.__slots__) - {"weekdays", "months", "places"}:
                ours, theirs = getattr(english, name), getattr(words, name)
                assert theirs
                assert set(re.findall(r"{\w+}", theirs)) == set(re.findall(r"{\w+}", ours))

    @pytest.mark.parametrize("kind", [*KINDS, *TO_THE_STUDIO])
    def test_leaves_no_english_in_german_mails(self, kind: str) -> None:
        """Names, and what the studio typed, are the same in every language."""
        german = [path for path in GOLDEN.glob(f"{kind}*.de.*") if path.suffix in {".txt", ".ics"}]

        assert german
        for path in german:
            words = set(re.findall(r"[a-zA-ZäöüÄÖÜß]+", said_in(path).lower()))
            assert words & ENGLISH_WORDS == set(), path.name


TYPED = r"Deep tissue massage|Foot massage|Hot towels|Stillwater Mitte|Mara is away that week. Would Friday do"
ENGLISH_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the you your is are and with this to at of for until time minutes price where when what appointment request "
        "cancelled call monday tuesday wednesday thursday friday saturday sunday january reference also extras",
    )
)


def said_in(path: Path) -> str:
    """The words of a golden file that people read, without links."""
    text = path.read_bytes().decode().replace("\r\n ", "").replace("\\n", "\n")
    if path.suffix == ".ics":
        text = "\n".join(re.findall(r"(?m)^(?:SUMMARY|DESCRIPTION):(.*?)(?=^[A-Z-]+[:;])", text, re.DOTALL))
        assert "Termin" in text
    return re.sub(TYPED, "", re.sub(r"https?://\S+", "", text))


def facts_in(template: str) -> set[str]:
    """The names of all that a template shows or asks for."""
    shown = re.findall(r"{{ (\w+)", template)
    asked = re.findall(r"{% (?:el)?if (\w+)", template)
    listed = re.findall(r"{% for \w+ in (\w+)", template)
    return {*shown, *asked, *listed}
