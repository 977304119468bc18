"""Taking a merge apart: a plan that shows both contacts as they will be, and where goes what happened since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from contacts_nb.model.errors import CannotMerge, ContactNotFound, PlanOutdated
from contacts_nb.model.merging import MergeRecord, Profile, SinceRow, UnmergeRow, said
from contacts_nb.model.names import profile_name
from contacts_nb.operations.merge import details_of
from contacts_nb.operations.undo import mark_undone
from contacts_nb.operations.unmerge import unmerge
from contacts_nb.queries.contact import Contact as ReadContact
from contacts_nb.queries.merge_views import Vocabulary, counts_of, vocabulary_of
from contacts_nb.queries.merges import Cells, Key, layers_of, merge_of, merge_with, names_of, phone_of
from contacts_nb.queries.since_merge import changed_since, last_change, since_merge
from contacts_nb.store.cells import CELL_NAMED
from contacts_nb.store.schema import channels, contact_channels, contacts
from contacts_nb.workspace import listing
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.merge_plan import contact_id_of


@dataclass(frozen=True)
class UnmergePlan:
    """What taking `merge` apart would do; nothing is changed until `apply()`.

    `survivor` and `other` are the two contacts as they will be; `since` has what happened since the merge.
    """

    merge: MergeRecord
    survivor: Profile
    other: Profile
    rows: tuple[UnmergeRow, ...] = field(repr=False)
    since: tuple[SinceRow, ...] = field(repr=False)
    _access: Access = field(repr=False)
    _last_change: int = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """The fields of both as a table: `field`, `now`, `survivor`, `other`, `why` (str).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann, annie = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Annie", country="GB")
        >>> _ = ws.plan_merge(ann, annie).apply()
        >>> frame = ws.plan_unmerge(annie.id).to_frame().set_index("field").fillna("")
        >>> frame.loc["country"].tolist()
        ['United Kingdom', '', 'United Kingdom', 'given back']
        """
        names = ("field", "now", "survivor", "other", "why")
        return pd.DataFrame({name: listing.texts(getattr(row, name) for row in self.rows) for name in names})

    def since_frame(self) -> pd.DataFrame:
        """What happened since: `at` (datetime, UTC), `what`, `user`, `detail`, `goes_to` (str), oldest first."""
        return pd.DataFrame(
            {
                "at": listing.moments(row.at for row in self.since),
                **{
                    name: listing.texts(getattr(row, name) for row in self.since)
                    for name in ("what", "user", "detail", "goes_to")
                },
            }
        )

    def apply(self) -> Operation:
        """Take them apart, exactly as the plan shows. Undoing that merges them again.

        Raises `PlanOutdated`, and changes nothing, if either of them was changed since.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann, annie = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Annie")
        >>> _ = ws.plan_merge(ann, annie).apply()
        >>> ws.plan_unmerge(annie.id).apply()
        <operation 4: unmerge, 2 contacts>
        >>> ws.contacts[annie.id].name
        'Annie'
        """
        details = details_of(self.merge.survivor_id, self.merge.absorbed_id)
        with self._access.operation("unmerge", details, undoes=self.merge.id) as recording:
            connection = recording.connection
            record = merge_with(connection, self.merge.id)
            if record is None:
                raise PlanOutdated(
                    f"The merge of contact {self.merge.absorbed_id} into {self.merge.survivor_id} isn't in force "
                    "any more: it was taken apart, or the contact was deleted. Nothing was changed."
                )
            changed = changed_since(connection, record.absorbed_id, self._last_change)
            if changed is not None:
                raise PlanOutdated(
                    f"Since the unmerge was planned, contact {changed.contact_id} was changed: {changed.cell} was "
                    f"{said(changed.old)} and is {said(changed.new)} now. Nothing was done; plan it again and "
                    "look at what is different."
                )
            unmerge(recording, record)
            mark_undone(recording, record.id)
        return Operation(self._access, recording.record)

    def __repr__(self) -> str:
        return (
            f"<unmerge of contact {self.other.id}, {self.other.name!r}, from {self.survivor.id}, "
            f"{self.survivor.name!r}>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        bundle = {"text/plain": repr(self)}
        if listing.table_html is not None:
            html = listing.table_html(self.to_frame())
            bundle["text/html"] = html + (listing.table_html(self.since_frame()) if self.since else "")
        return bundle


def unmerge_planned(access: Access, wanted: int | ReadContact | Operation) -> UnmergePlan:
    """See `Workspace.plan_unmerge`."""
    with access.read("unmerge") as connection:
        return _planned(access, connection, _meant(connection, wanted))


def _meant(connection: Connection, wanted: int | ReadContact | Operation) -> MergeRecord:
    if isinstance(wanted, Operation):
        record = None if wanted.id is None else merge_with(connection, wanted.id)
        if record is None:
            raise CannotMerge(
                f"Operation {wanted.id} is no merge that is in force. ws.contacts[…].merges() lists those of a "
                "contact."
            )
        return record
    contact_id = contact_id_of(wanted)
    found = merge_of(connection, contact_id)
    if len(found) == 1:
        return found[0]
    if not found:
        if connection.execute(select(contacts.c.id).where(contacts.c.id == contact_id)).first() is None:
            raise ContactNotFound(contact_id)
        raise CannotMerge(
            f"Contact {contact_id} was never merged, or was unmerged already. There is nothing to unmerge."
        )
    merged = ", ".join(str(merge.absorbed_id) for merge in found)
    raise CannotMerge(
        f"Several contacts were merged into contact {contact_id}: {merged}. Say which one is to be a contact of "
        f"its own again, such as ws.plan_unmerge({found[0].absorbed_id})."
    )


def _planned(access: Access, connection: Connection, merge: MergeRecord) -> UnmergePlan:
    words = vocabulary_of(connection)
    group = layers_of(connection, merge.absorbed_id)
    present = next(iter(set(group.cells) - {one.absorbed for one in group.merges.values()}))
    now = dict(group.cells[present])
    given = set(group.layers.get(merge.id, {}))
    part = sorted(group.part_of(merge.absorbed_id))
    group.take_out(merge.id)
    rest = sorted(set(group.cells) - set(part))
    identities = _identities(connection, present)
    survivor = _profile(access, words, present, rest, group.cells[present], identities)
    other = _profile(access, words, merge.absorbed_id, part, group.cells[merge.absorbed_id], identities)
    names = names_of(connection, sorted(group.cells)) | {survivor.id: survivor.name, other.id: other.name}
    return UnmergePlan(
        merge,
        survivor,
        other,
        tuple(_rows(words, now, group.cells[present], group.cells[merge.absorbed_id], given)),
        since_merge(connection, merge, part, present, lambda contact_id: f"{names[contact_id]} ({contact_id})"),
        access,
        last_change(connection, merge.absorbed_id),
    )


def _identities(connection: Connection, present: int) -> list[Any]:
    there = contact_channels.c
    statement = (
        select(
            func.coalesce(there.origin_id, there.contact_id).label("made_on"),
            channels.c.name,
            there.identifier,
            there.profile_name,
        )
        .join(channels, channels.c.id == there.channel_id)
        .where(there.contact_id == present)
        .order_by(there.id)
    )
    return list(connection.execute(statement))


def _profile(
    access: Access,
    words: Vocabulary,
    contact_id: int,
    part: list[int],
    cells: Cells,
    identities: list[Any],
) -> Profile:
    mine = [row for row in identities if row.made_on in part]
    own: Mapping[str, str | None] = {
        name: cells.get((CELL_NAMED[name].code, 0)) for name in ("first_name", "last_name", "phone", "email")
    }
    phone, _ = phone_of(own["phone"])

    def count() -> tuple[int, int]:
        with access.read() as connection:
            return counts_of(connection, part)

    return Profile(
        contact_id,
        profile_name(
            own["first_name"],
            own["last_name"],
            [row.profile_name for row in mine],
            phone,
            own["email"],
            [row.identifier for row in mine],
        ),
        {label: words.text(key, cells.get(key)) for _, label, key in words.choices()},
        words.tags(cells),
        tuple(f"{row.name} {row.identifier}" for row in mine),
        count,
    )


def _rows(words: Vocabulary, now: Cells, survivor: Cells, other: Cells, given: set[Key]) -> list[UnmergeRow]:
    found = []
    for name, label, key in words.choices():
        before, after, theirs = (words.text(key, cells.get(key)) for cells in (now, survivor, other))
        if before or after or theirs:
            why = "changed since; the change stays" if key in given else ""
            why = "given back" if now.get(key) != survivor.get(key) else why
            found.append(UnmergeRow(name, label, before, after, theirs, why))
    before, after, theirs = (", ".join(words.tags(cells)) or None for cells in (now, survivor, other))
    if before or after or theirs:
        found.append(UnmergeRow("tags", "Tags", before, after, theirs, "given back" if before != after else ""))
    return found
