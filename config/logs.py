"""What must not stand in a log: the addresses of links are keys."""

import logging
import re

SECRET_ADDRESS = re.compile(r"/(manage|calendars?|preferences|waitlist)/[\w-]{16,}")


class WithoutSecrets(logging.Filter):
    """Blots out the token in every address of a link, whoever logs it."""

    def filter(self, record: logging.LogRecord) -> bool:
        written = record.getMessage()
        blotted = SECRET_ADDRESS.sub(r"/\1/***", written)
        if blotted != written:
            record.msg, record.args = blotted, ()
        return True
