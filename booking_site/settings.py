"""Settings of the whole product: read from the environment only, safe unless told otherwise.

`docs/settings.md` lists every variable.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))

# -- What must be given -------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. `make run` and `make manage` make one by themselves; "
        "anywhere else set it to at least 50 random characters."
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# -- Apps -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "booking_site",
    "accounts",
    "rooms",
    "bookings",
]

MIDDLEWARE = [
    "booking_site.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "booking_site.middleware.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "booking_site.urls"
WSGI_APPLICATION = "booking_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- PostgreSQL and Redis ------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    if not env.str("DATABASE_URL", default=""):
        raise ImproperlyConfigured(
            "DATABASE_URL is not set. `make run` brings a PostgreSQL of its own; "
            "to use yours set DATABASE_URL=postgres://user:password@host:5432/name."
        )
    config: dict[str, Any] = dict(env.db_url("DATABASE_URL"))
    if config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL database (postgres://...). SQLite and other "
            "databases are not supported: bookings need row locks and SERIALIZABLE transactions."
        )
    pool_size = env.int("DATABASE_POOL_SIZE", default=8)
    pool = {"pool": {"min_size": 1, "max_size": pool_size, "timeout": 2}} if pool_size else {}
    return {
        **config,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **config.get("OPTIONS", {}),
            "application_name": "booking_site",
            "connect_timeout": 5,
            **pool,
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.1, "SOCKET_TIMEOUT": 0.1},
    }
}

# -- Bookings -------------------------------------------------------------------------------------

# How many nights from a property's today on can be booked.
BOOKING_HORIZON_DAYS = env.int("BOOKING_HORIZON_DAYS", default=540)
MAX_STAY_NIGHTS = env.int("MAX_STAY_NIGHTS", default=30)
# How many units one booking may take.
MAX_BOOKING_UNITS = env.int("MAX_BOOKING_UNITS", default=20)
HOLD_MINUTES = env.int("HOLD_MINUTES", default=15)
# How long one use case may wait for locks and run again after conflicts before it answers 503.
TRANSACTION_DEADLINE_SECONDS = env.float("TRANSACTION_DEADLINE_SECONDS", default=3.0)
# "serializable+stripe", "serializable" or "read committed": see docs/decisions/0002.
BOOKING_ISOLATION = env.str("BOOKING_ISOLATION", default="serializable+stripe")

# -- Events and mails -----------------------------------------------------------------------------

# Where guests reach the site: what links in mails begin with. No slash at its end.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000")
# What the site calls itself in mails.
SITE_NAME = env.str("SITE_NAME", default="Room booking platform")
# Where made-up guests live, of the demo and of replays: nothing is sent there.
DOMAINS_WITHOUT_MAILBOXES = ["demo.example"]
# Which function builds the mail of an event; events that are not named here owe none.
MAIL_BUILDERS: dict[str, str] = {
    "user.registered": "accounts.emails.email_verification",
    "user.email_verification_requested": "accounts.emails.email_verification",
    "user.registration_repeated": "accounts.emails.registration_repeated",
    "user.password_reset_requested": "accounts.emails.password_reset",
    "booking.confirmed": "bookings.emails.confirmed",
    "booking.modified": "bookings.emails.modified",
    "booking.cancelled": "bookings.emails.cancelled",
    "booking.hold_expiring": "bookings.emails.hold_expiring",
}

# How long one attempt may take. A worker that does not end it by itself is killed a little later,
# and a little after that another one may try.
MAIL_TIME_LIMIT_SECONDS = env.int("MAIL_TIME_LIMIT_SECONDS", default=60)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Room booking platform <bookings@localhost>"
)
# Where mails go without a mail server.
MAIL_DIR = DATA_DIR / "mail"
EMAIL_BACKEND = "booking_site.mail_files.EmailBackend"
if env.str("EMAIL_URL", default=""):
    _email = env.email_url("EMAIL_URL")
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"] or "localhost", _email["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
# How long the mail server may be silent.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=15)

# -- Broker, workers, schedule --------------------------------------------------------------------

HOLD_WARNING_MINUTES = env.int("HOLD_WARNING_MINUTES", default=5)
JOB_TIME_LIMIT_SECONDS = env.int("JOB_TIME_LIMIT_SECONDS", default=300)


def _redis_beside(url: str) -> str:
    """Return the next database of the same Redis."""
    server, _, database = url.rpartition("/")
    return f"{server}/{int(database) + 1}" if database.isdigit() else f"{url.rstrip('/')}/1"


CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or _redis_beside(REDIS_URL)
if CELERY_BROKER_URL.startswith("redis"):
    # What a killed worker had taken comes back after visibility_timeout, found by a sweep that by
    # default is rare.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": JOB_TIME_LIMIT_SECONDS + 60,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "global_keyprefix": "celery:",
    }
else:
    # Without it a message that the broker did not keep is lost in silence.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 5
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_CREATE_MISSING_QUEUES = False
# A message is done with when its task is: not when a worker took it, nor when the worker died.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# What fails in a way that no task foresees is for the dead letters, not forgotten.
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_WORKER_CONSUMER = "booking_site.consumer:RejectingConsumer"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False


def _every(seconds: int, task: str) -> dict[str, Any]:
    # What no worker took before the next one comes is worthless, and beat waits for no broker long.
    options = {"expires": seconds, "confirm_timeout": 5, "retry": False}
    return {"task": task, "schedule": timedelta(seconds=seconds), "options": options}


# When each job was sent last.
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "expire holds": _every(30, "bookings.expire_holds"),
    "warn of expiring holds": _every(30, "bookings.warn_expiring_holds"),
    "resend due mails": _every(30, "booking_site.resend_due_mails"),
    "extend the horizon": _every(3600, "rooms.extend_horizon"),
    "forget answers": _every(3600, "bookings.purge_idempotency_records"),
    "forget sessions": _every(24 * 3600, "accounts.purge_sessions"),
    "forget events": _every(24 * 3600, "booking_site.purge_outbox"),
}

# -- People and tokens ---------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["accounts.hashers.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
]
ACCESS_TOKEN_LIFETIME = timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=15))
VISITOR_TOKEN_LIFETIME = timedelta(minutes=env.int("VISITOR_TOKEN_MINUTES", default=60))
# A session ends when it is not used for REFRESH_TOKEN_LIFETIME, and after LOGIN_SESSION_LIFETIME
# even if it is: see docs/decisions/0004.
REFRESH_TOKEN_LIFETIME = timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=14))
LOGIN_SESSION_LIFETIME = timedelta(days=env.int("LOGIN_SESSION_DAYS", default=90))
# How long the links in mails work; Django wants its own in seconds.
PASSWORD_RESET_TIMEOUT = env.int("PASSWORD_RESET_MINUTES", default=60) * 60
EMAIL_VERIFICATION_LIFETIME = timedelta(days=env.int("EMAIL_VERIFICATION_DAYS", default=3))
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": env.str("JWT_SIGNING_KEY", default=SECRET_KEY),
    "ISSUER": "booking_site",
}

# -- REST -----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.IsUser"],
    "DEFAULT_PARSER_CLASSES": ["booking_site.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "booking_site.errors.exception_handler",
    "DEFAULT_VERSIONING_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Room booking platform",
    "DESCRIPTION": (
        "Find a free room and book it. Every call needs a bearer token: `POST /auth/visitor` gives "
        "one that may look around, `POST /auth/login` one that may book. Errors are RFC 9457 "
        "problems (`application/problem+json`); the page behind each `type` says what to do."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
    "ENUM_NAME_OVERRIDES": {"BookingStatus": "bookings.models.BookingStatus.choices"},
}
# Bytes: the largest body that the API takes.
API_BODY_LIMIT = 64 * 1024

# -- Language, time, files -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each by its own name. Mails and calendars speak all of them.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# -- Transport security --------------------------------------------------------------------------

# Off only where there is no TLS at all, as on a laptop: `make run` turns it off by itself. Behind a
# proxy gunicorn decides whose X-Forwarded-Proto is believed, by FORWARDED_ALLOW_IPS.
HTTPS = env.bool("HTTPS", default=True)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"

# -- Logging --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "booking_site.request_id.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        },
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A 4xx is the client's business: the answer says what was wrong.
        "django.request": {"level": "ERROR", "handlers": [], "propagate": True},
        # Every message, twice. What became of mails and jobs is in the database.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
