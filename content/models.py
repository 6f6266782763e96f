"""The evidence library in the database, and the rules that PostgreSQL itself keeps.

A snippet goes draft → science-checked → approved → retired. What must never be false of an approved one is a
constraint named as the rule; "cites a source" spans two tables and is a constraint trigger (migration 0002).
People are names here: content knows nothing of accounts. Changes of state go through content.review.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from content.vocabulary import (
    ANY_SERVICE,
    SENDABLE_GRADES,
    Goal,
    Grade,
    Kind,
    Moment,
    Reading,
    ServiceKind,
    Status,
    Topic,
    UkCap,
)

SERVICES = (ANY_SERVICE, *ServiceKind.values)
APPROVED = Q(status=Status.APPROVED)


def words_field(max_length: int = 40) -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=max_length), default=list, blank=True)


class FromLibrary(models.Model):
    """A row that the shipped library may bring.

    `library_digest` is that of its entry as last loaded; empty for a row the studio wrote itself.
    """

    library_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True


class Source(FromLibrary):
    """One paper or page. `doi` and `pmid` are empty when not seen; `participants` is the size as written."""

    slug = models.SlugField(unique=True)
    authors = models.CharField(max_length=300)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.CharField(max_length=300)
    journal = models.CharField(max_length=120)
    ref = models.CharField(max_length=60, blank=True)
    doi = models.CharField(max_length=120, blank=True)
    pmid = models.CharField(max_length=12, blank=True)
    design = models.CharField(max_length=200, help_text="What was done, and what it was compared with.")
    participants = models.CharField(max_length=60, blank=True)
    result = models.TextField()
    seen_at = models.TextField(help_text="Where a person read it.")
    verification = models.CharField(max_length=10, choices=Reading.choices)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            CheckConstraint(name="a_source_is_read_in_full_or_in_part", condition=Q(verification__in=Reading.values)),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.title}"

    @property
    def url(self) -> str:
        """The address a reader can follow: DOI, else PubMed, else the first page where it was read."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        address = self.seen_at.split(" ")[0]
        return address if address.startswith(("https://", "http://")) else ""


class Snippet(FromLibrary):
    """A short note for a mail: what may be said, how sure we are, and who said so."""

    # What the two people check; a change here takes a snippet back to draft.
    CHECKED_FIELDS = (
        "title",
        "body",
        "kind",
        "topic",
        "grade",
        "services",
        "not_for",
        "contraindications",
        "uk_cap",
        "source_check",
        "allow_terms",
    )

    slug = models.SlugField(unique=True, max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=60)
    body = models.CharField(max_length=300)
    topic = models.CharField(max_length=12, choices=Topic.choices)
    also = words_field()
    grade = models.CharField(max_length=12, choices=Grade.choices)
    claims = words_field(8)
    moments = words_field()
    services = words_field()
    goals = words_field()
    not_for = words_field()
    contraindications = words_field(300)
    uk_cap = models.CharField("UK CAP", max_length=16, choices=UkCap.choices)
    source_check = models.CharField(max_length=10, choices=Reading.choices)
    allow_terms = words_field(120)
    sources = models.ManyToManyField(Source, through="Citation", related_name="snippets")
    drafted_on = models.DateField()
    review_by = models.DateField(null=True, blank=True, help_text="Not sent after this day, without exception.")

    status = models.CharField(max_length=16, choices=Status.choices, default=Status.DRAFT, editable=False)
    science_checked_by = models.CharField(max_length=150, blank=True, editable=False)
    science_checked_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.CharField(max_length=150, blank=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    retired_by = models.CharField(max_length=150, blank=True, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["slug"]
        constraints = [
            CheckConstraint(name="a_snippet_has_a_known_status", condition=Q(status__in=Status.values)),
            CheckConstraint(name="a_snippet_has_a_known_grade", condition=Q(grade__in=Grade.values)),
            CheckConstraint(
                name="a_snippet_goes_to_known_moments",
                condition=Q(moments__contained_by=Moment.values, moments__len__gt=0),
                violation_error_message=f"Name at least one moment of: {', '.join(Moment.values)}.",
            ),
            CheckConstraint(
                name="a_snippet_goes_to_known_services",
                condition=Q(
                    services__contained_by=SERVICES,
                    services__len__gt=0,
                    not_for__contained_by=ServiceKind.values,
                ),
                violation_error_message=f"Name at least one service of: {', '.join(SERVICES)}.",
            ),
            CheckConstraint(
                name="a_snippet_has_known_goals",
                condition=Q(goals__contained_by=Goal.values),
                violation_error_message=f"Name goals of: {', '.join(Goal.values)}.",
            ),
            CheckConstraint(
                name="unsupported_and_wrong_claims_are_never_approved",
                condition=~APPROVED | Q(grade__in=SENDABLE_GRADES),
            ),
            CheckConstraint(
                name="approved_snippets_have_sources_read_in_full",
                condition=~APPROVED | Q(source_check=Reading.FULL),
            ),
            CheckConstraint(
                name="approved_snippets_have_a_review_date",
                condition=~APPROVED | Q(review_by__isnull=False),
            ),
            CheckConstraint(
                name="approved_snippets_say_who_approved_and_when",
                condition=~APPROVED | (~Q(approved_by="") & Q(approved_at__isnull=False)),
            ),
            CheckConstraint(
                name="checked_snippets_say_who_checked_and_when",
                condition=~Q(status__in=[Status.SCIENCE_CHECKED, Status.APPROVED])
                | (~Q(science_checked_by="") & Q(science_checked_at__isnull=False)),
            ),
            CheckConstraint(
                name="two_different_people_check_a_snippet",
                condition=Q(approved_by="") | ~Q(approved_by__iexact=F("science_checked_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def reviewed_on(self) -> date | None:
        """The day (UTC) on which the studio approved it; None before that."""
        return self.approved_at.date() if self.approved_at else None


class Citation(models.Model):
    """A snippet cites a source, in the order and the words in which a mail prints it."""

    snippet = models.ForeignKey(Snippet, on_delete=models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="citations")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=100, help_text="Author, year, journal: Moyer et al., 2004, Psychol Bull")

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(
                name="a_snippet_cites_a_source_once",
                fields=["snippet", "source"],
                deferrable=models.Deferrable.DEFERRED,
            ),
            UniqueConstraint(
                name="citations_stand_in_one_order",
                fields=["snippet", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Myth(FromLibrary):
    """A thing we refuse to say, and why. For pages and staff training, never for a mail."""

    code = models.CharField(max_length=8, unique=True)
    slug = models.SlugField(unique=True, max_length=80)
    never_say = models.TextField()
    grade = models.CharField(max_length=12, choices=Grade.choices)
    why = models.TextField()
    say_instead = models.TextField()
    claims = words_field(8)
    patterns = words_field(120)
    other_sources = models.CharField(max_length=300, blank=True)
    sources = models.ManyToManyField(Source, related_name="myths", blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            CheckConstraint(name="a_myth_has_a_known_grade", condition=Q(grade__in=Grade.values)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.slug}"
