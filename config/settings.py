"""One settings module for every place; what differs comes from the environment (see .env.example)."""

import os
import zoneinfo
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

BASE_DIR = env.BASE_DIR
env.reader.read_env(str(BASE_DIR / ".env"))

# Where we run ----------------------------------------------------------------------------------------------
LOCAL = env.flag("STILLPOINT_LOCAL", default=False)  # set by `make run`, `make demo` and the tests, never in production
DEBUG = env.flag("DEBUG", default=False)
if DEBUG and not LOCAL:
    raise ImproperlyConfigured("DEBUG shows settings to everybody. Unset it.")
SECRET_KEY = env.text("SECRET_KEY", env.LOCAL_SECRET if LOCAL else "")
if not SECRET_KEY or (SECRET_KEY == env.LOCAL_SECRET and not LOCAL):
    raise ImproperlyConfigured("SECRET_KEY is not set. Set it to 50 or more random characters.")
PUBLIC_URL = env.site("PUBLIC_URL", "http://127.0.0.1:8000" if LOCAL else "")
ALLOWED_HOSTS = env.names(
    "ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if LOCAL else urlsplit(PUBLIC_URL).hostname or ""
)

CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "config.pages.csrf_failed"
MAILBOX_DIR = env.text("MAILBOX_DIR")  # the local inbox keeps its messages here; refused outside LOCAL
if MAILBOX_DIR and not LOCAL:
    raise ImproperlyConfigured("MAILBOX_DIR is for local use: it shows every mail to everybody. Unset it.")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "booking",
    "content",
    "notifications",
    "web",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.sessions.Authentication",
    "config.sessions.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.policy.ContentSecurityPolicy",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "string_if_invalid": "",
        },
    }
]

# PostgreSQL ------------------------------------------------------------------------------------------------
# Without CONN_HEALTH_CHECKS a restart of PostgreSQL fails one request a connection instead of none.
DATABASE_URL = env.text("DATABASE_URL")
if not DATABASE_URL:
    raise ImproperlyConfigured("DATABASE_URL is not set. `make run` starts a local PostgreSQL and sets it.")
# The server binds parameters and keeps the plan of what a connection has asked before: planning was a fifth of a
# booking. A pooler in transaction mode may not know such plans: see docs/scaling.md.
PREPARE_AFTER = 2 if env.flag("PREPARED_STATEMENTS", default=True) else None
DATABASES = {
    "default": {
        **env.database(
            "DATABASE_URL",
            {
                "connect_timeout": 3,
                "tcp_user_timeout": 4000,
                "server_side_binding": True,
                "prepare_threshold": PREPARE_AFTER,
            },
        ),
        "ENGINE": "config.database",  # Django's, with a cheaper check of health
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": env.text("TEST_DATABASE_NAME") or None},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Valkey (or Redis) and Celery: docs/adr has the reason for each line ---------------------------------------
REDIS_URL = env.text("REDIS_URL")
if not REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL is not set. `make run` starts a local Valkey and sets it.")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 0.5},
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")

# Webhooks to this very machine, over http, too: for trying out a receiver, refused outside LOCAL (docs/webhooks.md).
WEBHOOKS_TO_LOOPBACK = env.flag("WEBHOOKS_TO_LOOPBACK", default=False)
if WEBHOOKS_TO_LOOPBACK and not LOCAL:
    raise ImproperlyConfigured("WEBHOOKS_TO_LOOPBACK is for local use: it opens this very machine. Unset it.")

# Mail ------------------------------------------------------------------------------------------------------
MAIL = env.mail_server("EMAIL_URL", "smtp://127.0.0.1:1025")
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.tls, MAIL.ssl
EMAIL_TIMEOUT = 15
MAIL_RATE = env.rate("MAIL_RATE", "0/sec")  # of all workers together; 0 is no limit
MAIL_RATE_PER_DOMAIN = env.rate("MAIL_RATE_PER_DOMAIN", "0/min")
MESSAGES_KEPT_DAYS = env.number("MESSAGES_KEPT_DAYS", 400, least=30, most=3650)
ANYMAIL = env.json_object("ANYMAIL")  # django-anymail: keys of providers, and the secret of their reports

# Calendar addresses: how many days back and ahead they show, and for how many what was cancelled --------------
FEED_PAST_DAYS = env.number("FEED_PAST_DAYS", 30, most=400)
FEED_FUTURE_DAYS = env.number("FEED_FUTURE_DAYS", 400, least=1, most=800)
FEED_CANCELLED_DAYS = env.number("FEED_CANCELLED_DAYS", 30, least=1, most=400)

# Time and language -----------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
# One source of zone rules, the pinned tzdata, wherever we run: the system's files would come first (docs/time.md).
zoneinfo.reset_tzpath(to=[folder for folder in env.text("PYTHONTZPATH").split(os.pathsep) if folder])
USE_I18N = True
LANGUAGE_CODE = "en-gb"

# Pages and static files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = None if LOCAL else BASE_DIR / "var" / "static"  # here the files are served from where they are
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL

# Security --------------------------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
# "no-referrer" would make browsers send `Origin: null` with staff forms; link pages set it themselves.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
NUM_PROXIES = env.number("NUM_PROXIES", 0, most=10)

# The API ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "booking.api.authentication.LinkAuthentication",
        "booking.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["booking.api.permissions.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["booking.api.parsers.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["booking.api.throttling.AddressThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.problems.handler",
    "NUM_PROXIES": NUM_PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}
# Requests per client address; "0/min" switches a limit off. Production keeps the defaults.
LIMITS = {
    "slots": env.rate("LIMIT_SLOTS", "120/min"),
    "book": env.rate("LIMIT_BOOK", "10/hour"),
    "book-address": env.rate("LIMIT_BOOK_PER_MAIL_ADDRESS", "5/hour"),
    "links": env.rate("LIMIT_LINK_GUESSES", "20/hour"),
    "logins": env.rate("LIMIT_LOGINS", "60/hour"),
    "logins-account": env.rate("LIMIT_LOGINS_PER_ACCOUNT", "10/hour"),
    "other": env.rate("LIMIT_OTHER", "240/min"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Stillpoint",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Appointment booking for massage studios.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "GenderEnum": "booking.models.Gender",
        "ContactEnum": "booking.models.Contact",
        "WhyNoOfferEnum": "booking.queries.waitlist.REASONS",
        "WebhookDeliveryStateEnum": "notifications.webhooks.models.DeliveryState",
        "WaitlistStateEnum": "booking.models.EntryState",
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "booking.api.feed_schema.with_feed",
    ],
}

# Logs ------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without secrets": {"()": "config.logs.WithoutSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["without secrets"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    # A refusal is an answer, not an event: 4xx would fill the log, and its paths hold link tokens.
    "loggers": {"django.request": {"level": "ERROR"}},
}
