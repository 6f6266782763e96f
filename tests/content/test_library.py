"""The shipped files: what is in them, and that a broken library is refused by file and entry."""

import re
from collections import Counter

import pytest

from content import shelf, vocabulary
from content.entries import BrokenLibrary

HELD_BACK = {
    "oxytocin-fifteen-minutes",
    "oxytocin-light-or-firm",
    "oxytocin-no-promises",
    "endorphins-went-down",
    "endorphins-small-joys",
    "pain-a-sore-lower-back",
    "expect-tell-us-first",
}


def refusal(folder) -> str:
    with pytest.raises(BrokenLibrary) as broken:
        shelf.read_library(folder)
    return str(broken.value)


class TestTheShippedLibrary:
    def test_holds_the_36_drafts_with_their_evidence(self, library):
        assert len(library.snippets) == 36
        assert len(library.sources) == 78
        assert len(library.claims) == 69
        assert len(library.myths) == 8

    def test_grades_them_as_the_report_does(self, library):
        assert Counter(entry.grade for entry in library.snippets) == {
            "strong": 3,
            "moderate": 6,
            "limited": 16,
            "conflicting": 11,
        }

    def test_holds_back_the_seven_whose_sources_were_read_in_part(self, library):
        held_back = {entry.slug for entry in library.snippets if entry.source_check == "partial"}

        assert held_back == HELD_BACK

    def test_gives_every_snippet_a_source_and_a_review_date(self, library):
        """Check 49."""
        assert all(entry.citations and entry.review_by > entry.drafted_on for entry in library.snippets)

    def test_speaks_the_words_of_the_models(self, library):
        assert library.vocabulary["topics"] == tuple(vocabulary.Topic.values)
        assert library.vocabulary["kinds"] == tuple(vocabulary.Kind.values)
        assert library.vocabulary["moments"] == tuple(vocabulary.Moment.values)
        assert library.vocabulary["services"] == ("any", *vocabulary.ServiceKind.values)
        assert library.vocabulary["goals"] == tuple(vocabulary.Goal.values)
        assert list(library.rules.grades) == vocabulary.Grade.values
        assert {name for name, grade in library.rules.grades.items() if grade.sendable} == set(
            vocabulary.SENDABLE_GRADES
        )

    def test_has_the_lines_that_mails_print(self, library):
        assert len(library.meta.disclaimer.split()) == 31
        assert library.meta.disclaimer.startswith("General information about massage research")
        assert library.meta.safety_line.startswith("Pregnant, unwell, recently hurt")

    def test_names_no_machine_and_no_bare_address_of_one(self):
        forbidden = re.compile(r"(?<![\w.])/(work|tmp|home|root|mnt)/|file:|//\d+\.\d+\.\d+\.\d+|localhost|proxy")

        found = {
            path.name: match[0]
            for path in shelf.SHIPPED.rglob("*.yaml")
            if (match := forbidden.search(path.read_text(encoding="utf-8")))
        }

        assert found == {}


class TestABrokenLibrary:
    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            (
                "snippets/sleep.yaml",
                "source: ntoumas2025",
                "source: nobody1999",
                "snippets/sleep.yaml: sleep-an-evening-massage citations names 'nobody1999', which is unknown",
            ),
            (
                "snippets/sleep.yaml",
                "  topic: sleep",
                "  topic: dreams",
                "snippets/sleep.yaml: sleep-an-evening-massage topic names 'dreams', which is unknown",
            ),
            (
                "snippets/sleep.yaml",
                "  grade: limited",
                "  grade: wrong",
                "sleep-an-evening-massage breaks not-sendable",
            ),
            (
                "snippets/sleep.yaml",
                "  not_for:",
                "  not-for:",
                "sleep-an-evening-massage has an unknown field: not-for",
            ),
            (
                "snippets/sleep.yaml",
                "  source_check: full\n",
                "",
                "sleep-an-evening-massage lacks source_check",
            ),
            (
                "snippets/sleep.yaml",
                "slug: sleep-an-evening-massage",
                "slug: mood-one-kind-part-of-your-week",
                "is already in snippets/mood.yaml",
            ),
            (
                "snippets/sleep.yaml",
                "slug: sleep-an-evening-massage",
                "slug: Sleep Well",
                "slug 'Sleep Well' must be lower-case words",
            ),
            (
                "snippets/sleep.yaml",
                "  review_by: '2027-11-22'",
                "  review_by: soon",
                "review_by must be a date",
            ),
            (
                "snippets/sleep.yaml",
                "  moments: [reminder-24h, follow-up]",
                "  moments: []",
                "names no moment or no service",
            ),
            (
                "snippets/sleep.yaml",
                "It's one small trial, so no promises.",
                "It's one small trial, and it cures.",
                "sleep-an-evening-massage breaks banned-term",
            ),
            (
                "snippets/sleep.yaml",
                "  moments: [reminder-24h, follow-up]",
                "  moments: reminder-24h",
                "moments must be a list of texts",
            ),
            ("myths.yaml", "- code: M1\n", "M1:\n", "myths.yaml: cannot be read"),
            ("sources.yaml", "  year: 2012", "  year: then", "year must be a whole number"),
            ("sources.yaml", "bello2008:", "li2019:", "sources.yaml: cannot be read: names li2019 twice"),
            ("claims.yaml", "sources: [loh1976", "sources: [loh1999", "claims.yaml: S23 sources names 'loh1999'"),
            ("myths.yaml", "claims: [S40, S69]", "claims: [S40, S99]", "myths.yaml: flushes-toxins claims"),
            ("myths.yaml", r"- \btoxin", r"- (\btoxin", "myths.yaml: flushes-toxins '(\\\\btoxin' is no pattern"),
            ("limits.yaml", "body_words: 60", "body_words: many", "limits.yaml: body_words must be"),
            ("grades.yaml", "review_months: 24", "review_months: two", "grades.yaml: strong is wrong"),
            ("meta.yaml", "safety_line:", "safety:", "meta.yaml: safety_line must be a text"),
            ("vocabulary.yaml", "topics:", "themes:", "vocabulary.yaml: topics must be a list"),
            ("vocabulary.yaml", "- clinically", "- (clinically", "is no pattern"),
        ],
    )
    def test_is_refused_by_file_and_entry(self, change, file, old, new, said):
        folder = change(file, old, new)

        assert said in refusal(folder)

    def test_is_refused_with_every_fault_at_once(self, change):
        change("snippets/sleep.yaml", "  topic: sleep", "  topic: dreams")
        folder = change("snippets/pain.yaml", "  kind: benefit", "  kind: boast")

        said = refusal(folder).splitlines()

        assert [line.split(":")[0] for line in said] == [
            "snippets/pain.yaml",
            "snippets/pain.yaml",
            "snippets/sleep.yaml",
        ]

    def test_may_lack_a_file(self, copied):
        (copied / "sources.yaml").unlink()

        assert "sources.yaml: cannot be read" in refusal(copied)

    def test_may_be_no_yaml_at_all(self, copied):
        (copied / "snippets" / "sleep.yaml").write_text("- slug: [", encoding="utf-8")

        assert "snippets/sleep.yaml: cannot be read" in refusal(copied)

    def test_may_be_laid_out_otherwise(self, copied):
        (copied / "snippets" / "sleep.yaml").write_text("sleep-well: {title: Sleep}", encoding="utf-8")

        assert "snippets/sleep.yaml: is not laid out" in refusal(copied)

    def test_runs_no_code(self, copied):
        (copied / "meta.yaml").write_text("!!python/object/apply:os.getcwd []", encoding="utf-8")

        assert "meta.yaml: cannot be read" in refusal(copied)
