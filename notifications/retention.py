"""What the outbox forgets: after a while it keeps that a mail went, of which kind and when, and nothing else.

The outbox never holds an address or a text. What it holds that leads to somebody is taken out once the message has
ended and the visit is over for settings.MESSAGES_KEPT_DAYS: the words of mail servers, the name (the Message-ID, which
is in somebody's inbox), which worker sent it, what it said, and who read which note. Preferences stay, or an
objection would be forgotten.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from notifications import nudges
from notifications.models import Exposure, MailEvent, Message, State

FORGOTTEN = "forgotten-"
# Providers repeat a report for days, not for months.
REPORTS_KEPT_FOR = timedelta(days=90)
AT_ONCE = 2_000


def forget(*, now: datetime) -> int:
    """Take out of old messages what leads to somebody; return of how many. Safe to run at any time."""
    before = now - timedelta(days=settings.MESSAGES_KEPT_DAYS)
    done = 0
    while found := list(_old(before).values_list("pk", flat=True)[:AT_ONCE]):
        done += Message.objects.filter(pk__in=found).update(
            name=Concat(Value(FORGOTTEN), Cast(F("pk"), CharField())), words="", sent_by="", told=""
        )
    # Nobody gets a note twice in 90 days, so its reader is known for that long at least.
    Exposure.objects.filter(at__lt=min(before, now - nudges.NOT_AGAIN_FOR)).exclude(reader="").update(reader="")
    MailEvent.objects.filter(at__lt=now - REPORTS_KEPT_FOR).delete()
    return done


def _old(before: datetime) -> QuerySet[Message]:
    ended = Message.objects.exclude(state__in=(State.PENDING, State.SENDING)).exclude(name__startswith=FORGOTTEN)
    over = Q(appointment=None) | Q(appointment__end_at__lt=before)
    return ended.filter(over, created_at__lt=before).order_by("pk")
