"""The life of an appointment, in FHIR's words."""

import pytest

from booking.domain import status
from booking.models import Appointment


class TestAStatus:
    @pytest.mark.parametrize("word", status.ALL)
    def test_says_what_may_follow_it(self, word):
        assert set(status.NEXT[word]) <= set(status.ALL) - {word}

    @pytest.mark.parametrize("word", status.ALL)
    def test_fits_its_column(self, word):
        assert len(word) <= Appointment._meta.get_field("status").max_length

    def test_that_is_cancelled_is_the_end(self):
        """C-03: a cancelled appointment is never moved and never comes back."""
        assert status.NEXT[status.CANCELLED] == ()
        assert status.CANCELLED not in status.CHANGEABLE

    def test_that_was_given_up_blocks_nothing(self):
        assert set(status.ALL) - set(status.BLOCKING) == {status.CANCELLED, status.NOSHOW}

    def test_that_can_be_changed_blocks_its_time(self):
        assert set(status.CHANGEABLE) <= set(status.BLOCKING)
        assert all(status.CANCELLED in status.NEXT[word] for word in status.CHANGEABLE)
