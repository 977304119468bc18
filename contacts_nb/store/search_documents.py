"""The search document of each contact, written from the contact and its channels.

Tags and channel names stay out: search matches their few names first, and then whom they belong to, so that
tagging half a million contacts re-indexes none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, text

from contacts_nb.model.search_text import is_number_like, search_document

_CHUNK = 10_000

# Plain SQL with named columns, because the migration that first fills the documents has to keep working
# when the tables have grown.
_CONTACTS = text(
    "SELECT id, first_name, last_name, email, phone, phone_e164 FROM contacts"
    " WHERE id > :after AND id <= :up_to ORDER BY id"
)
_IDENTITIES = text(
    "SELECT contact_id, profile_name, identifier FROM contact_channels"
    " WHERE contact_id > :after AND contact_id <= :up_to ORDER BY contact_id, id"
)
_INSERT = text("INSERT INTO search_documents (contact_id, text) VALUES (:contact_id, :text)")


def write_all_search_documents(connection: Connection) -> None:
    """Write the documents of every contact, which must have none yet."""
    last = connection.execute(text("SELECT coalesce(max(id), 0) FROM contacts")).scalar_one()
    for after in range(0, last, _CHUNK):
        stretch = {"after": after, "up_to": after + _CHUNK}
        identities = {
            contact_id: [(name, identifier) for _, name, identifier in rows]
            for contact_id, rows in groupby(connection.execute(_IDENTITIES, stretch), itemgetter(0))
        }
        documents = [
            {
                "contact_id": contact_id,
                "text": contact_document(
                    [first_name, last_name, email], [phone, phone_e164], identities.get(contact_id, ())
                ),
            }
            for contact_id, first_name, last_name, email, phone, phone_e164 in connection.execute(
                _CONTACTS, stretch
            )
        ]
        if documents:
            connection.execute(_INSERT, documents)


def contact_document(
    texts: Sequence[str | None],
    phones: Sequence[str | None],
    identities: Sequence[tuple[str | None, str]],
    identity_keys: Iterable[str] = (),
) -> str:
    """The document of a contact with these names and addresses, phones, and (profile name, identifier) pairs.

    Of `identity_keys`, those that are phones let an identifier be found however it is spelled; one that only reads
    like a number is found by its digits.

    >>> contact_document(["Ann", None], ["020 7946 0958"], [("annie", "020 7946 0958")], ["+442079460958"])
    '  ann  annie  020  7946  0958  02079460958  442079460958'
    """
    words, numbers = list(texts), list(phones)
    for name, identifier in identities:
        words.append(name)
        # A channel's identifier is a phone on some channels and a word on others.
        (numbers if identifier.startswith("+") else words).append(identifier)
    numbers += [key for key in identity_keys if key.startswith("+")]
    numbers += [identifier for _, identifier in identities if is_number_like(identifier)]
    return search_document(words, numbers)
