"""Signing in at JupyterHub, which starts the app as one of its services and says where it is to be."""

from __future__ import annotations

from jupyter_server.auth import User
from jupyterhub.services.auth import HubOAuth
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from tornado.web import RequestHandler
from traitlets import default


class HubIdentity(JupyterHubIdentityProvider):
    """Whom the hub has signed in, by e-mail address."""

    @default("hub_auth")
    def _hub_auth(self) -> HubOAuth:
        # By default it is read from the environment, which kernels would inherit.
        return HubOAuth(parent=self, api_token=self.parent.sign_in.secret)

    async def get_user(self, handler: RequestHandler) -> User | None:
        user: User | None = await super().get_user(handler)
        if user is not None:
            user.username = self.parent.sign_in.email_of(user.username)
        return user
