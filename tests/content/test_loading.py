from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from content import loading, review, shelf
from content.models import Citation, Myth, Snippet, Source
from tests.content.conftest import NOW
from tests.content.test_library import HELD_BACK

SLEEP = "sleep-an-evening-massage"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("load_library", *arguments, stdout=out)
    return out.getvalue()


class TestLoading:
    def test_brings_everything_as_drafts_that_nobody_approved(self, loaded):
        assert str(loaded.snippets) == "36 created, 0 updated, 0 unchanged"
        assert (Source.objects.count(), Myth.objects.count()) == (78, 8)
        assert set(Snippet.objects.values_list("status", "approved_by", "science_checked_by")) == {("draft", "", "")}

    def test_brings_what_the_files_say(self, loaded):
        snippet = Snippet.objects.get(slug="recovery-lactic-acid")

        assert snippet.title == "Lactic acid needs no help from us"
        assert snippet.grade == "moderate"
        assert snippet.services == ["sports", "deep-tissue"]
        assert snippet.review_by == date(2027, 11, 22)
        assert [cited.source.slug for cited in snippet.citations.all()] == [
            "wiltshire2010",
            "crane2012",
            "davis2020",
        ]

    def test_changes_nothing_the_second_time(self, loaded, library):
        before = list(Snippet.objects.values()) + list(Citation.objects.values()) + list(Source.objects.values())

        again = loading.load(library)

        after = list(Snippet.objects.values()) + list(Citation.objects.values()) + list(Source.objects.values())
        assert str(again.snippets) == "0 created, 0 updated, 36 unchanged"
        assert str(again.sources) == "0 created, 0 updated, 78 unchanged"
        assert str(again.myths) == "0 created, 0 updated, 8 unchanged"
        assert after == before


class TestApprovingForTheDemo:
    def test_approves_all_but_the_seven_read_in_part(self, approved):
        assert len(approved.approved) == 29
        assert {slug for slug, _ in approved.left} == HELD_BACK
        assert all("read in part only" in why for _, why in approved.left)

    def test_names_two_people(self, approved):
        named = Snippet.objects.filter(status="approved").values_list("science_checked_by", "approved_by")

        assert set(named) == {("Robin", "Kim")}

    def test_leaves_out_what_is_past_its_review(self, loaded, library):
        slugs = [entry.slug for entry in library.snippets]

        late = loading.approve_checked(slugs, checked_as="Robin", approved_as="Kim", at=NOW.replace(year=2027, month=6))

        assert Snippet.objects.filter(grade="conflicting", status="approved").count() == 0
        assert len(late.approved) > 0

    def test_does_not_bring_back_what_the_studio_retired(self, approved, library):
        review.retire(SLEEP, by="Kim", at=NOW)

        again = loading.approve_checked([SLEEP], checked_as="Robin", approved_as="Kim", at=NOW)

        assert again == loading.Approvals(approved=[], left=[])
        assert Snippet.objects.get(slug=SLEEP).status == "retired"


class TestLoadingAChangedLibrary:
    def test_keeps_approvals_of_what_did_not_change(self, approved, change):
        report = loading.load(shelf.read_library(change("snippets/sleep.yaml", "a bit more", "some more")))

        assert report.withdrawn == [SLEEP]
        assert str(report.snippets) == "0 created, 1 updated, 35 unchanged"
        assert Snippet.objects.filter(status="approved").count() == 28

    def test_takes_a_new_text_back_to_draft(self, approved, change):
        """Check 49."""
        loading.load(shelf.read_library(change("snippets/sleep.yaml", "a bit more", "some more")))

        snippet = Snippet.objects.get(slug=SLEEP)
        assert "some more" in snippet.body
        assert (snippet.status, snippet.approved_by, snippet.approved_at) == ("draft", "", None)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("  title: An evening massage and your sleep", "  title: A massage in the evening"),
            ("  source_check: full", "  source_check: partial"),
            ("  services: [relaxation, swedish]", "  services: [relaxation, foot]"),
            ("  not_for: []", "  not_for: [sports]"),
            ("text: Ntoumas et al., 2025, Healthcare", "text: Ntoumas et al., 2025, Healthcare (Basel)"),
        ],
    )
    def test_takes_back_whatever_was_checked(self, approved, change, old, new):
        report = loading.load(shelf.read_library(change("snippets/sleep.yaml", old, new)))

        assert report.withdrawn == [SLEEP]

    def test_keeps_the_approval_when_only_the_occasion_changed(self, approved, change):
        report = loading.load(
            shelf.read_library(
                change("snippets/sleep.yaml", "moments: [reminder-24h, follow-up]", "moments: [follow-up]")
            )
        )

        snippet = Snippet.objects.get(slug=SLEEP)
        assert report.withdrawn == []
        assert (snippet.status, snippet.moments) == ("approved", ["follow-up"])

    def test_keeps_the_studio_s_own_review_date(self, approved, change):
        Snippet.objects.filter(slug=SLEEP).update(review_by=date(2027, 3, 1))

        loading.load(
            shelf.read_library(
                change("snippets/sleep.yaml", "moments: [reminder-24h, follow-up]", "moments: [follow-up]")
            )
        )

        assert Snippet.objects.get(slug=SLEEP).review_by == date(2027, 3, 1)

    def test_leaves_the_retired_retired(self, approved, change):
        review.retire(SLEEP, by="Kim", at=NOW)

        loading.load(shelf.read_library(change("snippets/sleep.yaml", "a bit more", "some more")))

        snippet = Snippet.objects.get(slug=SLEEP)
        assert snippet.status == "retired"
        assert "some more" in snippet.body

    def test_says_what_left_the_library_and_deletes_nothing(self, approved, copied):
        (copied / "snippets" / "sleep.yaml").write_text("[]", encoding="utf-8")

        report = loading.load(shelf.read_library(copied))

        assert report.gone == [SLEEP]
        assert Snippet.objects.filter(slug=SLEEP).exists()

    def test_updates_sources_and_myths(self, approved, change):
        change("myths.yaml", "'Water is here if you're thirsty.'", "'There is water if you're thirsty.'")
        folder = change("sources.yaml", "title: Oxytocin levels and", "title: On oxytocin levels and")

        report = loading.load(shelf.read_library(folder))

        assert str(report.sources) == "0 created, 1 updated, 77 unchanged"
        assert str(report.myths) == "0 created, 1 updated, 7 unchanged"
        assert Source.objects.get(slug="riem2017").title.startswith("On oxytocin")


class TestTheStudiosOwn:
    def test_wording_survives_a_reload(self, loaded, library):
        Snippet.objects.filter(slug=SLEEP).update(title="Our own title")

        loading.load(library)

        assert Snippet.objects.get(slug=SLEEP).title == "Our own title"

    def test_snippet_under_a_name_of_the_library_is_left_alone(self, write, library):
        write(slug=SLEEP)

        report = loading.load(library)

        assert report.own == [SLEEP]
        assert Snippet.objects.get(slug=SLEEP).title == "A calm hour"


@pytest.mark.django_db
@pytest.mark.usefixtures("today")
class TestTheCommand:
    def test_counts_what_it_did(self):
        assert (
            "Snippets: 36 created, 0 updated, 0 unchanged. Sources: 78 created, 0 updated, 0 unchanged. "
            "Myths: 8 created, 0 updated, 0 unchanged."
        ) in run()
        assert "Snippets: 0 created, 0 updated, 36 unchanged." in run()

    def test_approves_for_the_demo(self):
        said = run("--checked-as", "Robin", "--approve-as", "Kim")

        assert "Approved: 29. Left for a person: 7." in said
        assert "expect-tell-us-first waits for a person: Its sources were read in part only." in said

    def test_changes_nothing_in_a_dry_run(self):
        said = run("--dry-run", "--checked-as", "Robin", "--approve-as", "Kim")

        assert "36 created" in said
        assert "Dry run: nothing was changed." in said
        assert not Snippet.objects.exists()

    def test_says_which_approvals_fell(self, approved, change):
        folder = change("snippets/sleep.yaml", "a bit more", "some more")

        said = run("--library", str(folder))

        assert f"{SLEEP} is a draft again: the library changed what was checked." in said

    def test_loads_nothing_of_a_broken_library_and_names_the_place(self, change):
        folder = change("snippets/sleep.yaml", "  topic: sleep", "  topic: dreams")

        with pytest.raises(CommandError) as refused:
            run("--library", str(folder))

        assert str(refused.value).startswith(f"Nothing was loaded.\nsnippets/sleep.yaml: {SLEEP} topic names")
        assert refused.value.returncode == 1
        assert not Source.objects.exists()

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--approve-as", "Kim"], "Name both people"),
            (["--checked-as", "Robin"], "Name both people"),
            (["--checked-as", "kim", "--approve-as", "Kim"], "Two different people"),
        ],
    )
    def test_wants_two_different_people(self, arguments, said):
        with pytest.raises(CommandError, match=said):
            run(*arguments)

        assert not Snippet.objects.exists()
