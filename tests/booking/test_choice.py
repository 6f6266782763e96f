"""Who and where, when the client leaves it to the studio."""

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.choice import least_loaded, minutes_within, plainest_room
from booking.domain.slots import Diary, RoomDiary, Visit
from tests.booking.minutes import instants, intervals, minutes, room_fits, rooms, taken, visits

DAY = (0, 200)


class TestMinutesWithin:
    @given(taken, intervals)
    def test_counts_the_minutes_of_that_day(self, busy, day):
        assert minutes_within(busy, day) == len(minutes(busy) & minutes([day]))


class TestTheLeastLoaded:
    @given(st.lists(taken, min_size=1, max_size=5), intervals, st.integers(1, 3), st.data())
    def test_are_those_with_the_fewest_minutes_and_then_the_first(self, busy, day, count, data):
        people = [Diary([DAY], busy=one) for one in busy]
        free = sorted(data.draw(st.sets(st.integers(0, len(people) - 1), min_size=1)))
        load = {index: (len(minutes(busy[index]) & minutes([day])), index) for index in free}

        chosen = least_loaded(free, people, day=day, count=count)

        assert chosen == sorted(free, key=load.__getitem__)[:count]

    def test_are_two_different_ones_for_a_couple(self):
        """A-01: exactly two different therapists."""
        people = [Diary([DAY], busy=[(0, 60)]), Diary([DAY]), Diary([DAY], busy=[(0, 30)])]

        assert least_loaded([0, 1, 2], people, day=DAY, count=2) == [1, 2]


class TestThePlainestRoom:
    @given(st.lists(rooms, max_size=4), visits, instants, st.data())
    def test_is_free_and_no_free_one_is_plainer(self, places, visit, start, data):
        features = data.draw(st.lists(st.integers(0, 3), min_size=len(places), max_size=len(places)))
        free = [index for index, room in enumerate(places) if room_fits(room, visit, start)]

        chosen = plainest_room(places, features, visit, start)

        if not free:
            assert chosen is None
        else:
            assert chosen in free
            assert all((features[chosen], chosen) <= (features[other], other) for other in free)

    def test_keeps_the_couples_room_for_couples(self):
        assert plainest_room([RoomDiary(), RoomDiary()], [1, 0], Visit(60, 0, 0, step=15), 100) == 1
