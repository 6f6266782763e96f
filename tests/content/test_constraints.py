"""What PostgreSQL refuses, whoever asks: every rule by its name."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from content.models import Citation, Myth, Snippet, Source


def refused_as(name: str):
    return pytest.raises(IntegrityError, match=name)


@pytest.fixture
def set_by_force():
    """Change a row behind the back of content.review."""

    def set_by_force(snippet, **values):
        with transaction.atomic():
            Snippet.objects.filter(pk=snippet.pk).update(**values)
            connection.check_constraints()

    return set_by_force


class TestAnApprovedSnippet:
    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            ({"grade": "unsupported"}, "unsupported_and_wrong_claims_are_never_approved"),
            ({"grade": "wrong"}, "unsupported_and_wrong_claims_are_never_approved"),
            ({"source_check": "partial"}, "approved_snippets_have_sources_read_in_full"),
            ({"review_by": None}, "approved_snippets_have_a_review_date"),
            ({"approved_by": ""}, "approved_snippets_say_who_approved_and_when"),
            ({"approved_at": None}, "approved_snippets_say_who_approved_and_when"),
            ({"science_checked_by": ""}, "checked_snippets_say_who_checked_and_when"),
            ({"science_checked_at": None}, "checked_snippets_say_who_checked_and_when"),
            ({"approved_by": "Robin"}, "two_different_people_check_a_snippet"),
            ({"approved_by": "ROBIN"}, "two_different_people_check_a_snippet"),
        ],
    )
    def test_keeps_what_made_it_so(self, publish, set_by_force, values, rule):
        """Check 49."""
        snippet = publish()

        with refused_as(rule):
            set_by_force(snippet, **values)

    def test_keeps_a_source(self, publish):
        """Check 49."""
        snippet = publish()

        with refused_as("approved_snippets_cite_a_source"), transaction.atomic():
            snippet.citations.all().delete()
            connection.check_constraints()

    def test_may_exchange_its_only_source_in_one_transaction(self, publish, source):
        snippet = publish()

        with transaction.atomic():
            snippet.citations.all().delete()
            Citation.objects.create(snippet=snippet, source=source, position=1, text="Calm again, 2021")
            connection.check_constraints()

        assert [cited.text for cited in snippet.citations.all()] == ["Calm again, 2021"]

    def test_may_be_deleted_with_its_citations(self, publish):
        snippet = publish()

        with transaction.atomic():
            snippet.delete()
            connection.check_constraints()

        assert not Snippet.objects.exists()

    def test_cannot_begin_without_a_source(self, write, set_by_force):
        """Check 49."""
        snippet = write(cites=False)

        with refused_as("approved_snippets_cite_a_source"):
            set_by_force(
                snippet,
                status="approved",
                science_checked_by="Robin",
                science_checked_at="2026-11-23T09:00Z",
                approved_by="Kim",
                approved_at="2026-11-23T09:00Z",
            )


class TestAnySnippet:
    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            ({"status": "sent"}, "a_snippet_has_a_known_status"),
            ({"grade": "certain"}, "a_snippet_has_a_known_grade"),
            ({"moments": ["breakfast"]}, "a_snippet_goes_to_known_moments"),
            ({"moments": []}, "a_snippet_goes_to_known_moments"),
            ({"services": ["sauna"]}, "a_snippet_goes_to_known_services"),
            ({"services": []}, "a_snippet_goes_to_known_services"),
            ({"not_for": ["any"]}, "a_snippet_goes_to_known_services"),
            ({"goals": ["wealth"]}, "a_snippet_has_known_goals"),
            ({"status": "science-checked"}, "checked_snippets_say_who_checked_and_when"),
        ],
    )
    def test_uses_known_words(self, write, set_by_force, values, rule):
        snippet = write()

        with refused_as(rule):
            set_by_force(snippet, **values)

    def test_may_be_a_draft_without_a_review_date(self, write):
        assert write(review_by=None).status == "draft"

    def test_cites_a_source_once_and_in_one_order(self, write, source):
        snippet = write()
        other = Source.objects.create(slug="other", authors="O", title="O", verification="full")

        with refused_as("a_snippet_cites_a_source_once"), transaction.atomic():
            Citation.objects.create(snippet=snippet, source=source, position=2, text="Again")
            connection.check_constraints()
        with refused_as("citations_stand_in_one_order"), transaction.atomic():
            Citation.objects.create(snippet=snippet, source=other, position=1, text="First too")
            connection.check_constraints()


class TestSourcesAndMyths:
    def test_use_known_words(self, source):
        with refused_as("a_source_is_read_in_full_or_in_part"), transaction.atomic():
            Source.objects.filter(pk=source.pk).update(verification="skimmed")
        with refused_as("a_myth_has_a_known_grade"), transaction.atomic():
            Myth.objects.create(code="M0", slug="m", never_say="x", why="x", say_instead="x", grade="certain")

    def test_a_cited_source_stays(self, write, source):
        write()

        with pytest.raises(IntegrityError), transaction.atomic():
            Source.objects.filter(pk=source.pk).delete()


class TestASource:
    def test_leads_readers_to_the_doi_first(self, source):
        assert source.url == "https://doi.org/10.1000/calm"

    def test_leads_them_to_pubmed_next(self, source):
        source.doi, source.pmid = "", "123"

        assert source.url == "https://pubmed.ncbi.nlm.nih.gov/123/"

    def test_leads_them_to_where_it_was_read_last(self, source):
        source.doi, source.seen_at = "", "https://a.test/x ; https://b.test/y"

        assert source.url == "https://a.test/x"

    def test_is_dated_by_the_approval(self, publish, write):
        assert publish().reviewed_on == date(2026, 11, 23)
        assert write(slug="another").reviewed_on is None
