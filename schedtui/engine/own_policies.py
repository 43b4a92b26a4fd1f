"""The repository as a user keeps it: what is there, what goes out and what comes in."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from schedtui.engine.port import EngineError
from schedtui.model.exchange import Exported, Imported
from schedtui.model.policy import Policy
from schedtui.model.text import safe_text
from schedtui.policy.errors import PolicyError, reason_of
from schedtui.policy.exchange import Parcel, read_parcel, with_manifest
from schedtui.policy.own import Repository, own_names, parcel_of, whole_repository
from schedtui.policy.plain import place_new
from schedtui.policy.repository import COUNT_LIMIT

if TYPE_CHECKING:
    from schedtui.model.verdict import GateResult

_AHEAD: Final = (
    "Nothing is trusted because it was imported: like any other policy it must pass every gate "
    "and be approved before it is ever deployed."
)

_NEW_FOLDER: Final = "name a folder that does not exist yet, in one that you may write to"


class OwnPolicies:
    """The user's own policies, joined with those that come with the program."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where they are, one folder each; it need not be there."""
        return self._folder

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All policies, sorted by name."""
        return self._repository.policies

    @property
    def faults(self) -> tuple[str, ...]:
        """What could not be read of the user's own, a sentence with the file each."""
        return self._repository.faults

    @cached_property
    def _repository(self) -> Repository:
        return whole_repository(self.folder)

    def export(self, policy: Policy, folder: Path) -> Exported:
        """Write a policy and its manifest into a new folder. Raises EngineError."""
        sentence = f"{policy.name} is not exported"
        try:
            parcel = parcel_of(policy, self.folder)
        except PolicyError as error:
            raise EngineError(f"{sentence}: {_clause(error)}", missing=False) from error
        try:
            place_new(folder.absolute(), with_manifest(parcel))
        except PolicyError as error:
            reason = f"{sentence}: {_clause(error)}"
            raise EngineError(reason, _NEW_FOLDER, missing=False) from error
        return Exported(policy.name, safe_text(str(folder)), parcel.manifest.files)

    async def take_in(self, folder: Path) -> Imported:
        """Check a folder that somebody exported and, if nothing is wrong, keep a copy."""
        name = ""
        try:
            parcel = read_parcel(folder)
            name = parcel.policy.name
            self._require_free(name)
            return await self._judged(parcel)
        except PolicyError as error:
            return Imported(imported=False, sentence=str(error), name=name)

    def _require_free(self, name: str) -> None:
        if any(policy.name == name for policy in self.policies):
            raise PolicyError(f"There is a policy called {name} already; nothing is overwritten.")
        if len(own_names(self.folder)) >= COUNT_LIMIT:
            raise PolicyError(f"You have {COUNT_LIMIT} policies of your own; that is the limit.")

    async def _judged(self, parcel: Parcel) -> Imported:
        name = parcel.policy.name
        result = await _asked_the_rules(name, parcel.policy.source)
        findings = result.findings
        if not result.passed:
            reason = "The source rules reject it, so no later gate would be asked."
            return Imported(imported=False, sentence=reason, name=name, findings=findings)
        return Imported(
            imported=True,
            sentence=_AHEAD,
            name=name,
            folder=safe_text(str(self._place(parcel))),
            findings=findings,
        )

    def _place(self, parcel: Parcel) -> Path:
        place = self.folder / parcel.policy.name
        try:
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            shown = safe_text(str(self.folder))
            raise PolicyError(f"{shown} cannot be made: {reason_of(error)}.") from error
        place_new(place, parcel.files)
        return place


async def _asked_the_rules(name: str, source: str) -> GateResult:
    # Listing policies must not load the parser, and works where it is not installed.
    from schedtui.verify.gate import Draft  # noqa: PLC0415
    from schedtui.verify.rules_gate import RulesGate  # noqa: PLC0415
    from schedtui.verify.verifier import verify  # noqa: PLC0415

    draft = Draft(name=name, source=source, policy=name)
    verdict, _ = await verify(draft, [RulesGate()], lambda _: None)
    return verdict.gates[0]


def _clause(error: PolicyError) -> str:
    return str(error).removesuffix(".")
