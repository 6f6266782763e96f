"""What must not stand in the project, and what the documents must know."""

import re

import pytest
from django.core.management import get_commands

from booking.wording import LANGUAGES
from config import env
from notifications.models import Kind
from tests.house.tree import ROOT, documents, files, python_files

OURS = {"booking", "notifications", "content", "config", "web"}
TEMPLATES = ROOT / "notifications" / "templates" / "notifications"
PARTS = (("subject", "txt"), ("body", "txt"), ("body", "html"))
README_LINES = 150


def variables_in_the_example() -> set[str]:
    return set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


class TestTheEnvironment:
    def test_every_variable_that_is_read_stands_in_the_example(self) -> None:
        assert env.READ - variables_in_the_example() == set()


class TestAMessageKind:
    @pytest.mark.parametrize("kind", Kind.values)
    def test_has_its_three_templates_in_every_language(self, kind: str) -> None:
        endings = ["" if language == "en" else f".{language}" for language in LANGUAGES]
        parts = {f"{name}{ending}.{form}" for name, form in PARTS for ending in endings}

        assert {path.name for path in (TEMPLATES / kind).iterdir()} == parts

    @pytest.mark.parametrize("kind", Kind.values)
    def test_is_in_the_page_on_messages(self, kind: str) -> None:
        assert f"`{kind}`" in (ROOT / "docs" / "messages.md").read_text()

    def test_has_no_folder_without_a_kind(self) -> None:
        assert {path.name for path in TEMPLATES.iterdir() if path.is_dir()} == set(Kind.values)


class TestACommand:
    @pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if app in OURS))
    def test_is_in_the_page_on_operations(self, name: str) -> None:
        assert f"`{name}" in (ROOT / "docs" / "operations.md").read_text()

    @pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    def test_of_make_is_in_the_contributors_page(self, target: str) -> None:
        assert f"`make {target}`" in (ROOT / "CONTRIBUTING.md").read_text()


class TestTheProject:
    def test_names_no_machine(self) -> None:
        # Spelt in two halves, so that this file does not hold what it looks for.
        never = ["/wo" + "rk/", ".libra" + "ry/", "../sha" + "red", "/roo" + "t/.pyenv"]
        readable = [path for path in files() if path.suffix not in {".lock", ".png"}]
        texts = {path: (ROOT / path).read_text(errors="replace") for path in readable}

        assert [f"{path}: {word}" for path, text in texts.items() for word in never if word in text] == []

    def test_hands_no_task_to_a_far_future(self) -> None:
        """Check 57: no eta and no countdown anywhere; due times live in the table."""
        calls = [
            str(path)
            for path in python_files()
            if path.parts[0] not in {"tests", "bench"}
            if re.search(r"\b(eta|countdown)\s*=", (ROOT / path).read_text())
        ]

        assert calls == []

    def test_is_introduced_in_fewer_than_150_lines(self) -> None:
        assert len((ROOT / "README.md").read_text().splitlines()) < README_LINES

    def test_has_no_dead_link_between_its_documents(self) -> None:
        dead = [
            f"{page}: {target}"
            for page, text in documents().items()
            for target in re.findall(r"\]\(([^)#\s]+)", text)
            if "://" not in target and not (ROOT / page).parent.joinpath(target).exists()
        ]

        assert dead == []
