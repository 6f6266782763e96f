"""The limit's settings, with Stillpoint's connection to the database: what is left when only our own code goes."""

from bench.bare_settings import *  # noqa: F403 - the same views
from bench.bare_settings import DATABASES, PREPARE_AFTER

DATABASES["default"]["ENGINE"] = "config.database"
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": PREPARE_AFTER}
