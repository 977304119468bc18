"""The server's process: Voilà with the one notebook, closed wherever the app doesn't need it open.

It is told what to do by one line of JSON on its standard input, so that no secret stands in a list of processes or
in the environment that kernels inherit. The input then stays open and silent; when it ends, whoever started the
server is gone, however that came (even by SIGKILL), and the server ends itself and its kernels.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import jinja2
from jupyter_server.log import log_request
from jupyter_server.utils import url_path_join
from traitlets import Instance
from traitlets.config import Config
from voila.app import Voila
from voila.request_info_handler import RequestInfoSocketHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import AllowListFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from contacts_nb.app.identity import provider_class
from contacts_nb.app.pages import Channel, Login, OwnKernels, Page, Shutdown
from contacts_nb.app.place import Place
from contacts_nb.app.sign_in import SignIn, Way
from contacts_nb.app.visitor import SERVED_VARIABLE, SIGN_OUT_VARIABLE, VISITOR_HEADER

_STOP_SECONDS = 10
_CULL_SECONDS = 60
_TEMPLATES = Path(__file__).with_name("templates")
# What the page's widgets are made of; whatever else is installed beside them stays out of the page.
_EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
    "bqplot",
    "bqscales",
    "ipydatagrid",
]
# Voilà's page has inline scripts, and the widgets' bundles make code of texts. Nothing may be sent elsewhere.
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
# An upload is one message; one that is too long would end the connection without a word.
_MESSAGE_BYTES = 110 * 1024 * 1024
_QUERY = re.compile(r"\?\S+")


class Server(Voila):
    """Voilà for one notebook, as `sign_in` lets visitors in."""

    sign_in = Instance(SignIn)

    def init_settings(self) -> dict[str, Any]:
        # Where kernels that were started ahead learn whom they are for: an address that only they are told.
        self._ahead = url_path_join(self.base_url, secrets.token_urlsafe(32)) + "/"
        os.environ["VOILA_WS_BASE_URL"] = self._ahead
        os.environ[SIGN_OUT_VARIABLE] = (
            url_path_join(self.base_url, "logout") if self.sign_in.can_be_undone_here else ""
        )
        settings: dict[str, Any] = super().init_settings()
        self.identity_provider.login_handler_class = Login
        return settings | {
            "kernel_visitors": {},
            "beginning": asyncio.Semaphore(os.cpu_count() or 1),
            # Without signing in, any web site could read the contacts by having its own name lead to this machine.
            "allow_remote_access": self.sign_in.way is not Way.USER,
            "websocket_max_message_size": _MESSAGE_BYTES,
            "headers": {
                "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
                "Referrer-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff",
            },
            "log_function": log_request,
            "jinja2_env": jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True),
        }

    def init_handlers(self) -> list[Any]:
        signing_in = {pattern for pattern, *_ in self.identity_provider.get_handlers()}
        instead = {
            TornadoVoilaHandler: Page,
            VoilaKernelWebsocketHandler: Channel,
            VoilaShutdownKernelHandler: Shutdown,
        }

        def placed(pattern: str, handler: type) -> str:
            if handler is RequestInfoSocketHandler:
                return self._ahead + pattern.removeprefix(self.server_url).lstrip("/")
            # Voilà leaves these where they would be without a base.
            return url_path_join(self.base_url, pattern) if pattern in signing_in else pattern

        return [
            (placed(pattern, handler), instead.get(handler, handler), *options)
            for pattern, handler, *options in super().init_handlers()
            if handler is not AllowListFileHandler
        ]


def main() -> None:
    """Serve what the first line of the standard input says until there is no more of it."""
    told = _first_line()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ[SERVED_VARIABLE] = "1"
    # Kernels that were started ahead ask the server directly, whatever proxy the environment names.
    os.environ["VOILA_APP_IP"] = host = Place(ip=told["ip"]).host
    others = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = host if others is None else f"{others},{host}"
    # What is refused, and what goes wrong, they write down with the whole address.
    for name in ("tornado.general", "tornado.application"):
        logging.getLogger(name).addFilter(_without_queries)
    sign_in = SignIn(**told["sign_in"] | {"way": Way(told["sign_in"]["way"])})
    Server.launch_instance(
        [],
        config=_config(told["preheat"], told["idle_seconds"]),
        config_file_paths=[],
        notebook_path=told["notebook"],
        ip=told["ip"],
        port=told["port"],
        port_retries=0,
        base_url=told["base_url"],
        open_browser=False,
        sign_in=sign_in,
        token=sign_in.secret if sign_in.way is Way.TOKEN else "",
        identity_provider_class=provider_class(sign_in.way),
        authorizer_class=OwnKernels,
    )


def _config(preheat: int, idle_seconds: int) -> Config:
    return Config(
        {
            "Application": {"log_format": "%(asctime)s [%(name)s]%(highlevel)s %(message)s"},
            "VoilaConfiguration": {
                "strip_sources": True,
                "show_tracebacks": False,
                "allow_template_override": "NO",
                "allow_theme_override": "YES",  # ?theme=dark
                "extension_allowlist": _EXTENSIONS,
                "http_header_envs": [VISITOR_HEADER],
                "preheat_kernel": preheat > 0,
                "default_pool_size": preheat,
            },
            # Where it keeps what it has signed; by default a folder at home, which accounts of services lack.
            "NotebookNotary": {"data_dir": str(Path.cwd())},
            # A closed tab leaves its kernel behind.
            "MappingKernelManager": {
                "cull_idle_timeout": idle_seconds,
                "cull_interval": min(_CULL_SECONDS, idle_seconds),
            },
        }
    )


def _first_line() -> dict[str, Any]:
    # Raw reads, because a thread inside sys.stdin would make the interpreter's own end fail.
    line = b""
    while not line.endswith(b"\n"):
        if not (more := os.read(0, 65_536)):
            sys.exit("Nothing was said of what to serve.")
        line += more
    told: dict[str, Any] = json.loads(line)
    return told


def _without_queries(record: logging.LogRecord) -> bool:
    # A token may stand in what follows the question mark, or what a hub gives for one.
    record.msg, record.args = _QUERY.sub("?[secret]", record.getMessage()), ()
    return True


def _end_with_parent() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_STOP_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
