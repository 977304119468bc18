"""The commands that show the app: `serve` and what `demo` has in common with it."""

from __future__ import annotations

import argparse
import os
import re
from functools import partial
from getpass import getpass
from pathlib import Path
from typing import Any

from contacts_nb.app.cli_parts import add_db, command, db_option, opened, whole_number
from contacts_nb.app.place import HUB_TOKEN_VARIABLE, Place, check_reach, hub_place
from contacts_nb.app.running import run_app
from contacts_nb.app.sign_in import SignIn, Way
from contacts_nb.model.errors import InvalidValue, NotAllowed, ServingFailed, UnreadableFile
from contacts_nb.store.address import address_of, whole_address
from contacts_nb.workspace import open as open_workspace

_LEAST_SECRET = 12  # characters
_ASKED = "-"
_HEADER = re.compile(r"[A-Za-z0-9-]+")


def add_serving(commands: Any) -> None:
    """Add the command to the others."""
    serve = command(commands, "serve", "show a workspace in the app, to this machine only unless told otherwise")
    add_db(serve)
    add_place(serve)
    serve.add_argument(
        "--ip", default=Place().ip, help="where to listen (default: 127.0.0.1, which only this machine reaches)"
    )
    serve.add_argument(
        "--base-url",
        default="/",
        metavar="PATH",
        help="path of the page, where a proxy has others too (default: /)",
    )
    ways = serve.add_mutually_exclusive_group()
    ways.add_argument(
        "--password-file", metavar="FILE", help="visitors give the password in FILE, and are --user; - asks for it"
    )
    ways.add_argument(
        "--token-file", metavar="FILE", help="likewise with a token, which programs may send in a header"
    )
    ways.add_argument("--user-header", metavar="NAME", help="a proxy says in this header who has signed in there")
    ways.add_argument("--jupyterhub", action="store_true", help="JupyterHub, which starts this, signs people in")
    serve.add_argument(
        "--proxy-secret", metavar="FILE", help="holds what the proxy sends as X-Proxy-Secret, for --user-header"
    )
    serve.add_argument(
        "--email-domain",
        metavar="DOMAIN",
        help="follows the @ where a proxy or JupyterHub gives names without one",
    )
    serve.add_argument(
        "--preheat",
        type=partial(whole_number, "--preheat", 20),
        default=1,
        metavar="N",
        help="pages made ahead, about 150 MB each, so that the next one is there sooner (default: 1)",
    )
    serve.add_argument(
        "--log", type=Path, metavar="FILE", help="add what the server says to FILE (default: nowhere)"
    )
    serve.set_defaults(run=_serve)


def add_place(command: argparse.ArgumentParser) -> None:
    """Let a command be told where the app is to be."""
    command.add_argument(
        "--port",
        type=partial(whole_number, "--port", 65_535),
        default=0,
        metavar="N",
        help="port of this machine (default: a free one)",
    )
    command.add_argument("--no-browser", action="store_true", help="print the address, but open no browser")


def _serve(options: argparse.Namespace) -> int:
    sign_in = _sign_in(options)
    place = Place(options.ip, options.port, _base_url(options.base_url))
    if options.jupyterhub:
        place = hub_place()
    check_reach(place.ip, sign_in)
    _check_workspace(options, sign_in)
    run_app(
        whole_address(address_of(options.db)),
        place,
        sign_in,
        browser=not options.no_browser and sign_in.way is not Way.HEADER,
        preheat=options.preheat,
        log=None if options.log is None else options.log.absolute(),
    )
    return 0


def _sign_in(options: argparse.Namespace) -> SignIn:
    if (options.proxy_secret is None) != (options.user_header is None):
        raise InvalidValue(
            "--user-header" if options.user_header else "--proxy-secret",
            options.user_header or options.proxy_secret,
            "needs its other half: --user-header says where the proxy puts names, and --proxy-secret by what the "
            "proxy is known. Give both",
        )
    if options.email_domain is not None and options.user_header is None and not options.jupyterhub:
        raise InvalidValue(
            "--email-domain",
            options.email_domain,
            "has nobody to be for: it completes names that a proxy or JupyterHub gives. Give --user-header or "
            "--jupyterhub, too, or leave it out",
        )
    if options.user_header is not None:
        if not _HEADER.fullmatch(options.user_header):
            raise InvalidValue("--user-header", options.user_header, "is no name of a header; X-Forwarded-User is")
        secret = _secret("--proxy-secret", options.proxy_secret)
        return SignIn(Way.HEADER, header=options.user_header, email_domain=_domain(options), secret=secret)
    if options.jupyterhub:
        token = os.environ.get(HUB_TOKEN_VARIABLE, "")
        return SignIn(Way.JUPYTERHUB, email_domain=_domain(options), secret=token)
    if options.password_file is not None:
        return SignIn(Way.PASSWORD, options.user, secret=_secret("--password-file", options.password_file))
    if options.token_file is not None:
        return SignIn(Way.TOKEN, options.user, secret=_secret("--token-file", options.token_file))
    return SignIn(user=options.user)


def _domain(options: argparse.Namespace) -> str:
    return (options.email_domain or "").removeprefix("@")


def _base_url(given: str) -> str:
    path = f"/{given.strip('/')}/".replace("//", "/")
    if not path.isascii() or any(letter in path for letter in "?#% \\\"'"):
        raise InvalidValue("--base-url", given, "is no path; give one of plain letters, such as /contacts/")
    return path


def _secret(option: str, file: str) -> str:
    """The first line of a file; what is given on the command line itself would stand in the list of processes."""
    if file == _ASKED:
        text = getpass(f"{option.removeprefix('--').removesuffix('-file').capitalize()}: ")
    else:
        try:
            text = Path(file).read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile(
                f"{option} {file} can't be read. Make it first, readable by you only: "
                f"(umask 077; openssl rand -base64 24 > {file})"
            ) from error
    if len(text) < _LEAST_SECRET:
        where = "What was given" if file == _ASKED else f"The first line of {file}"
        raise InvalidValue(option, file, f"is too short to be safe. {where} has to have 12 characters or more")
    return text


def _check_workspace(options: argparse.Namespace, sign_in: SignIn) -> None:
    """That there is one, and that somebody can see it, before a page says otherwise."""
    if sign_in.way not in (Way.HEADER, Way.JUPYTERHUB):
        opened(options).close()
        return
    try:
        open_workspace(options.db).close()
    except NotAllowed:
        return  # it has users, and who they are will be known by page
    raise ServingFailed(
        "This workspace has no users yet, so nobody who signs in could be let in. Add the first one: contacts-nb "
        f"users add you@example.org --role owner{db_option(options.db)}"
    )
