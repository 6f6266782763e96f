"""The editor's desk: read, check, approve, retire. Every step goes through content.review, with a name and a time."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from content import review
from content.models import Citation, Myth, Snippet, Source
from content.vocabulary import Status

Step = Callable[[str, str, datetime], Snippet]
if TYPE_CHECKING:  # Django's admin classes take their model in brackets for mypy only
    CitationTable = admin.TabularInline[Citation, Snippet]
    SnippetPages = admin.ModelAdmin[Snippet]
    SourcePages = admin.ModelAdmin[Source]
    MythPages = admin.ModelAdmin[Myth]
else:
    CitationTable = admin.TabularInline
    SnippetPages = SourcePages = MythPages = admin.ModelAdmin


class CitationInline(CitationTable):
    model = Citation
    extra = 0
    autocomplete_fields = ["source"]


@admin.register(Snippet)
class SnippetAdmin(SnippetPages):
    list_display = ["slug", "title", "topic", "grade", "status", "source_check", "review_by"]
    list_filter = ["status", "grade", "topic", "source_check", "kind", "uk_cap", "review_by"]
    search_fields = ["slug", "title", "body"]
    actions = ["mark_science_checked", "approve", "retire", "reopen"]
    inlines = [CitationInline]
    readonly_fields = [
        "status",
        "science_checked_by",
        "science_checked_at",
        "approved_by",
        "approved_at",
        "retired_by",
        "retired_at",
        "what_lint_says",
    ]

    @admin.display(description="What the house rules say")
    def what_lint_says(self, snippet: Snippet) -> str | SafeString:
        if snippet._state.adding:
            return "Save it first."
        found = review.findings(snippet)
        if not found:
            return "Nothing: it is clean."
        rows = format_html_join("", "<li><b>{}</b>: {}</li>", ((each.rule, each.message) for each in found))
        return format_html("<ul>{}</ul>", rows)

    @admin.action(description="Mark science-checked", permissions=["change"])
    def mark_science_checked(self, request: HttpRequest, chosen: QuerySet[Snippet]) -> None:
        self._take(request, chosen, lambda slug, by, at: review.science_check(slug, by=by, at=at))

    @admin.action(description="Approve", permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Snippet]) -> None:
        self._take(request, chosen, lambda slug, by, at: review.approve(slug, by=by, at=at))

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, chosen: QuerySet[Snippet]) -> None:
        self._take(request, chosen, lambda slug, by, at: review.retire(slug, by=by, at=at))

    @admin.action(description="Take back to draft", permissions=["change"])
    def reopen(self, request: HttpRequest, chosen: QuerySet[Snippet]) -> None:
        self._take(request, chosen, lambda slug, _by, _at: review.reopen(slug))

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if isinstance(db_field, ArrayField):
            # One a line: contraindications and patterns have commas of their own.
            return db_field.formfield(
                delimiter="\n", widget=forms.Textarea(attrs={"rows": 3}), show_hidden_initial=False
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Snippet, form: "forms.ModelForm[Snippet]", change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        written = list(form.changed_data)
        if {*Snippet.CHECKED_FIELDS, "moments", "review_by"} & set(written):
            written += self._withdraw(request, obj)
        # Only what the form changed: a colleague may have retired it a second ago.
        obj.save(update_fields=written)

    def save_related(
        self, request: HttpRequest, form: "forms.ModelForm[Snippet]", formsets: list[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.has_changed() for formset in formsets):
            form.instance.save(update_fields=self._withdraw(request, form.instance))

    def _withdraw(self, request: HttpRequest, snippet: Snippet) -> list[str]:
        """Take a checked snippet back to draft, unsaved; return the names of the fields to save."""
        if snippet.status not in {Status.SCIENCE_CHECKED, Status.APPROVED}:
            return []
        review.withdraw_checks(snippet)
        self.message_user(request, "What was checked has changed, so it is a draft again.", messages.WARNING)
        return list(review.STATE_FIELDS)

    def _take(self, request: HttpRequest, chosen: QuerySet[Snippet], step: Step) -> None:
        done = 0
        for slug in chosen.order_by("slug").values_list("slug", flat=True):
            try:
                step(slug, request.user.get_username(), timezone.now())
            except review.ReviewRefused as refusal:
                self.message_user(request, f"{slug}: {refusal}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, f"Done for {done}.", messages.SUCCESS)


@admin.register(Source)
class SourceAdmin(SourcePages):
    list_display = ["slug", "title", "year", "verification"]
    list_filter = ["verification"]
    search_fields = ["slug", "title", "authors"]

    def save_model(self, request: HttpRequest, obj: Source, form: "forms.ModelForm[Source]", change: bool) -> None:
        """Save it; what rests on a source whose result or reading changed is a draft again."""
        super().save_model(request, obj, form, change)
        if not {"result", "verification"} & set(form.changed_data):
            return
        resting = obj.snippets.filter(status__in=[Status.SCIENCE_CHECKED, Status.APPROVED]).order_by("slug")
        for slug in resting.values_list("slug", flat=True):
            review.reopen(slug)
            self.message_user(request, f"{slug} rests on it, so it is a draft again.", messages.WARNING)


@admin.register(Myth)
class MythAdmin(MythPages):
    list_display = ["code", "slug", "grade"]
    autocomplete_fields = ["sources"]
