"""A crowd that is owed mail, made in a moment: copies of one client, one appointment and one message.

What each of them is to get is known by the first word of their address, and to the test alone.
"""

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests

from tests.faults.house import House
from tests.faults.mail_server import Manner

# How many of a thousand: whose server refuses them, puts them off, throws the mail away, stalls; who cancels; and
# whose mail is of use for a moment only. The others are plain clients.
OF_A_THOUSAND = {"gone": 20, "grey": 50, "cut": 20, "slow": 2, "leaver": 150, "moment": 60}
PLAIN = "kim"
AT_FIRST = {"grey": Manner.PUTS_OFF, "cut": Manner.HANGS_UP, "slow": Manner.STALLS}
LOSES_EACH = 20
DOMAINS = 20  # a domain that puts several off running is left alone for a while, and the others are not
KEY = "sp_the-desk-of-the-faults"

# As it is, but for what is given: whatever columns the table has.
COPY = """
INSERT INTO {table} SELECT copy.* FROM {table} AS one, {source},
LATERAL jsonb_populate_record(one, {changes} || jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('{table}', 'id')))) AS copy WHERE one.id = %s
"""
CLIENTS = COPY.format(
    table="booking_client",
    source="unnest(%s::text[]) AS who (address)",
    changes="jsonb_build_object('email', address, 'name', address, 'reference', left(md5(address), 10))",
)
APPOINTMENTS = COPY.format(
    table="booking_appointment",
    source="(SELECT id AS who_id, reference AS known FROM booking_client WHERE email = ANY(%s)) AS who",
    changes="""jsonb_build_object('client_id', who_id, 'reference', known, 'uid', gen_random_uuid(),
      'room_id', null, 'tips', false)""",
)
MESSAGES = COPY.format(
    table="notifications_message",
    source="""
      (SELECT a.id AS about, uid, owed, due, until FROM booking_appointment a
       JOIN booking_client c ON c.id = client_id
       JOIN unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS m (email, owed, due, until)
       USING (email)) AS who""",
    changes="""jsonb_build_object('appointment_id', about, 'kind', owed, 'due_at', due, 'not_after', until,
      'name', uid || '.0.' || owed || '.client')""",
)


@dataclass(frozen=True)
class Owed:
    """One mail: to whom, from when on, and until when it is of use."""

    to: str
    due_at: datetime
    until: datetime | None = None

    @property
    def group(self) -> str:
        return group_of(self.to)


def group_of(address: str) -> str:
    return address.partition("-")[0]


class Crowd:
    """So many mails that fall due over `seconds` from now, half of them at once. Make it before there is a worker."""

    def __init__(self, house: House, chance: random.Random, *, number: int, seconds: float) -> None:
        self.house, self.chance = house, chance
        self.began = datetime.now(UTC)
        self.owed = [self._one(group, n, seconds=seconds) for n, group in enumerate(self._groups(number))]
        self._write()

    def _groups(self, number: int) -> list[str]:
        found = [group for group, share in OF_A_THOUSAND.items() for _ in range(max(1, share * number // 1000))]
        groups = found + [PLAIN] * (number - len(found))
        self.chance.shuffle(groups)
        return groups

    def _one(self, group: str, n: int, *, seconds: float) -> Owed:
        later = 0 if group == "leaver" else self.chance.choice([0, self.chance.uniform(0, seconds)])
        due = self.began + timedelta(seconds=later)
        until = due + timedelta(seconds=self.chance.uniform(-2, seconds / 3)) if group == "moment" else None
        return Owed(f"{group}-{n}.{self.chance.getrandbits(32):x}@d{n % DOMAINS}.example", due, until)

    def _write(self) -> None:
        reference = self.house.book()["reference"]
        ((client, appointment, message),) = self.house.sql(
            "SELECT a.client_id, a.id, m.id FROM booking_appointment a JOIN notifications_message m "
            "ON m.appointment_id = a.id WHERE a.reference = %s",
            reference,
        )
        everybody = [one.to for one in self.owed]
        kinds = ["reminder" if one.until else "confirmation" for one in self.owed]
        with self.house.connect() as connection, connection.transaction():
            connection.execute(CLIENTS, [everybody, client])
            connection.execute(APPOINTMENTS, [everybody, appointment])
            due, until = [one.due_at for one in self.owed], [one.until for one in self.owed]
            connection.execute(MESSAGES, [everybody, kinds, due, until, message])
            connection.execute("DELETE FROM notifications_message WHERE id = %s", [message])

    def references(self, group: str) -> dict[str, str]:
        """Return the appointments of a group: reference by address."""
        found = self.house.sql(
            "SELECT c.email, a.reference FROM booking_client c JOIN booking_appointment a ON a.client_id = c.id "
            "WHERE c.email = ANY(%s)",
            [one.to for one in self.owed if one.group == group],
        )
        return dict(found)


class Leavers:
    """The desk cancels for one after the other, over HTTP, until all have been; `cancelled_at` is the answer's time."""

    def __init__(self, crowd: Crowd, *, seconds: float) -> None:
        self.house = crowd.house
        self.references = crowd.references("leaver")
        self.pause = seconds / len(self.references)
        self.cancelled_at: dict[str, float] = {}
        self.unanswered: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._cancel_all)
        self.house.sql(
            "INSERT INTO booking_apikey (name, prefix, digest, scopes, created_at) "
            "VALUES ('faults', 'sp_fault', %s, '{read,desk}', now()) ON CONFLICT DO NOTHING",
            hashlib.sha256(KEY.encode()).hexdigest(),
        )

    def __enter__(self) -> "Leavers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def finish(self) -> None:
        """Wait until all have cancelled."""
        self._thread.join(60)

    def _cancel_all(self) -> None:
        for address, reference in self.references.items():
            while not self._cancel(reference):
                self.unanswered.append(time.time())
                if self._stop.wait(0.2):
                    return
            self.cancelled_at[address] = time.time()
            if self._stop.wait(self.pause):
                return

    def _cancel(self, reference: str) -> bool:
        address = f"{self.house.plan.public_url}/api/v1/appointments/{reference}/cancel/"
        try:
            answer = requests.post(address, json={}, headers={"Authorization": f"Bearer {KEY}"}, timeout=10)
        except requests.RequestException:
            return False
        assert answer.status_code in {200, 503}, answer.text[:500]
        return answer.status_code == 200


class Weather:
    """The manners of everybody's mail server: bad at the first try, until it is fair. Who is gone stays away.

    When it is `quiet` nobody stalls any more.
    """

    def __init__(self) -> None:
        self.plain = 0
        self.is_quiet = self.is_fair = False

    def __call__(self, recipient: str, tried: int) -> Manner:
        group = group_of(recipient)
        if group == "gone":
            return Manner.REFUSES
        if tried > 1 or self.is_fair or (self.is_quiet and group == "slow"):
            return Manner.TAKES
        if group == PLAIN:
            self.plain += 1
            return Manner.LOSES_ITS_ANSWER if self.plain % LOSES_EACH == 0 else Manner.TAKES
        return AT_FIRST.get(group, Manner.TAKES)


def moments(seconds: float, chance: random.Random, *, about_every: float) -> Iterator[float]:
    """Yield instants in [0, seconds), irregularly about so many seconds apart."""
    at = 0.0
    while (at := at + chance.uniform(0.4, 1.6) * about_every) < seconds:
        yield at
