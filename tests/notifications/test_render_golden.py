"""Every kind of mail, letter by letter. Covers acceptance.md I-13; style.md rule 17."""

import pytest

from notifications.render import KINDS, TEMPLATES, Kind
from tests.notifications.renew_golden import GOLDEN, golden_files

MEANT = "If the change was meant: .venv/bin/python -m tests.notifications.renew_golden, then read the diff."


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_reads_as_in_its_golden_files(kind: Kind) -> None:
    for name, content in golden_files(kind).items():
        assert content == (GOLDEN / name).read_bytes(), f"{name} differs. {MEANT}"


def test_every_golden_file_belongs_to_a_kind() -> None:
    expected = {name for kind in KINDS for name in golden_files(kind)}

    assert {path.name for path in GOLDEN.glob("*.[thi]*")} == expected


def test_every_kind_has_its_three_templates_and_nothing_else_lies_about() -> None:
    folder = TEMPLATES / "notifications"

    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(KINDS)
    for kind in KINDS:
        assert {path.name for path in (folder / kind).iterdir()} == {"subject.txt", "body.txt", "body.html"}
