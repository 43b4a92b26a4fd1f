"""``schedtui doctor``: what is there, what is missing, why it matters and the exact fix."""

from __future__ import annotations

import dataclasses

from schedtui.commands import checks
from schedtui.commands.checks import Check, Finding
from schedtui.commands.context import Context
from schedtui.commands.options import Exit, Options
from schedtui.engine.port import EngineError
from schedtui.model.lab import LabStatus
from schedtui.model.machine import Hello

_GLYPHS = {Finding.GOOD: "ok     ", Finding.MISSING: "MISSING", Finding.NOTE: "note   "}


async def run(context: Context) -> int:
    """Run all checks; exit 3 when the chosen target lacks something."""
    options = context.options
    probes = context.services.probes()
    sandbox = options.target == "sandbox"
    lab = _lab_status(context)
    found = [
        checks.check_python(probes),
        checks.check_compiler(probes, options.compiler),
        checks.check_search(probes),
        checks.check_agents(probes),
        checks.check_model(probes),
        checks.check_qemu(probes, lab.emulator, needed=sandbox),
        *checks.check_sandbox(lab, needed=sandbox),
        *checks.check_host_kernel(probes, needed=False),
        *await _local(context),
    ]
    missing = [check for check in found if check.finding is Finding.MISSING]
    body = {"target": options.target, "ready": not missing, "checks": found}
    context.output.answer(body, _readable(found))
    return Exit.MISSING if missing else Exit.DONE


def _lab_status(context: Context) -> LabStatus:
    try:
        return context.services.lab(context.options).status()
    except EngineError as error:
        return LabStatus(
            ready=False,
            kernel="",
            accelerator="",
            libbpf="",
            folder="",
            megabytes=0.0,
            problem=error.sentence,
            fix=error.fix,
        )


async def _local(context: Context) -> tuple[Check, ...]:
    needed = context.options.target == "local"
    options = dataclasses.replace(context.options, target="local")
    try:
        hello = await _greeting(context, options)
    except EngineError as error:
        finding = Finding.MISSING if needed else Finding.NOTE
        return (Check("local node", finding, error.sentence, "--target local", error.fix),)
    return checks.check_capabilities(hello)


async def _greeting(context: Context, options: Options) -> Hello:
    engine = context.services.engine(options)
    try:
        return await engine.open(context.progress)
    finally:
        await engine.close()


def _readable(found: list[Check]) -> str:
    width = max(len(check.name) for check in found)
    lines = []
    for check in found:
        lines.append(f"{_GLYPHS[check.finding]}  {check.name:<{width}}  {check.found}")
        if check.finding is not Finding.GOOD:
            pad = " " * (width + 11)
            lines += [f"{pad}{word}: {text}" for word, text in _details(check) if text]
    return "\n".join(lines)


def _details(check: Check) -> tuple[tuple[str, str], ...]:
    return ("why", check.why), ("fix", check.fix)
