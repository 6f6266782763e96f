"""The editor's desk: Robin and Kim are editors with accounts of their own."""

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client

from content import review
from content.models import Citation, Snippet, Source
from tests.content.conftest import NOW

pytestmark = pytest.mark.usefixtures("today")
LIST = "/admin/content/snippet/"


@pytest.fixture
def sign_in(db):
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(User.objects.create_superuser(name))
        return client

    return sign_in


@pytest.fixture
def robin(sign_in) -> Client:
    return sign_in("robin")


@pytest.fixture
def kim(sign_in) -> Client:
    return sign_in("kim")


def take(client: Client, action: str, *snippets: Snippet) -> list[str]:
    """Choose snippets in the list and run an action; what the editor is told comes back."""
    answer = client.post(LIST, {"action": action, "_selected_action": [snippet.pk for snippet in snippets]})
    assert answer.status_code == 302
    return [str(message) for message in get_messages(answer.wsgi_request)]


def edit(client: Client, snippet: Snippet, **changes: str) -> list[str]:
    """Open a snippet, change some fields and save; what the editor is told comes back."""
    page = client.get(f"{LIST}{snippet.pk}/change/")
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    for inline in page.context["inline_admin_formsets"]:
        formset = inline.formset
        data |= {f"{formset.prefix}-{name}": value for name, value in formset.management_form.initial.items()}
        for row in formset.forms:
            data |= {row[name].html_name: row[name].value() or "" for name in row.fields}
    answer = client.post(f"{LIST}{snippet.pk}/change/", {**data, **changes})
    assert answer.status_code == 302, answer.context["errors"]
    return [str(message) for message in get_messages(answer.wsgi_request)]


def state(snippet: Snippet) -> str:
    return Snippet.objects.get(pk=snippet.pk).status


class TestTheEditor:
    def test_takes_a_draft_to_approval_with_a_colleague(self, robin, kim, write):
        snippet = write()

        assert take(robin, "mark_science_checked", snippet) == ["Done for 1."]
        assert take(kim, "approve", snippet) == ["Done for 1."]

        stored = Snippet.objects.get(pk=snippet.pk)
        assert (stored.status, stored.science_checked_by, stored.approved_by) == ("approved", "robin", "kim")

    def test_cannot_approve_what_the_same_editor_checked(self, robin, write):
        snippet = write()
        take(robin, "mark_science_checked", snippet)

        told = take(robin, "approve", snippet)

        assert told[-1] == "a-calm-hour: robin checked the science; another person must approve."
        assert state(snippet) == "science-checked"

    def test_cannot_check_what_was_read_in_part(self, robin, write):
        snippet = write(source_check="partial")

        told = take(robin, "mark_science_checked", snippet)

        assert told == [
            "a-calm-hour: Its sources were read in part only. Read them, then set the source check to full."
        ]
        assert state(snippet) == "draft"

    def test_is_told_of_each_refusal_and_the_rest_is_done(self, robin, write):
        told = take(robin, "mark_science_checked", write(), write(slug="b", cites=False))

        assert told == ["b: It cites no source.", "Done for 1."]

    def test_retires_and_reopens(self, kim, publish):
        snippet = publish()

        take(kim, "retire", snippet)
        assert state(snippet) == "retired"

        take(kim, "reopen", snippet)
        assert state(snippet) == "draft"

    def test_finds_snippets_by_state_and_grade(self, kim, publish, write):
        publish()
        write(slug="waiting-draft")

        page = kim.get(LIST, {"status__exact": "draft"}).content.decode()

        assert "waiting-draft" in page
        assert "a-calm-hour" not in page

    def test_must_be_signed_in(self, write):
        assert Client().get(LIST).status_code == 302


class TestThePageOfASnippet:
    def test_says_it_is_clean(self, kim, publish):
        page = kim.get(f"{LIST}{publish().pk}/change/").content.decode()

        assert "Nothing: it is clean." in page

    def test_shows_what_breaks_the_rules_escaped(self, kim, write):
        """S45, S46."""
        snippet = write(body="You'll feel <script>alert(1)</script> https://a.test")

        page = kim.get(f"{LIST}{snippet.pk}/change/").content.decode()

        assert "<b>not-plain-text</b>: Titles, bodies and citations are plain text on one line." in page
        assert "<b>web-address</b>" in page
        assert "<script>alert(1)" not in page

    def test_says_that_hormones_wait_for_a_check(self, kim, write):
        snippet = write(title="About oxytocin", not_for=["prenatal"])

        page = kim.get(f"{LIST}{snippet.pk}/change/").content.decode()

        assert "<b>claim-word</b>: “oxytocin” is a claim about the body" in page

    def test_opens_for_a_new_snippet(self, kim):
        assert "Save it first." in kim.get(f"{LIST}add/").content.decode()


class TestEditingAnApprovedSnippet:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", "A calmer hour"),
            ("source_check", "partial"),
            ("grade", "wrong"),
            ("review_by", ""),
            ("not_for", "prenatal\nsports"),
            ("citations-0-text", "Calm, 2021, J Calm"),
            ("citations-0-DELETE", "on"),
        ],
    )
    def test_makes_it_a_draft_again(self, kim, publish, field, value):
        """Check 49."""
        snippet = publish()

        told = edit(kim, snippet, **{field: value})

        assert "What was checked has changed, so it is a draft again." in told
        assert state(snippet) == "draft"

    def test_keeps_the_approval_when_nothing_was_changed(self, kim, publish):
        snippet = publish(contraindications=["fever, or infection", "new pain"], also=["a", "b"])

        edit(kim, snippet)

        stored = Snippet.objects.get(pk=snippet.pk)
        assert stored.status == "approved"
        assert stored.contraindications == ["fever, or infection", "new pain"]

    def test_keeps_the_approval_when_only_the_goals_changed(self, kim, publish):
        snippet = publish()

        edit(kim, snippet, goals="general\nsleep")

        assert Snippet.objects.get(pk=snippet.pk).goals == ["general", "sleep"]
        assert state(snippet) == "approved"

    def test_leaves_the_retired_retired(self, kim, publish):
        snippet = publish()
        review.retire(snippet.slug, by="Kim", at=NOW)

        edit(kim, snippet, title="A calmer hour")

        assert state(snippet) == "retired"

    def test_refuses_words_nobody_knows(self, kim, publish):
        snippet = publish()

        with pytest.raises(AssertionError, match="Name at least one moment of"):
            edit(kim, snippet, moments="breakfast")


class TestWritingANewSnippet:
    def test_makes_a_draft(self, kim, source):
        kim.post(
            f"{LIST}add/",
            {
                "slug": "our-own",
                "kind": "fact",
                "title": "Our own",
                "body": "Skin has nerves.",
                "topic": "stress",
                "grade": "strong",
                "moments": "confirmation\r\nreminder-24h",
                "services": "any",
                "uk_cap": "ok",
                "source_check": "full",
                "drafted_on": "2026-11-23",
                "citations-TOTAL_FORMS": "1",
                "citations-INITIAL_FORMS": "0",
                "citations-0-source": source.pk,
                "citations-0-position": "1",
                "citations-0-text": "Calm, 2020, J Calm",
            },
        )

        snippet = Snippet.objects.get(slug="our-own")
        assert (snippet.status, snippet.moments) == ("draft", ["confirmation", "reminder-24h"])
        assert Citation.objects.get(snippet=snippet).source == source


class TestEditingASource:
    @pytest.mark.parametrize(
        ("field", "value", "status"),
        [
            ("verification", "partial", "draft"),
            ("result", "Retracted", "draft"),
            ("note", "Also seen in print", "approved"),
        ],
    )
    def test_takes_what_rests_on_its_result_back_to_draft(self, kim, publish, source, field, value, status):
        snippet = publish()
        page = f"/admin/content/source/{source.pk}/change/"
        form = kim.get(page).context["adminform"].form

        answer = kim.post(page, {**{name: form[name].value() for name in form.fields}, field: value})

        assert answer.status_code == 302
        assert state(snippet) == status


class TestTheOtherPages:
    @pytest.mark.parametrize("page", ["source", "myth"])
    def test_open(self, kim, loaded, page):
        assert kim.get(f"/admin/content/{page}/").status_code == 200
        assert Source.objects.exists()
