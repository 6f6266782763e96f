"""One spelling for each address, domain and number, so that a block holds however it is written."""

import pytest

from booking.contacts import spellings, spelt


class TestAContact:
    @pytest.mark.parametrize(
        ("kind", "written", "kept"),
        [
            ("address", "Kim@Example.COM", "kim@example.com"),
            ("domain", "Example.com", "example.com"),
            ("domain", "@bücher.example", "xn--bcher-kva.example"),
            ("phone", "+49 (0)40 123 4567", "+49401234567"),
            ("phone", "+1 212 555 0123", "+12125550123"),
        ],
    )
    def test_is_kept_in_one_spelling(self, kind, written, kept):
        assert spelt(kind, written) == kept == spelt(kind, kept)

    @pytest.mark.parametrize(
        ("kind", "written"),
        [
            ("address", "example.com"),
            ("address", "kim@example.com, sam@example.com"),
            ("domain", "kim@example.com"),
            ("domain", "com"),
            ("domain", "exa mple.com"),
            ("phone", "040 1234567"),
            ("phone", "kim"),
            ("phone", "+49 1"),
        ],
    )
    def test_of_another_kind_is_refused(self, kind, written):
        with pytest.raises(ValueError, match=r"\w"):
            spelt(kind, written)


class TestAPerson:
    def test_goes_by_their_address_its_domains_and_their_number(self):
        assert spellings("Kim+Spa@Mail.Example.co.uk", "+49 40 1234567") == [
            ("address", "kim+spa@mail.example.co.uk"),
            ("address", "kim@mail.example.co.uk"),
            ("domain", "mail.example.co.uk"),
            ("domain", "example.co.uk"),
            ("domain", "co.uk"),
            ("phone", "+49401234567"),
        ]

    @pytest.mark.parametrize(("email", "phone"), [("", ""), ("kim", "040 1234567"), ("", "kim")])
    def test_without_either_goes_by_nothing(self, email, phone):
        assert spellings(email, phone) == []
