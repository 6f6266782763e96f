"""What gunicorn serves: `gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# All views are imported now, while nobody waits: else each new process keeps its first callers half a second.
get_resolver().url_patterns  # noqa: B018 - it is the looking that imports
