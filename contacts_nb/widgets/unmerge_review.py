"""What an unmerge would do, as a table: the merged contact now, the two it will be, and what happened since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from contacts_nb.model.merging import Profile, SinceRow, UnmergeRow
from contacts_nb.model.times import moment
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.merge_profiles import card, chips, listed
from contacts_nb.widgets.merge_words import line, said, title, value
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.merging import UnmergePlan

_MOST_SINCE = 100
_NOW, _STAYS, _BACK = "Now", "Stays", "Comes back"


@dataclass(frozen=True)
class Review:
    """What is seen of `plan`; `now` is the contact that both are parts of, rows that `changed` are marked."""

    plan: UnmergePlan
    now: Contact
    zone: ZoneInfo
    changed: Collection[str] = ()

    def html(self) -> Markup:
        """The whole review."""
        changes = [self._row(row) for row in self.plan.rows if row.differs]
        stays = [self._row(row) for row in self.plan.rows if not row.differs]
        if self.plan.other.channels:
            changes.append(self._channels())
        parts = [
            self._heads(),
            title("What changes"),
            *(changes or [line("none", "None of the fields changes.")]),
            *([title("What stays as it is"), *stays] if stays else []),
        ]
        since = markup(
            '<h5 class="cnb-merge-since">What happened since the merge</h5>{table}', table=self._since()
        )
        return markup('<div class="cnb-merge-table">{parts}</div>{since}', parts=joined(parts), since=since)

    def _heads(self) -> Markup:
        survivor, other = self.plan.survivor, self.plan.other
        amount = said(survivor.messages + other.messages, survivor.comments + other.comments)
        now = card(self.now.id, self.now.name, self.now.picture, mark=_NOW, notes=[amount])
        return markup(
            '<div class="cnb-merge-row cnb-unmerge-row cnb-merge-heads"><span></span>'
            "<div>{now}</div>"
            '<div class="cnb-merge-result cnb-merge-survivor">{survivor}</div>'
            '<div class="cnb-merge-result cnb-merge-survivor">{other}</div></div>',
            now=now,
            survivor=_head(survivor, _STAYS),
            other=_head(other, _BACK),
        )

    def _row(self, row: UnmergeRow) -> Markup:
        if row.field == "tags":
            now, survivor, other = (chips(one.tags) for one in (self.now, self.plan.survivor, self.plan.other))
        else:
            now, survivor, other = value(row.now), value(row.survivor), value(row.other)
        why = markup("{cell}<small>{why}</small>", cell=survivor, why=row.why) if row.why else survivor
        return self._cells(row.label, now, why, other, "cnb-merge-choice" if row.differs else "")

    def _channels(self) -> Markup:
        mine, others = self.plan.survivor.channels, self.plan.other.channels
        return self._cells("Channels", listed([*mine, *others]), listed(mine), listed(others), "cnb-merge-choice")

    def _cells(self, label: str, now: Markup, survivor: Markup, other: Markup, css_class: str) -> Markup:
        mark = markup('<em class="cnb-merge-changed">changed</em>') if label in self.changed else ""
        return markup(
            '<div class="cnb-merge-row cnb-unmerge-row {css_class}" role="group" aria-label="{label}">'
            '<span class="cnb-merge-label">{name}{mark}</span>'
            '<div><span class="cnb-merge-whose">{is_now}: </span>{now}</div>'
            '<div class="cnb-merge-result"><span class="cnb-merge-whose">{stays}: </span>{survivor}</div>'
            '<div class="cnb-merge-result"><span class="cnb-merge-whose">{back}: </span>{other}</div></div>',
            css_class=css_class,
            label=label,
            name=value(label),
            mark=mark,
            is_now=_NOW,
            now=now,
            stays=_STAYS,
            survivor=survivor,
            back=_BACK,
            other=other,
        )

    def _since(self) -> Markup:
        since = self.plan.since
        if not since:
            return markup('<p class="cnb-merge-none">Nothing has happened since.</p>')
        now = datetime.now(UTC)
        rows = joined(self._happened(one, now) for one in since[:_MOST_SINCE])
        left = len(since) - _MOST_SINCE
        more = markup("<p>And {left} more.</p>", left=f"{left:,}") if left > 0 else ""
        return markup(
            '<div class="cnb-merge-happened" tabindex="0" role="region" aria-label="Since the merge"><table>'
            '<thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">By</th>'
            '<th scope="col">Where it goes</th></tr></thead><tbody>{rows}</tbody></table></div>{more}',
            rows=rows,
            more=more,
        )

    def _happened(self, one: SinceRow, now: datetime) -> Markup:
        detail = markup("<small>{detail}</small>", detail=value(one.detail)) if one.detail else ""
        return markup(
            "<tr><td>{at}</td><td>{what}{detail}</td><td><bdi>{user}</bdi></td><td><bdi>{goes_to}</bdi></td></tr>",
            at=moment(one.at, now, self.zone),
            what=one.what,
            detail=detail,
            user=one.user or "—",
            goes_to=one.goes_to,
        )


def _head(profile: Profile, mark: str) -> Markup:
    amount = said(profile.messages, profile.comments)
    return card(profile.id, profile.name, profile.values.get("Picture"), mark=mark, notes=[amount])
