"""A workspace of made-up contacts, to look around in."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from tqdm import tqdm

from contacts_nb.app.demo_people import demo_batches
from contacts_nb.app.demo_settings import OWNER, settings_rows
from contacts_nb.operations.fill import Phase
from contacts_nb.store.address import address_of
from contacts_nb.store.creating import undone_on_failure
from contacts_nb.workspace import Workspace, create
from contacts_nb.workspace import open as open_workspace


def demo_workspace(
    path: str | os.PathLike[str], contacts: int = 5_000, seed: int = 1, *, users: bool = False
) -> Workspace:
    """A new workspace at `path` (or URL) with so many made-up contacts, and about ten messages each.

    With `users`, a dozen made-up people work there: contacts are assigned to them and they have answered, and the
    workspace is opened as `OWNER`, as it then always has to be opened as one of them. Without, it belongs to
    whoever opens it; the contacts and their messages are the same.
    The same `seed`, number and day give the same contacts. Progress is shown in the terminal. Raises what
    `create` raises, and `InvalidValue` for a number that can't be made up.

    >>> import tempfile
    >>> demo_workspace(tempfile.mkdtemp() + "/demo.db", contacts=30)
    <Workspace 'Demo': 30 contacts>
    >>> demo_workspace(tempfile.mkdtemp() + "/demo.db", contacts=30, users=True).user.email
    'ana@acme.example'
    """
    now = datetime.now(UTC)
    batches = demo_batches(contacts, seed, now, users=users)
    # Users come with their names, so the owner isn't made here but with the others.
    workspace = create(path, name="Demo")
    bar = tqdm(total=contacts, unit=" contacts", unit_scale=True, disable=None, leave=False, delay=1)

    def progress(phase: Phase, done: int) -> None:
        bar.set_description("Making" if phase == "rows" else "Indexing")
        bar.update(done - bar.n)

    with undone_on_failure(address_of(path)), bar:
        try:
            workspace.fill(settings=settings_rows(now, users=users), batches=batches, progress=progress)
        except BaseException:
            workspace.close()
            raise
    if not users:
        return workspace
    workspace.close()
    return open_workspace(path, user=OWNER)
