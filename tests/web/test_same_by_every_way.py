"""H-02: whatever somebody does, by a page, a link or a program, it is the same change and the same mails."""

import pytest

from booking import ical, queries
from booking.models import Appointment, HistoryEntry
from notifications.models import Message
from tests.booking.caller import Caller
from tests.factories import NOW, api_key, at
from tests.web.visitor import READING, Visitor, text_of

WAYS = ("page", "link", "desk")


@pytest.fixture
def done(booked, clock):
    """Do it to Kim's visit by that way, and return what came of it."""
    reference = booked.appointment.reference

    def done(what, way, **fields):
        clock.move_to(NOW)
        if way == "page":
            assert Visitor(booked.token, clock).press(f"{'move' if what == 'reschedule' else what}/", **fields)
        else:
            clock.shift(READING)
            credential = f"Link {booked.token}" if way == "link" else f"Bearer {api_key('desk')}"
            answer = Caller(Authorization=credential).post(f"appointments/{reference}/{what}/", fields)
            assert answer.status_code == 200, answer.content
        return what_came_of_it()

    return done


def what_came_of_it():
    row = Appointment.objects.get()
    entry = HistoryEntry.objects.order_by("pk").last()
    [facts] = queries.facts_of([row.pk]).values()
    return {
        "row": (row.status, row.blocks, row.start_at, row.version, row.sequence, row.late),
        "history": (entry.action, entry.before, entry.after, entry.at),
        "mails": list(Message.objects.order_by("pk").values_list("kind", "recipient", "state")),
        "file": ical.download(facts),
    }


@pytest.fixture
def all_ways(done):
    """What came of doing it by each way, each from the same beginning."""
    from django.db import transaction

    def all_ways(what, **fields):
        found = {}
        for way in WAYS:
            with transaction.atomic():
                found[way] = done(what, way, **fields)
                transaction.set_rollback(True)
        return found

    return all_ways


class TestTheSameChange:
    @pytest.mark.parametrize(("what", "fields"), [("cancel", {}), ("reschedule", {"start": at("15:00")})])
    def test_by_page_link_and_desk_is_the_same(self, all_ways, what, fields):
        found = all_ways(what, **fields)

        assert found["page"] == found["link"] == found["desk"]
        assert [kind for kind, *_ in found["page"]["mails"]] == [
            "confirmation",
            "cancelled" if what == "cancel" else "rescheduled",
        ]
        assert found["page"]["row"][4] == 1


class TestAClientsLink:
    def test_leads_to_moving_and_cancelling(self, booked, kim):
        """C-11: whoever booked can do both themselves."""
        page = text_of(kim.open())

        assert f'href="{kim.address("move/")}"' in page
        assert f'href="{kim.address("cancel/")}"' in page
        for way in ("move/", "cancel/"):
            assert kim.open(way).status_code == 200

    def test_stands_in_the_answer_to_the_booking(self, house, clock):
        """C-11."""
        body = {"location": "harbour", "variation": "swedish-60", "start": at("12:00")}
        answer = Caller().post("appointments/", body | {"client": {"name": "Sam", "email": "sam@example.com"}}).json()

        path = answer["manage_url"].removeprefix("http://127.0.0.1:8000")
        assert Caller().browser.get(path).status_code == 200
