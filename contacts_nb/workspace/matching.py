"""Whether somebody is here already: contacts looked up by what identifies them."""

from __future__ import annotations

from contacts_nb.model.channels import IDENTIFIER_LENGTH
from contacts_nb.model.contact import ContactRow
from contacts_nb.model.emails import EMAIL_LENGTH, checked_email
from contacts_nb.model.people import text_given
from contacts_nb.model.phones import PHONE_LENGTH, checked_phone
from contacts_nb.queries.matching import ids_matching
from contacts_nb.queries.rows import checked_count, rows_of
from contacts_nb.workspace.access import Access


class Matching:
    """Looking contacts up by phone, e-mail or channel identity, as a part of what `ws.contacts` can do."""

    _access: Access

    def matching(
        self,
        *,
        phone: str | None = None,
        email: str | None = None,
        identifier: str | None = None,
        limit: int = 100,
    ) -> list[ContactRow]:
        """The contacts that have this phone, this e-mail address or this identifier on a channel, oldest first.

        One of them is enough. A phone is compared by its E.164 form (without `+` it is read in the workspace's
        region), an address case-folded; both are looked for among channel identities too. Of a contact that was
        merged away, whom it was merged into. At most `limit`, whether or not they match the query; none where
        nothing is given. Raises `InvalidValue` for what is no phone, address or identifier.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", phone_region="GB")
        >>> ann = ws.add_contact(first_name="Ann", phone="+44 20 7946 0958")
        >>> [row.name for row in ws.contacts.matching(phone="020 7946 0958", email="bo@example.org")]
        ['Ann']
        """
        given = {
            "phone": checked_phone(text_given("phone", phone, PHONE_LENGTH)),
            "email": checked_email(text_given("email", email, EMAIL_LENGTH)),
            "identifier": text_given("identifier", identifier, IDENTIFIER_LENGTH),
        }
        most = checked_count("limit", limit)
        with self._access.read() as connection:
            return rows_of(connection, ids_matching(connection, **given, limit=most))
