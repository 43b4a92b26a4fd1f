"""The node's loop: requests in, answers and samples out, lease and guards in between.

One thread serves the client and keeps the guards; one worker thread, started before anything
can go wrong, does what takes long (verifier runs, attaching, measured windows). The loop never
waits for the worker, so a rollback is always possible.
"""

from __future__ import annotations

import base64
import contextlib
import os
import queue
import selectors
import threading
import time
from collections.abc import Callable
from typing import Final

from schedtui.model.machine import Hello
from schedtui.model.protocol import (
    PROTOCOL,
    READY,
    BringArgs,
    DeployArgs,
    HelloArgs,
    InspectArgs,
    LoadArgs,
    Nothing,
    PauseArgs,
    SetArgs,
    WatchArgs,
    WindowArgs,
    WindowReport,
)
from schedtui.model.telemetry import SchedulerState
from schedtui.model.text import safe_text
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.node.attachment import inspect
from schedtui.node.channel import Channel, ChannelClosed
from schedtui.node.deployments import Refused
from schedtui.node.loads import LoadError, LoadRunner
from schedtui.node.services import Services

_TICK_S: Final = 0.1
_MAX_HERTZ: Final = 10.0
_STARVED_MS: Final = 2000.0

Work = Callable[[], object]


class Server:
    """Serves one client over one channel."""

    def __init__(
        self,
        channel: Channel,
        services: Services,
        on_hello: Callable[[HelloArgs], None] = lambda _: None,
    ) -> None:
        self._channel = channel
        self._services = services
        self._on_hello = on_hello
        self._nonce = ""
        self._period_s = 0.0
        self._next_sample = 0.0
        self._last_sample = 0.0
        self._jobs: queue.SimpleQueue[tuple[int, Work]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, object]] = queue.SimpleQueue()
        self._deploying = False
        self._abort_deploy = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)

    def serve(self) -> None:
        """Serve until the client goes away, then give the kernel back and return."""
        become_realtime()
        threading.Thread(target=self._work, name="worker", daemon=True).start()
        try:
            with contextlib.suppress(ChannelClosed):
                self._loop()
        finally:
            self._services.deployments.roll_back("the client went away")
            if self._services.loads is not None:
                self._services.loads.stop()

    def _loop(self) -> None:
        selector = selectors.DefaultSelector()
        self._channel.watch(selector)
        selector.register(self._wake_read, selectors.EVENT_READ)
        self._channel.send({"event": READY})
        while True:
            for key, _ in selector.select(self._pause_s()):
                if key.fd == self._wake_read:
                    os.read(self._wake_read, 4096)
            for message in self._channel.receive():
                self._request(message)
            self._finish_jobs()
            self._services.deployments.watch()
            self._sample_when_due()
            self._channel.flush()

    def _pause_s(self) -> float:
        if not self._period_s:
            return _TICK_S
        return min(_TICK_S, max(0.0, self._next_sample - time.monotonic()))

    def _sample_when_due(self) -> None:
        now = time.monotonic()
        if not self._period_s or now < self._next_sample:
            return
        late = now - self._next_sample > self._period_s
        self._next_sample = (now if late else self._next_sample) + self._period_s
        self._last_sample = now
        snapshot = self._services.sampler.sample()
        if not self._channel.behind:
            data = to_json(snapshot)
            self._channel.send({"event": "sample", "nonce": self._nonce, "data": data})

    def _request(self, message: object) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("id"), int):
            raise ChannelClosed
        number, call = message["id"], message.get("call")
        try:
            answer = self._call(number, call, message.get("args"))
        except (Refused, LoadError, WireError) as error:
            answer = error
        if answer is not None:
            self._reply(number, answer)

    def _call(self, number: int, call: object, args: object) -> object:
        """Return the answer, or None when the worker will give it."""
        match call:
            case "hello":
                return self._hello(from_json(HelloArgs, args))
            case "watch":
                return self._watch(from_json(WatchArgs, args))
            case "state" | "renew":
                if call == "renew":
                    self._services.deployments.renew()
                return self._services.state()
            case "rollback" | "set":
                return self._deployed_call(call, args)
            case "evidence" | "dump":
                return self._evidence_call(call)
            case _:
                return self._long_call(number, call, args)

    def _deployed_call(self, call: str, args: object) -> object:
        # In this thread, like all that looks at what is attached.
        if call == "set":
            return self._services.deployments.set_live(from_json(SetArgs, args))
        return self._roll_back()

    def _evidence_call(self, call: str) -> object:
        # In this thread: the worker may be held up by the very policy that is asked about.
        evidence = self._services.evidence
        if evidence is None:
            raise Refused("evidence is taken in the sandbox only")
        if call == "evidence":
            return evidence.read()
        evidence.dump()
        return Nothing()

    def _long_call(self, number: int, call: object, args: object) -> object:
        match call:
            case "inspect":
                wanted = from_json(InspectArgs, args)
                data = _decoded(wanted)
                self._jobs.put((number, lambda: inspect(data, wanted.parameters)))
            case "window":
                self._start_window(number, from_json(WindowArgs, args))
            case "deploy":
                self._start_deploy(number, from_json(DeployArgs, args))
            case "bring":
                self._start_bringing(number, from_json(BringArgs, args))
            case "load":
                self._start_load(number, from_json(LoadArgs, args))
            case _:
                return self._load_call(call, args)
        return None

    def _load_call(self, call: object, args: object) -> object:
        loads = self._loads()
        match call:
            case "unload":
                loads.stop()
            case "pause":
                (loads.pause if from_json(PauseArgs, args).paused else loads.resume)()
            case _:
                raise Refused("this node does not know that call")
        return Nothing()

    def _start_deploy(self, number: int, args: DeployArgs) -> None:
        if self._deploying:
            raise Refused("another deployment is under way")
        self._deploying, self._abort_deploy = True, False
        self._jobs.put((number, lambda: self._deploy(args)))

    def _start_bringing(self, number: int, args: BringArgs) -> None:
        brought = self._services.brought.get(args.use)
        if brought is None:
            raise Refused(f"files for a {args.use} are taken in the sandbox only")

        def bring() -> Nothing:
            brought.take(args)
            return Nothing()

        self._jobs.put((number, bring))

    def _start_load(self, number: int, args: LoadArgs) -> None:
        # Starting waits for the child's exec, which a bad policy can stall: not in this thread.
        loads = self._loads()

        def start() -> Nothing:
            loads.start(args.name, args.arguments)
            return Nothing()

        self._jobs.put((number, start))

    def _start_window(self, number: int, args: WindowArgs) -> None:
        loads = self._loads()
        if self._period_s:
            self._services.sampler.longest_wait_ms(reset=True)
        self._jobs.put((number, lambda: self._window(loads, args)))

    def _hello(self, args: HelloArgs) -> Hello:
        if args.protocol != PROTOCOL:
            raise Refused(f"this node speaks protocol {PROTOCOL}, the client {args.protocol}")
        if self._nonce:
            raise Refused("hello is said once")
        self._on_hello(args)
        hello = self._services.greet(args)
        if self._services.evidence is not None:
            self._services.evidence.begin()
        self._nonce = args.nonce
        return hello

    def _watch(self, args: WatchArgs) -> Nothing:
        hertz = min(max(args.hertz, 0.0), _MAX_HERTZ)
        self._period_s = 1 / hertz if hertz else 0.0
        # A new rate must not cut the running interval to nothing.
        self._next_sample = max(time.monotonic(), self._last_sample + self._period_s)
        if not hertz and not self._services.deployments.live:
            self._services.sampler.stop()
        return Nothing()

    def _roll_back(self) -> SchedulerState:
        self._abort_deploy = True
        self._services.deployments.roll_back("rolled back by the client")
        return self._services.state()

    def _deploy(self, args: DeployArgs) -> SchedulerState:
        try:
            self._services.deployments.deploy(args)
        finally:
            self._deploying = False
        if self._abort_deploy:
            self._services.deployments.roll_back("rolled back while it was being attached")
        return self._services.state()

    def _window(self, loads: LoadRunner, args: WindowArgs) -> WindowReport:
        metrics = loads.run_to_end(args.name, args.arguments, args.timeout_s)
        return WindowReport(metrics, longest_wait_ms=0.0, starved=())

    def _with_waits(self, report: WindowReport) -> WindowReport:
        # Only the serving thread reads the probe, so the waits are added here; and only while
        # somebody watches, so that a load can be measured without the probe.
        if not self._period_s:
            return report
        sampler = self._services.sampler
        return WindowReport(
            report.metrics, sampler.longest_wait_ms(reset=True), sampler.starved(_STARVED_MS)
        )

    def _loads(self) -> LoadRunner:
        if self._services.loads is None:
            raise Refused("built-in loads run in the sandbox only")
        return self._services.loads

    def _work(self) -> None:
        become_realtime()
        while True:
            number, work = self._jobs.get()
            try:
                answer = work()
            except (Refused, LoadError, WireError) as error:
                answer = error
            except Exception as error:  # noqa: BLE001 - a fault of ours must reach the client
                answer = Refused(f"the node failed: {type(error).__name__}: {error}")
            self._done.put((number, answer))
            os.write(self._wake_write, b"!")

    def _finish_jobs(self) -> None:
        while True:
            try:
                number, answer = self._done.get_nowait()
            except queue.Empty:
                return
            if isinstance(answer, WindowReport):
                answer = self._with_waits(answer)
            self._reply(number, answer)

    def _reply(self, number: int, answer: object) -> None:
        message: dict[str, object] = {"id": number, "nonce": self._nonce}
        if isinstance(answer, Exception):
            message["error"] = {"sentence": safe_text(str(answer))}
        else:
            message["ok"] = to_json(answer)
        self._channel.send(message)


def _decoded(args: InspectArgs) -> bytes:
    try:
        return base64.b64decode(args.object_base64, validate=True)
    except ValueError as error:
        raise Refused("the object is not valid base64") from error


def become_realtime() -> None:
    """Run this thread as SCHED_FIFO so that no policy can starve the guard; needs root.

    Children do not inherit it. Without the right for it the node runs as an ordinary task.
    """
    with contextlib.suppress(OSError):
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(10))
