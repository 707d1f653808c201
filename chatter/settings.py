"""Every setting of Chatter, in one file: the environment decides (django-environ), the defaults run a demo.

Each knob an operator may turn is documented where it is read; the README's table is made from the same names.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from chatter.observe import logging_settings
from chatter.ops.postgres import embedded_url

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Where embedded servers, uploads and generated secrets lie.
CHATTER_VAR = Path(env.str("CHATTER_VAR", default=str(BASE_DIR / "var"))).absolute()

# --- Security -------------------------------------------------------------------------------------------------------

# Detailed error pages and static files read afresh: for development.
DEBUG = env.bool("DEBUG", default=False)
# As long as nobody says DEBUG=off this is a first try: an empty database may be filled with the demo's people, whose
# passwords everybody knows, guests may come in, and logs are for people.
CHATTER_DEMO = env.bool("DEBUG", default=True)
# Signs sessions and links. Generated once under CHATTER_VAR where it is not given.
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    from chatter.ops.secrets import generated_secret

    SECRET_KEY = generated_secret(CHATTER_VAR, "secret_key")
# Host names the site answers to, comma-separated.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Other origins (scheme://host:port) whose forms and sockets are trusted, comma-separated.
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many reverse proxies in front of us append to X-Forwarded-For (0: the peer's address counts).
CHATTER_TRUSTED_PROXIES = env.int("CHATTER_TRUSTED_PROXIES", default=0)
# Behind a proxy that terminates TLS: trust its X-Forwarded-Proto, send secure cookies and HSTS.
CHATTER_HTTPS = env.bool("CHATTER_HTTPS", default=False)
if CHATTER_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CHATTER_HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"
# The largest request that is read, in bytes: a form with its files.
CHATTER_BODY_MAX = env.int("CHATTER_BODY_MAX", default=12 * 1024 * 1024)
# Megabytes in each web process for pages that are the same for all visitors (kept for 10 seconds); 0: none are kept.
CHATTER_PAGE_CACHE = env.int("CHATTER_PAGE_CACHE", default=32)
CSRF_FAILURE_VIEW = "chatter.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "media-src": [CSP.SELF, "blob:"],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}

# --- Applications ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Daphne is runserver's only, and importing it takes half a second: manage.py says which command runs.
    *(["daphne"] if env.str("CHATTER_COMMAND", default="") == "runserver" else []),
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "chatter.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_tasks_db",
    "chatter",
    "accounts",
    "chat",
    "groups",
    "forums",
]

MIDDLEWARE = [
    "chatter.observe.ObserveMiddleware",
    "accounts.asker.AskerMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.PersonMiddleware",
    "accounts.middleware.SuspensionMiddleware",
    "accounts.visits.DeviceMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "chatter.middleware.PreferenceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chatter.middleware.PrivacyMiddleware",
    "chatter.middleware.BodyMiddleware",
    "chatter.middleware.PaceMiddleware",
    "chatter.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "chatter.urls"
ASGI_APPLICATION = "chatter.asgi.application"
APPEND_SLASH = True

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
                "chatter.context.page",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------------------------

# PostgreSQL 18. Without DATABASE_URL the embedded server under CHATTER_VAR is used. DATABASE_URL is the application's
# role, DATABASE_OWNER_URL the role that owns the tables and migrates (the same one where only one is given).
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="") or DATABASE_URL
# Which of the two this process uses: "app" serves, "owner" migrates (manage.py chooses).
CHATTER_DATABASE_ROLE = env.str("CHATTER_DATABASE_ROLE", default="app")
# The schema that holds all tables.
DATABASE_SCHEMA = env.str("DATABASE_SCHEMA", default="public")
# Connections this process may hold open, and how long a request waits for one (seconds).
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=12)
DATABASE_POOL_TIMEOUT = env.float("DATABASE_POOL_TIMEOUT", default=10.0)


def database(role: str) -> dict[str, Any]:
    """Django's configuration of the database as `role` ("app" or "owner") sees it."""
    url = DATABASE_OWNER_URL if role == "owner" else DATABASE_URL
    if not url:
        url = embedded_url(CHATTER_VAR, "owner" if role == "owner" else "app")
    config = dict(environ.Env.db_url_config(url))
    config["HOST"] = unquote(config.get("HOST", ""))
    config["ENGINE"] = "django.db.backends.postgresql"
    config["CONN_MAX_AGE"] = 0
    config["CONN_HEALTH_CHECKS"] = False
    options = config.setdefault("OPTIONS", {})
    options["application_name"] = f"chatter-{role}"
    options["options"] = f"-c search_path={DATABASE_SCHEMA} -c jit=off -c lock_timeout=10s -c statement_timeout=60s"
    # Statements of prepared cursors are prepared at once; a pooler without prepared statements needs this off.
    options["prepare_threshold"] = 0 if env.bool("DATABASE_PREPARED", default=True) else None
    if role == "app":
        options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": DATABASE_POOL_TIMEOUT}
    else:
        options["options"] = f"-c search_path={DATABASE_SCHEMA} -c jit=off -c lock_timeout=10s"
    return config


DATABASES = {"default": database(CHATTER_DATABASE_ROLE)}
# The role that is granted the right to read and write, and nothing else, by the migrations.
DATABASE_APP_ROLE = database("app").get("USER", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis or Valkey (optional): bus, presence, cache, limits --------------------------------------------------------

# redis://host:port/0 or unix:///path; empty: LISTEN/NOTIFY carries events and the rest lives in this one process.
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "chatter.core.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "chatter",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
else:
    # Django keeps 300 entries: whoever tries many names would push out the limits that stand for the others.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000, "CULL_FREQUENCY": 10},
        }
    }
# Sessions have one home, the database, with Redis too: a copy in a cache can outlive a log-out by a race.
SESSION_ENGINE = "accounts.sessions"

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_SIGNUP_REDIRECT_URL = "lobby"
LOGOUT_REDIRECT_URL = "home"
# Off only to measure: the limits of signing in and up, of sending and of commands are lifted.
CHATTER_RATE_LIMITS = env.bool("CHATTER_RATE_LIMITS", default=True)
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.entrance.LoginForm",
    "signup": "accounts.forms.entrance.SignupForm",
    "add_email": "accounts.forms.entrance.AddressForm",
    "change_password": "accounts.forms.entrance.ChangePasswordForm",
    "set_password": "accounts.forms.entrance.SetPasswordForm",
    "reset_password": "accounts.forms.entrance.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.entrance.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.entrance.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
# Optional: whoever registers chats at once, also where no mail server is set; a quiet line reminds them until they
# have followed the link. An address is theirs (unique, for getting back in) only once it is verified; so registering
# with somebody else's address looks and works the same as with a free one, and takes nothing from its owner.
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USERNAME_MIN_LENGTH = 1
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if CHATTER_HTTPS else "http"
# On top of allauth's own (30 log-ins, 20 registrations a minute and address; 5 failed log-ins in 5 minutes a name).
ACCOUNT_RATE_LIMITS = (
    {"guest": "10/m/ip", "confirm_code": "5/10m/user", "confirm_code_sent": "3/10m/user"}
    if CHATTER_RATE_LIMITS
    else False
)
# So long (seconds) counts a password or second factor for changing who can enter the account.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Networks of Ethereum whose wallets may log people in, by chain id, comma-separated (1: the main network; empty: none may).
CHATTER_WALLET_CHAINS = [int(chain) for chain in env.list("CHATTER_WALLET_CHAINS", default=["1"])]
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A phone's clock may be off by 30 seconds; a code counts once all the same.
MFA_TOTP_TOLERANCE = 1
# Nobody keeps an address away from its owner by a second factor: it is theirs only once it is verified.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RATE_LIMITS: dict[str, str] | bool = {} if CHATTER_RATE_LIMITS else False
MFA_FORMS = {
    "authenticate": "accounts.forms.second_factor.AuthenticateForm",
    "reauthenticate": "accounts.forms.second_factor.ReauthenticateForm",
    "activate_totp": "accounts.forms.second_factor.ActivateTOTPForm",
    "login_webauthn": "accounts.forms.second_factor.LoginWebAuthnForm",
    "authenticate_webauthn": "accounts.forms.second_factor.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "accounts.forms.second_factor.ReauthenticateWebAuthnForm",
    "add_webauthn": "accounts.forms.second_factor.AddWebAuthnForm",
    "edit_webauthn": "accounts.forms.second_factor.EditWebAuthnForm",
}
# Must the staff show a second factor before they see the administration?
CHATTER_ADMIN_MFA = env.bool("CHATTER_ADMIN_MFA", default=False)
# Logging in by OpenID Connect: the issuer (https://…, as its discovery document names it), what it knows us by, and what
# the button calls it. Its redirect address is /accounts/oidc/callback/. Addresses that it calls verified are taken as
# verified; yet nobody comes into an existing account by their address: they log in and link it once.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="OpenID Connect")
SOCIALACCOUNT_ADAPTER = "accounts.social.SocialAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
# The way there asks to confirm (accounts.views.linked).
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = False
# Days between asking for the end of an account and its erasure: until then the person can take it back.
CHATTER_DELETION_DAYS = env.int("CHATTER_DELETION_DAYS", default=14)
# Days in which a deleted group can be taken back, and after which deleted channels go with what was said in them.
CHATTER_GROUP_DELETION_DAYS = env.int("CHATTER_GROUP_DELETION_DAYS", default=7)
# Days in which the owner of a deleted forum can take that back.
CHATTER_FORUM_DELETION_DAYS = env.int("CHATTER_FORUM_DELETION_DAYS", default=7)
# Who is new in a forum that holds what newcomers write: an account of fewer days, or fewer posts and comments that stand there.
CHATTER_NEWCOMER_DAYS = env.int("CHATTER_NEWCOMER_DAYS", default=3)
CHATTER_NEWCOMER_POSTS = env.int("CHATTER_NEWCOMER_POSTS", default=3)
# May people enter the lobby with a name only?
CHATTER_GUESTS = env.bool("CHATTER_GUESTS", default=CHATTER_DEMO)

# --- Talk -----------------------------------------------------------------------------------------------------------

# Longest message, in Unicode code points, in the lobby and everywhere else.
CHATTER_LOBBY_MAX_LENGTH = env.int("CHATTER_LOBBY_MAX_LENGTH", default=1000)
CHATTER_MESSAGE_MAX_LENGTH = env.int("CHATTER_MESSAGE_MAX_LENGTH", default=4000)
# Messages a person may send in a burst, and per second after it (never below 30 and 5).
CHATTER_SEND_BURST = max(30, env.int("CHATTER_SEND_BURST", default=30))
CHATTER_SEND_RATE = max(5.0, env.float("CHATTER_SEND_RATE", default=5.0))
# Commands per second, open conversations and unanswered sends of one socket.
CHATTER_SOCKET_COMMANDS = env.int("CHATTER_SOCKET_COMMANDS", default=60)
CHATTER_SOCKET_OPEN = env.int("CHATTER_SOCKET_OPEN", default=50)
CHATTER_SOCKET_UNANSWERED = env.int("CHATTER_SOCKET_UNANSWERED", default=32)
# Seconds after which a silent client pings, after which a silent socket is closed, and between two comparisons of open
# conversations and sessions with the database.
CHATTER_HEARTBEAT = env.int("CHATTER_HEARTBEAT", default=25)
CHATTER_SOCKET_SILENCE = env.float("CHATTER_SOCKET_SILENCE", default=75.0)
CHATTER_REPAIR_SECONDS = env.float("CHATTER_REPAIR_SECONDS", default=25.0)
# Seconds without any socket before a person counts as offline.
CHATTER_PRESENCE_GRACE = env.float("CHATTER_PRESENCE_GRACE", default=30.0)
# Delivered and read receipts only where so many people talk, or fewer; presence is pushed to open conversations
# up to the second size.
CHATTER_RECEIPTS_MAX_MEMBERS = env.int("CHATTER_RECEIPTS_MAX_MEMBERS", default=50)
CHATTER_PRESENCE_MAX_MEMBERS = env.int("CHATTER_PRESENCE_MAX_MEMBERS", default=100)
# The largest group conversation.
CHATTER_GROUP_MAX_MEMBERS = env.int("CHATTER_GROUP_MAX_MEMBERS", default=200)
# How long the change log is kept (days): the memory of idempotent sends and of catching up.
CHATTER_CHANGES_DAYS = env.int("CHATTER_CHANGES_DAYS", default=90)

# --- Mail, background tasks ------------------------------------------------------------------------------------------

# smtp+tls://user:password@host:587 (STARTTLS), smtps://…:465, smtp://…:25, filemail:///folder; empty: mail is printed to the console.
EMAIL_URL = env.str("EMAIL_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Chatter <chatter@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL


# Where people find the site, for links in what leaves it: https://chat.example.org. Guessed from ALLOWED_HOSTS where not given.
CHATTER_URL = env.str("CHATTER_URL", default="").rstrip("/")
if not CHATTER_URL:
    _host = next((name for name in ALLOWED_HOSTS if not name.startswith(("*", "."))), "localhost")
    CHATTER_URL = f"{'https' if CHATTER_HTTPS else 'http'}://{_host}"
# Our private key towards push services: 32 bytes (P-256), URL-safe Base64. Made once under CHATTER_VAR where not given;
# machines that serve one site share it, and a new one ends all subscriptions.
CHATTER_VAPID_KEY = env.str("CHATTER_VAPID_KEY", default="")
if not CHATTER_VAPID_KEY:
    from chatter.ops.secrets import generated_secret

    CHATTER_VAPID_KEY = generated_secret(CHATTER_VAR, "vapid")


def mailer() -> dict[str, Any]:
    """Django's configuration of the mailer that EMAIL_URL names."""
    if not EMAIL_URL:
        return {"BACKEND": "chatter.core.mail.ConsoleMailer"}
    config = environ.Env.email_url_config(EMAIL_URL)
    if not EMAIL_URL.startswith("smtp"):
        folder = {"file_path": urlsplit(EMAIL_URL).path} if EMAIL_URL.startswith("filemail:") else {}
        return {"BACKEND": config["EMAIL_BACKEND"], "OPTIONS": folder}
    is_encrypted = EMAIL_URL.startswith(("smtps:", "smtp+ssl:"))
    options = {
        "host": config.get("EMAIL_HOST"),
        "port": config.get("EMAIL_PORT"),
        "username": config.get("EMAIL_HOST_USER"),
        "password": config.get("EMAIL_HOST_PASSWORD"),
        "use_tls": config.get("EMAIL_USE_TLS", False) and not is_encrypted,
        "use_ssl": is_encrypted,
        "timeout": 20,
    }
    return {"BACKEND": config["EMAIL_BACKEND"], "OPTIONS": {name: value for name, value in options.items() if value}}


# Mails are written down at once and given to the server by the worker; on the console they appear at once.
MAILERS = {"default": {"BACKEND": "accounts.mail.BackgroundMailer"} if EMAIL_URL else mailer(), "direct": mailer()}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail", "push", "access"]}}

# --- Logs, metrics ----------------------------------------------------------------------------------------------------

# "json": one JSON object a line; "text": for people. What is logged from which level on.
CHATTER_LOG_FORMAT = env.str("CHATTER_LOG_FORMAT", default="text" if CHATTER_DEMO else "json")
CHATTER_LOG_LEVEL = env.str("CHATTER_LOG_LEVEL", default="INFO")
LOGGING = logging_settings(structured=CHATTER_LOG_FORMAT == "json", level=CHATTER_LOG_LEVEL)
# Who may read /metrics: bearers of this token; without proxies in front also these networks.
CHATTER_METRICS_TOKEN = env.str("CHATTER_METRICS_TOKEN", default="")
CHATTER_METRICS_NETWORKS = env.list("CHATTER_METRICS_NETWORKS", default=["127.0.0.0/8", "::1/128"])
# Usernames are unique regardless of case, by a constraint on Upper(username) that the check does not read.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

# --- Language, time, files -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each calls itself by its own name. Arabic is written from right to left.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = CHATTER_HTTPS
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "chatter.formats"

STATIC_URL = "static/"
STATIC_ROOT = CHATTER_VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = CHATTER_VAR / "media"
# `manage.py collectstatic` names the files after their content, and from then on they are cached for ever; a first try
# and development serve them where they lie.
_COLLECTED = not DEBUG and (
    (STATIC_ROOT / "staticfiles.json").exists() or env.str("CHATTER_COMMAND", default="") == "collectstatic"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "chatter.core.assets.AssetStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = True
# Look at the files at every request, so that they may be edited while the server runs.
WHITENOISE_AUTOREFRESH = DEBUG or CHATTER_DEMO
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- The admin ---------------------------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Chatter",
    "SITE_HEADER": "Chatter",
    "SITE_SUBHEADER": _("Administration · times in UTC"),
    "SITE_URL": "/",
    "SITE_ICON": "chatter.administration.logo",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "chatter.administration.favicon"}],
    "COLORS": {"base": "chatter.administration.neutral_colors", "primary": "chatter.administration.accent_colors"},
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "chatter.administration.navigation",
    },
}
