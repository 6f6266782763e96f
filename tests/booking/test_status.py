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

    @pytest.mark.parametrize(("action", "step"), status.UNDONE.items())
    def test_goes_back_only_by_a_step_that_was_taken(self, action, step):
        before, after = step

        assert after in status.NEXT[before]
        assert before in status.BACK[after]

    def test_goes_forwards_and_never_in_a_circle(self):
        reached = {status.HELD}
        for word in (status.HELD, status.PENDING, status.BOOKED, status.ARRIVED):
            assert reached.isdisjoint(status.NEXT[word])
            reached |= {word}
        assert {status.NEXT[end] for end in (status.FULFILLED, status.CANCELLED, status.NOSHOW)} == {()}

    def test_goes_back_one_way_at_most(self):
        assert {word: status.BACK[word] for word in status.ALL} == {
            status.HELD: (),
            status.PENDING: (),
            status.BOOKED: (status.PENDING,),
            status.ARRIVED: (status.BOOKED,),
            status.FULFILLED: (status.ARRIVED,),
            status.CANCELLED: (status.PENDING,),
            status.NOSHOW: (status.BOOKED,),
        }

    def test_that_waits_for_the_desk_blocks_as_the_studio_likes(self):
        """B-04: a request keeps its time by default, and a studio may choose that it does not."""
        assert set(status.MAY_BLOCK) == {status.PENDING}
        assert set(status.MAY_BLOCK) < set(status.BLOCKING)

    def test_that_was_given_up_blocks_nothing(self):
        assert set(status.ALL) - set(status.BLOCKING) == {status.CANCELLED, status.NOSHOW}

    def test_that_can_be_changed_blocks_its_time(self):
        assert set(status.CHANGEABLE) <= set(status.BLOCKING)
        assert all(status.CANCELLED in status.NEXT[word] for word in status.CHANGEABLE)
