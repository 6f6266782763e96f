"""What can go wrong in a story."""

from config.embedded.faults import CannotStart


class StepFailed(CannotStart):
    """One step did not end as it must: which one, and why, without a full stop."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"this step failed: {step}: {why}")
