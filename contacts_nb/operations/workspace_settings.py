"""The settings of the workspace itself: its name, time zone and phone region."""

from __future__ import annotations

from contacts_nb.model.people import text_given, text_required
from contacts_nb.model.phones import checked_region
from contacts_nb.model.times import checked_time_zone
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.settings_rows import KEEP, Keep, changed
from contacts_nb.store.cells import WORKSPACE

WORKSPACE_NAME_LENGTH = 255
ZONE_LENGTH = 64
REGION_LENGTH = 100


def update_workspace(
    recording: Recording,
    *,
    name: object | Keep = KEEP,
    time_zone: object | Keep = KEEP,
    phone_region: object | Keep = KEEP,
) -> None:
    """Change what is given of the workspace; raises `InvalidValue`. Phones that are there stay as they are."""
    values: dict[str, object] = {}
    if name is not KEEP:
        values["name"] = text_required("name", name, WORKSPACE_NAME_LENGTH)
    if time_zone is not KEEP:
        values["time_zone"] = checked_time_zone(text_required("time zone", time_zone, ZONE_LENGTH))
    if phone_region is not KEEP:
        values["phone_region"] = checked_region(text_given("region", phone_region, REGION_LENGTH))
    changed(recording, WORKSPACE, 1, values)
