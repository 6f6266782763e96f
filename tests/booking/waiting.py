"""People on the waitlist, and a studio with one hour to give: Tuesday from ten to eleven, with anna."""

from datetime import date, time
from typing import Any

from django.http import HttpResponse

from booking.actions.waitlist.expire import expire_offers
from booking.actions.waitlist.fill import fill_every_gap
from booking.models import DateOverride
from tests.booking.caller import Caller
from tests.factories import NOW, TUESDAY, House, at, guest

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}
ROBIN = {"name": "Robin Weiss", "email": "robin@example.com"}


def window(opens: str = "08:00", closes: str = "20:00", on: date = TUESDAY) -> dict[str, str]:
    return {"from": at(opens, on), "until": at(closes, on)}


def wishes(**changes: Any) -> dict[str, Any]:
    """The body of a POST that joins: Sam would come on Tuesday, but for the changes."""
    body = {"location": "harbour", "variation": "swedish-60", "windows": [window()], "client": guest(**SAM)}
    return {key: value for key, value in (body | changes).items() if value is not ...}


class Waiting:
    """An entry of the waitlist, and who holds its token."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.reference, self.token = answer["reference"], answer["token"]
        self.path = f"waitlist/{self.reference}/"
        self.caller = Caller(Authorization=f"Link {self.token}")

    def read(self) -> dict[str, Any]:
        answer = self.caller.get(self.path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    @property
    def state(self) -> str:
        return self.read()["state"]

    @property
    def offered(self) -> str | None:
        """The start that is offered, None without an offer."""
        offer = self.read()["offer"]
        return offer and offer["start"]

    def accept(self, **headers: str) -> HttpResponse:
        return self.caller.post(f"{self.path}accept/", **headers)

    def decline(self) -> HttpResponse:
        return self.caller.post(f"{self.path}decline/")

    def leave(self) -> HttpResponse:
        return self.caller.send("DELETE", self.path)


def join(caller: Caller | None = None, **changes: Any) -> Waiting:
    """Join the waitlist as Sam, but for the changes."""
    answer = (caller or Caller()).post("waitlist/", wishes(**changes))
    assert answer.status_code == 201, answer.content
    return Waiting(answer.json())


def opens(house: House, *spans: tuple[str, str], who: str = "anna", on: date = TUESDAY) -> None:
    """Let `who` work on that day in these spans alone; without any, not at all."""
    therapist = getattr(house, who)
    DateOverride.objects.filter(therapist=therapist, on=on).delete()
    for begins, ends in spans or [("", "")]:
        times = {"opens": time.fromisoformat(begins), "closes": time.fromisoformat(ends)} if begins else {}
        DateOverride.objects.create(therapist=therapist, location=house.harbour, on=on, **times)


def one_hour(house: House) -> None:
    opens(house, ("10:00", "11:00"))
    opens(house, who="ben")


def half_a_minute_passes(now: Any = NOW) -> None:
    """What the task does every half minute."""
    expire_offers(now=now)
    fill_every_gap(now=now)
