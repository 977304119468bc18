"""How a served app knows who its visitors are."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """Who says who a visitor is."""

    USER = "user"  # nobody: everyone who reaches the app is one user
    PASSWORD = "password"  # noqa: S105 - a name; everyone who knows the password is one user
    TOKEN = "token"  # noqa: S105 - likewise; a program may send it in a header
    HEADER = "header"  # a proxy that has signed them in
    JUPYTERHUB = "jupyterhub"


@dataclass(frozen=True)
class SignIn:
    """A way to know visitors, and what it needs.

    `user` is the e-mail address of the one user there is, `secret` the password, the token, or what only the proxy
    knows, `header` what the proxy puts the visitor's name into. A name without `@` gets `@` and `email_domain`.

    >>> SignIn(Way.PASSWORD, user="ana@acme.example", secret="…")
    SignIn(way=<Way.PASSWORD: 'password'>, user='ana@acme.example', header='', email_domain='')
    """

    way: Way = Way.USER
    user: str | None = None
    header: str = ""
    email_domain: str = ""
    secret: str = field(default="", repr=False)

    @property
    def can_be_undone_here(self) -> bool:
        """Whether the app itself signs visitors out, or leads to where that is done.

        >>> SignIn(Way.JUPYTERHUB).can_be_undone_here, SignIn(Way.HEADER).can_be_undone_here
        (True, False)
        """
        return self.way in (Way.PASSWORD, Way.TOKEN, Way.JUPYTERHUB)

    def email_of(self, name: str) -> str:
        """The e-mail address of who is called `name` by a proxy or a hub.

        >>> SignIn(Way.HEADER, email_domain="acme.example").email_of("ana")
        'ana@acme.example'
        """
        return name if "@" in name or not self.email_domain else f"{name}@{self.email_domain}"

    def as_json(self) -> dict[str, Any]:
        """What `SignIn(**…)` makes the same of, elsewhere."""
        return asdict(self)
