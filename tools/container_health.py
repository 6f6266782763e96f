"""Say whether a container is well: `python tools/container_health.py web|beat`; status 0 is healthy, 1 is not.

A script of its own that imports nothing of ours, since Docker runs it every few seconds.
"""

import http.client
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

WEB_PORT = 8000
BEAT_SCHEDULE = Path("/tmp/beat")  # noqa: S108 - the container's own
BEAT_WRITES_WITHIN_SECONDS = 600  # celery beat writes its schedule down every three minutes


def web(port: int = WEB_PORT) -> bool:
    """Ask the web server as a proxy would: only the public host is allowed, and plain HTTP is sent on to HTTPS."""
    public = urlsplit(os.environ["PUBLIC_URL"])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def beat(schedule: Path = BEAT_SCHEDULE) -> bool:
    """Look whether beat still writes; its file may carry an ending, by the kind of database it is."""
    written = [path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")]
    return bool(written) and time.time() - max(written) < BEAT_WRITES_WITHIN_SECONDS


CHECKS: dict[str, Callable[[], bool]] = {"web": web, "beat": beat}


def main(arguments: list[str]) -> int:
    """Return the exit status for Docker."""
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        print(f"usage: container_health.py {'|'.join(CHECKS)}", file=sys.stderr)
        return 2
    return 0 if CHECKS[arguments[0]]() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
