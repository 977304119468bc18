"""What the served notebook is told about the page that it makes: whom it is for, and where they sign out."""

from __future__ import annotations

import os
import time

USER_VARIABLE = "CONTACTS_NB_USER"
# Set by the server for all of its kernels: there the environment of whoever started it says nothing of visitors.
SERVED_VARIABLE = "CONTACTS_NB_SERVED"
# Likewise; empty where the server signs nobody in.
SIGN_OUT_VARIABLE = "CONTACTS_NB_SIGN_OUT"
# The server fills it, whatever a visitor sends, and Voilà hands it on.
VISITOR_HEADER = "X-Contacts-User"
_VISITOR_VARIABLE = "HTTP_X_CONTACTS_USER"
_RETRY_SECONDS = 1.0


def visitor() -> str | None:
    """The e-mail address of whom this notebook runs for; None where nobody said.

    In a served app that is who has signed in, known only once the page is asked for: a kernel that was started
    ahead waits here until then. Elsewhere it is the user in `CONTACTS_NB_USER`.

    >>> os.environ["CONTACTS_NB_USER"] = "ana@acme.example"
    >>> visitor()
    'ana@acme.example'
    >>> del os.environ["CONTACTS_NB_USER"]
    """
    if SERVED_VARIABLE not in os.environ:
        return os.environ.get(USER_VARIABLE) or None
    while _VISITOR_VARIABLE not in os.environ:
        # Only kernels that were started ahead need it.
        from voila.utils import wait_for_request  # noqa: PLC0415

        wait_for_request()
        if _VISITOR_VARIABLE not in os.environ:
            time.sleep(_RETRY_SECONDS)  # the server was too busy to keep the connection up
    return os.environ[_VISITOR_VARIABLE] or None


def sign_out_path() -> str | None:
    """The path at which the visitor of a served app signs out; None where there is no signing in.

    >>> sign_out_path() is None
    True
    """
    return os.environ.get(SIGN_OUT_VARIABLE) or None
