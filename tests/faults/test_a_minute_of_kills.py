"""Everything at once, counted by the mail server that receives: P4, P5, P6, P11; reliability 4.4; issue 4.

Two workers, two beats, and mails that are due all along, to servers that take, put off, refuse, stall and hang up
after the text. Processes of the workers are killed with -9 all the time, Valkey is killed once and emptied again and
again, PostgreSQL crashes, and clients cancel.
"""

import random
from dataclasses import dataclass

import pytest

from tests.faults.crowd import Crowd, Leavers, Weather
from tests.faults.house import House, eventually
from tests.faults.mail_server import Manner
from tests.faults.storm import Storm
from tests.faults.tally import Tally

pytestmark = [pytest.mark.processes, pytest.mark.slow]
MAILS_A_CONNECTION = 50
BACK_SECONDS = 2  # until the web server has found the database again
LEASE_SECONDS, DRAINED_AFTER_SECONDS = 120, 30


@dataclass(frozen=True)
class Scale:
    """With `waits` leases and pauses take their time; else we say that it has passed."""

    mails: int
    seconds: float
    seconds_a_mail: float
    blow_about_every_seconds: float
    waits: bool


A_MOMENT = Scale(mails=200, seconds=6, seconds_a_mail=0.05, blow_about_every_seconds=0.5, waits=False)
A_MINUTE = Scale(mails=2000, seconds=60, seconds_a_mail=0.03, blow_about_every_seconds=1, waits=True)


def number_of(house: House, which: str) -> int:
    ((number,),) = house.sql(f"SELECT count(*) FROM notifications_message WHERE {which}")  # noqa: S608 - our words
    return int(number)


def nothing_waits(house: House) -> bool:
    return number_of(house, "state IN ('pending', 'sending')") == 0


def nothing_waits_after_its_pause(house: House) -> bool:
    """Say whether nothing waits; what waits for a while only need not wait any longer."""
    if number_of(house, "state = 'sending' OR state = 'pending' AND due_at <= now()") == 0:
        house.sql("UPDATE notifications_message SET due_at = now() WHERE state = 'pending'")
        house.ask("notifications.sweep")
    return nothing_waits(house)


def drains(house: House, storm: Storm, *, waits: bool) -> bool:
    """Say whether nothing is left to send, in the time that is allowed."""
    if waits:
        return eventually(lambda: nothing_waits(house), within_seconds=LEASE_SECONDS + DRAINED_AFTER_SECONDS)
    storm.kill_all()
    house.lease_runs_out()
    house.office.seconds_a_mail = 0
    house.start_worker("three")
    house.ask("notifications.sweep")
    return eventually(lambda: nothing_waits_after_its_pause(house))


class TestMailsWhileEverythingDies:
    @pytest.mark.parametrize("scale", [pytest.param(A_MOMENT, id="a moment"), pytest.param(A_MINUTE, id="a minute")])
    def test_arrive_once_each_but_for_one_copy_a_kill(self, house: House, scale: Scale) -> None:
        """None lost; none under two Message-IDs; none about a cancelled appointment; none when it is of no more use."""
        seed = random.randrange(2**32)
        print(f"seed {seed}")  # noqa: T201 - pytest shows it with a failure
        chance = random.Random(seed)
        weather = Weather()
        house.office.manners, house.office.mails_a_connection = weather, MAILS_A_CONNECTION
        house.office.seconds_a_mail = scale.seconds_a_mail
        crowd = Crowd(house, chance, number=scale.mails, seconds=scale.seconds)
        storm = Storm(house, chance)

        with Leavers(crowd, seconds=scale.seconds * 0.9) as leavers:
            storm.rage(scale.seconds, about_every=scale.blow_about_every_seconds)
            leavers.finish()
        weather.is_fair, weather.is_quiet = scale.waits, True
        assert drains(house, storm, waits=scale.waits), house.states()

        tally = Tally(house, crowd, leavers)
        print(storm.done, storm.copies_owed, house.office.done, tally.twice(), tally.ends())  # noqa: T201 - as above
        assert tally.lost() == []
        assert tally.more_than_one_name() == []
        assert tally.twice() <= storm.copies_owed + house.office.done[Manner.LOSES_ITS_ANSWER]
        assert tally.unexplained() == []
        assert tally.of_no_more_truth() == []
        assert tally.of_no_more_use() == []
        assert tally.ends()["gone confirmation"].keys() == {"failed"}
        assert len(leavers.cancelled_at) == len(leavers.references)
        away, back = storm.database_away
        assert [at for at in leavers.unanswered if not away <= at <= back + BACK_SECONDS] == []
