"""The pause of the collector of reference cycles."""

import gc

import pytest

from contacts_nb.operations.garbage import collector_paused


@pytest.fixture(params=[True, False])
def usual(request):
    was = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if was else gc.disable)()


def test_the_collector_is_as_it_was_after_a_pause(usual):
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled() is usual


def test_the_collector_is_as_it_was_after_a_failure(usual):
    with pytest.raises(ValueError, match="no"), collector_paused():
        raise ValueError("no")
    assert gc.isenabled() is usual
