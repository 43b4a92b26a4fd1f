"""``schedtui policies``: the repository, without starting anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.commands.searching import search
from schedtui.model.policy import Parameter, ParameterType, Policy
from schedtui.model.wire import Json, to_json


async def run(context: Context) -> int:
    """List, show or search the policies."""
    return _ACTIONS[context.options.action](context)


def _list(context: Context) -> int:
    policies = context.services.policies()
    context.output.answer([_brief(policy) for policy in policies], _table(policies))
    return Exit.DONE


def _show(context: Context) -> int:
    policy = _named(context.services.policies(), context.options.subject)
    context.output.answer(policy, _page(policy))
    return Exit.DONE


def _named(policies: tuple[Policy, ...], name: str) -> Policy:
    for policy in policies:
        if policy.name == name:
            return policy
    known = ", ".join(policy.name for policy in policies)
    raise UsageError(f"there is no policy called {name!r}; known: {known}")


def _brief(policy: Policy) -> dict[str, Json]:
    kept = ("name", "title", "description", "families", "tags", "limits", "requires")
    return {name: to_json(getattr(policy, name)) for name in kept}


def _table(policies: tuple[Policy, ...]) -> str:
    width = max((len(policy.name) for policy in policies), default=0)
    return "\n".join(f"{policy.name:<{width}}  {policy.title}" for policy in policies)


def _page(policy: Policy) -> str:
    lines = [f"{policy.name}: {policy.title}", "", policy.description]
    for title, rows in (
        ("for", policy.use_cases),
        ("families", policy.families),
        ("limits", policy.limits),
        ("needs", policy.requires),
        ("parameters", tuple(_parameter_text(item) for item in policy.parameters)),
    ):
        if rows:
            lines += ["", f"{title}:", *(f"  - {item}" for item in rows)]
    return "\n".join([*lines, "", f"source: bpf/schedulers/{policy.source_name}"])


def _parameter_text(parameter: Parameter) -> str:
    bounds = ""
    if parameter.type is ParameterType.INTEGER:
        bounds = f" ({parameter.minimum} to {parameter.maximum})"
    value = f"{parameter.default} {parameter.unit}".strip()
    if parameter.type is ParameterType.NAMES:
        value = "a table of process names"
    return f"{parameter.name} = {value}{bounds}: {parameter.meaning}"


_ACTIONS: Final[dict[str, Callable[[Context], int]]] = {
    "list": _list,
    "show": _show,
    "search": search,
}
