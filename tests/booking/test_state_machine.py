"""Anything may happen to a studio, in any order, and the promises stand: tests/booking/machine.py says which."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

STEPS_OF_AN_EXAMPLE = 40
profile = {
    "stateful_step_count": STEPS_OF_AN_EXAMPLE,
    "suppress_health_check": list(HealthCheck),
    "print_blob": False,
}
QUICK = settings(settings.get_profile("default"), max_examples=16, **profile)
LONG = settings(settings.get_profile("slow"), max_examples=30, **profile)
# What succeeds in any two thousand steps, so that they say something.
OFTEN = {
    "hold",
    "book",
    "book at the desk",
    "book anyway",
    "book series",
    "move",
    "cancel",
    "confirm",
    "wait",
    "lay down",
}


@pytest.fixture
def studio(db):
    from tests.booking.machine_rules import Studio

    class Counted(Studio):
        steps = 0
        done = Studio.done.__class__()

    return Counted


class TestAStudio:
    @pytest.mark.timeout(900)
    def test_holds_whatever_happens_to_it(self, studio):
        """Offered is bookable, nobody is in two places, nobody works too much online: after 1,000 steps, each."""
        while studio.steps < 1_000:
            run_state_machine_as_test(studio, settings=QUICK)

    @pytest.mark.slow
    @pytest.mark.timeout(1_800)
    @pytest.mark.parametrize("part", range(10))
    def test_holds_over_twenty_thousand_steps(self, studio, part):
        while studio.steps < 2_000:
            run_state_machine_as_test(studio, settings=LONG)

        assert set(studio.done) >= OFTEN
