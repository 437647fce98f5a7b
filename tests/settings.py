"""The product's settings, with what the tests and the static checks need given."""

import os

os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "0123456789abcdef" * 4)
os.environ.setdefault("DATABASE_URL", "postgres://127.0.0.1:1/none")
os.environ.setdefault("HTTPS", "off")

from booking_site.settings import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected for tests: files are looked up where they lie.
WHITENOISE_AUTOREFRESH = True
