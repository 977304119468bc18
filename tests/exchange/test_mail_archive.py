import base64
import io
import mailbox
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.exchange.files import file_content
from contacts_nb.exchange.mail_archive import MailArchive, is_mail_archive, mails, own_addresses
from contacts_nb.exchange.mail_text import addresses, decoded, header_text, html_text
from contacts_nb.exchange.message_log import LogEntry
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.messages import MESSAGE_LENGTH, MessageDraft

DATE = "Mon, 02 Mar 2026 13:00:00 +0100"
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()) * 1000
SEPARATOR = b"From ann@example.org Mon Mar  2 12:00:00 2026\n"
OWN = ("sales@acme.example", "@team.example")
FIELDS = {"From": "Ann <ann@example.org>", "To": "sales@acme.example", "Date": DATE, "Subject": "Offer"}


def mail(body: str = "Hello", **fields: str | None) -> EmailMessage:
    made = EmailMessage()
    for name, value in (FIELDS | fields).items():
        if value is not None:
            made[name] = value
    made.set_content(body)
    return made


def raw(*lines: str | bytes, **fields: str | None) -> bytes:
    """A mail as bytes, of these lines after its fields."""
    head = [f"{name}: {value}" for name, value in (FIELDS | fields).items() if value is not None]
    return b"".join(
        line.encode() if isinstance(line, str) else line for line in [*(f"{h}\n" for h in head), *lines]
    )


def archive(*mails_in_it: EmailMessage | bytes, newline: bytes = b"\n") -> bytes:
    whole = b""
    for one in mails_in_it:
        data = one if isinstance(one, bytes) else one.as_bytes(policy=policy.SMTP.clone(linesep="\n"))
        whole += SEPARATOR + data.rstrip(b"\n") + b"\n\n"
    return whole.replace(b"\n", newline)


def opened(
    data: bytes, own: Sequence[str] = OWN, zone: str | None = None, users: Sequence[str] = ()
) -> MailArchive:
    return MailArchive(
        file_content(("team.mbox", data)),
        channel="Mail",
        own=own_addresses(own),
        users={user.lower(): user for user in users},
        zone=ZoneInfo(zone) if zone else None,
    )


def entries(*mails_in_it: EmailMessage | bytes, **options: str) -> list[LogEntry]:
    return list(opened(archive(*mails_in_it), **options).entries())


def drafts(*mails_in_it: EmailMessage | bytes, **options: str) -> list[MessageDraft]:
    found = [entry.draft for entry in entries(*mails_in_it, **options)]
    assert None not in found
    return [draft for draft in found if draft is not None]


def text_of(one: EmailMessage | bytes) -> str:
    (draft,) = drafts(one)
    return draft.text


def reason(one: EmailMessage | bytes, **options: str) -> str:
    """Why a mail is rejected, which costs none of its neighbours."""
    before, *found, after = entries(mail("before"), one, mail("after"), **options)
    assert [entry.draft and entry.draft.text for entry in (before, after)] == ["Offer\n\nbefore", "Offer\n\nafter"]
    (entry,) = found
    assert entry.draft is None
    return entry.problem or ""


def test_a_mail_from_somebody_is_an_incoming_message():
    assert drafts(mail()) == [MessageDraft("Mail", "ann@example.org", True, "Offer\n\nHello", NOON, "Ann")]


def test_a_mail_from_an_own_address_goes_to_each_other_side_once():
    sent = mail(From="Sales <Sales@ACME.example>", To="Ann <ann@example.org>, bo@team.example",
                Cc='"Li, Cy" <cy@example.org>, ANN@example.org', Bcc="dee@example.org")  # fmt: skip
    found = drafts(sent)
    assert [(draft.identifier, draft.profile_name) for draft in found] == [
        ("ann@example.org", "Ann"),
        ("cy@example.org", "Li, Cy"),
        ("dee@example.org", None),
    ]
    assert {(draft.incoming, draft.text, draft.sent_at_ms, draft.sender) for draft in found} == {
        (False, "Offer\n\nHello", NOON, None)
    }


def test_the_sender_is_named_if_a_user_has_the_address():
    sent = mail(From="SALES@acme.example", To="ann@example.org")
    assert [
        entry.draft and entry.draft.sender for entry in opened(archive(sent, mail()), users=OWN).entries()
    ] == [
        "sales@acme.example",
        None,
    ]


def test_own_addresses_are_needed_and_checked():
    for own, rule in (
        ((), "is empty"),
        (("acme",), "own 'acme' is not"),
        (("@",), "is not"),
        ("a@b.example", "list"),
    ):
        with pytest.raises(InvalidValue, match=rule):
            own_addresses(own)
    checked = own_addresses([" @Acme.example ", "bo@example.org"])
    tried = ("ann@acme.example", "BO@example.org", "ann@example.org", "ann@not-acme.example")
    assert [address in checked for address in tried] == [True, True, False, False]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"From": None}, "from '' is not the address of anybody"),
        ({"From": "Ann"}, "from 'Ann' is not the address of anybody"),
        ({"Date": None}, "date '' is not the date of a mail"),
        ({"Date": "yesterday"}, "date 'yesterday' is not the date of a mail"),
        ({"Date": "Mon, 99 Mar 2026 13:00:00 +0100"}, "is not the date of a mail"),
        ({"Date": "Mon, 02 Mar 2026 13:00:00 +9999"}, "is not the date of a mail"),
        ({"Date": "Mon, 02 Mar 2026 13:00:00"}, "has no offset from UTC"),
        ({"Date": "Mon, 02 Mar 2026 13:00:00 CET"}, "has no offset from UTC"),
        ({"From": "sales@acme.example", "To": "bo@team.example"}, "to 'bo@team.example' holds own addresses only"),
        ({"From": "sales@acme.example", "To": None}, "to '' is not the address of anybody"),
        ({"From": "sales@acme.example", "To": "undisclosed-recipients:;"}, "is not the address of anybody"),
    ],
)
def test_a_mail_without_what_a_message_needs_is_rejected(fields, why):
    assert why in reason(raw("\nHello\n", **fields))


def test_a_rejected_mail_is_known_by_its_line_and_fields():
    (entry,) = [
        entry for entry in entries(mail(), raw("\nHello\n", Date="=?utf-8?q?sp=C3=A4t?=")) if entry.problem
    ]
    assert entry.original == ("Ann <ann@example.org>", "sales@acme.example", "spät", "Offer")
    lines = archive(mail(), raw("\nHello\n")).split(b"\n")
    assert lines[entry.line - 1] + b"\n" == SEPARATOR
    assert entry.line > 1


@pytest.mark.parametrize(
    ("date", "zone"),
    [
        (DATE, None),
        ("2 Mar 2026 12:00:00 GMT", None),
        ("Mon, 2 Mar 2026 12:00:00 -0000", None),
        ("Mon, 2 Mar 2026 07:00:00 EST", None),
        ("Mon, 02 Mar 2026 13:00:00 +0100 (CET)", "Asia/Tokyo"),
        ("Mon, 02 Mar 2026 13:00:00", "Europe/Berlin"),
        ("Mon, 02 Mar 2026 13:00:00 CET", "Europe/Berlin"),
    ],
)
def test_dates_are_moments(date, zone):
    found = opened(archive(raw("\nHello\n", Date=date)), zone=zone).entries()
    assert [entry.draft and entry.draft.sent_at_ms for entry in found] == [NOON]


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize(
    ("charset", "text"), [("utf-8", "Grüße 你好 🙂"), ("iso-8859-1", "Grüße"), ("koi8-r", "Привет")]
)
def test_a_text_is_read_in_its_charset_and_encoding(encoding, charset, text):
    made = mail(Subject="Größe für Zoë")
    made.set_content(f"{text}\nBye", charset=charset, cte=encoding)
    assert text_of(made) == f"Größe für Zoë\n\n{text}\nBye"


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode("latin1"), "Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("utf-8", "Grüße".encode("latin1"), "Grüße"),
        ("iso-8859-1", b"\x93Hi\x94", "“Hi”"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("idna", b"Hi", "Hi"),
    ],
)
def test_a_wrong_charset_is_survived(charset, data, text):
    assert decoded(data, charset) == text
    assert text_of(raw(f"Content-Type: text/plain; charset={charset}\n\n", data, b"\n")) == f"Offer\n\n{text}"


@given(
    st.binary(max_size=50), st.sampled_from([None, "utf-8", "utf-7", "ascii", "latin1", "big5", "utf-16", "x", ""])
)
def test_any_bytes_become_a_text(data, charset):
    assert isinstance(decoded(data, charset), str)


def test_the_plain_one_of_alternatives_is_taken():
    made = mail("Plain")
    made.add_alternative("<p>Rich</p>", subtype="html")
    assert text_of(made) == "Offer\n\nPlain"


def test_html_alone_becomes_text():
    made = mail()
    made.set_content(
        "<html><head><title>T</title><style>p {x: y}</style></head><body><!-- no --><p>Dear\nAnn,</p>"
        "<div>1 &lt; 2 &amp; 3</div><div>M&uuml;ller<br>Bye</div><script>alert('<p>')</script>"
        "<table><tr><td>a</td><td>b</td></tr></table></body></html>",
        subtype="html",
    )
    assert text_of(made) == "Offer\n\nDear Ann,\n\n1 < 2 & 3\nMüller\nBye\na b"


def test_an_empty_plain_part_gives_way_to_html():
    made = mail(" \n")
    made.add_alternative("<p>Rich</p>", subtype="html")
    assert text_of(made) == "Offer\n\nRich"


@pytest.mark.parametrize(
    "html",
    [
        piece * 100_000
        for piece in ("<", "<!--", "<!-- -", "<a ", "<![", "<!", "&#", "<p>", "</", "<a b='", "<script>", "<?")
    ],
)
@pytest.mark.timeout(60)
def test_html_that_is_no_html_is_gone_through_once(html):
    assert html_text(f"<p>Hello</p>{html}").startswith("Hello")


def test_attachments_are_named_after_the_text():
    made = mail("See there")
    made.add_attachment(b"%PDF" * 1000, maintype="application", subtype="pdf", filename="Angebot für Zoë.pdf")
    made.add_attachment("a,b\n", subtype="csv", filename="list.csv")
    made.add_attachment(mail("Inner", Subject="Inner"), filename=None)
    assert text_of(made) == (
        "Offer\n\nSee there\n\n"
        "[attachment: Angebot für Zoë.pdf]\n[attachment: list.csv]\n[attachment: message/rfc822]"
    )


def test_pictures_within_a_text_are_no_attachments():
    made = mail()
    made.set_content("<p>Look <img src='cid:logo'></p>", subtype="html")
    made.add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png", disposition="inline")
    assert text_of(made) == "Offer\n\nLook"


@pytest.mark.parametrize(
    ("subject", "body", "text"),
    [(None, "Hello", "Hello"), ("Offer", "", "Offer"), (None, "", ""), ("a\n b", "x", "a b\n\nx")],
)
def test_a_subject_or_body_may_be_missing(subject, body, text):
    assert text_of(raw(f"\n{body}\n", Subject=subject)) == text


def test_a_long_text_is_cut_and_that_is_told():
    log = opened(archive(mail("x" * (MESSAGE_LENGTH + 1)), mail("short")))
    for _ in range(2):
        long, short = [entry.draft.text for entry in log.entries() if entry.draft]
        assert (len(long), long[-2:], short) == (MESSAGE_LENGTH, "x…", "Offer\n\nshort")
        assert log.notes == ["Mails of more than 100,000 characters were cut and end with “…”: 1."]


def test_nul_characters_are_dropped():
    assert text_of(raw(b"\nHel\0lo\n", Subject="Of\0fer")) == "Offer\n\nHello"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOf?=\n =?UTF-8?B?ZQ==?=", "Grüße"),
        ("=?utf-8?b?5L2g5A==?= =?utf-8?b?vaA=?=", "你你"),
        ("=?iso-8859-1?Q?Gr=FC=DFe?= an =?utf-8?q?Zo=C3=AB?=", "Grüße an Zoë"),
        ("=?no-such-charset?q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?x?=", "=?utf-8?b?x?="),
        ("=?utf-8?q?Gr=C3", "=?utf-8?q?Gr=C3"),
        (b"Gr\xc3\xbc\xc3\x9fe".decode("ascii", "surrogateescape"), "Grüße"),
        (b"Gr\xfc\xdfe".decode("ascii", "surrogateescape"), "Grüße"),
        ("  a \t b\r\n c ", "a b c"),
    ],
)
def test_words_of_headers_are_decoded(header, words):
    assert header_text(header) == words


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("ann@example.org", [("", "ann@example.org")]),
        ("Ann Li <ann@example.org>", [("Ann Li", "ann@example.org")]),
        ('"Li, Ann" <ann@example.org>', [("Li, Ann", "ann@example.org")]),
        ("Li, Ann <ann@example.org>", [("Ann", "ann@example.org")]),
        ("=?utf-8?q?L=C3=AF=2C_Ann?= <ann@example.org>", [("Lï, Ann", "ann@example.org")]),
        ('"=?utf-8?q?L=C3=AF?=" <ann@example.org>', [("Lï", "ann@example.org")]),
        ("friends: ann@example.org, bo@example.org;", [("", "ann@example.org"), ("", "bo@example.org")]),
        ("undisclosed-recipients:;", []),
        ("", []),
    ],
)
def test_addresses_are_found_with_their_names(header, found):
    assert [tuple(one) for one in addresses([header])] == found


def test_a_name_that_is_the_address_is_none():
    assert [draft.profile_name for draft in drafts(mail(From="\"'Ann@example.org'\" <ann@example.org>"))] == [None]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), st.text(max_size=30))
def test_any_text_of_a_header_is_one_line_that_a_database_can_hold(one, other):
    for text in (header_text(one), *addresses([one, other])[:1]):
        for part in [text] if isinstance(text, str) else text:
            assert "\0" not in part
            part.encode()


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_line_ends_of_both_kinds_give_the_same(newline):
    made = [mail("One\n\nTwo\n"), mail("Three")]
    made[1].add_alternative("<p>Four\nFive</p>", subtype="html")
    found = [entry.draft for entry in opened(archive(*made, newline=newline)).entries()]
    assert found == drafts(*made)
    assert [draft.text for draft in found if draft] == ["Offer\n\nOne\n\nTwo", "Offer\n\nThree"]


def test_a_sentence_that_begins_with_from_begins_no_mail():
    body = "Hello\n\nFrom now on: nothing\nFrom Monday 12:30 on\n\nFrom\n\n>From here\nFrom: there\n\nFrom me"
    found = drafts(raw(f"\n{body}\n"), mail("next"))
    assert [draft.text for draft in found] == [
        f"Offer\n\n{body.replace('>From', 'From')}",
        "Offer\n\nnext",
    ]


@pytest.mark.parametrize(
    "separator",
    [
        b"From ann@example.org Mon Mar  2 12:00:00 2026",
        b"From - Mon Mar 02 12:00:00 2026",
        b"From 1789012345@xxx Mon Mar 02 12:00:00 +0000 2026",
        b"From ann@example.org Mon, 2 Mar 2026 12:00:00 +0100",
        b"From ",
        b"From -",
        b"From ann@example.org",
    ],
)
def test_separators_of_many_programs_are_known(separator):
    one = separator + b"\n" + raw("\nHello\n")
    assert is_mail_archive(one)
    found = list(mails(io.BytesIO(one + b"\n" + one)))
    assert [line for line, _ in found] == [1, 9]
    assert [data.strip() for _, data in found] == [raw("\nHello")] * 2


def test_a_mail_begins_without_a_blank_line_before_it_too():
    found = opened(SEPARATOR + raw("\nOne\n") + SEPARATOR + raw("\nTwo\n")).entries()
    assert [entry.draft and entry.draft.text for entry in found] == ["Offer\n\nOne", "Offer\n\nTwo"]


def test_other_files_are_no_archives():
    for start in (b"", b"From,To\nann,bo\n", b"From me\n\nHello", b'{"From": 1}', b"Subject: Hi\n"):
        assert not is_mail_archive(start)


@settings(deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=200), min_size=1, max_size=5)
)
def test_what_the_standard_library_writes_is_read_as_it_was(tmp_path_factory, bodies):
    path = tmp_path_factory.mktemp("archive") / "team.mbox"
    box = mailbox.mbox(path)
    for body in bodies:
        box.add(mail(body.replace("\0", "")))
    box.close()
    texts = [entry.draft.text for entry in opened(path.read_bytes()).entries() if entry.draft]
    assert [text.split() for text in texts] == [["Offer", *body.replace("\0", "").split()] for body in bodies]


def nested(depth: int) -> bytes:
    lines = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)]
    return raw(*lines, "Content-Type: text/plain\n\nInner\n")


@pytest.mark.parametrize(
    "broken",
    [
        b"\n",
        b"no fields at all\n",
        b"\0" * 1000 + b"\n",
        bytes(range(256)).replace(b"\n", b"") + b"\n",
        b"From: =?utf-8?b?" + b"!" * 1000 + b"?=\n\n",
        b"Content-Type: multipart/mixed\n\n--x\n\n--x--\n",
        nested(1000),
    ],
)
def test_a_broken_mail_is_rejected_and_costs_no_other(broken):
    assert reason(broken)


@pytest.mark.parametrize(
    "odd",
    [
        raw("Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nHello\n"),
        raw('Content-Type: ;;;="\nContent-Disposition: "\n\nHello\n'),
        raw("Content-Transfer-Encoding: rot13\n\nHello\n"),
        raw("Content-Type: text/plain; charset*=0''%zz; name*0*=x'y; name*5=\n\nHello\n"),
        nested(20).replace(b"Inner", b"Hello"),
    ],
)
def test_an_odd_mail_is_read_as_well_as_it_can_be(odd):
    assert text_of(odd) == "Offer\n\nHello"


@pytest.mark.parametrize("body", [b"=", b"====", b"SGVsbG8", b"SGVs\0bG8=", b"\xff\xfe"])
def test_broken_base64_costs_its_text_at_most(body):
    assert text_of(raw("Content-Transfer-Encoding: base64\n\n", body, b"\n")).startswith("Offer")


def test_a_large_attachment_is_only_named():
    data = base64.encodebytes(b"x" * 10_000_000)
    made = raw(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Disposition: attachment; "
        "filename=big.bin\nContent-Transfer-Encoding: base64\n\n",
        data,
        b"--b--\n",
    )
    assert text_of(made) == "Offer\n\nHello\n\n[attachment: big.bin]"


@given(st.binary(max_size=300))
def test_no_bytes_at_all_stop_the_reading(data):
    found = list(
        opened(SEPARATOR + raw(b"\nHello\n\n") + SEPARATOR + data + b"\n\n" + archive(mail("last"))).entries()
    )
    assert found[0].draft is not None
    assert found[-1].draft is not None
    assert found[-1].draft.text == "Offer\n\nlast"
