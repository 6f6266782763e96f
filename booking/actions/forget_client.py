from datetime import datetime

from booking import errors
from booking.actions.locks import in_one_transaction, set_limits
from booking.actions.revoke_links import revoke_links
from booking.actions.waitlist.withdraw import withdraw_entry
from booking.domain import status
from booking.models import Appointment, Client, EntryState, WaitlistEntry

FORMER = "Former client"


def forget_client(client: Client, *, now: datetime) -> None:
    """Forget who the client was: name, addresses, notes and links go; that there were visits stays.

    Raises errors.WrongState while a visit of theirs is to come: somebody would stand at the door unknown.
    """

    def run() -> None:
        set_limits()
        present = Client.objects.select_for_update().get(pk=client.pk)
        visits = Appointment.objects.filter(client=present)
        if visits.filter(status__in=(*status.CHANGEABLE, status.ARRIVED), end_at__gt=now).exists():
            raise errors.WrongState("The client has a visit to come. Cancel it first.")
        revoke_links(present, now=now)
        visits.update(note="", partner_name="", partner_email="")
        entries = WaitlistEntry.objects.filter(client=present)
        for entry in entries.filter(state__in=(EntryState.WAITING, EntryState.OFFERED)).order_by("pk"):
            withdraw_entry(entry, now=now)
        entries.update(note="", partner_name="", partner_email="")
        present.name, present.email, present.phone, present.time_zone = FORMER, "", "", ""
        present.forgotten_at = now
        present.save()

    in_one_transaction(run)
