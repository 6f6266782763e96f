"""Which addresses we call. Decided on what a name resolves to, all of it; what is not known to be public is not.

Asked when a webhook is kept, so that its owner hears of it, and again for each call, which then goes to the very
address that was looked at: a name that leads elsewhere a second later leads us nowhere (docs/webhooks.md).
"""

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

LONGEST = 500
RESOLVE_SECONDS = 3.0
IP = ipaddress.IPv4Address | ipaddress.IPv6Address
# One sentence for all of them: it must not tell what there is inside.
NOT_CALLED = "We call public https addresses only, and this is not one."
NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?")
NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?\Z")  # the last label of what a resolver may take for an IPv4 address
# The IANA special-purpose registries, written out: what Python calls global differs between its versions.
NOT_PUBLIC = [
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's metadata, in the midst of public ones
        # Those with an IPv4 address inside (Teredo, 6to4), and documentation.
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
]  # fmt: skip
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")  # all that is given out; mapped, local and NAT64 lie outside


class NotCalled(ValueError):
    """The address is none we call; the words may be shown to anybody."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads. `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def place_of(url: str) -> Place:
    """Read an address. Raises NotCalled for all but plain https ones, and http ones where loopback is allowed."""
    # Anything a lenient reader might drop or translate, so that two readers cannot differ.
    if not 1 <= len(url) <= LONGEST or not all("!" <= character <= "~" for character in url) or "\\" in url:
        raise NotCalled(f"Give an address of at most {LONGEST} characters, in ASCII and without spaces.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotCalled("This is not an address.") from error
    if parts.scheme not in ({"https", "http"} if settings.WEBHOOKS_TO_LOOPBACK else {"https"}):
        raise NotCalled("Give an address that begins with https://.")
    if "@" in parts.netloc or "#" in url:
        raise NotCalled("Give an address without a user name and without #.")
    if port == 0 or not _is_name_or_number(host):
        raise NotCalled(NOT_CALLED)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme], target)


def _is_name_or_number(host: str) -> bool:
    if _as_number(host) is not None:
        return True
    return bool(NAME.fullmatch(host)) and not NUMBER.match(host.rstrip(".").rpartition(".")[2])


def _as_number(host: str) -> IP | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def allowed(place: Place) -> list[IP]:
    """Return the addresses that a call may go to. Raises NotCalled when any that the name has is not allowed."""
    number = _as_number(place.host)
    found = [number] if number is not None else _resolve(place)
    if settings.WEBHOOKS_TO_LOOPBACK and found and all(ip.is_loopback for ip in found):
        return found
    if not found or place.scheme != "https" or not all(is_public(ip) for ip in found):
        raise NotCalled(NOT_CALLED)
    return found


def is_public(ip: IP) -> bool:
    """Say whether it is somewhere on the internet, and surely nowhere else."""
    if ip.version == 6 and ip not in PUBLIC_IPV6:
        return False
    return not any(ip.version == block.version and ip in block for block in NOT_PUBLIC)


def _resolve(place: Place) -> list[IP]:
    """Ask the system's resolver, for a few seconds: a name server that says nothing must not hold us up.

    Raises NotCalled when there is no answer, or one that is not understood.
    """
    found: list[IP] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
            found.extend(ipaddress.ip_address(answer[4][0]) for answer in answers)
        except (OSError, ValueError) as error:  # UnicodeError among them
            failed.append(error)

    asking = threading.Thread(target=ask, name="resolver", daemon=True)
    asking.start()
    asking.join(RESOLVE_SECONDS)
    if asking.is_alive() or failed:
        raise NotCalled(NOT_CALLED)
    return list(dict.fromkeys(found))


def check(url: str) -> str:
    """Return the host and port of an address that may be called now. Raises NotCalled."""
    place = place_of(url)
    allowed(place)
    return f"{place.host}:{place.port}"
