"""POST appointments/{reference}/reschedule/: the same appointment at another time, or as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.models import Appointment, Assignment, HistoryEntry, LinkToken, Therapist, TimeOff
from notifications.models import Message
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts, starts_of, statements
from tests.factories import NOW, at, guest

ELEVEN = at("11:00")
SAM = {"name": "Sam Okoro", "email": "sam@example.com"}


@pytest.fixture
def move(kim, booked):
    def move(caller=kim, start=ELEVEN, reference=booked["reference"], headers=None, **more):
        return caller.post(f"appointments/{reference}/reschedule/", {"start": start, **more}, **(headers or {}))

    return move


class TestMoving:
    def test_keeps_the_reference_and_raises_the_version(self, move, booked):
        answer = move()
        moved = answer.json()

        assert answer.status_code == 200
        assert answer["ETag"] == '"2"'
        assert (moved["reference"], moved["version"], moved["start"], moved["end"]) == (
            booked["reference"],
            2,
            ELEVEN,
            at("12:00"),
        )
        assert "token" not in moved

    def test_frees_the_old_time_and_takes_the_new_one(self, move, slots, booked):
        who = booked["therapists"][0]

        move(start=at("14:00"))

        assert at("10:00") in starts_of(slots(therapist=who))
        assert at("14:00") not in starts_of(slots(therapist=who))
        assert Assignment.objects.count() == 1

    def test_may_overlap_its_own_old_time(self, move):
        assert move(start=at("10:30")).status_code == 200

    def test_tells_once_and_forgets_what_was_not_sent(self, move):
        move()

        assert dict(Message.objects.values_list("kind", "state")) == {
            "confirmation": "cancelled",
            "rescheduled": "pending",
        }

    def test_raises_the_sequence_each_time(self, move):
        """I-04: 0, 1, 2."""
        found = [Appointment.objects.get().sequence]
        for start in ("11:00", "12:00"):
            move(start=at(start))
            found.append(Appointment.objects.get().sequence)

        assert found == [0, 1, 2]

    def test_writes_only_what_changed_into_the_history(self, move, desk, booked):
        move()

        entry = desk.get(f"appointments/{booked['reference']}/").json()["history"][-1]
        assert (entry["action"], entry["by"]) == ("rescheduled", "client")
        assert set(entry["after"]) == {"start", "end"}

    def test_to_the_time_it_has_changes_nothing(self, move):
        before = row_counts()

        assert move(start=at("10:00")).json()["version"] == 1
        assert row_counts() == before

    def test_keeps_the_length_that_add_ons_gave(self, book):
        longer = book(add_ons=["scalp"])
        kim = Caller(Authorization=f"Link {longer['token']}")

        moved = kim.post(f"appointments/{longer['reference']}/reschedule/", {"start": ELEVEN}).json()

        assert (moved["end"], moved["add_ons"], moved["price"]) == (at("12:15"), ["Scalp"], longer["price"])

    def test_keeps_the_agreed_wall_time(self, move):
        """T-07: the wall time is written down anew, in the zone of the studio."""
        move(start="2026-12-01T15:00:00Z")

        assert Appointment.objects.get().wall_start == "2026-12-01T16:00"

    def test_keeps_the_link_alive_until_a_day_after_the_new_end(self, move, kim, booked, clock):
        """S20: and an old link leads to the truth."""
        later = NOW + timedelta(days=30)
        move(start=later.replace(hour=10).isoformat())
        clock.move_to(NOW + timedelta(days=20))

        assert kim.get(f"appointments/{booked['reference']}/").status_code == 200
        assert LinkToken.objects.get().expires_at == Appointment.objects.get().end_at + timedelta(hours=24)

    def test_costs_a_constant_number_of_statements(self, move):
        assert statements(lambda: move()) <= 22


class TestTheTherapist:
    def test_stays_when_free(self, book):
        book()
        second = book(client=SAM)
        sam = Caller(Authorization=f"Link {second['token']}")

        moved = sam.post(f"appointments/{second['reference']}/reschedule/", {"start": at("14:00")}).json()

        assert moved["therapists"] == second["therapists"] == ["ben"]

    def test_changes_when_not_free_and_nobody_was_asked_for(self, move, house, booked):
        TimeOff.objects.create(therapist=house.anna, start_at=at("13:00"), end_at=at("18:00"))

        assert booked["therapists"] == ["anna"]
        assert move(start=at("14:00")).json()["therapists"] == ["ben"]

    def test_stays_in_any_case_when_asked_for(self, house, book):
        TimeOff.objects.create(therapist=house.anna, start_at=at("13:00"), end_at=at("18:00"))
        done = book(therapist="anna")
        kim = Caller(Authorization=f"Link {done['token']}")
        path = f"appointments/{done['reference']}/reschedule/"

        assert is_problem(kim.post(path, {"start": at("14:00")}), 409, "not-offered")
        moved = kim.post(path, {"start": at("14:00"), "therapist": "ben"}).json()
        assert (moved["therapists"], moved["requested_therapist"]) == (["ben"], True)

    def test_that_has_left_is_a_reason_and_not_a_wrong_field(self, house, book):
        """The caller did not name one, so no field of theirs can be wrong."""
        done = book(therapist="anna")
        Therapist.objects.filter(slug="anna").update(is_active=False)
        kim = Caller(Authorization=f"Link {done['token']}")

        answer = kim.post(f"appointments/{done['reference']}/reschedule/", {"start": at("14:00")})

        assert is_problem(answer, 409, "not-offered")
        assert answer.json()["reasons"] == ["no-skill"]

    def test_that_is_unknown_is_told_by_its_field(self, move):
        answer = move(therapist="nobody")

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"therapist"}

    def test_of_a_pair_stays_when_the_other_cannot(self, house, book):
        """Ben is busier than Carl and Dora, and stays all the same: he was told to the couple."""
        for slug in ("carl", "dora"):
            factories.works(factories.therapist(slug, house.couples.service), house.harbour)
        book(therapist="ben", client=SAM, start=at("16:30"))
        TimeOff.objects.create(therapist=house.anna, start_at=at("13:00"), end_at=at("18:00"))
        Therapist.objects.filter(slug__in=["carl", "dora"]).update(is_active=False)
        done = book(variation="couples-60")
        Therapist.objects.update(is_active=True)
        kim = Caller(Authorization=f"Link {done['token']}")

        moved = kim.post(f"appointments/{done['reference']}/reschedule/", {"start": at("14:00")}).json()

        assert done["therapists"] == ["anna", "ben"]
        assert moved["therapists"] == ["ben", "carl"]


class TestAMoveThatIsRefused:
    @pytest.fixture(autouse=True)
    def as_it_was(self, move):
        """Whatever is refused, the appointment stays where and as it was."""
        before = list(Appointment.objects.values()), list(Assignment.objects.values())
        counts = HistoryEntry.objects.count(), Message.objects.count()
        yield
        assert (list(Appointment.objects.values()), list(Assignment.objects.values())) == before
        assert (HistoryEntry.objects.count(), Message.objects.count()) == counts

    @pytest.mark.parametrize(
        ("start", "reason"),
        [
            (at("10:10"), "off-grid"),
            (at("19:00"), "outside-hours"),
            ("2026-11-23T10:30:00+01:00", "notice"),
            ("2026-11-20T10:00:00+01:00", "notice"),
            ("2027-03-01T10:00:00+01:00", "horizon"),
        ],
    )
    def test_says_why_the_time_is_not_offered(self, move, start, reason):
        answer = move(start=start)

        assert is_problem(answer, 409, "not-offered")
        assert reason in answer.json()["reasons"]

    @pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-30T09:00:00Z"])
    def test_names_an_instant_out_of_range(self, move, start):
        answer = move(start=start)

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"start"}

    @pytest.mark.parametrize("body", [{}, {"start": 5}, {"start": ELEVEN, "status": "booked"}, {"start": ""}], ids=str)
    def test_names_the_wrong_field(self, kim, booked, body):
        """S42: the status is nobody's to send."""
        assert is_problem(kim.post(f"appointments/{booked['reference']}/reschedule/", body), 400, "invalid")

    def test_names_an_older_version(self, move):
        assert is_problem(move(headers={"If_Match": '"7"'}), 412, "stale")
        assert is_problem(move(headers={"If_Match": "nonsense"}), 412, "stale")

    @pytest.mark.parametrize("who", ["nobody", "a stranger"])
    def test_does_not_say_that_there_is_an_appointment(self, move, api, who):
        """S01: the same 404 as for a reference that never existed."""
        caller = api if who == "nobody" else Caller(Authorization="Link " + "A" * 43)

        known, never = move(caller), move(caller, reference="ZZZZZZZZZZ")

        assert is_problem(known, 404, "not-found")
        assert known.content == never.content


class TestATakenTime:
    def test_is_refused_and_the_old_one_kept(self, house, book, move, slots):
        """S19: checked again under the lock."""
        book(start=ELEVEN, client=SAM, therapist="ben")
        TimeOff.objects.create(therapist=house.anna, start_at=ELEVEN, end_at=at("18:00"))

        assert is_problem(move(), 409, "slot-taken")
        assert Appointment.objects.get(client__name="Kim Larsen").version == 1


class TestTheDeadline:
    """C-06: 24 hours and not a second less; the desk is exempt."""

    START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)

    def test_still_allows_it_at_24_hours_exactly(self, move, clock):
        clock.move_to(self.START - timedelta(hours=24))

        assert move(start=at("15:00")).status_code == 200

    def test_refuses_it_a_second_later_with_the_telephone(self, move, clock):
        clock.move_to(self.START - timedelta(hours=23, minutes=59, seconds=59))

        answer = move(start=at("15:00"))

        assert is_problem(answer, 409, "too-late")
        assert "+49 40 1234567" in answer.json()["detail"]
        assert Appointment.objects.get().version == 1

    def test_is_told_by_a_read_too(self, kim, booked, clock):
        clock.move_to(self.START - timedelta(hours=24))
        assert kim.get(f"appointments/{booked['reference']}/").json()["policy"]["can_change"] is True

        clock.move_to(self.START - timedelta(hours=23, minutes=59, seconds=59))
        assert kim.get(f"appointments/{booked['reference']}/").json()["policy"]["can_change"] is False

    def test_does_not_bind_the_desk(self, desk, move, clock):
        """C-08: nor does the notice."""
        clock.move_to(self.START - timedelta(minutes=30))

        assert move(desk, start=at("10:30")).status_code == 200

    @pytest.mark.parametrize("who", ["kim", "desk"])
    def test_is_past_for_everybody_once_it_has_begun(self, kim, desk, move, clock, who):
        """C-04: what is past is not moved."""
        clock.move_to(self.START + timedelta(hours=3))

        answer = move(desk if who == "desk" else kim, start=at("15:00"))

        assert answer.status_code == 409
        assert answer.json()["code"] in {"too-late", "wrong-state"}
        assert Appointment.objects.get().version == 1


class TestACancelledAppointment:
    def test_is_not_moved(self, kim, desk, move, booked):
        """C-03: refused, and told to book anew."""
        kim.post(f"appointments/{booked['reference']}/cancel/")

        for caller in (kim, desk):
            answer = move(caller)
            assert is_problem(answer, 409, "wrong-state")
            assert "book a new one" in answer.json()["detail"].lower()


class TestAWeeklyVisit:
    @pytest.mark.parametrize("first", [datetime(2027, 3, 14), datetime(2027, 10, 17)], ids=str)  # noqa: DTZ001 - local dates
    def test_keeps_its_local_time_over_a_clock_change(self, book, clock, first):
        """T-07: at ten every week, before and after the Sunday, and on it."""
        clock.move_to(first.replace(tzinfo=UTC) - timedelta(days=5))
        weeks = [(first + timedelta(weeks=n)).date() for n in range(4)]

        told = [book(start=at("10:00", on=on), client=guest())["start"] for on in weeks]

        assert [start[11:16] for start in told] == ["10:00"] * 4
        assert len({start[19:] for start in told}) == 2
        assert {one.wall_start[11:] for one in Appointment.objects.all()} == {"10:00"}
