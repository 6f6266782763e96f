"""What a caller gets: a snippet with its grade, what was compared, its sources and its dates."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from content.models import Citation, Snippet
from content.vocabulary import SENDABLE_GRADES, Topic


class CitationBody(serializers.ModelSerializer[Citation]):
    doi = serializers.CharField(source="source.doi", help_text="Empty when not known.")
    pmid = serializers.CharField(source="source.pmid", help_text="Empty when not known.")
    url = serializers.CharField(source="source.url", help_text="Where to read it.")

    class Meta:
        model = Citation
        fields = ["text", "doi", "pmid", "url"]


class SnippetBody(serializers.ModelSerializer[Snippet]):
    topic = serializers.ChoiceField(choices=Topic.choices)
    grade = serializers.ChoiceField(
        choices=[(grade.value, grade.label) for grade in SENDABLE_GRADES],
        help_text="How sure the research is.",
    )
    compared_with = serializers.SerializerMethodField()
    citations = CitationBody(many=True)
    reviewed_on = serializers.DateField(help_text="The day (UTC) on which the studio approved it.")
    review_by = serializers.DateField(help_text="After this day it is not sent until reviewed again.")

    class Meta:
        model = Snippet
        fields = [
            "slug",
            "title",
            "body",
            "topic",
            "grade",
            "compared_with",
            "citations",
            "reviewed_on",
            "review_by",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_compared_with(self, snippet: Snippet) -> list[str]:
        """Return the design of each cited source, in order: what was done, and compared with what."""
        return [cited.source.design for cited in snippet.citations.all()]
