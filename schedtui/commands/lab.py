"""``schedtui lab setup|status|shell``: the sandbox as a thing to prepare and to look into."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.model.lab import LabStatus


async def run(context: Context) -> int:
    """Do one of the three."""
    if context.options.again and context.options.action != "setup":
        raise UsageError("--again goes with lab setup")
    lab = context.services.lab(context.options)
    if context.options.action == "shell":
        return await lab.shell(context.progress)
    # Setup always asks the sandbox itself: only it knows whether a saved guest is outdated.
    setup = context.options.action == "setup"
    status = await lab.prepare(context.progress) if setup else lab.status()
    context.output.answer(status, _readable(status))
    return Exit.DONE if status.ready else Exit.MISSING


def _readable(status: LabStatus) -> str:
    state = "ready" if status.ready else f"not ready: {status.problem}"
    facts = (
        ("kernel", status.kernel),
        ("checked by", status.kernel_checked),
        ("accelerator", status.accelerator),
        ("libbpf", status.libbpf),
        ("files", f"{status.folder}, {status.megabytes:.0f} MB" if status.folder else ""),
        ("fix", status.fix),
    )
    shown = [f"  {name:<12} {value}" for name, value in facts if value]
    return "\n".join([f"sandbox {state}", *shown])
