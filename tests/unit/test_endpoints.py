"""Which address is used, how failures block one and how it comes back; servers are real sockets."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fakes.raw_server import RawServer, black_hole, once, refused_port, says_json

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.net.address import ServerAddress, parse_address
from vidgen_gui.net.endpoints import EndpointSet
from vidgen_gui.net.errors import NoEndpoint, Unreachable
from vidgen_gui.net.http import HttpClient
from vidgen_gui.net.sockets import CONNECT_S
from vidgen_gui.ui import words

FIRST, SECOND, THIRD = (parse_address(f"10.0.0.{n}:80") for n in (1, 2, 3))


class Clock:
    """Monotonic seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Network:
    """Says of each address whether it is well, and notes who was asked."""

    def __init__(self) -> None:
        self.down: set[ServerAddress] = set()
        self.asked: list[ServerAddress] = []

    def check(self, address: ServerAddress, cancel: CancelToken) -> None:
        cancel.raise_if_cancelled()
        self.asked.append(address)
        if address in self.down:
            raise failure(address)

    def asked_since(self) -> list[ServerAddress]:
        asked, self.asked = self.asked, []
        return asked


def failure(address: ServerAddress) -> ServiceError:
    return ServiceError(MessageId.SERVER_UNREACHABLE, address=address.url)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def three(clock: Clock, network: Network) -> EndpointSet:
    return EndpointSet([FIRST, SECOND, THIRD, FIRST], network.check, clock=clock)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns so often that a race shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.req("ERR-FALLBACK", "BUG-21")
def test_the_first_that_is_well_is_used_and_believed_for_a_while(
    three: EndpointSet, network: Network, clock: Clock
) -> None:
    network.down = {FIRST}
    assert three.choose(CancelToken()) == SECOND
    # The first alone, then the others together.
    assert sorted(map(str, network.asked_since())) == sorted(map(str, [FIRST, SECOND, THIRD]))
    clock.now += 9
    assert three.choose(CancelToken()) == SECOND
    assert network.asked_since() == []
    network.down = set()
    clock.now += 2
    assert three.choose(CancelToken()) == FIRST
    assert network.asked_since() == [FIRST]


@pytest.mark.req("AUD-25", "C4", "BUG-21")
def test_when_all_are_down_the_error_lists_each_and_why(
    three: EndpointSet, network: Network
) -> None:
    network.down = {FIRST, SECOND, THIRD}
    with pytest.raises(NoEndpoint) as caught:
        three.choose(CancelToken())
    assert [url for url, _ in caught.value.attempts] == [a.url for a in (FIRST, SECOND, THIRD)]
    assert all(isinstance(error, ServiceError) for _, error in caught.value.attempts)
    said = words.sentence(Message.from_dict(caught.value.message.to_dict()))
    for address in (FIRST, SECOND, THIRD):
        assert f"could not reach {address}: nothing answers there." in said


def test_a_single_address_is_not_spoken_of_as_several(clock: Clock) -> None:
    def refused(*_: object) -> None:
        raise Unreachable(MessageId.SERVER_UNREACHABLE, FIRST, FIRST.url)

    with pytest.raises(NoEndpoint) as caught:
        EndpointSet([FIRST], refused, clock=clock).choose(CancelToken())
    said = words.reason(caught.value.message)
    assert said == f"VidGen could not reach {FIRST}: nothing answers there."


def test_an_error_that_names_no_address_is_told_with_its_own(clock: Clock) -> None:
    def loading(*_: object) -> None:
        raise ServiceError(MessageId.PROGRAM_FAILED, program="it", words="still loading")

    with pytest.raises(NoEndpoint) as caught:
        EndpointSet([FIRST], loading, clock=clock).choose(CancelToken())
    said = words.reason(caught.value.message)
    assert f"{FIRST}: The program it failed: still loading." in said


def test_no_address_at_all_is_said_so() -> None:
    with pytest.raises(NoEndpoint) as caught:
        EndpointSet([], lambda *_: None).choose(CancelToken())
    assert caught.value.attempts == ()
    assert caught.value.message.id is MessageId.NO_ADDRESS


@pytest.mark.req("BUG-21", "AUD-25")
def test_three_failures_block_for_longer_and_longer_and_success_ends_it(
    three: EndpointSet, network: Network, clock: Clock
) -> None:
    def blocked_s() -> float:
        return three.views()[0].blocked_s

    for count in (1, 2):
        three.failed(FIRST, failure(FIRST))
        assert blocked_s() == 0, count
    for expected_s in (60, 120, 240, 480, 960, 1920, 1920, 1920):
        three.failed(FIRST, failure(FIRST))
        assert blocked_s() == expected_s
        # What fails while it is blocked, because somebody insisted, changes nothing.
        three.failed(FIRST, failure(FIRST))
        clock.now += expected_s - 1
        assert blocked_s() == 1
        assert three.choose(CancelToken()) == SECOND
        assert FIRST not in network.asked_since()
        clock.now += 1
    clock.now += 11
    assert three.choose(CancelToken()) == FIRST
    assert three.views()[0].healthy
    three.failed(FIRST, failure(FIRST))
    assert blocked_s() == 0


@pytest.mark.req("C4", "BUG-21")
def test_who_presses_retry_does_not_wait_for_a_block_to_end(
    three: EndpointSet, network: Network
) -> None:
    for address in (FIRST, SECOND, THIRD):
        for _ in range(3):
            three.failed(address, failure(address))
    assert all(view.blocked_s == 60 for view in three.views())
    network.down = {FIRST}
    assert three.choose(CancelToken()) == SECOND
    assert FIRST in network.asked_since()


def test_views_tell_what_is_known(three: EndpointSet) -> None:
    assert [view.healthy for view in three.views()] == [None] * 3
    three.succeeded(FIRST, 0.25)
    three.failed(SECOND, failure(SECOND))
    first, second, third = three.views()
    assert (first.url, first.healthy, first.latency_s, first.problem) == (
        FIRST.url,
        True,
        0.25,
        None,
    )
    assert second.healthy is False
    assert second.problem == failure(SECOND).message
    assert third.healthy is None
    three.succeeded(parse_address("other:1"), 0.1)
    three.failed(parse_address("other:1"), failure(FIRST))
    assert len(three.views()) == 3


def test_a_check_in_the_background_leaves_blocked_addresses_alone(
    three: EndpointSet, network: Network
) -> None:
    for _ in range(3):
        three.failed(FIRST, failure(FIRST))
    three.check_all(CancelToken(), background=True)
    assert sorted(map(str, network.asked_since())) == [SECOND.url, THIRD.url]
    three.check_all(CancelToken())
    assert len(network.asked_since()) == 3
    assert three.views()[0].blocked_s == 0


def test_a_fault_in_a_check_is_not_taken_for_a_dead_server(clock: Clock) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    endpoints = EndpointSet([FIRST, SECOND], broken, clock=clock)
    for act in (endpoints.choose, endpoints.check_all):
        with pytest.raises(ZeroDivisionError):
            act(CancelToken())
    assert endpoints.views()[0].healthy is None


def test_a_cancel_ends_choosing_and_checking(three: EndpointSet, network: Network) -> None:
    cancel = CancelToken()
    cancel.cancel()
    for act in (three.choose, three.check_all):
        with pytest.raises(Cancelled):
            act(cancel)
    assert network.asked == []


def test_no_lock_is_held_while_a_server_is_asked(clock: Clock) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        inside.set()
        assert go_on.wait(60)

    endpoints = EndpointSet([FIRST, SECOND], slow, clock=clock)
    worker = threading.Thread(target=endpoints.check_all, args=(CancelToken(),))
    worker.start()
    try:
        assert inside.wait(60)
        endpoints.succeeded(SECOND, 0.1)
        endpoints.failed(FIRST, failure(FIRST))
        assert [view.healthy for view in endpoints.views()] == [False, True]
        # The second is known to be well and the first has just failed: nobody is asked.
        assert endpoints.choose(CancelToken()) == SECOND
    finally:
        go_on.set()
        worker.join()
    assert endpoints.views()[0].healthy


class DawdlingError(ServiceError):
    """Gives other threads their turn in the middle of being noted."""

    def __getattribute__(self, name: str) -> Any:
        if name == "message":
            time.sleep(0.002)
        return super().__getattribute__(name)


@pytest.mark.req("BUG-21")
def test_failures_that_come_at_the_same_time_are_all_counted(clock: Clock) -> None:
    endpoints = EndpointSet([FIRST, SECOND], Network().check, clock=clock)
    for _ in range(10):
        endpoints.succeeded(FIRST, 0.1)
        error = DawdlingError(MessageId.SERVER_UNREACHABLE, address=FIRST.url)
        run_together([lambda error=error: endpoints.failed(FIRST, error)] * 3)
        assert endpoints.views()[0].blocked_s == 60


@pytest.mark.usefixtures("hasty_threads")
def test_many_threads_choose_while_servers_come_and_go(clock: Clock) -> None:
    network = Network()
    endpoints = EndpointSet([FIRST, SECOND, THIRD], network.check, clock=clock)
    chosen: list[ServerAddress] = []

    def work() -> None:
        for number in range(100):
            clock.now += 3
            network.down = {FIRST} if number % 3 else {FIRST, SECOND}
            chosen.append(endpoints.choose(CancelToken()))
            endpoints.check_all(CancelToken(), background=True)
            assert len(endpoints.views()) == 3

    run_together([work] * 4)
    assert len(chosen) == 400
    assert FIRST not in chosen


def run_together(works: list[Callable[[], None]]) -> None:
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def ask_over_http(address: ServerAddress, cancel: CancelToken) -> None:
    with HttpClient(address) as http:
        http.get_json("/health", deadline_s=2.7, cancel=cancel)


@contextlib.contextmanager
def five_dead() -> Iterator[list[str]]:
    """Refused, refused on every kind of localhost, swallowed, accepted and never answered."""
    with (
        refused_port() as refused,
        refused_port() as unheard,
        refused_port("::1") as refused_6,
        black_hole() as swallowed,
        RawServer(once(then=lambda peer: peer.hold())) as mute,
    ):
        if swallowed is None:
            pytest.skip("this system answers where no room is left in the queue")
        yield [
            f"127.0.0.1:{refused}",
            f"localhost:{unheard}",
            f"[::1]:{refused_6}",
            f"127.0.0.1:{swallowed}",
            mute.url,
        ]


@pytest.mark.req("G3", "A1", "LBL-14")
def test_five_dead_addresses_are_known_within_three_seconds() -> None:
    with five_dead() as texts:
        endpoints = EndpointSet([parse_address(text) for text in texts], ask_over_http)
        started = time.monotonic()
        endpoints.check_all(CancelToken())
        took_s = time.monotonic() - started
    assert [view.healthy for view in endpoints.views()] == [False] * 5
    problems = [view.problem.id for view in endpoints.views() if view.problem]
    assert problems == [*[MessageId.SERVER_UNREACHABLE] * 4, MessageId.SERVER_TOO_SLOW]
    # One after the other they would take more than five.
    assert took_s < 4.5


@pytest.mark.req("G3", "LBL-14")
def test_refused_ports_answer_at_once() -> None:
    with five_dead() as texts:
        for text in texts[:3]:
            started = time.monotonic()
            with pytest.raises(NoEndpoint):
                EndpointSet([parse_address(text)], ask_over_http).choose(CancelToken())
            # Sooner than what is not refused but lost.
            assert time.monotonic() - started < CONNECT_S - 0.5


@pytest.mark.req("ERR-FALLBACK", "C4")
def test_work_goes_on_at_the_fallback_and_returns() -> None:
    with five_dead() as texts, RawServer(says_json({"status": "ok"})) as living:
        addresses = [parse_address(texts[0]), parse_address(living.url)]
        endpoints = EndpointSet(addresses, ask_over_http)
        assert endpoints.choose(CancelToken()) == addresses[1]
        latency_s = endpoints.views()[1].latency_s
        assert latency_s is not None
        assert 0 < latency_s < 2
