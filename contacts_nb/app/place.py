"""Where the app answers, and who can reach it there."""

from __future__ import annotations

import os
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from contacts_nb.app.sign_in import SignIn, Way
from contacts_nb.model.errors import ServingFailed

HUB_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - a name


class Place(NamedTuple):
    """An address of this machine, a port (0 for any free one), and the path of the page.

    >>> Place("0.0.0.0", 8866, "/contacts/").url
    'http://127.0.0.1:8866/contacts/'
    """

    ip: str = "127.0.0.1"
    port: int = 0
    base_url: str = "/"

    @property
    def host(self) -> str:
        """What this machine itself finds it by, as it stands in addresses of pages."""
        ip = ip_address(self.ip)
        if ip == IPv4Address(0):
            return "127.0.0.1"
        return f"[{'::1' if ip == IPv6Address(0) else ip}]" if ip.version == 6 else str(ip)

    @property
    def url(self) -> str:
        """What a browser on this machine is given."""
        return f"http://{self.host}:{self.port}{self.base_url}"


def hub_place() -> Place:
    """Where JupyterHub wants the service that it starts; raises `ServingFailed` if it starts none."""
    if find_spec("jupyterhub") is None:
        raise ServingFailed("--jupyterhub needs a package more. Install it: pip install 'contacts_nb[jupyterhub]'")
    url = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", ""))
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    if not (url.hostname and url.port and prefix and os.environ.get(HUB_TOKEN_VARIABLE)):
        raise ServingFailed(
            "--jupyterhub is for a service that JupyterHub starts: it says where the app is to be, and nothing "
            "did. Add the service to jupyterhub_config.py, as the README shows."
        )
    return Place(url.hostname, url.port, prefix)


def check_reach(ip: str, sign_in: SignIn) -> None:
    """Raises `ServingFailed` if listening at `ip` would show contacts to whoever reaches this machine.

    >>> check_reach("0.0.0.0", SignIn())
    Traceback (most recent call last):
    contacts_nb.model.errors.ServingFailed: Listening at 0.0.0.0 would show the contacts to everyone who ...
    """
    try:
        reaches_far = not ip_address(ip).is_loopback
    except ValueError as error:
        raise ServingFailed(
            f"--ip {ip} is no IP address. Give one of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them."
        ) from error
    if reaches_far and sign_in.way is Way.USER:
        raise ServingFailed(
            f"Listening at {ip} would show the contacts to everyone who reaches this machine. Have visitors sign "
            "in (--password-file, --token-file, --user-header or --jupyterhub), or leave out --ip."
        )
