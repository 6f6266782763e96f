"""One bare, deliverable address, or a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.addresses import LONGEST, bare_address


class TestAnAddress:
    @pytest.mark.parametrize(
        ("written", "bare"),
        [
            ("kim@example.com", "kim@example.com"),
            ("Kim.O'Larsen+massage@Example.COM", "Kim.O'Larsen+massage@example.com"),
            ("jm@müller.example", "jm@xn--mller-kva.example"),
            ("jm@xn--mller-kva.example", "jm@xn--mller-kva.example"),
        ],
    )
    def test_is_kept_but_for_its_domain(self, written: str, bare: str) -> None:
        """Check 38."""
        assert bare_address(written) == bare

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "kim",
            "Kim <kim@example.com>",
            "kim@example.com,sam@example.org",
            "kim@example.com\n",
            "kim@example.com\r\nBcc: sam@example.org",
            "kim@example.com\x00",
            '"kim larsen"@example.com',
            ".kim@example.com",
            "kim..larsen@example.com",
            "kim@-example.com",
            "kim@example",
            "kim@127.0.0.1:25",
            "kim@straße.example",
            "jürgen@example.com",
            "kim@exam\u200dple.com",
            f"{'k' * 65}@example.com",
            f"kim@{'e' * 64}.com",
            f"kim@{'example.' * 40}com",
        ],
    )
    def test_that_nobody_can_write_to_is_refused(self, written: str) -> None:
        """Check 38; S44."""
        with pytest.raises(ValueError, match="e-mail address"):
            bare_address(written)

    @given(st.text())
    def test_never_is_more_than_one_or_other_than_ascii(self, written: str) -> None:
        try:
            bare = bare_address(written)
        except ValueError:
            return
        assert bare.isascii()
        assert bare.isprintable()
        assert bare.count("@") == 1
        assert len(bare) <= LONGEST
        assert not set(bare) & set(' ,;:<>()[]\\"')

    @given(st.emails())
    def test_as_common_rules_write_it_is_taken(self, written: str) -> None:
        assert bare_address(written).lower() == written.lower()
