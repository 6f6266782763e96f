"""POST, GET and DELETE waitlist/: a place in the line, and why there is no offer yet."""

from datetime import timedelta

import pytest

from booking.models import BlockedContact, WaitlistEntry
from tests import factories
from tests.booking.caller import Caller, is_problem, row_counts, statements
from tests.booking.waiting import ROBIN, SAM, join, one_hour, opens, window, wishes
from tests.factories import NOW, TUESDAY, at, guest

YEAR_AFTER_NEXT = TUESDAY.replace(year=2028)


@pytest.fixture
def full(house, book):
    """Kim has the only hour of Tuesday."""
    one_hour(house)
    return book()


class TestADayThatIsFull:
    def test_says_so_and_has_a_waitlist(self, full, slots):
        """L-07: no day is hidden, the reason is a word, and the waitlist is open."""
        answer = slots()
        sam = join()

        assert (answer["reason"], [day["date"] for day in answer["days"]]) == ("fully-booked", ["2026-12-01"])
        assert sam.read()["reason"] == "fully-booked"


class TestJoining:
    def test_answers_with_the_entry_and_the_token_that_opens_it(self, full, api):
        answer = api.post("waitlist/", wishes(gender="female", add_ons=["scalp"]))
        body = answer.json()

        assert answer.status_code == 201
        assert answer["Location"] == f"/api/v1/waitlist/{body['reference']}/"
        assert answer["Cache-Control"] == "no-store"
        assert (body["state"], body["position"], body["offer"]) == ("waiting", 0, None)
        assert (body["variation"], body["gender"], body["add_ons"]) == ("swedish-60", "female", ["scalp"])
        assert body["windows"] == [{"from": at("08:00"), "until": at("20:00")}]
        assert body["client"] == {"name": "Sam"}
        assert body["manage_url"].endswith(f"/waitlist/{body['token']}/")
        assert WaitlistEntry.objects.filter(digest=body["token"]).count() == 0

    def test_books_nothing(self, full):
        before = row_counts()

        join()

        changed = {name for name, count in row_counts().items() if count != before[name]}
        assert changed == {"booking.WaitlistEntry", "booking.WaitlistWindow", "booking.Client"}

    def test_twice_with_one_key_is_one_place(self, full, api):
        first, second = (api.post("waitlist/", wishes(), Idempotency_Key="once") for _ in range(2))

        assert second.json() == first.json()
        assert second["Idempotency-Replayed"] == "true"
        assert WaitlistEntry.objects.count() == 1

    def test_shows_how_many_wait_before(self, full):
        """W-02: the order is stated: who came first is asked first."""
        entries = [join(), join(client=guest(**ROBIN))]

        assert [entry.read()["position"] for entry in entries] == [0, 1]
        entries[0].leave()
        assert entries[1].read()["position"] == 0

    def test_is_limited_to_five_places_at_once(self, full, api, desk):
        for _ in range(5):
            last = join()

        assert is_problem(api.post("waitlist/", wishes()), 429, "too-many-requests")
        assert desk.post("waitlist/", wishes()).status_code == 201
        last.leave()
        join(client=guest(**ROBIN))

    def test_counts_for_the_limit_on_an_address(self, full, api, settings):
        """S43."""
        settings.LIMITS = settings.LIMITS | {"book-address": "1/hour"}
        join()

        assert is_problem(api.post("waitlist/", wishes()), 429, "too-many-requests")

    def test_by_the_desk_names_a_client_it_knows(self, full, desk):
        reference = desk.get(f"appointments/{full['reference']}/").json()["client"]["reference"]

        entry = join(desk, client={"reference": reference})

        assert entry.read()["client"] == {"name": "Kim"}
        assert desk.get(entry.path).json()["client"]["email"] == "kim@example.com"

    def test_needs_an_address_to_write_to(self, full, desk):
        answer = desk.post("waitlist/", wishes(client={"name": "Noor", "phone": "+49 40 7654321"}))

        assert is_problem(answer, 400, "invalid")
        assert set(answer.json()["errors"]) == {"client"}


class TestARefusal:
    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("location", {"location": "nowhere"}),
            ("variation", {"variation": "nothing"}),
            ("add_ons", {"add_ons": ["gold"]}),
            ("therapist", {"therapist": "nobody"}),
            ("therapist", {"therapist": "carl"}),
            ("gender", {"gender": "any"}),
            ("partner", {"partner": {"name": "Robin"}}),
            ("partner_gender", {"partner_gender": "male"}),
            ("client", {"client": ...}),
            ("client.email", {"client": {"name": "Sam", "email": "sam"}}),
            ("windows", {"windows": ...}),
            ("windows", {"windows": []}),
            ("windows", {"windows": [window()] * 6}),
            ("windows", {"windows": "tomorrow"}),
            ("windows.0.from", {"windows": [{"from": "2026-12-01T08:00", "until": at("20:00")}]}),
            ("windows.0.until", {"windows": [window("20:00", "08:00")]}),
            ("windows.0.until", {"windows": [window("10:00", "10:59")]}),
            ("windows.1.until", {"windows": [window(), window(on=(NOW - timedelta(days=1)).date())]}),
            ("windows.0.until", {"windows": [{"from": at("08:00"), "until": at("08:01", TUESDAY + timedelta(92))}]}),
            ("windows.0.until", {"windows": [window(on=YEAR_AFTER_NEXT)]}),
            ("windows.0.on", {"windows": [window() | {"on": "2026-12-01"}]}),
            ("start", {"start": at("10:00")}),
        ],
    )
    def test_names_the_field(self, house, api, field, changes):
        factories.therapist("carl")  # who has no skills
        before = row_counts()

        answer = api.post("waitlist/", wishes(**changes))

        assert is_problem(answer, 400, "invalid")
        assert [name for name in answer.json()["errors"] if name.startswith(field)], answer.json()
        assert row_counts() == before


class TestTheReason:
    """W-05: nobody waits without knowing why."""

    def test_is_that_all_is_taken(self, full):
        assert join().read()["reason"] == "fully-booked"

    def test_is_that_nobody_works_then(self, house):
        opens(house)
        opens(house, who="ben")

        assert join().read()["reason"] == "closed"

    def test_is_that_nobody_does_it(self, house):
        house.swedish.therapists.clear()

        assert join().read()["reason"] == "no-therapist"

    def test_is_that_the_days_are_too_far_ahead(self, house):
        assert join(windows=[window(on=TUESDAY + timedelta(days=150))]).read()["reason"] == "too-far"

    def test_is_that_the_time_is_too_close(self, house):
        soon = {"from": NOW.isoformat(), "until": (NOW + timedelta(minutes=70)).isoformat()}

        assert join(windows=[soon]).read()["reason"] == "too-soon"

    def test_is_that_it_is_no_longer_offered(self, house):
        entry = join()
        house.hour.is_active = False
        house.hour.save()

        assert entry.read()["reason"] == "no-longer-offered"

    def test_is_that_a_time_is_free_and_others_may_come_first(self, house):
        assert join().read()["reason"] == "in-line"

    def test_is_that_the_client_is_busy_then(self, house, book):
        opens(house, ("10:00", "11:00"), who="ben")
        opens(house, ("10:00", "11:00"))
        book(client=SAM)

        assert join().read()["reason"] == "own-visit"

    def test_is_that_the_client_has_enough_visits_ahead(self, house, book):
        factories.studio(open_appointments_per_client=1)
        book(client=SAM, start=at("10:00", TUESDAY + timedelta(days=1)))

        assert join().read()["reason"] == "enough-ahead"

    def test_of_a_blocked_client_is_that_of_a_full_house(self, house):
        """S38: blocked looks like no time free."""
        BlockedContact.objects.create(kind="address", value="sam@example.com", created_at=NOW)

        assert join().read()["reason"] == "fully-booked"

    def test_of_several_windows_is_the_one_with_most_hope(self, full):
        far = window(on=TUESDAY + timedelta(days=150))

        assert join(windows=[far, window()]).read()["reason"] == "fully-booked"


class TestLeaving:
    def test_is_done_once(self, full):
        sam = join()

        assert [sam.leave().status_code for _ in range(2)] == [204, 204]
        assert (sam.state, sam.read()["position"], sam.read()["reason"]) == ("withdrawn", None, None)


class TestTheList:
    def test_is_for_staff_and_in_line(self, full, api, desk, clock):
        """W-02."""
        sam = join()
        clock.shift(timedelta(seconds=1))
        robin = join(client=guest(**ROBIN), note="After work, please.")

        answer = desk.get("waitlist/", {"location": "harbour", "state": "waiting"})

        assert [entry["reference"] for entry in answer.json()["results"]] == [sam.reference, robin.reference]
        assert answer.json()["results"][1]["note"] == "After work, please."
        assert is_problem(api.get("waitlist/"), 401, "not-authenticated")
        assert is_problem(sam.caller.get("waitlist/"), 403, "forbidden")

    def test_is_narrowed_by_state_and_place(self, full, desk):
        join().leave()

        assert desk.get("waitlist/", {"state": "waiting"}).json()["results"] == []
        assert len(desk.get("waitlist/", {"state": "withdrawn"}).json()["results"]) == 1
        assert is_problem(desk.get("waitlist/", {"location": "nowhere"}), 400, "invalid")
        assert is_problem(desk.get("waitlist/", {"state": "gone"}), 400, "invalid")

    def test_costs_the_same_for_one_and_for_many(self, full, desk):
        join()
        desk.get("waitlist/")
        one = statements(lambda: desk.get("waitlist/"))
        for number in range(4):
            join(client=guest(email=f"kim{number}@example.com"))

        assert statements(lambda: desk.get("waitlist/")) == one


class TestALinkOfOnePurpose:
    def test_is_nothing_at_the_door_of_another(self, full):
        """S21: an appointment's link opens no entry, an entry's no appointment; wrong looks like never was."""
        sam, robin = join(), join(client=guest(**ROBIN))
        kim = Caller(Authorization=f"Link {full['token']}")
        never = [("GET", ""), ("DELETE", ""), ("POST", "accept/"), ("POST", "decline/")]
        strangers = [kim, robin.caller, Caller(), Caller(Authorization="Link made-up")]

        answers = [who.send(method, sam.path + page, {}) for who in strangers for method, page in never]
        unknown = Caller().get("waitlist/ZZZZZZZZZZ/")

        assert all(is_problem(answer, 404, "not-found") for answer in answers)
        assert {answer.json()["detail"] for answer in answers} == {unknown.json()["detail"]}
        assert is_problem(sam.caller.get(f"appointments/{full['reference']}/"), 404, "not-found")
        assert is_problem(sam.caller.post(f"appointments/{full['reference']}/cancel/"), 404, "not-found")
        assert sam.state == "waiting"

    def test_ends_a_day_after_the_last_window(self, full, clock):
        """S20."""
        sam = join()

        clock.move_to(NOW.replace(month=12, day=2, hour=18, minute=59))
        assert sam.caller.get(sam.path).status_code == 200
        clock.move_to(NOW.replace(month=12, day=2, hour=19, minute=0))
        assert is_problem(sam.caller.get(sam.path), 404, "not-found")
