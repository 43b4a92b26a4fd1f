"""Which policies of the repository can be compared under a load: hard filters, before any run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, TypeVar

from schedtui.model.external import External, Listed
from schedtui.model.goal import Family
from schedtui.model.sweep import LeftOut
from schedtui.model.trial import WorkloadSpec
from schedtui.policy.retrieval import FAMILY_WORDS

L = TypeVar("L", bound=Listed)

_FAMILIES: Final[dict[str, tuple[Family, ...]]] = {
    "request_service": (Family.SERVICE,),
    "uneven_batch": (Family.BATCH_SKEWED, Family.BATCH_UNIFORM),
    "uniform_batch": (Family.BATCH_UNIFORM,),
    "game_compile": (Family.INTERACTIVE,),
    "service_chain": (Family.SERVICE,),
    "periodic": (Family.INTERACTIVE,),
    "adversary": (Family.INTERACTIVE,),
}
"""Families of the loads of a known kind; what such a policy is not made for is left out."""


def fitting(
    policies: Sequence[L], spec: WorkloadSpec, offered: Collection[str]
) -> tuple[tuple[L, ...], tuple[LeftOut, ...]]:
    """Return the policies that fit a load and a target, and those that do not, with the reason.

    Args:
        policies: The repository; its order is kept.
        spec: The load. One of no known kind rules nobody out.
        offered: What the target has of that which policies require.
    """
    wanted = _FAMILIES.get(spec.name, ())
    reasons = {
        policy.name: lacking(policy, offered)
        or _unknown(policy)
        or _made_for_others(policy, wanted)
        for policy in policies
    }
    fit = tuple(policy for policy in policies if not reasons[policy.name])
    return fit, tuple(LeftOut(name, reason) for name, reason in reasons.items() if reason)


def lacking(policy: Listed, offered: Collection[str]) -> str:
    """Return what a policy requires and the target is not known to have, empty when nothing."""
    missing = [need for need in policy.requires if need not in offered]
    named = ", ".join(missing)
    return f"it requires what the target is not known to have: {named}" if missing else ""


def _unknown(policy: Listed) -> str:
    unknown = isinstance(policy, External) and not policy.noted
    return "nothing is known of it: name it to have it compared" if unknown else ""


def _made_for_others(policy: Listed, wanted: Sequence[Family]) -> str:
    if not wanted or set(wanted) & set(policy.families):
        return ""
    return "it is made for " + " and ".join(FAMILY_WORDS[family] for family in policy.families)
