"""What may be said about massage, how sure we are, and where it is written."""

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from content import queries
from content.models import Citation, Snippet
from content.vocabulary import Grade, Kind
from web.doors import public_page
from web.views.home import studio_name

HOW_SURE = {
    Grade.STRONG: ("Well established", "This is basic knowledge that researchers agree on."),
    Grade.MODERATE: ("Fairly sure", "Several good studies point the same way, and each has limits."),
    Grade.LIMITED: ("Early signs", "Few or small studies. A larger one could change the picture."),
    Grade.CONFLICTING: ("Studies disagree", "Good studies have found different things. Nobody can be sure yet."),
}


@public_page
def index(request: HttpRequest) -> HttpResponse:
    found = sorted(queries.published(), key=lambda one: (one.topic, one.title))
    topics = [
        (topic.capitalize(), [_listed(one) for one in notes])
        for topic, notes in groupby(found, key=lambda one: one.get_topic_display())
    ]
    context = {"studio": studio_name(), "topics": topics, "grades": HOW_SURE.values(), "disclaimer": queries.DISCLAIMER}
    return render(request, "web/learn/index.html", context)


@public_page
def snippet(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one published note. One past its review date stays, because old mails link to it, and says so."""
    found = queries.published().filter(slug=slug).first()
    if found is None:
        raise Http404
    needs_safety = found.kind == Kind.BENEFIT and bool(found.contraindications)
    overdue = found.review_by is not None and found.review_by < timezone.now().date()
    context = {
        "studio": studio_name(),
        "note": _listed(found) | {"body": found.body, "reviewed_on": found.reviewed_on, "review_by": found.review_by},
        "sources": [_source(cited) for cited in found.citations.all()],
        "overdue": overdue,
        "safety": queries.SAFETY_LINE if needs_safety else "",
        "disclaimer": queries.DISCLAIMER,
    }
    return render(request, "web/learn/snippet.html", context)


def _listed(one: Snippet) -> dict[str, Any]:
    sure, meaning = HOW_SURE[Grade(one.grade)]
    return {"slug": one.slug, "title": one.title, "grade": one.grade, "sure": sure, "meaning": meaning}


def _source(cited: Citation) -> dict[str, str]:
    source = cited.source
    return {
        "text": cited.text,
        "title": source.title,
        "journal": source.journal,
        "design": source.design,
        "participants": source.participants,
        "doi": source.doi,
        "pmid": source.pmid,
        "url": source.url,
    }
