"""Every name that the settings read is in .env.example, with a sentence, and nothing there is a lie."""

import re
from itertools import pairwise

from django.conf import settings

from config import env
from config.env import BASE_DIR

EXAMPLE = (BASE_DIR / ".env.example").read_text()
LINES = EXAMPLE.splitlines()
NAMES = re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE)


class TestTheExample:
    def test_has_every_name_that_is_read(self):
        assert settings.configured
        assert env.READ - set(NAMES) == set()

    def test_has_no_name_that_nobody_reads(self):
        read = " ".join(path.read_text() for path in (BASE_DIR / "config").rglob("*.py"))
        compose = (BASE_DIR / "docker-compose.yml").read_text()

        assert [name for name in NAMES if f'"{name}"' not in read and f"${{{name}" not in compose] == []

    def test_names_each_once(self):
        assert len(NAMES) == len(set(NAMES))

    def test_changes_nothing_when_copied(self):
        assert [line for line in LINES if line and not line.startswith("#")] == []

    def test_explains_each_group(self):
        """The line above a name is a comment in words, or the name before it."""
        for above, line in pairwise(LINES):
            if re.match(r"#[A-Z_]+=", line):
                assert above.startswith("#"), line
