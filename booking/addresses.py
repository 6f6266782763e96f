"""Mail addresses as the post office takes them: one bare ASCII address, or a refusal. Plain Python."""

import re

LONGEST = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


def bare_address(written: str) -> str:
    """Return `written` as one address of ASCII characters only, its domain in punycode and lower case.

    The part before the @ is kept as it is: upper and lower case may differ there.
    Raises ValueError for anything that is not exactly one deliverable address: names in angle brackets, lists,
    blanks, control characters, quoted local parts, letters beyond ASCII before the @ (few servers take them),
    and domains that older and newer IDNA rules spell differently (straße.example).
    Source: RFC 5321 4.1.2, RFC 5890.
    """
    local, at, domain = written.rpartition("@")
    if not at or len(written) > LONGEST or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise ValueError("This is not an e-mail address we can write to.")
    ascii_domain = _punycode(domain)
    if not _DOMAIN.fullmatch(ascii_domain) or len(local) + 1 + len(ascii_domain) > LONGEST:
        raise ValueError("The part of the e-mail address after the @ is not a domain name.")
    return f"{local}@{ascii_domain}"


def _punycode(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        encoded = domain.encode("idna").decode("ascii").lower()
        faithful = encoded.encode("ascii").decode("idna") == domain.lower()
    except UnicodeError as error:
        raise ValueError("The part of the e-mail address after the @ is not a domain name.") from error
    # The standard library folds ß to ss: that could be somebody else's domain.
    if not faithful:
        raise ValueError("Please write the domain of the e-mail address in its xn-- form.")
    return encoded
