"""Signing in by an account elsewhere (OpenID Connect), on top of allauth: what its provider leaves unchecked is checked here.

An identity token must be signed by a key of the issuer, be for us, and carry the nonce of the attempt that this browser
began. Somebody unknown gets an account of their own; nobody is let into an existing account because of an address.
"""

from typing import Any

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from accounts.actions.linked import is_address_proven, register_linked
from accounts.models import User

# What linked accounts are filed under; one provider is configured at a time.
PROVIDER = "oidc"
# Signatures that only the issuer can make: never "none", never one made with a secret of ours.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLAIMS = ("sub", "email", "email_verified", "preferred_username", "name")
LEEWAY = 30
SUBJECT_MAX = 191


def is_configured() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def nonce_of(state: str) -> str:
    """The nonce of the attempt called `state`: nobody else can tell it, and nothing has to be kept."""
    return salted_hmac("accounts.social.nonce", state, algorithm="sha256").hexdigest()


class NonceClient(OAuth2Client):
    """Asks for an identity token that carries the nonce of this attempt."""

    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: dict[str, Any]) -> str:
        asked = extra_params | {"nonce": nonce_of(str(self.state))}
        url: str = super().get_redirect_url(authorization_url, sorted(scope), asked)
        return url


class OidcAdapter(OpenIDConnectOAuth2Adapter):
    """allauth's, with the identity token and the answers of the issuer held to the standard."""

    client_class = NonceClient

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, PROVIDER)

    def get_provider(self) -> Any:
        provider = super().get_provider()
        provider.get_oauth2_adapter = type(self)
        return provider

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("openid_connect_callback"))

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the issuer says of itself. One that speaks in another's name is not listened to."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error("the configuration is of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not str(config.get(name, "")).startswith(("https://", "http://")):
                raise OAuth2Error(f"the configuration has no {name}")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        if request.GET.get("iss", settings.OIDC_ISSUER).rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error("another issuer answered")
        claims = self.checked_claims(kwargs["response"].get("id_token"), request.GET.get("state", ""))
        if self.openid_config.get("userinfo_endpoint"):
            more = self._fetch_user_info(token.token)
            if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
                raise OAuth2Error("the issuer told of somebody else")
            claims = more | claims
        kept = {name: claims[name] for name in CLAIMS if claims.get(name) is not None}
        login: SocialLogin = self.get_provider().sociallogin_from_response(request, kept)
        return login

    def checked_claims(self, id_token: object, state: str) -> dict[str, Any]:
        """What the token says, once it is known to be the issuer's, for us, and the answer to this attempt."""
        try:
            claims: dict[str, Any] = jwt.decode(
                str(id_token),
                key=self._key_of(str(id_token)),
                algorithms=ALGORITHMS,
                audience=settings.OIDC_CLIENT_ID,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("the identity token does not count") from error
        if not state or not constant_time_compare(str(claims.get("nonce", "")), nonce_of(state)):
            raise OAuth2Error("the identity token answers another attempt")
        if claims.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
            raise OAuth2Error("the identity token is for somebody else")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= SUBJECT_MAX:
            raise OAuth2Error("the identity token names nobody")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        """The issuer's key that the token says it was signed with."""
        name = jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            published = answer.json()
        keys = jwt.PyJWKSet.from_dict(published if isinstance(published, dict) else {}).keys
        fitting = [key for key in keys if name in (None, key.key_id) and key.public_key_use in (None, "sig")]
        if len(fitting) != 1:
            raise jwt.InvalidKeyError("no such key")
        return fitting[0]


class SocialAdapter(DefaultSocialAccountAdapter):
    """allauth's hooks: one provider, from the environment; new people are registered by our own action."""

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one from the environment; the table of allauth stays empty and is not asked."""
        if not is_configured() or provider not in (None, PROVIDER, "openid_connect"):
            return []
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=PROVIDER,
                name=settings.OIDC_NAME,
                client_id=settings.OIDC_CLIENT_ID,
                secret=settings.OIDC_CLIENT_SECRET,
                settings={"server_url": settings.OIDC_ISSUER.rstrip("/"), "oauth_pkce_enabled": True},
            )
        ]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Whose address another account has proved to own is asked to log in there and link; nothing is joined by itself."""
        # Addresses are our action's business: allauth would tell strangers which are taken.
        sociallogin.email_addresses = []
        if sociallogin.is_existing or sociallogin.state.get("process") != AuthProcess.LOGIN:
            return
        said = sociallogin.account.extra_data
        if said.get("email_verified") is True and is_address_proven(email=str(said.get("email", ""))):
            words = gettext(
                "There is an account with your address already. Log in to it, then link it under “Security”."
            )
            messages.error(request, words)
            raise ImmediateHttpResponse(redirect("account_login"))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        said = sociallogin.account.extra_data
        person = register_linked(
            provider=sociallogin.account.provider,
            uid=sociallogin.account.uid,
            claims={key: said[key] for key in CLAIMS if key in said},
        )
        sociallogin.user = sociallogin.account.user = person
        return person

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("settings_security")

    def get_requests_session(self) -> requests.Session:
        session: requests.Session = super().get_requests_session()
        session.max_redirects = 3
        return session
