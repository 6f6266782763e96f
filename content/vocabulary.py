"""The words of the library, as choices; library/vocabulary.yaml says the same, and a test compares."""

from django.db import models


class Topic(models.TextChoices):
    OXYTOCIN = "oxytocin", "oxytocin"
    ENDORPHINS = "endorphins", "endorphins"
    STRESS = "stress", "stress"
    SLEEP = "sleep", "sleep"
    PAIN = "pain", "pain"
    RECOVERY = "recovery", "recovery"
    MOOD = "mood", "mood"
    BONDING = "bonding", "bonding"
    AFTERCARE = "aftercare", "aftercare"


class Kind(models.TextChoices):
    FACT = "fact", "fact"
    STUDY = "study", "study"
    BENEFIT = "benefit", "benefit"
    CORRECTION = "correction", "correction"
    AFTERCARE = "aftercare", "aftercare"
    SAFETY = "safety", "safety"


class Grade(models.TextChoices):
    """How sure the research is. The last two are never sent; they belong to the myths."""

    STRONG = "strong", "strong"
    MODERATE = "moderate", "moderate"
    LIMITED = "limited", "limited"
    CONFLICTING = "conflicting", "conflicting"
    UNSUPPORTED = "unsupported", "unsupported"
    WRONG = "wrong", "wrong"


SENDABLE_GRADES = (Grade.STRONG, Grade.MODERATE, Grade.LIMITED, Grade.CONFLICTING)


class Moment(models.TextChoices):
    """The mail a snippet may ride in."""

    CONFIRMATION = "confirmation", "confirmation"
    REMINDER_24H = "reminder-24h", "reminder, a day before"
    REMINDER_2H = "reminder-2h", "reminder, hours before"
    FOLLOW_UP = "follow-up", "follow-up"


class ServiceKind(models.TextChoices):
    SWEDISH = "swedish", "Swedish"
    RELAXATION = "relaxation", "relaxation"
    DEEP_TISSUE = "deep-tissue", "deep tissue"
    SPORTS = "sports", "sports"
    CHAIR = "chair", "chair"
    FOOT = "foot", "foot"
    HOT_STONE = "hot-stone", "hot stone"
    COUPLES = "couples", "couples"
    PRENATAL = "prenatal", "prenatal"


ANY_SERVICE = "any"


class Goal(models.TextChoices):
    GENERAL = "general", "general"
    RELAXATION = "relaxation", "relaxation"
    STRESS_RELIEF = "stress-relief", "stress relief"
    SORENESS = "soreness", "soreness"
    MOBILITY = "mobility", "mobility"
    SLEEP = "sleep", "sleep"


class UkCap(models.TextChoices):
    """What UK advertising rules (CAP 12.1) ask of a studio before it uses a snippet."""

    OK = "ok", "fine to use"
    HOLD_EVIDENCE = "hold-evidence", "hold the cited papers on file first"


class Reading(models.TextChoices):
    """How much of a source, or of a snippet's sources, a person has read."""

    FULL = "full", "full: citation and key result seen"
    PARTIAL = "partial", "partial: read the paper first"


class Status(models.TextChoices):
    DRAFT = "draft", "draft"
    SCIENCE_CHECKED = "science-checked", "science-checked"
    APPROVED = "approved", "approved"
    RETIRED = "retired", "retired"
