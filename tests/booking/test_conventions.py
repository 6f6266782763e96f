"""What holds at every door: the form of refusals, of bodies, and of the schema that describes it all."""

import gzip
import json

import pytest
from django.conf import settings as project_settings
from django.db import OperationalError
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from booking import errors
from booking.actions import book, locks
from booking.api.parsers import MAX_BYTES
from booking.api.problems import EVERY, PROBLEMS
from tests.booking.caller import BASE, is_problem, row_counts
from tests.factories import at

# What issue 2 asks for; the schema may hold more, never less.
PROMISED = {
    "/api/v1/locations/": {"get"},
    "/api/v1/services/": {"get"},
    "/api/v1/therapists/": {"get"},
    "/api/v1/slots/": {"get"},
    "/api/v1/slots/explain/": {"get"},
    "/api/v1/holds/": {"post"},
    "/api/v1/holds/{token}/": {"delete"},
    "/api/v1/appointments/": {"get", "post"},
    "/api/v1/appointments/{reference}/": {"get"},
    "/api/v1/appointments/{reference}/reschedule/": {"post"},
    "/api/v1/appointments/{reference}/cancel/": {"post"},
    "/api/v1/appointments/{reference}/invite.ics": {"get"},
    **{
        f"/api/v1/appointments/{{reference}}/{step}/": {"post"}
        for step in ("confirm", "decline", "check-in", "complete", "no-show", "undo")
    },
    "/api/v1/series/": {"post"},
    "/api/v1/waitlist/": {"post"},
    "/api/v1/waitlist/{reference}/": {"get", "delete"},
    "/api/v1/waitlist/{reference}/accept/": {"post"},
    "/api/v1/waitlist/{reference}/decline/": {"post"},
    **{f"/api/v1/{noun}/": {"get", "post"} for noun in ("hours", "time-off", "closures", "rooms", "clients")},
}
ODD_BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "an array": b"[]",
    "a text": b'"kim"',
    "a number": b"5",
    "null": b"null",
    "NaN": b'{"tips": NaN}',
    "infinity": b'{"tips": -Infinity}',
    "a duplicate key": b'{"location": "a", "location": "b"}',
    "a duplicate key deep inside": b'{"client": {"name": "a", "name": "b"}}',
    "depth": b'{"client": ' + b'{"a": ' * 50 + b"1" + b"}" * 50 + b"}",
    "much depth": b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "no UTF-8": b'{"note": "\xff\xfe"}',
    "a long number": b'{"tips": ' + b"9" * 10_000 + b"}",
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "a long name": json.dumps({"client": {"name": "x" * (MAX_BYTES - 100)}}).encode(),
    "too much": b'{"note": "' + b"x" * MAX_BYTES + b'"}',
}


class TestABody:
    @pytest.mark.parametrize("kind", ODD_BODIES)
    def test_that_is_odd_is_refused(self, api, house, kind):
        """S53."""
        before = row_counts()

        answer = api.send("POST", "appointments/", ODD_BODIES[kind])

        assert is_problem(answer, 400, "invalid")
        assert answer.json()["errors"]
        assert row_counts() == before

    @pytest.mark.parametrize(
        "kind",
        ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
    )
    def test_of_another_kind_is_refused(self, api, house, kind):
        answer = api.browser.post(BASE + "appointments/", data=b"location=harbour", content_type=kind)

        assert is_problem(answer, 415, "unsupported-media-type")

    def test_that_is_compressed_is_not_unpacked(self, api, wish):
        packed = gzip.compress(json.dumps(wish()).encode())

        assert api.send("POST", "appointments/", packed, Content_Encoding="gzip").status_code == 400


class TestAnAnswer:
    def test_is_json_or_a_refusal(self, api, house):
        assert is_problem(api.get("locations/", Accept="text/html"), 406, "not-acceptable")
        assert api.get("locations/", Accept="*/*")["Content-Type"] == "application/json"

    def test_at_an_address_that_is_not_there_is_a_problem(self, api, db):
        assert is_problem(api.get("nowhere/"), 404, "not-found")

    def test_names_a_parameter_it_does_not_know_and_never_its_value(self, api, house):
        """S13, S45: as JSON, which no browser takes for a page."""
        answer = api.get("locations/", {"cancelledBy": "<script>alert(1)</script>"})

        assert is_problem(answer, 400, "invalid")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert b"script" not in answer.content


class TestARefusal:
    @pytest.mark.parametrize("code", sorted(EVERY))
    def test_has_a_page_that_explains_it(self, api, db, code):
        answer = api.browser.get(f"/problems/{code}")

        assert answer.status_code == 200
        assert EVERY[code].title in answer.content.decode()

    def test_of_another_name_has_none(self, api, db):
        assert api.browser.get("/problems/nothing").status_code == 404

    def test_has_a_row_for_each_in_the_tree(self):
        def leaves(kind):
            return [leaf for child in kind.__subclasses__() for leaf in leaves(child)] or [kind]

        assert set(PROBLEMS) == set(leaves(errors.Refusal))


class TestABusyDatabase:
    """S32, P7: whoever cannot be served in time is told to come back, and nothing is half done."""

    @pytest.fixture
    def failing(self, monkeypatch):
        def failing(*states: str):
            waiting = list(states)
            real = book.lock_days

            def lock_days(*asked, **more):
                if waiting:
                    error = OperationalError(waiting[0])
                    error.__cause__ = type("Driver", (Exception,), {"sqlstate": waiting.pop(0)})()
                    raise error
                real(*asked, **more)

            monkeypatch.setattr(book, "lock_days", lock_days)
            monkeypatch.setattr(locks, "RETRY_AFTER_MS", (1, 1, 1))

        return failing

    @pytest.mark.parametrize("states", [("40P01",) * 3, ("40001", "40P01"), ("55P03",)], ids=str)
    def test_is_asked_again(self, api, wish, failing, states):
        failing(*states)

        assert api.post("appointments/", wish()).status_code == 201

    @pytest.mark.parametrize("states", [("40P01",) * 4, ("55P03",) * 2, ("57014",), ("53300",), ("53100",)], ids=str)
    def test_that_stays_so_is_told(self, api, wish, failing, states):
        before = row_counts()
        failing(*states)

        answer = api.post("appointments/", wish())

        assert is_problem(answer, 503, "studio-busy")
        assert int(answer["Retry-After"]) >= 1
        assert row_counts() == before

    def test_of_another_kind_fails_loudly(self, api, wish, failing):
        failing("XX000")

        with pytest.raises(OperationalError):
            api.post("appointments/", wish())


class TestALimit:
    @pytest.fixture
    def from_address(self, api):
        def from_address(number: int, **headers):
            api.browser.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
            return api.get("locations/", **headers)

        return from_address

    def test_counts_each_address_by_itself(self, house, from_address, settings):
        settings.LIMITS = settings.LIMITS | {"other": "2/hour"}

        assert [from_address(1).status_code for _ in range(3)] == [200, 200, 429]
        assert from_address(2).status_code == 200

    def test_says_when_to_come_back(self, house, from_address, settings):
        settings.LIMITS = settings.LIMITS | {"other": "1/min"}
        from_address(3)

        answer = from_address(3)

        assert is_problem(answer, 429, "too-many-requests")
        assert 1 <= int(answer["Retry-After"]) <= 60

    def test_is_not_got_round_by_a_forged_header(self, house, from_address, settings):
        """S62: without proxies of ours the header is anybody's word."""
        settings.LIMITS = settings.LIMITS | {"other": "2/hour"}

        found = [from_address(4, X_Forwarded_For=f"203.0.113.{n}").status_code for n in range(4)]

        assert found == [200, 200, 429, 429]

    def test_believes_as_many_proxies_as_there_are(self, house, from_address, settings):
        settings.LIMITS, settings.NUM_PROXIES = settings.LIMITS | {"other": "1/hour"}, 1

        found = [from_address(5, X_Forwarded_For=f"10.9.9.{n}, 203.0.113.{77 + n // 2}").status_code for n in range(4)]

        assert found == [200, 429, 200, 429]

    def test_of_an_address_holds_whoever_sends(self, api, wish, settings):
        """S43."""
        settings.LIMITS = settings.LIMITS | {"book-address": "2/hour"}
        hours = [at("09:00"), at("11:00"), at("13:00")]

        found = [api.post("appointments/", wish(start=start)).status_code for start in hours]

        assert found == [201, 201, 429]


@pytest.fixture(scope="module")
def schema():
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


class TestTheSchema:
    def test_is_made_without_a_warning(self, schema):
        assert list(GENERATOR_STATS._warn_cache) == []
        assert list(GENERATOR_STATS._error_cache) == []

    def test_is_valid(self, schema):
        validate_schema(schema)
        assert schema["openapi"].startswith("3.1")

    @pytest.mark.parametrize("path", PROMISED)
    def test_holds_every_promised_door(self, schema, path):
        assert PROMISED[path] <= set(schema["paths"][path])

    def test_names_every_field_of_a_booking(self, schema):
        """There are two ways to say it: what is wanted, or the hold that keeps it."""
        body = schema["paths"]["/api/v1/appointments/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        either = schema["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]]["oneOf"]
        afresh, held = (schema["components"]["schemas"][one["$ref"].rsplit("/", 1)[1]] for one in either)

        assert {"location", "variation", "start", "client"} <= set(afresh["required"])
        assert {"therapist", "gender", "add_ons", "note", "tips", "partner"} <= set(afresh["properties"])
        assert {"hold", "client"} == set(held["required"])
        assert {"note", "tips", "partner"} <= set(held["properties"])

    def test_answers_and_so_does_its_page(self, api, db):
        assert api.get("schema/").status_code == 200
        assert api.get("docs/", Accept="text/html").status_code == 200

    def test_holds_no_secret(self, api, db):
        assert project_settings.SECRET_KEY.encode() not in api.get("schema/").content
