"""Each refusal's status, its title, and the page that explains it (RFC 9457)."""

from dataclasses import dataclass

from booking import errors


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is the last part of the problem's address under /problems/; `page` says what to do."""

    status: int
    code: str
    title: str
    page: str


INVALID = Problem(
    400,
    "invalid",
    "The request is not valid.",
    "A field is missing, has the wrong form, or names something that does not exist. `errors` lists each field "
    "with what is wrong and what to give instead. Nothing was changed.",
)
NOT_AUTHENTICATED = Problem(
    401,
    "not-authenticated",
    "Please say who you are.",
    "This door is for staff. Send `Authorization: Bearer <key>` with an API key, or log in.",
)
FORBIDDEN = Problem(
    403,
    "forbidden",
    "You may not do this.",
    "You are known, but your key lacks the scope for it, or the request came without its CSRF token.",
)
NOT_FOUND = Problem(
    404,
    "not-found",
    "There is nothing here.",
    "There is no such thing, or it is not yours: the two look alike on purpose.",
)
METHOD_NOT_ALLOWED = Problem(
    405,
    "method-not-allowed",
    "This address does not take that method.",
    "The header `Allow` lists the methods that it takes. Nothing was changed.",
)
NOT_ACCEPTABLE = Problem(
    406, "not-acceptable", "We answer in JSON.", "Ask with `Accept: application/json`, or leave the header out."
)
UNSUPPORTED = Problem(
    415, "unsupported-media-type", "Please send JSON.", "Send the body with `Content-Type: application/json`."
)
TOO_MANY = Problem(
    429,
    "too-many-requests",
    "That was a lot at once.",
    "Wait for as many seconds as `Retry-After` says, then ask again.",
)

PROBLEMS: dict[type[errors.Refusal], Problem] = {
    errors.UnknownValue: INVALID,
    errors.SlotTaken: Problem(
        409,
        "slot-taken",
        "This time has just been taken.",
        "Somebody was faster. Nothing was booked. `nearest` lists the closest times that were free a moment ago.",
    ),
    errors.NotOffered: Problem(
        409,
        "not-offered",
        "This time is not offered.",
        "`reasons` lists the rules that keep it out, such as `outside-hours`, `notice` or `time-off`; `nearest` "
        "the closest times that are offered. Every time that GET /api/v1/slots/ lists can be booked.",
    ),
    errors.HoldExpired: Problem(
        410,
        "hold-expired",
        "This hold has ended.",
        "It ran out, was used or was given back, so the time is anybody's again. Nothing was booked. Ask for the "
        "slots once more; the same time may still be free.",
    ),
    errors.WrongState: Problem(
        409,
        "wrong-state",
        "The appointment is not in a state for that.",
        "It is cancelled, finished or has begun. A cancelled appointment stays cancelled: book a new one.",
    ),
    errors.TooLate: Problem(
        409,
        "too-late",
        "The time for changes online has passed.",
        "Until the deadline in `policy.change_deadline` you can move or cancel by yourself. After it, call the studio.",
    ),
    errors.Stale: Problem(
        412,
        "stale",
        "The appointment has changed in the meantime.",
        "`If-Match` named an older version. Read the appointment again and decide anew.",
    ),
    errors.IdempotencyConflict: Problem(
        422,
        "idempotency-conflict",
        "This Idempotency-Key belongs to another request.",
        "A key stands for one request for 24 hours. Use a new key for a new request.",
    ),
    errors.TooMany: TOO_MANY,
    errors.NotFound: NOT_FOUND,
    errors.StudioBusy: Problem(
        503,
        "studio-busy",
        "Many people are booking at this moment.",
        "Nothing was changed. Try again after as many seconds as `Retry-After` says, with the same Idempotency-Key.",
    ),
}
EVERY = {
    problem.code: problem
    for problem in (
        INVALID,
        NOT_AUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        UNSUPPORTED,
        TOO_MANY,
        *PROBLEMS.values(),
    )
}
