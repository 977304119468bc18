"""The ways to sign in, as Jupyter's identity providers: who sends a request, or nobody.

What they need stands in `sign_in` of the server that they belong to.
"""

from __future__ import annotations

import hmac
from typing import Any

from jupyter_server.auth import User
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider
from jupyter_server.auth.security import passwd
from tornado.web import HTTPError, RequestHandler
from traitlets import default

from contacts_nb.app.sign_in import SignIn, Way

PROXY_SECRET_HEADER = "X-Proxy-Secret"  # noqa: S105 - a name
# Where a workspace has no users there is nobody to be.
ANYONE = "anyone"
_NOT_THE_PROXY = "This address is for the proxy that signs people in. Open the app at its own address instead."
_NOBODY = "The proxy didn't say who you are. Sign in there, then open the app again."


def provider_class(way: Way) -> type[IdentityProvider]:
    """What knows visitors by one of the ways."""
    if way is Way.JUPYTERHUB:
        from contacts_nb.app.identity_hub import HubIdentity  # noqa: PLC0415 - an extra

        hub: type[IdentityProvider] = HubIdentity
        return hub
    return {Way.USER: OneUser, Way.PASSWORD: Password, Way.TOKEN: Password, Way.HEADER: ProxyHeader}[way]


class OneUser(IdentityProvider):
    """Everybody who gets here is the one user there is."""

    auth_enabled = False
    logout_available = False

    def get_user(self, handler: RequestHandler) -> User:  # noqa: ARG002
        return User(_sign_in(self).user or ANYONE)


class ProxyHeader(IdentityProvider):
    """Whom a proxy names in a header, if the request comes from the proxy, as only it can know the secret."""

    login_available = False
    logout_available = False

    def get_user(self, handler: RequestHandler) -> User:
        sign_in = _sign_in(self)
        secret = handler.request.headers.get(PROXY_SECRET_HEADER, "")
        if not sign_in.secret or not hmac.compare_digest(secret.encode(), sign_in.secret.encode()):
            raise _refused(handler, 403, "Not from the proxy", _NOT_THE_PROXY)
        name = handler.request.headers.get(sign_in.header, "").strip()
        if not name:
            raise _refused(handler, 401, "Not signed in", _NOBODY)
        return User(sign_in.email_of(name))


class Password(PasswordIdentityProvider):
    """One user, once the password or the token is given: in the form, a token also in a header."""

    allow_password_change = False
    auth_enabled = True

    @default("hashed_password")
    def _hashed_password(self) -> str:
        sign_in = _sign_in(self)
        return "" if sign_in.way is Way.TOKEN else str(passwd(sign_in.secret))

    def get_token(self, handler: RequestHandler) -> str | None:
        # Not from the address, which browsers remember, proxies log and other sites may be told.
        found = self.auth_header_pat.match(handler.request.headers.get("Authorization", ""))
        return None if found is None else str(found[2])

    def generate_anonymous_user(self, handler: RequestHandler) -> User:  # noqa: ARG002
        return User(_sign_in(self).user or ANYONE)

    def process_login_form(self, handler: RequestHandler) -> User | None:
        given = handler.get_body_argument("password", default="", strip=False)
        is_right = (
            self.passwd_check(given)
            if self.hashed_password
            else hmac.compare_digest(given.encode(), self.token.encode())
        )
        return self.generate_anonymous_user(handler) if is_right else None


def _refused(handler: Any, status: int, title: str, why: str) -> HTTPError:
    handler.current_user = handler._jupyter_current_user = None  # noqa: SLF001 - the page of the error asks who it is
    return HTTPError(status, why, reason=title)


def _sign_in(provider: Any) -> SignIn:
    sign_in: SignIn = provider.parent.sign_in
    return sign_in
