"""Zone rules of our own making: a TZif file (RFC 9636) that holds one rule for good."""

import struct
from pathlib import Path

HEADER = b"TZif2" + bytes(15)
EMPTY = HEADER + struct.pack(">6I", 0, 0, 0, 0, 1, 4) + struct.pack(">iBB", 0, 0, 0) + b"UTC\0"


def write_zone(folder: Path, name: str, rule: str) -> None:
    """Write the zone with a POSIX TZ rule such as "CET-1CEST,M3.5.0,M10.5.0/3" to a folder that zoneinfo can search."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(EMPTY + EMPTY + f"\n{rule}\n".encode())
