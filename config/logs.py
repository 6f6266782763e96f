"""What must not stand in a log: the addresses of links are keys, and errors quote the rows they are about."""

import logging
import re

SECRET_ADDRESS = re.compile(r"/(manage|calendars?|preferences|waitlist)/[\w-]{16,}")
# PostgreSQL puts the values of a row into the detail of an error; in a repr of it the line ends with "\n" in letters.
ROW_IN_AN_ERROR = re.compile(r"(DETAIL:\s+).*?(?=\\n|\n|$)")
# Bounded, so that a long text without an @ takes no longer than others (RFC 5321 4.5.3.1).
MAIL_ADDRESS = re.compile(r"[^\s<>\"'()\[\],;:=/@\\]{1,64}@[\w.-]{1,253}\.[^\W\d_]{2,}")


def blotted(text: str) -> str:
    """Return a log's text without the tokens of links, mail addresses and rows of the database."""
    text = SECRET_ADDRESS.sub(r"/\1/***", text)
    return MAIL_ADDRESS.sub("***@***", ROW_IN_AN_ERROR.sub(r"\1***", text))


class WithoutSecrets(logging.Filter):
    """Blots out secrets in what is logged, whoever logs it, and in the tracebacks of errors."""

    def filter(self, record: logging.LogRecord) -> bool:
        written = record.getMessage()
        clean = blotted(written)
        if clean != written:
            record.msg, record.args = clean, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)  # formatters take it as it is
        if record.exc_text:
            record.exc_text = blotted(record.exc_text)
        return True
