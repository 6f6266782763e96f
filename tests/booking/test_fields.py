"""Bad input of every field: a 400 that names the field in plain words, and nothing half done."""

import pytest

from tests.booking.caller import is_problem, row_counts
from tests.factories import guest

LONG = "x" * 300
LINES = [
    "Kim\r\nATTENDEE:mailto:v@y.example",
    "Kim\rLarsen",
    "Kim\nLarsen",
    "Kim\u2028Larsen",
    "Kim\u2029L",
    "Kim\x00",
    "Kim\x85L",
]
NOT_TEXT = [None, 5, True, ["Kim"], {"a": 1}, 1.5]
LONE_SURROGATE = "\ud83d"


def client(**changes):
    return {"client": {key: value for key, value in (guest() | changes).items() if value is not ...}}


SLUGS = (*NOT_TEXT, "", LONG, "a\nb", "\x00", LONE_SURROGATE)
# What each field of the body refuses; `...` leaves it out.
WRONG = {
    "location": (..., *SLUGS),
    "variation": (..., *SLUGS),
    "therapist": SLUGS,
    "start": (
        *(..., *NOT_TEXT, "", "soon", "2026-12-01", "2026-12-01T10:00:00", LONG),
        *("2026-13-01T10:00:00Z", "2026-12-01T25:00Z", "2026-12-01T10:00:00+99:00"),
    ),
    "gender": (*NOT_TEXT, "", "any", LONE_SURROGATE),
    "add_ons": (None, "scalp", 5, {"a": 1}, ["scalp"] * 11, [None], [["scalp"]], [LONG], ["\x00"]),
    "tips": (None, "yes please", 5, [], {}, LONE_SURROGATE),
    "note": (None, 5, ["quiet"], "x" * 1001, "a\x00b", "a\x1bb", LONE_SURROGATE, "a\u2028b"),
    "client": (..., None, "Kim", 5, [], [guest()]),
    "partner": (None, "Robin", []),
    "holder": ("abc",),
}
WRONG_CLIENT = {
    "name": (
        *(..., *NOT_TEXT, "", "   ", "x" * 101, *LINES, LONE_SURROGATE, "\u202eKim"),
        *("see https://evil.example", "www.evil.example"),
    ),
    "email": (
        *(..., *NOT_TEXT, "", "kim", "kim@", "@example.com", "kim@example", "kim@@example.com", "a@b@example.com"),
        *("kim@example.com\r\nRCPT TO:<v@y.example>", "kim@example.com, sam@example.com", "Kim <kim@example.com>"),
        *('"kim larsen"@example.com', "kim@[127.0.0.1]", "kim@-a.example", f"{LONG}@example.com", "kïm@example.com"),
        *("kim@exa\u2028mple.com", "kim@example.com\x00", LONE_SURROGATE),
    ),
    "phone": (*NOT_TEXT, "030 1234567", "+49", "+49 abc", LONG, "+49 30\n1234567", LONE_SURROGATE, "+999999999999999"),
    "time_zone": (
        *(*NOT_TEXT, "Berlin", "Mars/Base", "../etc/passwd", "+01:00", "Europe/\nBerlin", LONG, LONE_SURROGATE),
    ),
    "language": (*NOT_TEXT, "", "xx", LONE_SURROGATE),
    "role": ("admin",),
}
CASES = [
    *(({field: value}, field) for field, values in WRONG.items() for value in values),
    *((client(**{field: value}), f"client.{field}") for field, values in WRONG_CLIENT.items() for value in values),
    ({"partner": {"email": "robin@example.com"}}, "partner.name"),
    ({"partner": {"name": "x\ny"}}, "partner.name"),
    ({"partner": {"name": "Robin", "email": "robin"}}, "partner.email"),
    ({LONE_SURROGATE: 1}, "\\ud83d"),
    ({"x" * 500: 1}, "x" * 64),
    ({"": 1}, "body"),
]


@pytest.mark.parametrize(("change", "field"), CASES, ids=[f"{n}-{field}" for n, (_, field) in enumerate(CASES)])
def test_a_wrong_field_is_named_and_nothing_is_done(api, wish, change, field):
    """S44, S47, S53."""
    before = row_counts()

    answer = api.post("appointments/", wish(variation="couples-60") | change if "partner" in change else wish(**change))

    assert is_problem(answer, 400, "invalid")
    problems = answer.json()["errors"]
    assert [name for name in problems if name == field or name.startswith((f"{field}[", f"{field}."))]
    assert all(message and len(message) < 200 for messages in problems.values() for message in messages)
    assert row_counts() == before


class TestAFieldThatIsRight:
    @pytest.mark.parametrize(
        "name",
        [
            "Kim",
            "Zoë Ångström",
            "李小龍",
            "Nguyễn Thị Minh Khai",
            "O'Brien-Smith",
            "<script>alert(1)</script>",
            "{{7*7}}",
            "👩\u200d🎨 Kim",
            "x" * 100,
        ],
    )
    def test_is_a_name_as_people_have_them(self, api, wish, name):
        """S45, S52: markup and templates are text, and come back as text, as JSON."""
        answer = api.post("appointments/", wish(client=guest(name)))

        assert answer.status_code == 201, answer.content
        assert answer["Content-Type"] == "application/json"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer.json()["client"]["name"] == name.split()[0]

    @pytest.mark.parametrize(
        ("email", "kept"),
        [
            ("Kim.Larsen+spa@Example.COM", "Kim.Larsen+spa@example.com"),
            (" kim@example.com ", "kim@example.com"),
            ("kim@bücher.example", "kim@xn--bcher-kva.example"),
        ],
    )
    def test_is_an_address_as_the_post_takes_it(self, desk, wish, email, kept):
        assert desk.post("appointments/", wish(client=guest(email=email))).json()["client"]["email"] == kept

    def test_is_a_note_of_several_lines(self, desk, wish):
        """S52: a note is never a template."""
        answer = desk.post("appointments/", wish(note="Left shoulder.\r\n{{settings.SECRET_KEY}} {0.__class__}"))

        assert answer.json()["note"] == "Left shoulder.\n{{settings.SECRET_KEY}} {0.__class__}"

    def test_is_a_telephone_number_in_any_spelling(self, desk, wish):
        assert (
            desk.post("appointments/", wish(client=guest(phone="+49 (40) 123-4567"))).json()["client"]["phone"]
            == "+49401234567"
        )


class TestTheDesksFields:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"client": {}}, "client.name"),
            ({"client": {"name": "Kim", "reference": "7KQ2M9XWBD"}}, "client.name"),
            ({"client": {"reference": "7KQ2M9XWBD", "phone": "+49 40 1234567"}}, "client.reference"),
            ({"client": {"reference": None}}, "client.reference"),
            ({"client": {"name": "Kim", "email": "kim"}}, "client.email"),
            ({"source": "carrier pigeon"}, "source"),
            ({"source": LONE_SURROGATE}, "source"),
            ({"notify": "perhaps"}, "notify"),
            ({"notify": None}, "notify"),
        ],
        ids=str,
    )
    def test_are_checked_too(self, desk, wish, change, field):
        before = row_counts()

        answer = desk.post("appointments/", wish(**change))

        assert is_problem(answer, 400, "invalid")
        assert field in answer.json()["errors"]
        assert row_counts() == before
