"""`ws.channels`, `ws.tags` and `ws.fields`: what is set up for all contacts of a workspace."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection, select

from contacts_nb.model.channels import Channel
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.tags import Tag
from contacts_nb.operations.channels import add_channel, remove_channel, update_channel
from contacts_nb.operations.fields import add_field, remove_field, update_field
from contacts_nb.operations.settings_rows import KEEP, Keep
from contacts_nb.operations.tags import add_tag, remove_tag, update_tag
from contacts_nb.queries.settings import all_channels, all_fields, all_tags, channel_with, field_with, tag_with
from contacts_nb.store.schema import tags as tags_table
from contacts_nb.workspace.listing import Listing, lists, moments, texts, whole_numbers


class Channels(Listing[Channel]):
    """The channels of a workspace, by name, in any case.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> shop = ws.channels.add("Shop London", "whatsapp")
    >>> ws.channels["shop london"].source.label
    'WhatsApp'
    """

    _plural = "channels"

    def to_frame(self) -> pd.DataFrame:
        """All channels as a table, one a row, by name.

        Columns: `id` (int64), `name`, `source` (str), `created_at` (datetime64[ms, UTC]).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> list(ws.channels.to_frame())
        ['id', 'name', 'source', 'created_at']
        """
        channels = list(self)
        return pd.DataFrame(
            {
                "id": whole_numbers(channel.id for channel in channels),
                "name": texts(channel.name for channel in channels),
                "source": texts(channel.source.value for channel in channels),
                "created_at": moments(channel.created_at for channel in channels),
            }
        )

    def add(self, name: str, source: str) -> Channel:
        """Add a channel; `source` is one such as `whatsapp`, `sms` or `email`, and never changes.

        Raises `InvalidValue` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.channels.add("Shop London", "WhatsApp").name
        'Shop London'
        """
        with self._access.operation("add_channel") as recording:
            return add_channel(recording, name, source)

    def update(self, name: str, new_name: str) -> Channel:
        """Rename the channel of that name. Raises `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> shop = ws.channels.add("Shop", "sms")
        >>> ws.channels.update("Shop", "Shop London").name
        'Shop London'
        """
        with self._access.operation("update_channel") as recording:
            return update_channel(recording, channel_with(recording.connection, name), new_name)

    def remove(self, name: str) -> None:
        """Remove the channel of that name; what contacts wrote on it stays. Raises `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> shop = ws.channels.add("Shop", "sms")
        >>> ws.channels.remove("Shop")
        >>> "Shop" in ws.channels
        False
        """
        with self._access.operation("remove_channel") as recording:
            remove_channel(recording, channel_with(recording.connection, name))

    def _all(self, connection: Connection) -> list[Channel]:
        return all_channels(connection)

    def _named(self, connection: Connection, name: object) -> Channel:
        return channel_with(connection, name)


class Tags(Listing[Tag]):
    """The tags of a workspace, by name, in any case.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> vip = ws.tags.add("VIP", colour="red")
    >>> ws.tags["vip"].colour
    '#d64545'
    """

    _plural = "tags"

    def to_frame(self) -> pd.DataFrame:
        """All tags as a table, one a row, by name.

        Columns: `id` (int64); `name`, `colour`, `description` (str); `contacts` (int64: how many have the tag).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> list(ws.tags.to_frame())
        ['id', 'name', 'colour', 'description', 'contacts']
        """
        tags = list(self)
        return pd.DataFrame(
            {
                "id": whole_numbers(tag.id for tag in tags),
                "name": texts(tag.name for tag in tags),
                "colour": texts(tag.colour for tag in tags),
                "description": texts(tag.description for tag in tags),
                "contacts": whole_numbers(tag.contacts for tag in tags),
            }
        )

    def names(self) -> list[str]:
        """The names alone, in order; counting the contacts of each tag takes time where there are very many.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> _ = ws.tags.add("VIP"), ws.tags.add("old")
        >>> ws.tags.names()
        ['old', 'VIP']
        """
        with self._access.read() as connection:
            statement = (
                select(tags_table.c.name).where(tags_table.c.removed_at.is_(None)).order_by(tags_table.c.name_key)
            )
            return list(connection.execute(statement).scalars())

    def add(self, name: str, colour: str | None = None, description: str | None = None) -> Tag:
        """Add a tag; `colour` is one such as `#d64545` or `red`. Raises `InvalidValue` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.tags.add("VIP", description="Buys often").contacts
        0
        """
        with self._access.operation("add_tag") as recording:
            return add_tag(recording, name, colour, description)

    def update(
        self,
        name: str,
        *,
        new_name: str | Keep = KEEP,
        colour: str | Keep | None = KEEP,
        description: str | Keep | None = KEEP,
    ) -> Tag:
        """Change what is given of the tag of that name; None takes a colour or description away.

        Raises `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> vip = ws.tags.add("vip", colour="red")
        >>> ws.tags.update("vip", new_name="VIP", colour=None).colour
        """
        with self._access.operation("update_tag") as recording:
            tag = tag_with(recording.connection, name)
            return update_tag(recording, tag, name=new_name, colour=colour, description=description)

    def remove(self, name: str) -> None:
        """Remove the tag of that name, and take it off all contacts. Raises `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> vip = ws.tags.add("VIP")
        >>> ws.tags.remove("VIP")
        >>> len(ws.tags)
        0
        """
        with self._access.operation("remove_tag") as recording:
            remove_tag(recording, tag_with(recording.connection, name))

    def _all(self, connection: Connection) -> list[Tag]:
        return all_tags(connection)

    def _named(self, connection: Connection, name: object) -> Tag:
        return tag_with(connection, name)


class Fields(Listing[Field]):
    """The custom fields of a workspace, by slug, in the order they were added.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> plan = ws.fields.add("Plan", "list", allowed=["Gold", "Silver"])
    >>> ws.fields["plan"].allowed
    ('Gold', 'Silver')
    """

    _plural = "custom fields"

    def to_frame(self) -> pd.DataFrame:
        """All custom fields as a table, one a row, in the order they were added.

        Columns: `id` (int64); `slug`, `name`, `type` (str); `allowed` (lists of str); `created_at`
        (datetime64[ms, UTC]).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> list(ws.fields.to_frame())
        ['id', 'slug', 'name', 'type', 'allowed', 'created_at']
        """
        fields = list(self)
        return pd.DataFrame(
            {
                "id": whole_numbers(field.id for field in fields),
                "slug": texts(field.slug for field in fields),
                "name": texts(field.name for field in fields),
                "type": texts(field.type.value for field in fields),
                "allowed": lists(field.allowed for field in fields),
                "created_at": moments(field.created_at for field in fields),
            }
        )

    def add(
        self,
        name: str,
        type: str = FieldType.TEXT,  # noqa: A002 - what people call it
        *,
        slug: str | None = None,
        allowed: Iterable[str] = (),
    ) -> Field:
        """Add a custom field; `allowed` are the values of a list, in the order they are offered.

        `type` is `text`, `list`, `checkbox`, `email`, `number`, `url`, `date` or `time`. The slug, by which the
        field is named ever after, is made from the name unless given; neither it nor the type ever changes.
        Raises `InvalidValue` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.fields.add("Number of seats", "number").slug
        'number_of_seats'
        """
        with self._access.operation("add_field") as recording:
            return add_field(recording, name, type, slug, allowed)

    def update(self, slug: str, *, name: str | Keep = KEEP, allowed: Iterable[str] | Keep = KEEP) -> Field:
        """Rename the field of that slug, or change the values it allows, of which none that is in use may go.

        One that differs only in case or accents from what was allowed before is a new spelling of it, which
        contacts get too. Raises `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> plan = ws.fields.add("Plan", "list", allowed=["Gold"])
        >>> ws.fields.update("plan", allowed=["Gold", "Silver"]).allowed
        ('Gold', 'Silver')
        """
        with self._access.operation("update_field") as recording:
            return update_field(recording, field_with(recording.connection, slug), name=name, allowed=allowed)

    def remove(self, slug: str) -> None:
        """Remove the field of that slug, and what contacts have in it. Raises `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> plan = ws.fields.add("Plan")
        >>> ws.fields.remove("plan")
        >>> len(ws.fields)
        0
        """
        with self._access.operation("remove_field") as recording:
            remove_field(recording, field_with(recording.connection, slug))

    def _all(self, connection: Connection) -> list[Field]:
        return all_fields(connection)

    def _named(self, connection: Connection, name: object) -> Field:
        return field_with(connection, name)
