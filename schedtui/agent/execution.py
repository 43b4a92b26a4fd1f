"""Execution: from a plan to a candidate, complete source and its hash. Nothing is built here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from schedtui.model.plan import Candidate, Layer, Plan
from schedtui.model.policy import Policy
from schedtui.policy.errors import PolicyError
from schedtui.policy.render import complete, render


def make_candidate(plan: Plan, policies: Sequence[Policy]) -> Candidate:
    """Return the candidate of a plan, its parameters written into the source.

    Raises:
        PolicyError: The plan keeps the default, names a policy that the repository does not
            have, or a parameter value does not fit.
    """
    if plan.layer is Layer.KEEP:
        raise PolicyError("A plan that keeps the default has no candidate.")
    policy = _find(plan.policy, policies)
    base = _find(plan.base, policies) if plan.base else None
    values = dict(plan.parameters)
    source = render(policy, values)
    return Candidate(
        name=policy.name,
        policy=policy.name,
        source=source,
        source_sha256=hashlib.sha256(source.encode("utf-8")).hexdigest(),
        base_name=base.name if base else "",
        base_source=base.source if base else "",
        parameters=complete(policy, values),
        author=plan.author,
    )


def _find(name: str, policies: Sequence[Policy]) -> Policy:
    for policy in policies:
        if policy.name == name:
            return policy
    raise PolicyError(f"The repository has no policy called {name!r}.")
