"""The external schedulers that stand beside the policies of the repository."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.model.external import External


def externals_beside(context: Context) -> tuple[External, ...]:
    """Return the external schedulers whose names no policy has."""
    taken = {policy.name for policy in context.services.policies()}
    found = context.services.externals().schedulers
    return tuple(each for each in found if each.name not in taken)
