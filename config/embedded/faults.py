"""What keeps a local studio from starting, each with the exit status that a shell script can rely on."""


class Stopped(Exception):
    """Somebody asked us to stop before we were done; no fault at all."""


class CannotStart(Exception):
    """One sentence that says what is wrong and what to do."""

    exit_status = 1


class ServiceMissing(CannotStart):
    """A port or a program that we need is not to be had."""

    exit_status = 69


class AlreadyRunning(CannotStart):
    """Another process is at work on the same data."""

    exit_status = 75


class BadConfiguration(CannotStart):
    """The environment says something that makes no sense."""

    exit_status = 78
