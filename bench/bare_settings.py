"""The limit's settings: the same database, and Django as it comes; nothing of Stillpoint."""

from config.settings import *  # noqa: F403 - the same database, on purpose
from config.settings import DATABASES

ROOT_URLCONF = "bench.bare"
MIDDLEWARE: list[str] = []
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
# Prepared statements are something of Stillpoint: they are a choice, not what a bare view has. bench.tuned_settings
# are the bare view with them.
for option in ("server_side_binding", "prepare_threshold"):
    DATABASES["default"]["OPTIONS"].pop(option, None)
