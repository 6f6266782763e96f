"""The colours in tokens.css, computed as WCAG 2.2 does (success criteria 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

import web

CSS = (Path(web.__file__).parent / "static" / "web" / "tokens.css").read_text()
TEXT = [
    ("text", "bg"), ("text", "surface"), ("text", "surface-2"), ("muted", "bg"), ("muted", "surface"),
    ("muted", "surface-2"), ("primary", "bg"), ("primary", "surface"), ("primary-hover", "bg"),
    ("on-primary", "primary"), ("on-primary", "primary-hover"), ("on-primary-soft", "primary-soft"),
    ("on-accent-soft", "accent-soft"), ("on-danger", "danger"), ("on-danger", "danger-hover"),
    ("on-info-soft", "info-soft"), ("on-warn-soft", "warn-soft"),
]  # fmt: skip
EDGES = [
    ("line-strong", "bg"),
    ("line-strong", "surface"),
    ("focus", "bg"),
    ("focus", "surface"),
    ("primary", "primary-soft"),
]


def colours(scheme: str) -> dict[str, str]:
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", light if scheme == "light" else dark))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21_to_1():
    assert round(contrast("#000000", "#ffffff"), 2) == 21


@pytest.mark.parametrize("scheme", ["light", "dark"])
class TestColours:
    @pytest.mark.parametrize(("front", "back"), TEXT)
    def test_of_text_can_be_read(self, scheme, front, back):
        assert contrast(colours(scheme)[front], colours(scheme)[back]) >= 4.5

    @pytest.mark.parametrize(("front", "back"), EDGES)
    def test_of_edges_can_be_seen(self, scheme, front, back):
        assert contrast(colours(scheme)[front], colours(scheme)[back]) >= 3

    def test_are_the_same_tokens(self, scheme):
        assert colours(scheme).keys() == colours("light").keys()
