import pytest

from content import review
from content.models import Snippet
from tests.content.conftest import NOW


def state(slug: str) -> Snippet:
    return Snippet.objects.get(slug=slug)


class TestTheWayOfASnippet:
    def test_goes_from_draft_over_two_people_to_approved(self, write):
        write()

        review.science_check("a-calm-hour", by="Robin", at=NOW)
        review.approve("a-calm-hour", by="Kim", at=NOW)

        snippet = state("a-calm-hour")
        assert (snippet.status, snippet.science_checked_by, snippet.approved_by) == ("approved", "Robin", "Kim")
        assert snippet.science_checked_at == snippet.approved_at == NOW

    def test_ends_in_retirement_with_a_name(self, publish):
        publish()

        review.retire("a-calm-hour", by="Kim", at=NOW)

        snippet = state("a-calm-hour")
        assert (snippet.status, snippet.retired_by, snippet.retired_at) == ("retired", "Kim", NOW)

    def test_begins_again_when_reopened(self, publish):
        publish()

        review.reopen("a-calm-hour")

        snippet = state("a-calm-hour")
        assert (snippet.status, snippet.science_checked_by, snippet.approved_by) == ("draft", "", "")


class TestApproving:
    @pytest.mark.parametrize("name", ["Robin", "robin", "  Robin "])
    def test_is_refused_to_the_person_who_checked_the_science(self, write, name):
        write()
        review.science_check("a-calm-hour", by="Robin", at=NOW)

        with pytest.raises(review.ReviewRefused, match="another person must approve"):
            review.approve("a-calm-hour", by=name, at=NOW)

        assert state("a-calm-hour").status == "science-checked"

    def test_is_refused_before_the_science_check(self, write):
        write()

        with pytest.raises(review.ReviewRefused, match="Only a science-checked snippet is approved; this one is draft"):
            review.approve("a-calm-hour", by="Kim", at=NOW)

    @pytest.mark.parametrize("name", ["", "   "])
    def test_needs_a_name(self, write, name):
        write()
        review.science_check("a-calm-hour", by="Robin", at=NOW)

        with pytest.raises(review.ReviewRefused, match="Say who"):
            review.approve("a-calm-hour", by=name, at=NOW)

    def test_lifts_the_wait_of_claim_words(self, publish):
        """Check 50."""
        hormone = publish(title="About oxytocin", body="It can differ. We may say so.", not_for=["prenatal"])

        assert review.findings(hormone) == []


class TestCheckingTheScience:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"source_check": "partial"}, "read in part only"),
            ({"cites": False}, "cites no source"),
            ({"review_by": None}, "no review date"),
            ({"review_by": "2026-11-22"}, "review date has passed"),
            ({"body": "It may cure you."}, "We never say “cure”"),
            ({"grade": "unsupported"}, "is never sent"),
            ({"review_by": "2029-01-01"}, "so review within 12 months"),
        ],
    )
    def test_is_refused_with_a_plain_sentence(self, write, fields, said):
        """Check 49."""
        write(**fields)

        with pytest.raises(review.ReviewRefused, match=said):
            review.science_check("a-calm-hour", by="Robin", at=NOW)

        assert state("a-calm-hour").status == "draft"

    def test_is_done_once(self, write):
        write()
        review.science_check("a-calm-hour", by="Robin", at=NOW)

        with pytest.raises(review.ReviewRefused, match="Only a draft is checked"):
            review.science_check("a-calm-hour", by="Sam", at=NOW)

    def test_may_be_done_by_a_clock_that_is_behind(self, write):
        write()

        checked = review.science_check("a-calm-hour", by="Robin", at=NOW.replace(year=2025))

        assert checked.status == "science-checked"

    def test_may_be_done_on_the_last_day(self, write):
        write(review_by="2026-11-23")

        assert review.science_check("a-calm-hour", by="Robin", at=NOW).status == "science-checked"


class TestRetiring:
    def test_is_done_once(self, publish):
        publish()
        review.retire("a-calm-hour", by="Kim", at=NOW)

        with pytest.raises(review.ReviewRefused, match="retired already"):
            review.retire("a-calm-hour", by="Kim", at=NOW)
