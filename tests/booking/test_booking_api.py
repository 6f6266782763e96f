"""POST appointments/: what is offered can be booked, the rest is refused with a reason, and nothing is half done."""

from datetime import timedelta

import pytest

from booking.models import Appointment, Assignment, Client, HistoryEntry, Service, Studio, TimeOff
from notifications.models import Message
from tests import factories
from tests.booking.caller import is_problem, row_counts, starts_of, statements
from tests.factories import NOW, at, guest

SAM = {"name": "Sam Okoro", "email": "sam@example.com"}


class TestBooking:
    def test_answers_with_the_appointment_and_its_link(self, api, wish):
        answer = api.post("appointments/", wish())
        body = answer.json()

        assert answer.status_code == 201
        assert answer["Location"] == f"/api/v1/appointments/{body['reference']}/"
        assert answer["ETag"] == '"1"'
        assert answer["Cache-Control"] == "no-store"
        assert body == {
            "reference": body["reference"],
            "status": "booked",
            "late": False,
            "version": 1,
            "service": "swedish",
            "variation": "swedish-60",
            "add_ons": [],
            "location": "harbour",
            "room": "blue",
            "therapists": ["anna"],
            "requested_therapist": False,
            "start": at("10:00"),
            "end": at("11:00"),
            "time_zone": "Europe/Berlin",
            "price": {"amount": "95.00", "currency": "EUR"},
            "policy": {"change_deadline": "2026-11-30T10:00:00+01:00", "can_change": True, "late_cancel_percent": 0},
            "expires_at": None,
            "series": None,
            "client": {"name": "Kim"},
            "token": body["token"],
            "manage_url": f"http://127.0.0.1:8000/manage/{body['token']}/",
        }

    def test_owes_one_confirmation_and_writes_one_line_of_history(self, booked):
        appointment = Appointment.objects.get(reference=booked["reference"])

        assert list(Message.objects.values_list("kind", "recipient")) == [("confirmation", "client")]
        [entry] = HistoryEntry.objects.all()
        assert (entry.action, entry.actor, entry.channel, entry.at) == ("booked", "client", "api", NOW)
        assert (appointment.wall_start, appointment.time_zone) == ("2026-12-01T10:00", "Europe/Berlin")

    def test_adds_add_ons_to_length_and_price(self, book):
        """S39: prices come from the database."""
        booked = book(add_ons=["scalp"])

        assert (booked["end"], booked["price"]["amount"], booked["add_ons"]) == (at("11:15"), "107.50", ["Scalp"])

    def test_takes_any_offset_and_answers_in_the_studios(self, book):
        """T-12, T-16: in-person visits are told in the studio's time, whatever zone the caller wrote."""
        booked = book(start="2026-12-01T04:00:00-05:00", client=guest(time_zone="America/New_York"))

        assert (booked["start"], booked["time_zone"]) == (at("10:00"), "Europe/Berlin")

    def test_keeps_the_therapist_asked_for(self, book):
        booked = book(therapist="ben")

        assert (booked["therapists"], booked["requested_therapist"]) == (["ben"], True)

    def test_gives_a_couple_two_therapists_and_their_room(self, book):
        """A-01, A-02: both diaries are occupied by one visit."""
        booked = book(variation="couples-60", partner={"name": "Robin", "email": "robin@example.com"})

        assert (booked["therapists"], booked["room"]) == (["anna", "ben"], "suite")
        assert Assignment.objects.filter(blocks=True).count() == 2
        assert set(Message.objects.values_list("recipient", flat=True)) == {"client", "partner"}

    def test_knows_a_client_again_by_name_and_address(self, book):
        first = book()
        book(start=at("13:00"), client=guest("KIM larsen", "Kim@Example.com", phone="+49 40 7654321"))

        [kim] = Client.objects.all()
        assert (kim.name, kim.phone) == ("Kim Larsen", "+49407654321")
        assert first["client"] == {"name": "Kim"}

    def test_waits_for_the_desk_when_the_service_says_so(self, house, book, slots):
        """B-04: a pending visit blocks its time."""
        Service.objects.update(needs_confirmation=True)

        assert book(therapist="anna")["status"] == "pending"
        assert at("10:00") not in starts_of(slots(therapist="anna"))

    @pytest.mark.parametrize(
        ("default", "said", "kept"), [(True, ..., True), (False, ..., False), (True, False, False)]
    )
    def test_asks_the_studio_about_tips_when_the_client_did_not_say(self, house, book, default, said, kept):
        Studio.objects.update(tips_by_default=default)

        book(tips=said)

        assert Appointment.objects.get().tips is kept

    def test_costs_eight_statements_at_most(self, api, wish):
        """L-02: one more when it hangs on who was booked last."""
        couples = wish(variation="couples-60", start=at("13:00"), client=SAM)
        one = statements(lambda: api.post("appointments/", wish(therapist="anna")))
        pair = statements(lambda: api.post("appointments/", couples))
        anybody = statements(lambda: api.post("appointments/", wish(start=at("16:00"), client=guest("Lee"))))

        assert one == pair <= 8 >= anybody
        assert Appointment.objects.count() == 3


class TestATakenHour:
    @pytest.mark.parametrize("start", ["09:00", "09:30", "10:00", "10:30", "11:00"])
    def test_is_refused_with_alternatives(self, api, wish, book, start):
        """B-02: also to visits of other lengths and starts. B-15, U-01: also to clean-up alone."""
        book(therapist="anna")

        answer = api.post("appointments/", wish(therapist="anna", start=at(start), client=SAM))

        assert is_problem(answer, 409, "slot-taken")
        assert len(answer.json()["nearest"]) == 3
        assert Appointment.objects.count() == 1

    def test_has_alternatives_that_can_be_booked(self, api, wish, book):
        book(therapist="anna")
        refused = api.post("appointments/", wish(therapist="anna", client=SAM)).json()

        for start in refused["nearest"]:
            answer = api.post("appointments/", wish(therapist="anna", start=start, client=SAM))
            if answer.status_code == 201:
                return
        pytest.fail("none of the alternatives could be booked")

    def test_goes_to_the_other_therapist_when_any_will_do(self, book):
        assert [book()["therapists"], book(client=SAM)["therapists"]] == [["anna"], ["ben"]]

    def test_is_free_again_after_it_was_cancelled(self, api, wish, booked, kim):
        """B-07: the same request again, to the letter, succeeds."""
        assert is_problem(api.post("appointments/", wish(therapist="anna")), 409, "slot-taken")

        kim.post(f"appointments/{booked['reference']}/cancel/")
        again = api.post("appointments/", wish(therapist="anna"))

        assert again.status_code == 201
        assert again.json()["reference"] != booked["reference"]

    def test_is_one_appointment_for_one_client(self, api, wish, booked):
        """S43: the same client, service and start again is not a second appointment."""
        assert is_problem(api.post("appointments/", wish()), 409, "slot-taken")
        assert Appointment.objects.count() == 1

    def test_ends_where_the_next_begins(self, book):
        """S36: half-open, 10:00-11:15 with its clean-up and 11:15 touch; here on a grid of 15 minutes."""
        Service.objects.update(step_minutes=15)

        book(therapist="anna")
        assert book(therapist="anna", start=at("11:15"), client=SAM)["start"] == at("11:15")


class TestATimeThatIsNotOffered:
    @pytest.mark.parametrize(
        ("start", "reason"),
        [
            (at("10:10"), "off-grid"),
            ("2026-12-01T10:00:01+01:00", "off-grid"),
            (at("08:30"), "outside-hours"),
            (at("17:30"), "outside-hours"),
            ("2026-11-23T10:30:00+01:00", "notice"),
            ("2026-11-22T10:00:00+01:00", "notice"),
            ("2027-02-22T10:00:00+01:00", "horizon"),
            ("1971-01-01T00:00:00Z", "notice"),
        ],
    )
    def test_is_refused_with_its_reasons(self, api, wish, start, reason):
        """B-16: a time that has passed. C-07: a replayed POST inside the notice."""
        before = row_counts()

        answer = api.post("appointments/", wish(start=start))

        assert is_problem(answer, 409, "not-offered")
        assert reason in answer.json()["reasons"]
        assert row_counts() == before

    def test_is_so_for_a_page_open_since_yesterday(self, api, wish, slots, clock):
        """B-16, C-07: offered then, submitted when it has passed, or is inside the notice."""
        seen = starts_of(slots())[0]
        clock.move_to(NOW + timedelta(days=8))

        assert is_problem(api.post("appointments/", wish(start=seen)), 409, "not-offered")
        assert not Message.objects.exists()

    def test_is_so_when_the_therapist_is_away(self, api, wish, house):
        TimeOff.objects.create(therapist=house.anna, start_at=at("09:00"), end_at=at("12:00"))

        answer = api.post("appointments/", wish(therapist="anna"))

        assert answer.json()["reasons"] == ["time-off"]

    @pytest.mark.parametrize(("ahead", "status"), [(0, 201), (-1, 409)])
    def test_begins_a_second_inside_the_notice(self, api, wish, clock, house, ahead, status):
        clock.move_to(
            NOW + timedelta(days=8, hours=1, seconds=-ahead) - timedelta(minutes=house.swedish.notice_minutes)
        )

        assert api.post("appointments/", wish()).status_code == status


class TestAnInstantOutOfRange:
    @pytest.mark.parametrize(
        "start",
        [
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-30T09:00:00Z",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-11:00",
        ],
    )
    def test_is_refused_by_its_field(self, api, wish, start):
        answer = api.post("appointments/", wish(start=start))

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"start"}


class TestTheDesk:
    def test_books_for_somebody_without_an_address(self, desk, wish):
        answer = desk.post("appointments/", wish(client={"name": "Kim Larsen"}, source="phone"))

        assert answer.status_code == 201
        assert answer.json()["client"]["name"] == "Kim Larsen"
        assert answer.json()["source"] == "phone"
        assert not Message.objects.exists()

    def test_books_for_who_just_walked_in(self, desk, wish):
        answer = desk.post("appointments/", wish(client=None, source="walk-in"))

        assert (answer.status_code, answer.json()["client"]) == (201, None)

    def test_books_for_a_client_it_knows(self, desk, wish, booked):
        known = Client.objects.get()

        answer = desk.post("appointments/", wish(client={"reference": known.reference}, start=at("13:00")))

        assert answer.json()["client"]["email"] == "kim@example.com"

    def test_may_ask_for_silence(self, desk, wish):
        desk.post("appointments/", wish(notify=False))

        assert not Message.objects.exists()

    def test_stands_in_the_history_by_name(self, desk, wish):
        [entry] = desk.post("appointments/", wish()).json()["history"]

        assert (entry["action"], entry["by"], entry["channel"]) == ("booked", "desk app", "api")

    def test_is_told_the_studios_time(self, desk, wish):
        """T-12: the client row has no zone, and the answer still is in the studio's."""
        assert desk.post("appointments/", wish(start="2026-12-01T13:00:00Z")).json()["start"] == at("14:00")


class TestAnUnknownName:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"location": "nowhere"}, "location"),
            ({"variation": "nothing"}, "variation"),
            ({"add_ons": ["foot"]}, "add_ons"),
            ({"therapist": "nobody"}, "therapist"),
            ({"partner": {"name": "Robin"}}, "partner"),
        ],
        ids=str,
    )
    def test_is_told_by_its_field(self, api, wish, change, field):
        before = row_counts()

        answer = api.post("appointments/", wish(**change))

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {field}
        assert row_counts() == before

    def test_of_a_client_is_told_to_the_desk(self, desk, wish):
        answer = desk.post("appointments/", wish(client={"reference": "ZZZZZZZZZZ"}))

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"client.reference"}

    def test_that_is_retired_is_unknown(self, api, wish, house):
        factories.therapist("carl", house.swedish)
        type(house.anna).objects.filter(slug="carl").update(is_active=False)

        assert set(api.post("appointments/", wish(therapist="carl")).json()["errors"]) == {"therapist"}
