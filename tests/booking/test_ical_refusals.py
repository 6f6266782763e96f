"""What an invite will not say: messaging.md checks 4, 17 to 19 and 38; S44, S47."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.booking.invites import confirmed, event_in, lines_of, value
from tests.booking.visits import STAMPED_AT, visit, visit_at

HOSTILE = (
    "x\r\nATTENDEE:mailto:sam@example.org",
    "x\rATTENDEE:mailto:sam@example.org",
    "x\nBEGIN:VALARM",
    "x\u2028ATTACH:https://evil.example/",
    "x\x85URL:https://evil.example/",
    "\"^';:,\\",
    "\x00\x0b\x1b\x1f\x7f\x9f",
    "\ud800 half of a pair",
    "<script>alert(1)</script>",
)


class TestTime:
    def test_that_passes_while_the_clocks_go_back_is_real_time(self) -> None:
        """Check 17."""
        event = event_in(confirmed(visit_at("2026-10-25T01:30", minutes=90)))

        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=90)
        assert event["DTEND"].dt == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)

    def test_given_in_another_zone_is_written_in_utc(self) -> None:
        """Check 16."""
        berlin = ZoneInfo("Europe/Berlin")
        content = confirmed(
            visit(start_at=visit().start_at.astimezone(berlin)), stamped_at=STAMPED_AT.astimezone(berlin)
        )

        assert value(content, "DTSTART") == "20261124T093000Z"
        assert value(content, "DTSTAMP") == "20261120T080005Z"

    @pytest.mark.parametrize("field", ["start_at", "end_at", "created_at", "changed_at"])
    def test_without_a_zone_is_refused(self, field: str) -> None:
        """Check 18."""
        naive = datetime(2026, 11, 24, 9, 30)  # noqa: DTZ001 - the fault under test

        with pytest.raises((ValueError, TypeError)):
            confirmed(visit(**{field: naive}))

    def test_of_stamping_without_a_zone_is_refused(self) -> None:
        """Check 18."""
        with pytest.raises(ValueError, match="time zone"):
            confirmed(stamped_at=datetime(2026, 11, 20, 8, 0))  # noqa: DTZ001 - the fault under test

    def test_that_ends_before_it_begins_is_refused(self) -> None:
        with pytest.raises(ValueError, match="ends after"):
            confirmed(visit(end_at=visit().start_at))


class TestWhatAStrangerTyped:
    @pytest.mark.parametrize("field", ["client_name", "service_name", "studio_name", "location_name", "location_phone"])
    @pytest.mark.parametrize("typed", HOSTILE)
    def test_adds_no_property_and_no_control_character(self, field: str, typed: str) -> None:
        """Check 4; S47."""
        content = confirmed(visit(**{field: f"Kim {typed}"}))

        names = [re.split("[:;]", line)[0] for line in lines_of(content)]
        assert names == [re.split("[:;]", line)[0] for line in lines_of(confirmed())]
        assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", content.decode())

    def test_stays_a_name_of_one_person(self) -> None:
        """Check 4."""
        attendee = event_in(confirmed(visit(client_name='Kim "K"; ^\'x: \r\nLarsen')))["ATTENDEE"]

        assert attendee.params["CN"] == "Kim K 'x Larsen"

    @pytest.mark.parametrize(
        "address",
        ["Kim <kim@example.com>", "kim@example.com, sam@example.org", "kim", "kim@", "@example.com", "kim@example",
         "kim@example.com\r\nRCPT TO:<sam@example.org>", "jürgen@example.com", "kim@straße.example", "a b@example.com"],
    )  # fmt: skip
    def test_as_an_address_that_is_none_is_refused(self, address: str) -> None:
        """Checks 19 and 38; S44."""
        with pytest.raises(ValueError, match="e-mail"):
            confirmed(visit(client_mail=address))

    def test_as_an_international_domain_becomes_punycode(self) -> None:
        """Check 38."""
        assert value(confirmed(visit(client_mail="jm@Müller.example")), "ATTENDEE") == "mailto:jm@xn--mller-kva.example"

    def test_as_an_unusual_address_is_a_proper_uri(self) -> None:
        """Check 19."""
        content = confirmed(visit(client_mail="kim+50%?a&b/c#d@example.com"))

        assert value(content, "ATTENDEE") == "mailto:kim+50%25%3Fa%26b%2Fc%23d@example.com"

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "https://x.example/\r\nATTENDEE:mailto:sam@x.example", "/x/"]
    )
    def test_as_a_link_that_is_none_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match="link"):
            confirmed(url=url)
