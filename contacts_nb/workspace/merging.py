"""What a workspace does about several contacts of one person: plans to make them one, and to take them apart."""

from __future__ import annotations

from collections.abc import Mapping

from contacts_nb.queries.contact import Contact as ReadContact
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.merge_plan import MergePlan, merge_planned
from contacts_nb.workspace.merges_plan import GivenPairs, MergesPlan, merges_planned
from contacts_nb.workspace.unmerge_plan import UnmergePlan, unmerge_planned

__all__ = ["MergePlan", "MergesPlan", "Merging", "UnmergePlan"]


class Merging:
    """Merging and unmerging, as a part of what a workspace can do."""

    _access: Access

    def plan_merge(
        self,
        one: int | ReadContact,
        other: int | ReadContact,
        *,
        survivor: int | ReadContact | None = None,
        keep: Mapping[str, object] | None = None,
    ) -> MergePlan:
        """Plan to make two contacts one: a table of every field, to be looked at and carried out by `apply()`.

        The older one survives, unless `survivor` says otherwise. Each field has the survivor's value, or the
        other's where that has none; `keep` chooses, by field: one of the two ids (or contacts) for that side's
        value, anything else for a new value, None for none. Fields are `first_name`, `last_name`, `phone`,
        `email`, `country`, `language`, `picture`, `assignee` (e-mail), `team` (name) and custom ones by slug.
        Tags, channels, messages, comments, conversations and events are those of both.

        Raises `CannotMerge` for one and the same contact, for one that was merged away, and for two that have
        one channel identity in two spellings; `ContactNotFound`, `NotFound`, `InvalidValue` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> annie = ws.add_contact(first_name="Annie", phone="+442079460958")
        >>> _ = ws.plan_merge(ann, annie, keep={"first_name": annie}).apply()
        >>> ws.contacts.search("020 7946 0958")
        <1 contact matching “020 7946 0958”>
        >>> ws.contacts[annie.id].id, ws.contacts[annie.id].first_name
        (1, 'Annie')
        """
        return merge_planned(self._access, one, other, survivor, keep)

    def plan_merges(self, pairs: GivenPairs) -> MergesPlan:
        """Plan to merge many pairs of contacts, one after the other: a table to be looked at and then applied.

        `pairs` is a table whose first two columns are contact ids, or pairs of ids or contacts. The older of two
        survives, and each field is the survivor's, or the other's where that has none. Pairs that are one contact
        already, also by earlier pairs, are skipped, and so are those that can't be merged when it is their turn.
        Raises `InvalidValue` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile, pandas as pd
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ids = [ws.add_contact(first_name="Ann").id for _ in range(3)]
        >>> ws.plan_merges(pd.DataFrame({"a": [1, 2, 1], "b": [2, 3, 3]}))
        <2 pairs to merge, 1 to skip>
        """
        return merges_planned(self._access, pairs)

    def plan_unmerge(self, contact_or_merge: int | ReadContact | Operation) -> UnmergePlan:
        """Plan to take a merge apart: both contacts as they will be, and where goes what happened since.

        The merge is named by the contact that was merged away, by the one it was merged into, if that is the only
        merge of it, or by its operation. Raises `CannotMerge` if there is none, or more than one that may be
        meant; `ContactNotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann, annie = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Annie", country="GB")
        >>> done = ws.plan_merge(ann, annie).apply()
        >>> plan = ws.plan_unmerge(done)
        >>> plan.survivor.values["Country"], plan.other.values["Country"]
        (None, 'United Kingdom')
        >>> _ = plan.apply()
        >>> ws.contacts.count()
        2
        """
        return unmerge_planned(self._access, contact_or_merge)
