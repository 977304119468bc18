import asyncio
import time

from contacts_nb.widgets.debounce import Debounced


def test_without_an_event_loop_the_action_happens_at_once():
    calls = []
    debounced = Debounced(lambda: calls.append("now"), 10)
    debounced()
    debounced()
    assert calls == ["now", "now"]


def test_a_burst_of_calls_is_one_action_after_the_last_of_them():
    calls = []

    async def typed() -> float:
        loop = asyncio.get_running_loop()
        debounced = Debounced(lambda: calls.append(loop.time()), 0.05)
        for _ in range(5):
            debounced()
            last = loop.time()
            await asyncio.sleep(0.01)
        assert calls == []
        await asyncio.sleep(0.15)
        return last

    last = asyncio.run(typed())
    assert len(calls) == 1
    assert calls[0] - last >= 0.045


def test_after_a_pause_a_call_is_an_action_of_its_own():
    calls = []

    async def typed() -> None:
        debounced = Debounced(lambda: calls.append("done"), 0.01)
        for _ in range(2):
            debounced()
            await asyncio.sleep(0.05)

    asyncio.run(typed())
    assert calls == ["done", "done"]


def test_what_takes_long_is_asked_for_less_often():
    calls = []

    def slow() -> None:
        calls.append("done")
        time.sleep(0.1)

    async def typed() -> None:
        debounced = Debounced(slow, 0.01)
        debounced()
        await asyncio.sleep(0.15)
        for _ in range(4):
            debounced()
            await asyncio.sleep(0.04)
        await asyncio.sleep(0.15)

    asyncio.run(typed())
    assert calls == ["done", "done"]
