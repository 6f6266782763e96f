"""The pages on notes say what the code and the library do."""

import re
from pathlib import Path

from content import lint

DOCS = Path(__file__).resolve().parents[2] / "docs"


class TestTheEvidencePage:
    def test_lists_every_draft_as_it_is(self, library):
        row = re.compile(r"^\| \d+ \| (\S+) \| (.+?) \| (\w+) \| (\w+) \| .* \| (full|partial) \|$", re.MULTILINE)

        listed = set(row.findall((DOCS / "evidence.md").read_text(encoding="utf-8")))

        assert listed == {
            (entry.slug, entry.title, entry.topic, entry.grade, entry.source_check) for entry in library.snippets
        }

    def test_grades_every_claim_as_the_library_does(self, library):
        row = re.compile(r"^\| (S\d+) \|.*\| \*\*(\w+)\*\* \|", re.MULTILINE)

        graded = dict(row.findall((DOCS / "evidence.md").read_text(encoding="utf-8")))

        assert graded == {claim.code: claim.grade for claim in library.claims}

    def test_names_no_machine(self):
        text = (DOCS / "evidence.md").read_text(encoding="utf-8") + (DOCS / "content.md").read_text(encoding="utf-8")

        assert not re.search(r"(?<![\w.])/(work|tmp|home|root)/|localhost|proxy", text)


class TestTheContentPage:
    def test_explains_every_rule_of_the_lint(self):
        source = Path(lint.__file__).read_text(encoding="utf-8")
        rules = set(re.findall(r'rule="([a-z-]+)"|\("([a-z-]+)", "The ', source))
        names = {name for pair in rules for name in pair if name} | {lint.CLAIM_WORD}

        page = (DOCS / "content.md").read_text(encoding="utf-8")

        assert len(names) > 15
        assert {name for name in names if f"`{name}`" not in page} == set()
