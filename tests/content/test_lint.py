"""Each house rule, seen to fail on a planted snippet and to pass on everything we ship."""

from dataclasses import replace
from datetime import date

import pytest

from content import lint, shelf, soundness
from content.lint import Cited, Wording

MOYER = Cited(text="Moyer et al., 2004, Psychol Bull", participants="40", read_in_full=True)
CLEAN = Wording(
    title="A calm hour",
    body="In one small study, forty people may have felt calmer after a massage than after rest.",
    kind="benefit",
    topic="stress",
    grade="limited",
    moments=("confirmation",),
    services=("any",),
    not_for=(),
    allow_terms=(),
    citations=(MOYER,),
    source_check="full",
    dated_on=date(2026, 11, 22),
    review_by=date(2027, 11, 22),
)
RULES = shelf.read_rules()


def rules_broken(**changes) -> set[str]:
    return {finding.rule for finding in lint.lint(replace(CLEAN, **changes), RULES)}


def body(text: str, **changes) -> set[str]:
    """The rules broken by a text that hedges and names its size besides."""
    return rules_broken(body=f"{text} It may be so in forty people.", **changes)


class TestTheShippedLibrary:
    def test_breaks_no_rule(self, library):
        """Check 50: the words that wait for a science check apart."""
        sources = {source.slug: source for source in library.sources}

        broken = {
            entry.slug: lint.faults(lint.lint(soundness.wording(entry, sources), library.rules))
            for entry in library.snippets
        }

        assert {slug: findings for slug, findings in broken.items() if findings} == {}

    def test_says_nothing_of_hormones_without_asking_for_a_review(self, library):
        """Check 50."""
        sources = {source.slug: source for source in library.sources}

        waiting = {
            entry.slug
            for entry in library.snippets
            for finding in lint.lint(soundness.wording(entry, sources), library.rules)
            if finding.rule == lint.CLAIM_WORD
        }

        assert {entry.slug for entry in library.snippets if entry.topic in {"oxytocin", "endorphins"}} <= waiting
        assert "recovery-sore-after-training" not in waiting


class TestACleanSnippet:
    def test_has_no_findings(self):
        assert rules_broken() == set()


class TestLength:
    def test_title_has_at_most_60_characters(self):
        assert rules_broken(title="x" * 60) == set()
        assert rules_broken(title="x" * 61) == {"title-too-long"}

    def test_body_has_at_most_60_words(self):
        assert "body-too-wordy" in rules_broken(body="We may. " * 31)
        assert "body-too-wordy" not in rules_broken(body="We may. " * 30)

    def test_body_near_the_visit_has_at_most_50_words(self):
        assert "body-too-wordy" in rules_broken(body="We may. " * 26, moments=("reminder-2h",))
        assert "body-too-wordy" not in rules_broken(body="We may. " * 25, moments=("reminder-2h",))

    def test_body_has_at_most_300_characters(self):
        assert "body-too-long" in rules_broken(body="x" * 301)
        assert "body-too-long" not in rules_broken(body="x" * 300)

    def test_nothing_is_not_a_snippet(self):
        assert "empty" in rules_broken(title=" ")
        assert "empty" in rules_broken(body="")


class TestReading:
    def test_a_sentence_has_at_most_25_words(self):
        assert "sentence-too-long" in rules_broken(body="so " * 26 + ".")
        assert "sentence-too-long" not in rules_broken(body="so " * 24 + "so.")

    def test_is_easy(self):
        assert "hard-to-read" in body("Physiological parasympathetic reactivity necessitates contextualisation.")

    def test_is_calm(self):
        assert body("Lie down!") == {"shouting"}


class TestStoredText:
    @pytest.mark.parametrize(
        "planted",
        [
            "{{settings.SECRET_KEY}}",
            "{% include 'x' %}",
            "{0.__class__}",
            "{# note #}",
            "${HOME}",
            "$name",
            "%(name)s",
            "<script>alert(1)</script>",
            "<b>bold</b>",
            "&lt;b",
            "[here](x)",
            "`code`",
            "two\nlines",
        ],
    )
    def test_is_plain_text_and_never_a_template(self, planted):
        """S52."""
        assert "not-plain-text" in body(planted)
        assert "not-plain-text" in rules_broken(title=planted)
        assert "not-plain-text" in rules_broken(citations=(replace(MOYER, text=planted),))

    @pytest.mark.parametrize("planted", ["https://a.test/x", "www.a.test", "massage.com", "kim@studio"])
    def test_has_no_address(self, planted):
        assert body(f"See {planted} now.") == {"web-address"}


class TestSelling:
    @pytest.mark.parametrize(
        "planted",
        ["Only £45.", "Now 45 euros.", "Take 20% off.", "Buy a voucher.", "A free session.", "Please rebook."],
    )
    def test_is_refused(self, planted):
        """Check 48."""
        assert "selling" in body(planted, allow_terms=(r"\b\d{1,3} ?(%|per ?cent)",))

    def test_is_refused_in_a_title(self):
        assert "selling" in rules_broken(title="A gift card for you")


class TestBannedTerms:
    @pytest.mark.parametrize(
        "planted",
        [
            "It flushes toxins.",
            "A detox.",
            "It boosts you.",
            "Like morphine.",
            "It cures.",
            "It heals.",
            "It treats you.",
            "Good for immunity.",
            "It clears lactic acid.",
            "It breaks up knots.",
            "A love hormone.",
            "Better circulation.",
            "Clinically shown.",
            "A 31% fall.",
            "Book now.",
            "Less inflammation.",
            "Promising work.",
        ],
    )
    def test_are_found(self, planted):
        assert "banned-term" in body(planted, reviewed=True)

    def test_are_found_in_capitals(self):
        assert "banned-term" in body("PROVEN.")

    def test_may_be_quoted_by_a_correction_that_says_so(self):
        quoted = body("Lactic acid goes by itself.", allow_terms=("lactic acid",))

        assert "banned-term" not in quoted

    def test_are_whole_words(self):
        assert "banned-term" not in body("We deal cards? No, ideals.", allow_terms=(r"\b(discount|offer|deal)\b",))
        assert body("Secure and healthy.") == set()


class TestClaimWords:
    @pytest.mark.parametrize("word", ["cure", "treat", "heal", "detox", "immune", "cortisol", "oxytocin", "endorphins"])
    def test_wait_for_a_science_check(self, word):
        """Check 50."""
        assert lint.CLAIM_WORD in body(f"About {word}.", not_for=("prenatal",))
        assert lint.CLAIM_WORD not in body(f"About {word}.", not_for=("prenatal",), reviewed=True)


class TestHedges:
    def test_of_a_limited_grade_are_required(self):
        assert rules_broken(body="Forty people felt calmer.") == {"needs-hedge"}

    def test_of_a_moderate_grade_are_required(self):
        assert rules_broken(body="It makes you calm.", grade="moderate") == {"needs-hedge"}
        assert rules_broken(body="It can calm.", grade="moderate") == set()

    def test_of_a_conflicting_grade_tell_both_sides(self):
        soon = date(2027, 5, 22)

        assert rules_broken(body="It may calm.", grade="conflicting", review_by=soon) == {"needs-hedge"}
        assert rules_broken(body="One did, another did not.", grade="conflicting", review_by=soon) == set()

    def test_are_not_needed_for_a_settled_fact(self):
        assert rules_broken(body="Skin has nerves.", grade="strong") == set()

    @pytest.mark.parametrize("grade", ["strong", "moderate", "limited", "conflicting"])
    def test_leave_no_promise(self, grade):
        assert "promise" in body("You'll feel calm.", grade=grade)

    @pytest.mark.parametrize("grade", ["limited", "conflicting"])
    def test_keep_the_benefit_out_of_the_title(self, grade):
        assert "title-promises" in rules_broken(title="Massage eases worry", grade=grade)
        assert "title-promises" not in rules_broken(title="Massage eases worry", grade="moderate")

    @pytest.mark.parametrize("grade", ["unsupported", "wrong", "nonsense"])
    def test_do_not_save_what_is_not_so(self, grade):
        assert "not-sendable" in rules_broken(grade=grade)


class TestASingleSmallStudy:
    def test_is_told_with_its_size(self):
        assert rules_broken(body="In one small study people may have felt calmer.") == {"size-not-named"}

    def test_may_lack_a_size_that_nobody_saw(self):
        unseen = (replace(MOYER, participants="not seen"),)

        assert rules_broken(body="In one small study people may have felt calmer.", citations=unseen) == set()

    def test_is_not_what_two_sources_are(self):
        assert rules_broken(body="People may have felt calmer.", citations=(MOYER, MOYER)) == set()


class TestSources:
    def test_are_needed(self):
        """Check 49."""
        assert rules_broken(citations=()) == {"no-source"}

    def test_fit_the_citation_line(self):
        assert rules_broken(citations=(replace(MOYER, text="x" * 120, participants=""),)) == {"citation-too-long"}

    def test_were_read_in_full_where_the_check_says_so(self):
        half_read = (replace(MOYER, read_in_full=False),)

        assert rules_broken(citations=half_read) == {"source-not-read"}
        assert rules_broken(citations=half_read, source_check="partial") == set()


class TestTheReviewDate:
    def test_is_no_later_than_the_grade_allows(self):
        assert rules_broken(review_by=date(2027, 11, 22)) == set()
        assert rules_broken(review_by=date(2027, 11, 23)) == {"review-too-late"}

    def test_counts_months_to_their_last_day(self):
        assert lint.latest_review(date(2026, 8, 31), 6) == date(2027, 2, 28)
        assert lint.latest_review(date(2026, 12, 1), 24) == date(2028, 12, 1)


class TestPrenatalVisits:
    def test_get_no_hormone_note(self):
        assert "not-for-prenatal" in body("About oxytocin.", services=("swedish",))
        assert "not-for-prenatal" not in body("About oxytocin.", not_for=("prenatal",))

    def test_get_only_stress_and_aftercare_notes(self):
        assert rules_broken(topic="pain") == {"not-for-prenatal"}
        assert rules_broken(topic="pain", services=("swedish",)) == set()


class TestTheCitationLine:
    def test_names_one_source(self):
        assert lint.citation_line(["Moyer et al., 2004, Psychol Bull"], 110) == (
            "Source: Moyer et al., 2004, Psychol Bull"
        )

    def test_names_two(self):
        assert lint.citation_line(["A, 2004, X", "B, 2005, Y"], 110) == "Sources: A, 2004, X; B, 2005, Y"

    def test_counts_those_that_do_not_fit(self):
        line = lint.citation_line(["A" * 50, "B" * 50, "C" * 50], 110)

        assert line == f"Sources: {'A' * 50} and 2 more"

    def test_never_grows_beyond_its_limit(self, library):
        lines = [lint.citation_line([cited.text for cited in entry.citations], 110) for entry in library.snippets]

        assert all(0 < len(line) <= 110 for line in lines)
