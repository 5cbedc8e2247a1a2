"""Django settings. Every setting that an installation may change is read from FANZHA_*."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from fanzha.wiring.home import CHECKOUT, home, secret
from fanzha.wiring.postgres import APP_ROLE, OWNER_ROLE, Postgres

ORGANISATION = os.environ.get("FANZHA_ORGANISATION", "LJ")
"""Code of this centre inside public ids: two cities can be joined without a clash."""

ORGANISATION_CODE_12 = os.environ.get("FANZHA_ORGANISATION_CODE", "990100000000")
"""The 12-character organisation code that messages to banks carry."""

PAPER_MARK = os.environ.get("FANZHA_PAPER_MARK", ORGANISATION)
"""What numbers of papers begin with (机关代字)."""

ISSUES_PAPERS = os.environ.get("FANZHA_ISSUES_PAPERS", "0") == "1"
"""Whether papers are the legal ones; else each is marked as a worksheet (F02)."""

SECRET_KEY = secret("secret_key")
SIGNING_SECRET = secret("signing_secret")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("FANZHA_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    "fanzha.scope",
    "fanzha.audit",
    "fanzha.outbox",
    "fanzha.identity",
    "fanzha.institutions",
    "fanzha.channels.bank_gateway",
    "fanzha.duties",
    "fanzha.entities",
    "fanzha.movements",
    "fanzha.tracing",
    "fanzha.intake",
    "fanzha.cases",
    "fanzha.instructions",
    "fanzha.desk",
    "fanzha.wiring",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "fanzha.desk.middleware.OfficerScope",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fanzha.wiring.urls"
WSGI_APPLICATION = "fanzha.wiring.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fanzha.desk.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    seconds = int(os.environ.get("FANZHA_CONNECTION_SECONDS", "600"))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "fanzha"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": seconds,
        "CONN_HEALTH_CHECKS": True,
        # What `scope.prepared` reads is prepared at once, what the ORM reads never.
        "OPTIONS": {"application_name": "fanzha", "prepare_threshold": 0 if seconds else None},
        "TEST": {"MIGRATE": False},
    }


EMBEDDED = Postgres(home())
USES_EMBEDDED = "FANZHA_DATABASE_URL" not in os.environ
DATABASES = {
    "default": _database(os.environ.get("FANZHA_DATABASE_URL") or EMBEDDED.url(APP_ROLE)),
    "owner": _database(os.environ.get("FANZHA_OWNER_DATABASE_URL") or EMBEDDED.url(OWNER_ROLE)),
}
DATABASE_ROUTERS = ["fanzha.wiring.routers.AppRole"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Officer"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "fanzha.identity.backends.OfficerBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = int(os.environ.get("FANZHA_LOGIN_FAILURES", "5"))
AXES_COOLOFF_TIME = float(os.environ.get("FANZHA_LOGIN_LOCK_HOURS", "0.5"))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = 0

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "desk:duty"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = int(os.environ.get("FANZHA_IDLE_MINUTES", "30")) * 60
"""Idle time-out: the session ends so long after the last request, or up to a minute before."""
SESSION_ENGINE = "fanzha.identity.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SAMESITE = "Lax"
_TLS = os.environ.get("FANZHA_TLS", "0") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SECURE_SSL_REDIRECT = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATICFILES_DIRS = [("vendor", CHECKOUT / "build" / "vendor")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

PROCRASTINATE_IMPORT_PATHS = ["fanzha.outbox.tasks", "fanzha.desk.tasks", "fanzha.wiring.periodic"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "no_such_module"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("FANZHA_LOG", "WARNING")},
    # A refusal is an answer to a person and stands in the audit log; only what broke is an error.
    "loggers": {"django.request": {"level": "ERROR"}},
}

TEST_RUNNER = "django.test.runner.DiscoverRunner"
LAKE = home() / "lake"

RESEND_SECONDS: dict[str, float] = json.loads(os.environ.get("FANZHA_RESEND_SECONDS", "{}"))
"""Seconds per transaction code that an uncertain delivery waits for evidence (assumed)."""
