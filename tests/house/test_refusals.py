"""A refusal without a problem row or without its words in the documents cannot land."""

import re

import pytest

from booking import errors
from booking.api.problems import EVERY, PROBLEMS
from booking.domain import reasons
from booking.queries.waitlist import REASONS
from tests.house.tree import ROOT

API = (ROOT / "docs" / "api.md").read_text()


def refusals() -> list[type[errors.Refusal]]:
    return [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, errors.Refusal) and found is not errors.Refusal
    ]


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.__name__)
class TestARefusal:
    def test_has_a_problem(self, refusal: type[errors.Refusal]) -> None:
        assert refusal in PROBLEMS

    def test_stands_in_the_drawn_tree(self, refusal: type[errors.Refusal]) -> None:
        assert re.search(rf"── {refusal.__name__}\b", errors.__doc__ or "")


@pytest.mark.parametrize("code", sorted(EVERY))
class TestAProblem:
    def test_is_in_the_api_page_with_its_status(self, code: str) -> None:
        assert re.search(rf"\| `{code}` \| {EVERY[code].status} \|", API)

    def test_has_a_page_that_says_what_to_do(self, code: str) -> None:
        assert len(EVERY[code].page) > 40


@pytest.mark.parametrize("word", [*reasons.ALL, *REASONS])
def test_every_reason_is_in_the_api_page(word: str) -> None:
    assert f"`{word}`" in API
