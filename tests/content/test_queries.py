from datetime import date, timedelta

import pytest

from content import queries, review
from content.models import Snippet
from tests.content.conftest import NOW, TODAY

LATER = date(2027, 11, 23)


def sendable(moment="confirmation", service_kind="swedish", *, today=TODAY, allow_conflicting=False) -> list[str]:
    found = queries.sendable(today=today, moment=moment, service_kind=service_kind, allow_conflicting=allow_conflicting)
    return [snippet.slug for snippet in found]


class TestWhatIsSendable:
    def test_is_approved(self, write):
        """Check 49."""
        write()
        assert sendable() == []

        review.science_check("a-calm-hour", by="Robin", at=NOW)
        assert sendable() == []

        review.approve("a-calm-hour", by="Kim", at=NOW)
        assert sendable() == ["a-calm-hour"]

        review.retire("a-calm-hour", by="Kim", at=NOW)
        assert sendable() == []

    def test_is_not_past_its_review(self, publish):
        """Check 49."""
        publish()

        assert sendable(today=LATER) == ["a-calm-hour"]
        assert sendable(today=LATER + timedelta(days=1)) == []

    def test_fits_the_moment(self, publish):
        publish(moments=["follow-up"])

        assert sendable("follow-up") == ["a-calm-hour"]
        assert sendable("confirmation") == []
        assert sendable("breakfast") == []

    def test_fits_the_service(self, publish):
        """Check 51."""
        publish(services=["sports", "foot"])

        assert sendable(service_kind="foot") == ["a-calm-hour"]
        assert sendable(service_kind="swedish") == []

    def test_fits_any_service_but_those_it_is_not_for(self, publish):
        publish(not_for=["prenatal"])

        assert sendable(service_kind="chair") == ["a-calm-hour"]
        assert sendable(service_kind="prenatal") == []

    def test_is_nothing_for_a_service_nobody_knows(self, publish):
        publish()

        assert sendable(service_kind="sauna") == []

    def test_disagrees_with_itself_only_where_the_owner_allows_it(self, publish):
        publish(grade="conflicting", body="One did, another did not.", review_by=date(2027, 5, 1))

        assert sendable() == []
        assert sendable(allow_conflicting=True) == ["a-calm-hour"]

    def test_comes_in_one_order_and_one_query(self, approved, django_assert_num_queries):
        with django_assert_num_queries(1):
            found = sendable("reminder-24h", allow_conflicting=True)

        assert found == sorted(found)
        assert len(found) > 3

    def test_never_lacks_a_source_even_if_the_database_let_it(self, publish):
        """Check 49."""
        publish().citations.all().delete()

        assert sendable() == []
        Snippet.objects.all().delete()  # else the constraint speaks up at the end of the test


class TestTheFactsOfASnippet:
    def test_are_what_a_mail_prints(self, approved):
        library = queries.sendable_library(today=TODAY, allow_conflicting=True)
        snippet = next(each for each in library if each.slug == "recovery-lactic-acid")

        assert snippet.title == "Lactic acid needs no help from us"
        assert snippet.body.startswith("Massage doesn't flush out lactic acid.")
        assert snippet.grade == "moderate"
        assert snippet.citations == (
            "Wiltshire et al., 2010, Med Sci Sports Exerc",
            "Crane et al., 2012, Sci Transl Med",
            "Davis et al., 2020, BMJ Open Sport Exerc Med",
        )
        assert snippet.citation_line == (
            "Sources: Wiltshire et al., 2010, Med Sci Sports Exerc; Crane et al., 2012, Sci Transl Med and 1 more"
        )
        assert snippet.reviewed_on == TODAY
        assert snippet.review_by == date(2027, 11, 22)

    def test_ask_for_the_safety_line_where_a_benefit_has_a_warning(self, approved):
        library = {each.slug: each for each in queries.sendable_library(today=TODAY, allow_conflicting=True)}

        assert library["recovery-sore-after-training"].safety
        assert not library["recovery-lactic-acid"].safety
        assert not library["aftercare-a-little-tender"].safety

    def test_are_plain_values_that_stay_as_they_are(self, publish):
        publish()
        snippet = queries.sendable_library(today=TODAY, allow_conflicting=False)[0]

        with pytest.raises(AttributeError):
            snippet.title = "Other"  # type: ignore[misc]


class TestChoosingFromTheWholeLibrary:
    @pytest.mark.parametrize("allow_conflicting", [True, False])
    def test_gives_what_one_query_for_each_would(self, approved, allow_conflicting):
        """Check 51."""
        library = queries.sendable_library(today=TODAY, allow_conflicting=allow_conflicting)

        for moment in queries.MOMENTS:
            for kind in (*queries.SERVICE_KINDS, "sauna", "any"):
                chosen = [s.slug for s in library if queries.fits(s, moment=moment, service_kind=kind)]
                assert chosen == sendable(moment, kind, allow_conflicting=allow_conflicting), (moment, kind)

    def test_takes_one_query(self, approved, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert len(queries.sendable_library(today=TODAY, allow_conflicting=True)) == 29

    def test_leaves_out_the_conflicting_for_new_studios(self, approved):
        grades = {s.grade for s in queries.sendable_library(today=TODAY, allow_conflicting=False)}

        assert grades == {"strong", "moderate", "limited"}

    def test_sends_no_hormone_note_to_prenatal_visits(self, approved):
        """Check 51: by the service that was booked, never by what is known of the client."""
        for moment in queries.MOMENTS:
            found = queries.sendable(today=TODAY, moment=moment, service_kind="prenatal", allow_conflicting=True)

            assert {snippet.topic for snippet in found} <= {"stress", "aftercare"}

    def test_finds_a_note_for_every_moment_of_the_common_services(self, approved):
        kinds = ["swedish", "relaxation", "deep-tissue", "sports", "chair", "foot", "hot-stone", "couples"]
        library = queries.sendable_library(today=TODAY, allow_conflicting=False)

        without = [
            (moment, kind)
            for moment in queries.MOMENTS
            for kind in kinds
            if not any(queries.fits(snippet, moment=moment, service_kind=kind) for snippet in library)
        ]

        assert without == []


class TestWhatIsPublished:
    def test_is_approved_whether_due_for_review_or_not(self, publish, write):
        publish()
        write(slug="a-draft")

        assert [snippet.slug for snippet in queries.published()] == ["a-calm-hour"]


class TestTheLinesThatMailsPrint:
    def test_come_from_the_library(self, library):
        assert library.meta.disclaimer == queries.DISCLAIMER
        assert library.meta.safety_line == queries.SAFETY_LINE
        assert library.rules.limits["citation_line_chars"] == queries.CITATION_LINE_CHARS
