"""Carrying out a plan: exactly what was reviewed, or nothing, if the workspace moved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contacts_nb.exchange.deciding import Candidate
from contacts_nb.exchange.existing import has_contacts
from contacts_nb.exchange.planned import Action, Packer, PlannedRow, ValueChange
from contacts_nb.exchange.planning import PlannedImport, decider_of, settings_of
from contacts_nb.exchange.rows import CHANNEL, CUSTOM, NEW
from contacts_nb.model.draft import ContactDraft
from contacts_nb.model.errors import PlanOutdated
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.bulk import loaded_in_bulk
from contacts_nb.operations.fields import add_field
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.update_contacts import ContactUpdate, update_contacts
from contacts_nb.queries.history import version_of
from contacts_nb.queries.settings import all_teams, all_users
from contacts_nb.store.schema import (
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    field_values,
)

_BULK = 20_000  # contacts from which on indexes are better made anew
_TABLES = (contacts, contact_states, contact_channels, contact_tags, field_values)


def apply_plan(recording: Recording, plan: PlannedImport, told: Callable[[int], None]) -> None:
    """Do what the plan says, as part of `recording`; `told` gets the records done.

    Raises `PlanOutdated` before anything is changed if that isn't what would be decided now.
    """
    connection = recording.connection
    _check(recording, plan)
    made = {
        field.id: add_field(
            recording,
            field.name,
            field.type,
            allowed=list(plan.choices.get(field.name, {}).values()) if field.type is FieldType.LIST else (),
        )
        for field in plan.new_fields
    }
    packer = Packer(plan.settings.fields, all_users(connection), all_teams(connection), made)
    creates = plan.counts[Action.CREATE]
    if creates >= _BULK and not has_contacts(connection):
        with loaded_in_bulk(connection, _TABLES):
            _carry_out(recording, plan, packer, told)
    else:
        _carry_out(recording, plan, packer, told)
    recording.contacts = creates + plan.counts[Action.UPDATE]


def _check(recording: Recording, plan: PlannedImport) -> None:
    """Raise `PlanOutdated` unless the same would be decided on every record."""
    connection = recording.connection
    if version_of(connection, before=recording.id) == plan.version:
        return
    if settings_of(connection) != plan.settings:
        raise PlanOutdated(
            f"Fields, channels, users or teams were changed since {plan.name} was planned. Nothing was imported; "
            "make the plan again and look at what is different."
        )
    decider = decider_of(connection, plan)
    for part in plan.spool.parts():
        rows = [row for row in part if row.packed is not None]
        candidates = [Candidate(row.line, *plan.packer.unpacked(row.packed or ())) for row in rows]
        for row, decision in zip(rows, decider.decided(candidates), strict=True):
            now = (decision.action, decision.contact_id, decision.changes)
            if now != (row.action, row.contact_id, row.changes):
                raise PlanOutdated(
                    f"Contacts were changed since {plan.name} was planned: line {row.line:,} was to be "
                    f"{_done(row.action)} and would be {_done(decision.action)} otherwise now. Nothing was "
                    "imported; make the plan again and look at what is different."
                )


def _done(action: int) -> str:
    return {Action.CREATE: "created", Action.UPDATE: "an update", Action.SKIP: "skipped"}.get(
        Action(action), "rejected"
    )


def _carry_out(recording: Recording, plan: PlannedImport, packer: Packer, told: Callable[[int], None]) -> None:
    by_target: dict[str, Field] = {f"{CUSTOM}{field.slug}": field for field in packer.fields}
    by_target |= {f"{NEW}{field.name}": field for field in packer.fields}
    done = 0
    for part in plan.spool.parts():
        drafts = [packer.unpacked(row.packed)[0] for row in part if row.action == Action.CREATE and row.packed]
        added_contacts(recording, drafts)
        update_contacts(
            recording,
            [
                _update(row, packer.unpacked(row.packed)[0], by_target)
                for row in part
                if row.action == Action.UPDATE and row.packed
            ],
        )
        done += len(part)
        told(done)


def _update(row: PlannedRow, draft: ContactDraft, by_target: Mapping[str, Field]) -> ContactUpdate:
    values = {field.id: value for field, value in draft.fields}
    return ContactUpdate(
        row.contact_id,
        tuple((one.target, one.old, one.new or None) for one in row.changes if _is_cell(one)),
        tuple(
            (field, one.old, values[field.id])
            for one in row.changes
            if (field := by_target.get(one.target)) is not None
        ),
        tuple(one.new for one in row.changes if one.target == "tags"),
        tuple(
            identity
            for identity in draft.identities
            if any(one.target.startswith(CHANNEL) and one.new == identity.identifier for one in row.changes)
        ),
    )


def _is_cell(change: ValueChange) -> bool:
    return ":" not in change.target and change.target != "tags"
