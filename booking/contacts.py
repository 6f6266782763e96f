"""Addresses, domains and telephone numbers in one spelling each, so that two of them can be compared. Plain Python."""

from contextlib import suppress

import phonenumbers

from booking.addresses import bare_address

ADDRESS, DOMAIN, PHONE = "address", "domain", "phone"


def e164(written: str) -> str:
    """Return a telephone number as + and digits. Raises ValueError without a country code, or for no number."""
    try:
        number = phonenumbers.parse(written, None)
    except phonenumbers.NumberParseException as error:
        raise ValueError("Give the number with its country code, like +49 30 1234567.") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("This is not a possible telephone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spelt(kind: str, written: str) -> str:
    """Return the contact as it is kept: in lower case, domains in punycode, numbers as + and digits.

    Raises ValueError, with what to give instead, when `written` is no contact of this kind.
    """
    if kind == PHONE:
        return e164(written)
    if kind == DOMAIN:
        return _domain(written.removeprefix("@"))
    return bare_address(written).lower()


def _domain(written: str) -> str:
    if "@" in written:
        raise ValueError("This is an address. Give the domain alone, like example.com.")
    try:
        return bare_address(f"x@{written}").partition("@")[2]
    except ValueError as error:
        raise ValueError("This is not a domain name, like example.com.") from error


def spellings(email: str, phone: str) -> list[tuple[str, str]]:
    """Return each (kind, value) under which this person could be on a list, the narrowest first.

    The address, the address without what stands after a plus (most servers ignore it), its domain and the
    domains above, the number. What is missing or no contact gives none.
    """
    found: list[tuple[str, str]] = []
    local, at, domain = email.lower().rpartition("@")
    if at:
        found += [(ADDRESS, f"{name}@{domain}") for name in dict.fromkeys((local, local.partition("+")[0]))]
        labels = domain.split(".")
        found += [(DOMAIN, ".".join(labels[n:])) for n in range(len(labels) - 1)]
    # A number that the desk wrote down in its own way gives nothing to compare.
    with suppress(ValueError):
        found += [(PHONE, e164(phone))] if phone else []
    return found
