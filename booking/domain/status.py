"""The life of an appointment, in FHIR's words: which there are, which block time, which may follow which."""

HELD = "held"
PENDING = "pending"
BOOKED = "booked"
ARRIVED = "arrived"
FULFILLED = "fulfilled"
CANCELLED = "cancelled"
NOSHOW = "noshow"

ALL = (HELD, PENDING, BOOKED, ARRIVED, FULFILLED, CANCELLED, NOSHOW)
BLOCKING = (HELD, PENDING, BOOKED, ARRIVED, FULFILLED)
NEXT: dict[str, tuple[str, ...]] = {
    HELD: (PENDING, BOOKED, CANCELLED),
    PENDING: (BOOKED, CANCELLED),
    BOOKED: (ARRIVED, NOSHOW, CANCELLED),
    ARRIVED: (FULFILLED, BOOKED),
    FULFILLED: (ARRIVED,),
    CANCELLED: (),
    NOSHOW: (BOOKED,),
}
# What a client or the desk may still move or cancel; a hold is given up instead.
CHANGEABLE = tuple(word for word in ALL if CANCELLED in NEXT[word] and word != HELD)
