"""Services as settings and environment describe them, and as the panel shows them."""

import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import pytest
from fakes.llm import FakeLlm
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError
from service_kit import free_port, runs

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.environment import read_environment
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import Ownership, ServiceKind, ServiceName, ServiceState
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.service_core import StandIn
from vidgen_gui.pipeline.service_hub import API_KEY_NAME, NoRecords, ServiceHub
from vidgen_gui.pipeline.service_plans import (
    ServicePlan,
    here,
    image_maker_plan,
    script_writer_plan,
)
from vidgen_gui.pipeline.service_view import ServerFacts, ServiceStanding, build_view
from vidgen_gui.services.managed.launch import LaunchSpec, OwnCommands
from vidgen_gui.system import secrets

WRITER, MAKER = ServiceName.SCRIPT_WRITER, ServiceName.IMAGE_MAKER


class SmallKeyring(KeyringBackend):
    """Keeps passwords in memory; ``asked`` counts readings, ``locked`` refuses everything."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.locked = False

    def _use(self) -> None:
        if self.locked:
            raise KeyringLocked

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self._use()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._use()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._use()
        try:
            del self.kept[service, username]
        except KeyError as error:
            raise PasswordDeleteError from error


@pytest.fixture
def small_keyring() -> Iterator[SmallKeyring]:
    before = keyring.get_keyring()
    backend = SmallKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)
    secrets._kept.clear()


def settings(*, discover: bool = False, **groups: Any) -> Settings:
    return Settings.model_validate({"network": {"discover": discover}} | groups)


def from_environment(**variables: str) -> Settings:
    return Settings().with_values(read_environment(variables).values)


def urls(plan: ServicePlan) -> list[str]:
    return [address.url for address in plan.addresses]


def gguf(folder: Path) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


# Plans


@pytest.mark.req("ENV", "C4")
def test_without_a_word_the_usual_ports_are_looked_at() -> None:
    writer = script_writer_plan(settings(discover=True))
    assert urls(writer) == ["http://127.0.0.1:8080", "http://127.0.0.1:11434"]
    assert not writer.is_configured
    assert urls(image_maker_plan(settings(discover=True))) == ["http://127.0.0.1:8188"]
    assert script_writer_plan(settings()).addresses == ()


@pytest.mark.req("ENV", "T10", "C4")
def test_the_environment_names_addresses_in_order() -> None:
    given = from_environment(
        QWEN_URL="http://gpu.local:9000/v1/chat/completions",
        QWEN_FALLBACKS="10.0.0.5:8080/v1, 10.0.0.6",
        COMFYUI_URL="http://gpu.local:8188/prompt",
        COMFYUI_FALLBACK_URLS="http://other:8188/",
    )
    writer = script_writer_plan(given)
    assert urls(writer) == [
        "http://gpu.local:9000", "http://10.0.0.5:8080", "http://10.0.0.6:8080",
    ]  # fmt: skip
    assert writer.is_configured
    assert urls(image_maker_plan(given)) == ["http://gpu.local:8188", "http://other:8188"]


def test_what_we_start_is_asked_first_unless_another_is_named(tmp_path: Path) -> None:
    start = {"program": "/bin/true", "model_file": str(gguf(tmp_path)), "port": 8099}
    own = script_writer_plan(settings(script_writer=start | {"fallback_urls": "far:1"}))
    assert urls(own) == ["http://127.0.0.1:8099", "http://far:1"]
    assert isinstance(own.launch, LaunchSpec)
    assert str(tmp_path / "model.gguf") in own.launch.argv
    named = script_writer_plan(settings(script_writer=start | {"url": "near:2"}))
    assert urls(named) == ["http://near:2", "http://127.0.0.1:8099"]
    same = script_writer_plan(settings(script_writer=start | {"url": "127.0.0.1:8099"}))
    assert urls(same) == ["http://127.0.0.1:8099"]


@pytest.mark.req("BUG-41")
def test_own_commands_come_before_a_model_file(tmp_path: Path) -> None:
    script = tmp_path / "my scripts" / "start_qwen.sh"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n", encoding="ascii")
    script.chmod(0o755)
    given = {
        "start_command": f"'{script}' --fast",
        "stop_command": "/opt/stop_qwen.sh",
        "model_file": str(gguf(tmp_path)),
        "port": 8077,
    }
    launch = script_writer_plan(settings(script_writer=given)).launch
    assert isinstance(launch, OwnCommands)
    assert launch.start == (str(script), "--fast")
    assert launch.stop == ("/opt/stop_qwen.sh",)
    assert launch.port == 8077


@pytest.mark.parametrize(
    ("group", "problem"),
    [
        ({"program": "/bin/true", "model_file": "/nowhere/x.gguf"}, MessageId.MODEL_FILE_MISSING),
        ({"url": "host:99999"}, MessageId.ADDRESS_INVALID),
        ({"fallback_urls": "fine:1, bad:70000"}, MessageId.ADDRESS_INVALID),
        ({"start_command": "sh start.sh", "port": 1, "url": "host:0x"}, None),
    ],
)
def test_settings_that_do_not_do_are_a_problem_and_no_crash(
    group: dict[str, Any], problem: MessageId | None
) -> None:
    if problem is None:
        with pytest.raises(ValueError, match="address"):
            settings(script_writer=group)
        return
    plan = script_writer_plan(settings(script_writer=group))
    assert plan.is_configured
    assert plan.launch_problem is not None
    assert plan.launch_problem.id is problem
    hub = ServiceHub(settings(script_writer=group), NoRecords())
    with pytest.raises(StandIn) as caught:
        hub.cores[WRITER].reach(CancelToken())
    assert caught.value.told
    assert caught.value.message.id is problem
    hub.close()


def test_a_port_in_the_options_that_cannot_be_is_a_problem(tmp_path: Path) -> None:
    given = {"program": "/bin/true", "model_file": str(gguf(tmp_path))}
    plan = script_writer_plan(settings(script_writer=given | {"extra_flags": "--port 99999"}))
    assert plan.launch is None
    assert plan.launch_problem is not None


def test_a_program_that_is_not_there_is_a_problem_at_once(tmp_path: Path) -> None:
    missing = {"program": str(tmp_path / "llama-server"), "model_file": str(gguf(tmp_path))}
    plan = script_writer_plan(settings(script_writer=missing))
    assert plan.launch is None
    assert plan.launch_problem is not None
    assert plan.launch_problem.id is MessageId.COMMAND_NOT_FOUND
    (tmp_path / "main.py").touch()
    given = {"folder": str(tmp_path), "python": "/nowhere/python"}
    problem = image_maker_plan(settings(image_maker=given)).launch_problem
    assert problem is not None
    assert problem.id is MessageId.COMMAND_NOT_FOUND


def test_one_bad_address_costs_only_itself() -> None:
    with FakeLlm() as server:
        given = {"url": "host:99999", "fallback_urls": f"bad:70000, {server.url}"}
        plan = script_writer_plan(settings(script_writer=given))
        assert urls(plan) == [server.url]
        assert plan.launch_problem is not None
        assert plan.launch_problem.params["given"] == "host:99999"
        hub = ServiceHub(settings(script_writer=given), NoRecords())
        assert hub.cores[WRITER].reach(CancelToken()).url == server.url
        hub.close()


def test_a_comfyui_folder_without_comfyui_is_a_problem(tmp_path: Path) -> None:
    plan = image_maker_plan(settings(image_maker={"folder": str(tmp_path)}))
    assert plan.launch_problem is not None
    assert plan.launch_problem.id is MessageId.COMFYUI_FOLDER_WRONG
    (tmp_path / "main.py").touch()
    plan = image_maker_plan(settings(image_maker={"folder": str(tmp_path), "python": "/bin/true"}))
    assert plan.launch is not None
    assert urls(plan) == ["http://127.0.0.1:8188"]


# How it stands

BLANK = ServicePlan(WRITER, enabled=True, autostart=True, addresses=(), is_configured=False)
LAUNCH = LaunchSpec("llama-server", ("llama-server", "--api-key", "secret"), port=8080)
URL = "http://127.0.0.1:8080"
PROBLEM = Message(MessageId.SERVICE_SILENT)


@pytest.mark.parametrize(
    ("plan", "standing", "state", "detail"),
    [
        (replace(BLANK, enabled=False), {}, ServiceState.STOPPED, MessageId.SERVICE_TURNED_OFF),
        (BLANK, {}, ServiceState.UNKNOWN, None),
        (BLANK, {"checked": True}, ServiceState.NOT_FOUND, MessageId.SERVICE_GET_LLM),
        (replace(BLANK, is_configured=True), {"checked": True}, ServiceState.UNHEALTHY,
         MessageId.SERVICE_SILENT),
        (replace(BLANK, is_configured=True, launch=LAUNCH), {"checked": True},
         ServiceState.STOPPED, None),
        (replace(BLANK, is_configured=True, launch_problem=Message(MessageId.MODEL_FILE_MISSING)),
         {"checked": True}, ServiceState.UNHEALTHY, MessageId.MODEL_FILE_MISSING),
        (replace(BLANK, launch=LAUNCH), {"checked": True, "problem": PROBLEM},
         ServiceState.STOPPED, MessageId.SERVICE_SILENT),
        (replace(BLANK, launch=LAUNCH),
         {"checked": True, "problem": PROBLEM, "stopped_by_person": True},
         ServiceState.STOPPED, None),
        (BLANK, {"checked": True, "url": URL}, ServiceState.READY, None),
        (BLANK, {"checked": True, "url": URL, "busy": 1}, ServiceState.BUSY, None),
        (BLANK, {"checked": True, "url": URL, "stopping": True}, ServiceState.STOPPING, None),
        (BLANK, {"checked": True, "url": URL, "facts": ServerFacts(problem=PROBLEM)},
         ServiceState.READY, MessageId.SERVICE_SILENT),
    ],
)  # fmt: skip
def test_the_panels_word_for_how_it_stands(
    plan: ServicePlan,
    standing: dict[str, Any],
    state: ServiceState,
    detail: MessageId | None,
) -> None:
    view = build_view(plan, ServiceStanding(**standing), ())
    assert view.state is state
    assert (view.detail.id if view.detail else None) is detail
    assert view.can_start == (plan.launch is not None and not view.url)
    assert "secret" not in view.command


def test_a_stranger_on_this_computer_is_adopted_and_stopped_only_with_consent() -> None:
    with FakeLlm() as server:
        hub = ServiceHub(settings(script_writer={"url": server.url}), NoRecords())
        hub.check()
        view = hub.views()[0]
        assert (view.state, view.ownership) == (ServiceState.READY, Ownership.ADOPTED)
        assert view.pid == os.getpid()
        assert view.kind is ServiceKind.LLAMA_SERVER
        assert view.endpoints[0].latency_s
        with pytest.raises(ServiceError) as caught:
            hub.stop(WRITER)
        assert caught.value.message.id is MessageId.ADOPTED_NEEDS_CONSENT
        assert caught.value.message.params["pid"] == str(os.getpid())
        # What was refused was not done: jobs go on with it.
        assert hub.views()[0].state is ServiceState.READY
        assert hub.cores[WRITER].reach(CancelToken()).url == server.url
        hub.close()


@pytest.mark.req("BUG-41", "BUG-43")
def test_a_program_of_ours_from_stopped_to_ready_and_back() -> None:
    port = free_port()
    comfyui = Path(__file__).parents[1] / "fakes" / "comfy_program.py"
    command = f"'{sys.executable}' '{comfyui}' --port {port}"
    seen: list[ServiceState] = []
    hub = ServiceHub(
        settings(image_maker={"start_command": command, "port": port}),
        NoRecords(),
        lambda: seen.append(hub.cores[MAKER].view().state),
    )
    core = hub.cores[MAKER]
    core.check(CancelToken())
    view = core.view()
    assert (view.state, view.ownership, view.can_start) == (
        ServiceState.STOPPED, Ownership.NONE, True,
    )  # fmt: skip
    hub.start(MAKER)
    view = core.view()
    assert (view.state, view.ownership, view.can_stop) == (
        ServiceState.READY, Ownership.MANAGED, True,
    )  # fmt: skip
    assert view.pid is not None
    assert view.models == ("sd15.safetensors",)
    assert any("To see the GUI" in line for line in core.log_lines())
    with core.busy():
        assert core.view().state is ServiceState.BUSY
    hub.stop(MAKER)
    assert core.view().state is ServiceState.STOPPED
    assert not runs(view.pid)
    # The person stopped it: no job starts it again, and none is told that it failed.
    with pytest.raises(StandIn):
        core.reach(CancelToken())
    assert core.view().state is ServiceState.STOPPED
    hub.restart(MAKER)
    assert core.view().state is ServiceState.READY
    assert core.reach(CancelToken()).port == port
    assert {ServiceState.STARTING, ServiceState.STOPPING} <= set(seen)
    again = core.view().pid
    hub.close()
    assert again is not None
    assert not runs(again)
    # A click that comes too late starts nothing.
    with pytest.raises(ServiceError):
        core.start(CancelToken())


def test_other_settings_forget_what_was_found_elsewhere() -> None:
    with FakeLlm() as server:
        hub = ServiceHub(settings(script_writer={"url": server.url}), NoRecords())
        hub.check()
        assert hub.views()[0].model == "gemma270m.gguf"
        hub.configure(settings(script_writer={"url": f"127.0.0.1:{free_port()}"}))
        view = hub.views()[0]
        assert (view.state, view.url, view.model) == (ServiceState.UNKNOWN, "", "")
        hub.check()
        assert hub.views()[0].state is ServiceState.UNHEALTHY
        hub.close()


def _comfyui_on(port: int, *more: str) -> Settings:
    program = Path(__file__).parents[1] / "fakes" / "comfy_program.py"
    command = shlex.join([sys.executable, str(program), "--port", str(port), *more])
    return settings(image_maker={"start_command": command, "port": port})


def test_with_another_port_the_program_of_ours_moves_when_it_is_needed() -> None:
    before, after = free_port(), free_port()
    hub = ServiceHub(_comfyui_on(before), NoRecords())
    core = hub.cores[MAKER]
    assert core.reach(CancelToken()).port == before
    first = core.view().pid
    assert first is not None
    hub.configure(_comfyui_on(after))
    # It may be drawing just now.
    assert runs(first)
    assert core.reach(CancelToken()).port == after
    view = core.view()
    assert (view.state, view.url) == (ServiceState.READY, f"http://127.0.0.1:{after}")
    assert view.pid not in {None, first}
    assert not runs(first)
    hub.close()


def test_other_settings_forget_why_a_program_could_not_be_started() -> None:
    port = free_port()
    hub = ServiceHub(_comfyui_on(port, "--no-such-option"), NoRecords())
    core = hub.cores[MAKER]
    with pytest.raises(StandIn):
        core.reach(CancelToken())
    core.check(CancelToken())
    assert core.view().state is ServiceState.UNHEALTHY
    hub.configure(_comfyui_on(port))
    core.check(CancelToken())
    view = core.view()
    assert (view.state, view.detail) == (ServiceState.STOPPED, None)
    assert core.reach(CancelToken()).port == port
    hub.close()


def test_addresses_as_typed_are_tried_one_by_one() -> None:
    with FakeLlm() as server:
        hub = ServiceHub(settings(), NoRecords())
        typed = f"{server.url}/v1, host:99999; 127.0.0.1:{free_port()}"
        found = hub.try_addresses(WRITER, typed)
        assert [view.healthy for view in found] == [True, False, False]
        assert found[1].url == "host:99999"
        assert found[1].problem is not None
        assert found[1].problem.id is MessageId.ADDRESS_INVALID
        hub.close()


# The key


def test_the_keyring_is_only_read_when_a_key_is_needed(small_keyring: SmallKeyring) -> None:
    secrets.save_secret(API_KEY_NAME, "sk-123")
    secrets._kept.clear()
    ServiceHub(settings(discover=True), NoRecords()).close()
    assert small_keyring.asked == 0
    with FakeLlm(api_key="sk-123") as server:
        hub = ServiceHub(
            settings(script_writer={"url": server.url, "needs_key": True}), NoRecords()
        )
        assert small_keyring.asked == 1
        hub.check()
        assert hub.views()[0].state is ServiceState.READY
        hub.close()
        # The wrong key, or none, is told as such.
        hub = ServiceHub(settings(script_writer={"url": server.url}), NoRecords())
        hub.check()
        assert hub.views()[0].state is ServiceState.UNHEALTHY
        hub.close()


def test_a_key_in_the_environment_comes_first(
    small_keyring: SmallKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_LLM_API_KEY", "from-outside")
    with FakeLlm(api_key="from-outside") as server:
        given = {"url": server.url, "needs_key": True}
        hub = ServiceHub(settings(script_writer=given), NoRecords())
        hub.check()
        assert hub.views()[0].state is ServiceState.READY
        assert small_keyring.asked == 0
        hub.close()


def test_a_locked_keyring_keeps_the_key_until_the_app_ends(small_keyring: SmallKeyring) -> None:
    small_keyring.locked = True
    assert secrets.read_secret(API_KEY_NAME) is None
    assert secrets.save_secret(API_KEY_NAME, "sk-1") is False
    assert secrets.read_secret(API_KEY_NAME) == "sk-1"
    assert secrets.save_secret(API_KEY_NAME, "") is False
    assert secrets.read_secret(API_KEY_NAME) is None
    small_keyring.locked = False
    assert secrets.save_secret(API_KEY_NAME, "sk-2") is True
    assert small_keyring.kept == {("VidGen", API_KEY_NAME): "sk-2"}
    assert secrets.save_secret(API_KEY_NAME, "") is True
    assert secrets.save_secret(API_KEY_NAME, "") is True
    assert small_keyring.kept == {}


def test_what_is_on_this_computer() -> None:
    assert here(8188).is_local


@pytest.mark.expected_log
def test_a_bug_in_ending_one_service_is_logged_and_the_other_is_ended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[str] = []

    def fail() -> None:
        raise KeyError("bug")

    hub = ServiceHub(settings(), NoRecords())
    monkeypatch.setattr(hub.script_writer, "close", fail)
    monkeypatch.setattr(hub.image_maker, "close", lambda: ended.append("image maker"))
    hub.close()
    assert ended == ["image maker"]
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [KeyError]
