"""What comes in by mail may be anything: it is read, or refused with a sentence."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.itip import MOST_BYTES, NotAReply, reply_in_calendar, reply_in_mail
from booking.models import Appointment
from tests.booking.replies import calendar_reply, mailed
from tests.factories import NOW


class TestAnyOctets:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=2000))
    def test_are_read_or_refused_with_a_sentence(self, content: bytes) -> None:
        for read in (reply_in_mail, reply_in_calendar):
            with pytest.raises(NotAReply, match=r"\.$"):
                read(content)

    @given(st.data())
    def test_so_is_an_answer_that_was_damaged_on_its_way(self, data: st.DataObject) -> None:
        whole = mailed(calendar_reply(Appointment(start_at=NOW)))
        place = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:place] + data.draw(st.binary(max_size=8)) + whole[place + data.draw(st.integers(0, 40)) :]

        with suppress(NotAReply):
            assert reply_in_mail(damaged).partstat

    def test_of_more_than_a_quarter_of_a_megabyte_are_not_read(self) -> None:
        with pytest.raises(NotAReply, match="larger"):
            reply_in_mail(b"x" * (MOST_BYTES + 1))
