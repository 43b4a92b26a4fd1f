"""``schedtui policies``: the repository, without starting anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Final

from schedtui.commands.beside import externals_beside
from schedtui.commands.composing import compose
from schedtui.commands.context import Context
from schedtui.commands.exchanging import export, take_in
from schedtui.commands.external_page import show_external
from schedtui.commands.options import Exit, UsageError
from schedtui.commands.parameter_text import parameter_text
from schedtui.commands.searching import search
from schedtui.engine.port import EngineError
from schedtui.measure.wording import figures_text, parameters_text
from schedtui.model.external import External, Listed
from schedtui.model.policy import Origin, Policy
from schedtui.model.slots import SlotFilling
from schedtui.model.text import safe_text
from schedtui.model.tuning import KnownSetting
from schedtui.model.wire import Json, to_json
from schedtui.policy.slots import slot_of

_Policies = tuple[Listed, ...]


async def run(context: Context) -> int:
    """Do what is asked, after a word on what could not be read of the user's own."""
    if context.options.action == "import":
        return await take_in(context)
    if context.options.action == "compose":
        return compose(context)
    policies, externals = context.services.policies(), context.services.externals()
    for fault in (*context.services.own_policies().faults, *externals.faults):
        context.output.say(f"schedtui: {fault}")
    listed: _Policies = (*policies, *externals_beside(context))
    if context.options.action == "show":
        return await _show(context, listed)
    return _ACTIONS[context.options.action](context, listed)


def _list(context: Context, policies: _Policies) -> int:
    context.output.answer([_brief(policy) for policy in policies], _table(policies))
    return Exit.DONE


async def _show(context: Context, policies: _Policies) -> int:
    policy = _named(policies, context.options.subject)
    if isinstance(policy, External):
        return await show_external(context, policy)
    known = _known(policy, context)
    body = {field.name: to_json(getattr(policy, field.name)) for field in fields(policy)}
    context.output.answer(body | {"tuned": to_json(known)}, _page(policy, known, context))
    return Exit.DONE


def _known(policy: Policy, context: Context) -> tuple[KnownSetting, ...]:
    """Return what tunings found; without the results the policy is shown all the same."""
    # Listing policies must not load the statistics.
    from schedtui.engine.known import known_settings  # noqa: PLC0415

    try:
        return known_settings(policy, context.services.results())
    except EngineError as error:
        context.output.say(f"schedtui: {error.sentence}")
        return ()


def _export(context: Context, policies: _Policies) -> int:
    policy = _named(policies, context.options.subject)
    if isinstance(policy, External):
        raise UsageError(f"{policy.name} is a program; what can be exported has a source")
    return export(context, policy)


def _named(policies: _Policies, name: str) -> Listed:
    for policy in policies:
        if policy.name == name:
            return policy
    known = ", ".join(policy.name for policy in policies)
    raise UsageError(f"there is no policy called '{safe_text(name)}'; known: {known}")


def _brief(policy: Listed) -> dict[str, Json]:
    kept = ("name", "title", "origin", "description", "families", "tags", "limits", "requires")
    return {name: to_json(getattr(policy, name)) for name in kept}


def _table(policies: _Policies) -> str:
    width = max((len(policy.name) for policy in policies), default=0)
    return "\n".join(
        f"{policy.name:<{width}}  {policy.origin:<8}  {policy.title}" for policy in policies
    )


def _page(policy: Policy, known: Sequence[KnownSetting], context: Context) -> str:
    lines = [f"{policy.name}: {policy.title} ({policy.origin})", "", policy.description]
    for title, rows in (
        ("for", policy.use_cases),
        ("families", policy.families),
        ("limits", policy.limits),
        ("needs", policy.requires),
        ("parameters", tuple(parameter_text(item) for item in policy.parameters)),
        ("better than the defaults", tuple(_known_text(item) for item in known)),
    ):
        if rows:
            lines += ["", f"{title}:", *(f"  - {item}" for item in rows)]
    lines += [line for filling in policy.fillings for line in _slot_lines(filling)]
    return "\n".join([*lines, "", f"source: {_place(policy, context)}"])


def _slot_lines(filling: SlotFilling) -> list[str]:
    meaning = slot_of(filling.slot).meaning
    return ["", f"slot {filling.slot}: {meaning}", *(f"    {x}" for x in filling.code.split("\n"))]


def _known_text(known: KnownSetting) -> str:
    seen = known.objective
    given = f"against {parameters_text(known.given)}, " if known.given else ""
    return (
        f"{parameters_text(known.changed)} on {known.load}: {seen.metric} {figures_text(seen)}, "
        f"{given}kernel {known.kernel_release} (result {known.id})"
    )


def _place(policy: Policy, context: Context) -> str:
    if policy.origin is Origin.BUILT_IN:
        return f"bpf/schedulers/{policy.source_name}"
    own = context.services.own_policies().folder
    return safe_text(str(own / policy.name / policy.source_name))


_ACTIONS: Final[dict[str, Callable[[Context, _Policies], int]]] = {
    "list": _list,
    "search": search,
    "export": _export,
}
