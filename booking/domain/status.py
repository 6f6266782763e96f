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
# Of the blocking ones, those that block or not as the studio's setting says.
MAY_BLOCK = (PENDING,)
# Forwards only: the ways back are in BACK.
NEXT: dict[str, tuple[str, ...]] = {
    HELD: (PENDING, BOOKED, CANCELLED),
    PENDING: (BOOKED, CANCELLED),
    BOOKED: (ARRIVED, NOSHOW, CANCELLED),
    ARRIVED: (FULFILLED,),
    FULFILLED: (),
    CANCELLED: (),
    NOSHOW: (),
}
# What the desk may take back while it was the last that happened, and the step that is taken back.
UNDONE: dict[str, tuple[str, str]] = {
    "check-in": (BOOKED, ARRIVED),
    "complete": (ARRIVED, FULFILLED),
    "no-show": (BOOKED, NOSHOW),
    "confirm": (PENDING, BOOKED),
    "decline": (PENDING, CANCELLED),
}
# Where an undo may lead from each status. Only a declined request comes back from `cancelled`.
BACK: dict[str, tuple[str, ...]] = {
    word: tuple(before for before, after in UNDONE.values() if after == word) for word in ALL
}
# What a client or the desk may still move or cancel; a hold is given up instead.
CHANGEABLE = tuple(word for word in ALL if CANCELLED in NEXT[word] and word != HELD)
