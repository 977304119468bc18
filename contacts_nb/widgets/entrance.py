"""The way into the app: whoever may not see contacts, or can't reach them now, is told why."""

from __future__ import annotations

import logging
import os

import ipywidgets

from contacts_nb.model.errors import NotAllowed, NotFound
from contacts_nb.store.patience import PAGE_MS, waiting_at_most
from contacts_nb.widgets.contacts_app import ContactsApp
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.gestures import GestureForm
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.presence import Presence
from contacts_nb.widgets.sign_out import sign_out_link
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace import opening

logger = logging.getLogger("contacts_nb")
_NOT_YOU = "You can't see these contacts"


class Entrance(ipywidgets.VBox):
    """The app on the workspace at `address`, as `user`, or a page that says why there is none.

    `app` is the `ContactsApp`, or None. What can't be reached can be tried again. `sign_out` is the address of a
    page that signs the user out, if there is one.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import Entrance
    >>> file = tempfile.mkdtemp() + "/contacts.db"
    >>> cn.create(file, owner="ana@acme.example").close()
    >>> Entrance(file, user="ana@acme.example").app.state.results.total
    0
    >>> Entrance(file, user="bo@acme.example").app is None
    True
    """

    def __init__(
        self,
        address: str | os.PathLike[str],
        user: str | None = None,
        *,
        allow_paths: bool = False,
        sign_out: str | None = None,
    ) -> None:
        self._address = address
        self._user = user
        self._allow_paths = allow_paths
        self._sign_out = sign_out
        self.app: ContactsApp | None = None
        self._page = GestureForm(
            lambda _gesture: self._enter(), lambda problem: self._refuse("", problem), "cnb-entrance"
        )
        self._presence = Presence()
        super().__init__()
        self.add_class("cnb-entrance-frame")
        self._enter()

    def _enter(self) -> None:
        try:
            with waiting_at_most(PAGE_MS):
                workspace = opening.open(self._address, user=self._user)
                self.app = ContactsApp(workspace, allow_paths=self._allow_paths, sign_out=self._sign_out)
        except NotFound as error:
            logger.warning("%s", error)
            why = f"{self._user} is no user of this workspace. Ask one of its owners to add you, then try again."
            self._refuse(_NOT_YOU, why)
        except NotAllowed as error:
            logger.warning("%s", error)
            self._refuse(_NOT_YOU, str(error))
        except Exception as error:  # noqa: BLE001 - Voilà would show nothing at all
            self._refuse("The contacts can't be opened", sentence_of(error))
        else:
            self.children = [self.app]

    def _refuse(self, title: str, why: str) -> None:
        self._page.show(
            markup(
                '<main class="cnb-entrance-page" role="alert"><h1>{title}</h1><p>{why}</p>'
                '<p class="cnb-entrance-ways"><button type="button" class="cnb-button" data-do="again">Try again'
                "</button>{sign_out}</p></main>",
                title=title,
                why=why,
                sign_out=sign_out_link(self._sign_out),
            )
        )
        self.children = [style_widget(), self._presence, self._page]
