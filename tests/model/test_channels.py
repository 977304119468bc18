import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.channels import checked_channel_name, checked_identifier, checked_source, identifier_key
from contacts_nb.model.contact import Source
from contacts_nb.model.errors import InvalidValue

SOURCES = st.sampled_from(Source)
REGIONS = st.sampled_from(["GB", "DE", None])


@pytest.mark.parametrize("source", list(Source))
def test_a_source_is_known_by_value_and_by_label(source):
    assert [checked_source(name) for name in (source, source.upper(), source.label)] == [source] * 3


@pytest.mark.parametrize("value", [None, "", "fax", 7, b"sms", ["sms"], "x" * 1000, "s\x00ms"])
def test_what_is_no_source_is_refused(value):
    with pytest.raises(InvalidValue) as refused:
        checked_source(value)
    assert refused.value.field == "source"


@pytest.mark.parametrize("value", [None, " ", 7, b"Shop", "x" * 256, "Sh\x00op"])
def test_a_channel_needs_a_name(value):
    assert checked_channel_name(" Shop ") == "Shop"
    with pytest.raises(InvalidValue) as refused:
        checked_channel_name(value)
    assert refused.value.field == "channel"


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("value", [None, " ", 7, b"ann@example.org", "x" * 256, "a\x00@example.org", "\ud800"])
def test_a_contact_channel_needs_an_identifier(source, value):
    with pytest.raises(InvalidValue) as refused:
        checked_identifier(source, value)
    assert refused.value.field == "identifier"


def test_only_e_mail_channels_need_an_address():
    assert checked_identifier(Source.TELEGRAM, " @ann ") == "@ann"
    assert checked_identifier(Source.EMAIL, " Ann@Example.org ") == "Ann@Example.org"
    with pytest.raises(InvalidValue) as refused:
        checked_identifier(Source.EMAIL, "@ann")
    assert refused.value.field == "identifier"


@pytest.mark.parametrize("source", [Source.WHATSAPP, Source.SMS, Source.VIBER])
@pytest.mark.parametrize(
    ("identifier", "region", "key"),
    [
        ("+44 20 7946 0958", None, "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("020 7946 0958", None, "02079460958"),
        ("60 800", "GB", "60800"),
        ("Acme Shop", "GB", "AcmeShop"),
        ("xK2079460958==", "GB", "xK2079460958=="),
    ],
)
def test_phones_are_compared_as_e164_where_that_is_known(source, identifier, region, key):
    assert identifier_key(source, identifier, region) == key


@pytest.mark.parametrize(
    ("source", "identifier", "key"),
    [(Source.EMAIL, "Ann@Example.ORG", "ann@example.org"), (Source.LINE, "U 020 7946 0958", "U 020 7946 0958")],
)
def test_other_identifiers_have_keys_of_their_own(source, identifier, key):
    assert identifier_key(source, identifier, "GB") == key


@given(SOURCES, st.text(), REGIONS)
def test_a_key_is_its_own_key(source, identifier, region):
    key = identifier_key(source, identifier, region)
    assert identifier_key(source, key, region) == key


@given(SOURCES, st.none() | st.integers() | st.binary() | st.text() | st.emails())
def test_anything_is_either_an_identifier_or_refused(source, value):
    try:
        identifier = checked_identifier(source, value)
    except InvalidValue:
        return
    assert identifier == value.strip()
