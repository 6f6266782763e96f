"""What the mail server took, against what a crowd was owed: counted there, and not in our rows."""

from collections import Counter, defaultdict
from datetime import datetime

from tests.faults.crowd import Crowd, Leavers, group_of
from tests.faults.house import House
from tests.faults.mail_server import Arrival

# What is true is believed for four seconds (docs/messages.md); the rest is for a machine that is busy with this.
BELIEVED_SECONDS = 4 + 2
PARTS_OF_A_NAME = ("uid", "sequence", "kind", "recipient")


def kind_of(name: str) -> str:
    return name.split(".")[PARTS_OF_A_NAME.index("kind")]


class Tally:
    """What the mail server has seen, against what the crowd was owed."""

    def __init__(self, house: House, crowd: Crowd, leavers: Leavers) -> None:
        self.house, self.crowd, self.leavers = house, crowd, leavers
        self.states = {
            (to, kind): state
            for to, kind, state in house.sql(
                "SELECT c.email, m.kind, m.state FROM notifications_message m "
                "JOIN booking_appointment a ON a.id = appointment_id JOIN booking_client c ON c.id = client_id"
            )
        }
        self.copies: defaultdict[str, list[Arrival]] = defaultdict(list)
        for arrival in house.office.arrived:
            self.copies[arrival.id].append(arrival)
        self.ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for id, arrivals in self.copies.items():
            self.ids[arrivals[0].recipient, kind_of(id)].add(id)

    def arrived(self, to: str, kind: str) -> bool:
        return (to, kind) in self.ids

    def lost(self) -> list[str]:
        """Who never got what they were to get, whatever the rows say."""
        lost = [one.to for one in self.crowd.owed if one.group not in {"gone", "leaver", "moment"}]
        lost = [to for to in lost if not self.arrived(to, "confirmation")]
        lost += [to for to in self.leavers.references if not self.arrived(to, "cancelled")]
        of_use_once = [one.to for one in self.crowd.owed if one.until and not self.arrived(one.to, "reminder")]
        return lost + [to for to in of_use_once if self.states[to, "reminder"] != "expired"]

    def more_than_one_name(self) -> list[set[str]]:
        """Mails that came under several Message-IDs."""
        return [ids for ids in self.ids.values() if len(ids) > 1]

    def twice(self) -> int:
        return sum(len(arrivals) - 1 for arrivals in self.copies.values())

    def unexplained(self) -> list[str]:
        """Mails that came oftener than workers died on them and answers were lost."""
        why = dict(
            self.house.sql("SELECT name, crashes + unsure::int FROM notifications_message WHERE crashes > 0 OR unsure")
        )
        return [id for id, each in self.copies.items() if len(each) - 1 > why.get(id[1:].partition("@")[0], 0)]

    def of_no_more_truth(self) -> list[tuple[str, float]]:
        """Mails begun later after their appointment was cancelled than anything is believed, and by how much."""
        return [
            (arrival.id, late)
            for id, arrivals in self.copies.items()
            if kind_of(id) == "confirmation"
            for arrival in arrivals
            if (cancelled_at := self.leavers.cancelled_at.get(arrival.recipient)) is not None
            if (late := arrival.began_at - cancelled_at) > BELIEVED_SECONDS
        ]

    def of_no_more_use(self) -> list[tuple[str, float]]:
        """Mails begun later after the end of their use than anything is believed, and by how much."""
        until: dict[str, datetime] = {one.to: one.until for one in self.crowd.owed if one.until}
        return [
            (arrival.id, late)
            for id, arrivals in self.copies.items()
            if kind_of(id) == "reminder"
            for arrival in arrivals
            if (late := arrival.began_at - until[arrival.recipient].timestamp()) > BELIEVED_SECONDS
        ]

    def ends(self) -> dict[str, Counter[str]]:
        """How the rows of each group ended."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (to, kind), state in self.states.items():
            found[f"{group_of(to)} {kind}"][state] += 1
        return dict(found)
