import time_machine

from content.models import Snippet
from tests.web.visitor import text_of


class TestTheStartPage:
    def test_answers_before_the_studio_is_set_up(self, db, sam):
        answer = sam.get("/")

        assert answer.status_code == 200
        assert "being set up" in text_of(answer)

    def test_shows_places_massages_and_prices(self, house, sam):
        page = text_of(sam.get("/"))

        assert "Massage at Stillwater" in page
        assert "Kai 1" in page
        assert "Berlin time" in page
        assert 'href="tel:+49401234567"' in page
        assert "60 min" in page
        assert "€95" in page
        assert "Scalp, 15 min, €12.50" in page
        assert "/api/v1/docs/" in page

    def test_leaves_out_what_is_not_offered(self, house, sam):
        house.swedish.is_active = False
        house.swedish.save()

        assert "Swedish" not in text_of(sam.get("/"))

    def test_escapes_what_the_studio_wrote(self, house, sam):
        """S45."""
        house.swedish.description = "<script>alert(1)</script>"
        house.swedish.save()

        assert "<script>" not in text_of(sam.get("/"))


class TestTheLibrary:
    def test_lists_approved_notes_only(self, approved, sam):
        page = text_of(sam.get("/learn/"))
        drafts = Snippet.objects.exclude(status="approved")

        assert drafts.exists()
        assert not [draft.slug for draft in drafts if f"/learn/{draft.slug}/" in page]
        assert page.count('href="/learn/') > 5

    def test_says_so_when_nothing_is_approved(self, db, sam):
        assert "No note has been approved yet" in text_of(sam.get("/learn/"))


class TestANotesPage:
    def test_says_how_sure_what_was_compared_and_where_it_is_written(self, approved, sam):
        note = Snippet.objects.filter(status="approved", citations__source__doi__gt="").first()
        source = note.citations.first().source

        page = text_of(sam.get(f"/learn/{note.slug}/"))

        assert "How sure" in page
        assert "What was compared" in page
        assert f'href="https://doi.org/{source.doi}"' in page
        assert "23 November 2026" in page
        assert "not medical advice" in page
        assert "due for review" not in page

    def test_past_its_review_date_stays_and_says_that_it_is_due(self, approved, sam):
        note = Snippet.objects.filter(status="approved").first()

        with time_machine.travel("2031-01-01"):
            page = text_of(sam.get(f"/learn/{note.slug}/"))

        assert "was due for review on" in page

    def test_of_a_draft_is_not_there(self, approved, sam):
        draft = Snippet.objects.exclude(status="approved").first()

        assert sam.get(f"/learn/{draft.slug}/").status_code == 404
        assert sam.get("/learn/never-was/").status_code == 404

    def test_needs_the_same_statements_for_all_notes(self, approved, sam, django_assert_max_num_queries):
        with django_assert_max_num_queries(4):
            sam.get("/learn/")
