import pytest
from rest_framework.test import APIClient

from content import review
from tests.content.conftest import NOW

SNIPPETS = "/api/v1/snippets/"


@pytest.fixture
def sam() -> APIClient:
    """Sam reads and is nobody in particular."""
    return APIClient()


def refused(answer, status: int = 400) -> dict[str, list[str]]:
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    return answer.json().get("errors", {})


class TestTheListOfSnippets:
    def test_shows_the_approved_by_slug(self, sam, approved):
        answer = sam.get(SNIPPETS)

        slugs = [snippet["slug"] for snippet in answer.json()["results"]]
        assert answer.status_code == 200
        assert slugs == sorted(approved.approved)
        assert (answer.json()["next"], answer.json()["previous"]) == (None, None)

    def test_shows_neither_drafts_nor_checked_nor_retired_ones(self, sam, publish, write):
        write(slug="draft")
        write(slug="checked")
        review.science_check("checked", by="Robin", at=NOW)
        publish(slug="retired")
        review.retire("retired", by="Kim", at=NOW)

        assert sam.get(SNIPPETS).json()["results"] == []

    def test_filters_by_topic_and_grade(self, sam, approved):
        found = sam.get(SNIPPETS, {"topic": "oxytocin", "grade": "strong"}).json()["results"]

        assert [snippet["slug"] for snippet in found] == ["oxytocin-what-it-is"]

    def test_pages_with_a_cursor(self, sam, approved):
        first = sam.get(SNIPPETS, {"limit": 20}).json()
        second = sam.get(first["next"]).json()
        back = sam.get(second["previous"]).json()

        slugs = [snippet["slug"] for page in (first, second) for snippet in page["results"]]
        assert slugs == sorted(approved.approved)
        assert second["next"] is None
        assert back["results"] == first["results"]

    @pytest.mark.parametrize("limit", [1, 50, 200])
    def test_takes_limits_from_1_to_200(self, sam, approved, limit):
        assert len(sam.get(SNIPPETS, {"limit": limit}).json()["results"]) == min(limit, 29)

    def test_takes_as_many_queries_for_many_as_for_one(self, sam, approved, django_assert_num_queries):
        with django_assert_num_queries(3):
            sam.get(SNIPPETS, {"limit": 1})
        with django_assert_num_queries(3):
            sam.get(SNIPPETS)


@pytest.mark.django_db
class TestARequestThatMakesNoSense:
    @pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "", "1e2", "٣", "9" * 5000])
    def test_is_told_about_its_limit(self, sam, limit):
        assert "from 1 to 200" in refused(sam.get(SNIPPETS, {"limit": limit}))["limit"][0]

    def test_is_told_which_topics_there_are(self, sam):
        errors = refused(sam.get(SNIPPETS, {"topic": "cortisol"}))

        assert errors["topic"][0].startswith("“cortisol” is not one of: oxytocin, endorphins, stress")

    @pytest.mark.parametrize("grade", ["wrong", "A", "strong' OR 1=1 --", "\x00"])
    def test_is_told_which_grades_there_are(self, sam, grade):
        """S51."""
        errors = refused(sam.get(SNIPPETS, {"grade": grade}))

        assert errors["grade"][0].endswith("is not one of: strong, moderate, limited, conflicting.")

    @pytest.mark.parametrize("name", ["ordering", "fields", "status", "_connector", "topic__in", "service"])
    def test_is_told_the_parameter_that_does_not_exist(self, sam, name):
        """S51."""
        assert refused(sam.get(SNIPPETS, {name: "draft"})) == {name: ["There is no such parameter."]}

    def test_is_told_what_it_said_twice(self, sam):
        assert refused(sam.get(f"{SNIPPETS}?topic=sleep&topic=pain")) == {"topic": ["Give it once."]}

    @pytest.mark.parametrize("cursor", ["nonsense", "%%%", "\x00", "cD0lMDA="])
    def test_is_told_about_its_cursor(self, sam, cursor):
        assert "cursor" in refused(sam.get(SNIPPETS, {"cursor": cursor}))

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_changes_nothing(self, sam, method):
        assert getattr(sam, method)(SNIPPETS, {}, format="json").status_code in {403, 405}


class TestOneSnippet:
    def test_tells_what_a_reader_needs_to_judge_it(self, sam, approved):
        answer = sam.get(f"{SNIPPETS}stress-calmer-after-one/")

        assert answer.status_code == 200
        assert answer.json() == {
            "slug": "stress-calmer-after-one",
            "title": "Calmer after a single session",
            "body": (
                "An analysis of 37 massage trials found that one session can ease worry in the moment and slow the "
                "heart a little. It did not reliably lift a bad mood or lower the stress hormone cortisol. So come "
                "for the calm. That's the part with the best proof."
            ),
            "topic": "stress",
            "grade": "moderate",
            "compared_with": ["Meta-analysis, 37 randomised studies"],
            "citations": [
                {
                    "text": "Moyer et al., 2004, Psychol Bull",
                    "doi": "10.1037/0033-2909.130.1.3",
                    "pmid": "",
                    "url": "https://doi.org/10.1037/0033-2909.130.1.3",
                }
            ],
            "reviewed_on": "2026-11-23",
            "review_by": "2027-11-22",
        }

    @pytest.mark.parametrize("slug", ["no-such-snippet", "oxytocin-no-promises"])
    def test_is_not_found_if_unknown_or_not_approved(self, sam, approved, slug):
        refused(sam.get(f"{SNIPPETS}{slug}/"), status=404)

    def test_looks_the_same_if_unknown_or_not_approved(self, sam, approved):
        unknown = sam.get(f"{SNIPPETS}no-such-snippet/").json()
        held_back = sam.get(f"{SNIPPETS}oxytocin-no-promises/").json()

        assert unknown == held_back

    def test_takes_no_parameters(self, sam, approved):
        assert "fields" in refused(sam.get(f"{SNIPPETS}stress-calmer-after-one/", {"fields": "id"}))
