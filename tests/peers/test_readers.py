"""Seven independent readers agree with us on every invite. Covers messaging.md checks 2, 3, 4 and 15."""

import pytest

from booking.ical import invite
from tests.booking.visits import MANAGE, STAMPED_AT, visit
from tests.peers import libical
from tests.peers.cases import CASES, EPOCHS, Case
from tests.peers.readers import ELSEWHERE, IN_PYTHON, Reader

READERS = [
    *(pytest.param(reader, id=name) for name, reader in IN_PYTHON.items()),
    *(pytest.param(reader, id=name, marks=pytest.mark.slow) for name, reader in ELSEWHERE.items()),
]
HOSTILE_NAME = "\x00Kim\x1b \r\nATTENDEE:mailto:sam@example.org\r \"^'; \x7fLarsen\u2028X-EVIL:1"


@pytest.mark.parametrize("read", READERS)
class TestAnInvite:
    @pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
    def test_is_read_as_it_was_meant(self, read: Reader, case: Case) -> None:
        """Checks 2 and 3; I-12."""
        case.is_understood(read(case.content()))

    @pytest.mark.parametrize("name", EPOCHS)
    def test_is_at_the_right_instant_all_year(self, read: Reader, name: str) -> None:
        """Check 15."""
        assert read(CASES[name].content()).start == EPOCHS[name]

    def test_of_a_client_with_a_hostile_name_says_only_the_name(self, read: Reader) -> None:
        """Check 4; S47."""
        facts = visit(client_name=HOSTILE_NAME)

        reading = read(invite(facts, method="REQUEST", recipient="client", stamped_at=STAMPED_AT, url=MANAGE))

        assert reading.attendee_name == "Kim ATTENDEE mailto sam@example.org ' Larsen X-EVIL 1"
        assert reading.attendee == "mailto:kim@example.com"


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_every_invite_keeps_the_rules_of_itip_as_libical_knows_them(case: Case) -> None:
    assert libical.keeps_the_rules(case.content())
