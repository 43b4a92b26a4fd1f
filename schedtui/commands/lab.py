"""``schedtui lab setup|status|shell|externals``: the sandbox, prepared and looked into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.model.lab import LabStatus


async def run(context: Context) -> int:
    """Do one of the four."""
    if context.options.again and context.options.action != "setup":
        raise UsageError("--again goes with lab setup")
    lab = context.services.lab(context.options)
    if context.options.action == "shell":
        return await lab.shell(context.progress)
    if context.options.action == "externals":
        built = await lab.externals(context.progress)
        context.output.answer({"programs": list(built)}, "\n".join(_install_lines(built)))
        return Exit.DONE
    # Setup always asks the sandbox itself: only it knows whether a saved guest is outdated.
    setup = context.options.action == "setup"
    status = await lab.prepare(context.progress) if setup else lab.status()
    context.output.answer(status, _readable(status))
    return Exit.DONE if status.ready else Exit.MISSING


def _install_lines(built: Sequence[str]) -> Iterator[str]:
    yield from built
    yield "to list and try them, put them where only root can change them:"
    yield f"  sudo install -m 755 {' '.join(built)} /usr/local/bin"


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
