#!/usr/bin/env python
"""Run Stillpoint's commands: `./manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.embedded import environment
from config.embedded.faults import BadConfiguration, CannotStart


def main(argv: list[str]) -> int:
    """Run one command and return its exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        if argv[1:2] and argv[1] in environment.PLACES:
            environment.adopt(argv[1])
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        return _refuse(str(error), BadConfiguration.exit_status)
    except CannotStart as error:
        return _refuse(str(error), error.exit_status)
    return 0


def _refuse(sentence: str, exit_status: int) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    return exit_status


if __name__ == "__main__":
    sys.exit(main(sys.argv))
