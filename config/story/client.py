"""The client of the story: all it knows of the studio is the REST API."""

import http.client
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from config.story.faults import StepFailed

LOOK_DAYS_AHEAD = 14
HTTP_TIMEOUT_SECONDS = 10
PERSON = {"name": "Robin Vale", "email": "robin.vale@example.com", "language": "en"}


@dataclass(frozen=True)
class FreeTime:
    """A time on offer, as the API named it, and in words."""

    location: str
    variation: str
    start: str
    words: str


@dataclass(frozen=True)
class Booked:
    """What the API answered to the booking."""

    reference: str
    start_at: datetime


class Client:
    """Talks to the studio at `public_url`. Every method raises StepFailed for an answer that is not a yes."""

    def __init__(self, public_url: str) -> None:
        self.server = urlsplit(public_url)

    def find_a_time(self, *, earliest: datetime) -> FreeTime:
        """Return the first time offered from `earliest` on, for one person, at the first place that has any."""
        for location in self._get("/locations/")["results"]:
            for service in self._get("/services/", location=location["slug"])["results"]:
                if service["therapists_required"] == 1:
                    found = self._first_slot(location, service, earliest=earliest)
                    if found:
                        return found
        raise StepFailed("find a free time", f"nothing is offered within {LOOK_DAYS_AHEAD} days")

    def _first_slot(self, location: dict[str, Any], service: dict[str, Any], *, earliest: datetime) -> FreeTime | None:
        variation = service["variations"][0]
        days = self._get(
            "/slots/",
            location=location["slug"],
            variation=variation["slug"],
            **{"from": f"{earliest.date()}", "until": f"{earliest.date() + timedelta(days=LOOK_DAYS_AHEAD)}"},
        )["days"]
        starts = [slot["start"] for day in days for slot in day["slots"]]
        for start in starts:
            at = datetime.fromisoformat(start)
            if at >= earliest:
                visit = f"{service['name']}, {variation['duration_minutes']} minutes"
                words = f"{at:%A} {at.day} {at:%B}, {at:%H:%M} at {location['name']}: {visit}"
                return FreeTime(location["slug"], variation["slug"], start, words)
        return None

    def book(self, wanted: FreeTime) -> Booked:
        """POST the appointment, with an idempotency key."""
        body = {
            "location": wanted.location,
            "variation": wanted.variation,
            "start": wanted.start,
            "client": PERSON,
            "tips": True,
        }
        answer = self._call("POST", "/appointments/", wanted_status=http.client.CREATED, body=body)
        return Booked(answer["reference"], datetime.fromisoformat(answer["start"]))

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        return self._call("GET", f"{path}?{urlencode(query)}", wanted_status=http.client.OK)

    def _call(
        self, method: str, path: str, *, wanted_status: int, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        step = f"{method} /api/v1{path}"
        connection = http.client.HTTPConnection(
            self.server.hostname or "", self.server.port, timeout=HTTP_TIMEOUT_SECONDS
        )
        headers = {"Accept": "application/json"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        try:
            connection.request(method, f"/api/v1{path}", body=json.dumps(body) if body else None, headers=headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StepFailed(step, f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if response.status != wanted_status or not isinstance(answer, dict):
            raise StepFailed(step, f"the answer is {response.status}, {json.dumps(answer)[:300]}")
        return answer
