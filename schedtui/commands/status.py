"""``schedtui status``: who schedules on a target, and what of ours is deployed there."""

from __future__ import annotations

from schedtui.commands.context import Context, opened
from schedtui.commands.options import Exit
from schedtui.engine.control import Answer, call
from schedtui.model.telemetry import SchedulerState
from schedtui.model.wire import WireError, from_json, to_json

NO_SESSION = "nothing of ours is deployed, because no session runs on {target}"


async def run(context: Context) -> int:
    """Ask the running session; without one, read this host's kernel, or say so."""
    target = context.options.target
    answer = await call(context.session_name, "status")
    if answer is None:
        answer = await _without_session(context)
    context.output.answer(answer, _readable(target, answer))
    return Exit.DONE


async def _without_session(context: Context) -> Answer:
    target = context.options.target
    answer: Answer = {"session": False, "deployment": None, "scheduler": None}
    if target != "sandbox":
        # The host outlives our sessions, so its kernel can be asked. The sandbox does not
        # exist without a session, and booting one to ask it would answer nothing.
        async with opened(context.services.engine(context.options), context) as engine:
            answer["scheduler"] = to_json(await engine.state())
    return answer | {"sentence": NO_SESSION.format(target=target)}


def _readable(target: str, answer: Answer) -> str:
    lines = [str(answer["sentence"])] if "sentence" in answer else []
    try:
        state = from_json(SchedulerState, answer["scheduler"])
    except (KeyError, WireError):
        return "\n".join(lines)
    owner = "ours" if state.ours else "not ours"
    known = f" ({owner}, for {state.since_s:.0f} s)" if state.state == "enabled" else ""
    lines.insert(0, f"{target}: {state.in_charge}{known}")
    lines += [
        f"  guard {guard.name}: {'ok' if guard.ok else 'FIRED'}, "
        f"{guard.value:g} of {guard.limit:g} {guard.unit}"
        for guard in state.guards
    ]
    if state.last_exit:
        lines.append(f"  last exit: {state.last_exit.reason} {state.last_exit.message}".rstrip())
    return "\n".join(lines)
