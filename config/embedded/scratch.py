"""Run one command with a database and a broker that live only for it.

    python -m config.embedded.scratch ./manage.py makemigrations

Nothing of `make run` is touched. The exit status is the command's.
"""

import os
import subprocess
import sys

from config.embedded.child import dies_with_us
from config.embedded.faults import CannotStart
from config.embedded.services import scratch_services


def main(argv: list[str]) -> int:
    command = argv[1:] if argv[:1] == ["--"] else argv
    if not command or command[0] in {"-h", "--help"}:
        print(__doc__, file=sys.stderr)  # noqa: T201 - a command speaks
        return 2
    if command[0].endswith(".py"):
        command = [sys.executable, *command]
    try:
        with scratch_services() as environment:
            return subprocess.run(
                command, env={**os.environ, **environment}, check=False, preexec_fn=dies_with_us()
            ).returncode
    except CannotStart as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - a command speaks
        return error.exit_status
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
