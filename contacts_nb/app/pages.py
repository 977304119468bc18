"""The page, and who may speak to the kernel behind it: only whom that page was made for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from jupyter_server.auth import Authorizer, User
from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError, authenticated
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.voila_identity_provider import VoilaLoginHandler

from contacts_nb.app.identity import ANYONE
from contacts_nb.app.visitor import VISITOR_HEADER

_WRONG_SECONDS = 1.0  # that guessing takes a while
_PROTOCOL = "v1.kernel.websocket.jupyter.org"
_NUMBER = 8  # bytes
_MOST_PARTS = 1_000  # six and one for each of the files of an upload


class Page(TornadoVoilaHandler):
    """The notebook as a page, made for who has signed in; there is nothing else at other paths."""

    @authenticated
    async def get(self, path: str | None = None) -> None:
        if path:
            raise HTTPError(404, "There is nothing at this address.")
        # Voilà hands this header to the kernel: whatever a visitor sent in it is replaced.
        visitor = self.current_user.username
        self.request.headers[VISITOR_HEADER] = "" if visitor == ANYONE else visitor
        # Gives the page the cookie without which it may not end its kernel when it is left.
        _ = self.xsrf_token
        # Of many who come at once, the first needn't wait until there is a page for the last.
        async with self.settings["beginning"]:
            await super().get(path)

    @property
    def kernel_manager(self) -> Any:
        return _Claimed(super().kernel_manager, self.settings["kernel_visitors"], self.current_user.username)

    # Of the page itself nothing is a template of ours; of errors everything is.
    get_template = JupyterHandler.get_template
    render_template = JupyterHandler.render_template


class _Claimed:
    """The server's kernels, as one visitor's page uses them: what it is given belongs to this visitor."""

    def __init__(self, kernels: Any, visitors: dict[str, str], visitor: str) -> None:
        self._kernels = kernels
        self._visitors = visitors
        self._visitor = visitor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kernels, name)

    async def start_kernel(self, **options: Any) -> str:
        kernel: str = await self._kernels.start_kernel(**options)
        self._claim(kernel)
        return kernel

    async def get_rendered_notebook(self, **options: Any) -> Any:
        task, rendered, kernel = await self._kernels.get_rendered_notebook(**options)
        self._claim(kernel)
        return task, rendered, kernel

    def _claim(self, kernel: str) -> None:
        for gone in [known for known in self._visitors if known not in self._kernels]:
            del self._visitors[gone]
        self._visitors[kernel] = self._visitor


class Channel(VoilaKernelWebsocketHandler):
    """The messages between a page and its kernel, in the one form that pages speak.

    A message begins with the number of its parts. Whoever reads it believes that number, so one that can't be
    would keep the server busy for ever; and what Voilà reads of other forms is as good as any number.
    """

    async def get(self, kernel_id: str) -> None:
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if _PROTOCOL not in (one.strip() for one in offered.split(",")):
            raise HTTPError(400, "Pages speak a newer form of messages.")
        await super().get(kernel_id)

    def on_message(self, ws_message: str | bytes) -> None:
        if _is_whole(ws_message):
            super().on_message(ws_message)
        else:
            self.close(1003, "No message of a page is like that.")


def _is_whole(message: str | bytes) -> bool:
    if not isinstance(message, bytes) or len(message) < _NUMBER:
        return False
    parts = int.from_bytes(message[:_NUMBER], "little")
    return parts <= _MOST_PARTS and _NUMBER * (1 + parts) <= len(message)


class OwnKernels(Authorizer):
    """Visitors may use the kernels of their own pages, whatever other kernel's id they may have learned."""

    def is_authorized(
        self,
        handler: JupyterHandler,
        user: User,
        action: str,  # noqa: ARG002
        resource: str,
    ) -> Awaitable[bool] | bool:
        kernel = next(iter(handler.path_kwargs.values()), None) or next(iter(handler.path_args), None)
        return resource == "kernels" and handler.settings["kernel_visitors"].get(kernel) == user.username


class Shutdown(VoilaShutdownKernelHandler):
    """Ends the kernel of a page that is left."""

    auth_resource = "kernels"

    @authenticated
    @authorized("execute")
    async def post(self, kernel_id: str) -> None:
        await super().post(kernel_id)


class Login(VoilaLoginHandler):
    """The form for the password, which takes its time to say no."""

    @allow_unauthenticated
    async def post(self) -> None:
        user = self.identity_provider.process_login_form(self)
        if user is None:
            await asyncio.sleep(_WRONG_SECONDS)
            self.set_status(401)
            self._render(message={"error": "That isn't right. Check it and try again."})
            return
        self.current_user = user
        self.identity_provider.set_login_cookie(self, user)
        self._redirect_safe(self.get_argument("next", default=self.base_url))
