"""Run one verb: signals, errors and exit codes, the same for all."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, Options, UsageError
from schedtui.commands.output import Output, error_document
from schedtui.commands.services import Services, package_missing
from schedtui.engine.port import EngineError
from schedtui.model.text import safe_text

DEBUG: Final = "SCHEDTUI_DEBUG"

Verb = Callable[[Context], Coroutine[Any, Any, int]]

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """A signal ended the command, after everything was cleaned up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(options: Options, services: Services | None = None, output: Output | None = None) -> int:
    """Run the verb and return its exit code; never raises and never shows a traceback."""
    streams = output or Output(sys.stdout, sys.stderr, options.json)
    try:
        return _guarded(options, services, streams)
    except BrokenPipeError:
        _silence_standard_output()
        return Exit.HUNG_UP
    except (KeyboardInterrupt, StoppedError) as stop:
        number = stop.number if isinstance(stop, StoppedError) else signal.SIGINT
        with contextlib.suppress(OSError):
            streams.say("schedtui: stopped")
        return 128 + number


def _guarded(options: Options, services: Services | None, output: Output) -> int:
    try:
        return _dispatch(Context(options, output, services or _real_services()))
    except UsageError as error:
        _tell(output, str(error), "", f"schedtui: {error}")
        return Exit.USAGE
    except EngineError as error:
        output.error(error)
        return Exit.MISSING if error.missing else Exit.NO
    except (BrokenPipeError, StoppedError):
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence, no traceback
        lack = _lack(error)
        if lack is None:
            return _fault(output, error)
        output.error(lack)
        return Exit.MISSING


_NEED_LIVE: Final = frozenset({"goal", "status", "rollback", "record"})


def _dispatch(context: Context) -> int:
    if context.options.replayed and context.options.verb in _NEED_LIVE:
        raise UsageError(
            f"a recording can only be looked at; {context.options.verb} needs a target"
        )
    if not context.options.verb:
        from schedtui.commands import screen

        return screen.run(context)
    module = importlib.import_module(f"schedtui.commands.{context.options.verb}")
    return asyncio.run(_stoppable(cast("Verb", module.run)(context)))


def _real_services() -> Services:
    from schedtui.commands.wiring import RealServices

    return RealServices()


async def _stoppable(work: Coroutine[Any, Any, int]) -> int:
    """Run ``work`` so that the first signal cancels it and its clean-up is waited for."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    seen: list[int] = []

    def stop(number: int) -> None:
        seen.append(number)
        task.cancel()

    for number in _STOPPING:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if seen:
            raise StoppedError(seen[0]) from None
        raise
    finally:
        for number in _STOPPING:
            loop.remove_signal_handler(number)


def _lack(error: Exception) -> EngineError | None:
    """Return what is missing when the error says so, None when it is a fault of ours.

    The rooms below the engine have errors of their own (of a target, a link, a compiler); what
    they share is a sentence for people and, mostly, a fix.
    """
    if isinstance(error, ModuleNotFoundError):
        return package_missing(error)
    sentence = getattr(error, "sentence", "")
    return EngineError(sentence, getattr(error, "fix", "")) if sentence else None


def _fault(output: Output, error: Exception) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exception(error, file=output.talk)
    kind = type(error).__name__
    sentence = f"a fault of schedtui itself: {kind}: {safe_text(str(error))}"
    hint = "" if os.environ.get(DEBUG) else f"set {DEBUG}=1 to see where it happened"
    _tell(output, sentence, hint, f"schedtui: {sentence}" + (f" ({hint})" if hint else ""))
    return Exit.INTERNAL


def _tell(output: Output, sentence: str, fix: str, line: str) -> None:
    if output.json:
        output.document(error_document(sentence, fix))
    output.say(line)


def _silence_standard_output() -> None:
    """Keep the interpreter from complaining about the closed pipe when it exits."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
