"""What is in doubt is settled by fresh guests, and never silently dropped.

A complaint that is in doubt (see :mod:`schedtui.verify.battery.complaint`) is looked for in three
fresh guests. They do all that the first one did, and other guests may run beside them: what came
before the complaint, and a busy host, may have been needed for it. One more complaint of any kind,
in any guest of the battery, and both count. So a policy whose every sitting makes the
kernel complain with probability p passes a guest with 1 - p + p(1 - p)^3 instead of 1 - p: never,
when it always does so; for p = 1/2 six in a hundred more; at most eleven in a hundred more, for
p = 1/4. One look would give away twenty-five. These figures are of warnings only.

A hostile policy gains no more than that. Guests are pristine, with other dates and names, and none
can tell whether it is the first: the policy can only throw dice, each time anew, and a throw is a
warning of the kernel, not damage, which counts at once. Whoever approves reads of it (TRL034).

A guest that was lost, or whose watchdog went off, may be the emulator's or the host's fault, and
more often is. One more guest is run, with no other beside it; a second one that ends in this way
decides. If it does well, that is noted (TRL035). A kernel that says on its console that it was
damaged before its guest was lost is no such accident and counts at once.

Watchdogs that go off are counted over all guests of the battery, also where the kernel complained
beside it: the second one refuses, whichever guest it is in. So a policy that stalls with
probability q in each guest passes n of them with (1 + nq)(1 - q)^n instead of (1 - q)^n: at most
twenty-five in a hundred more with one guest, thirty-two with three.
"""

from __future__ import annotations

from typing import Final

from schedtui.measure.trial import InconclusiveError
from schedtui.model.verdict import Finding
from schedtui.verify.battery.charge import StalledError
from schedtui.verify.battery.complaint import Complaint
from schedtui.verify.battery.plan import GuestPlan
from schedtui.verify.battery.seen import Seen
from schedtui.verify.catalogue import finding

LOOKS: Final = 3
"""Fresh guests that must stay silent after a complaint."""


class Doubts:
    """Of one battery: a complaint in one of its guests is the second after one in another."""

    def __init__(self) -> None:
        self._complaints: list[Complaint] = []
        self._stalls = 0
        self.notes: list[Finding] = []
        """What was in doubt and did not come again, for people."""

    def hear(self, complaint: Complaint) -> None:
        """Remember a complaint."""
        self._complaints.append(complaint)

    def stall(self) -> bool:
        """Remember that the watchdog went off; tell whether it had before, in any guest."""
        self._stalls += 1
        return self._stalls > 1

    def refusals(self) -> list[Finding]:
        """Return the complaints as findings when there is more than one, else nothing."""
        if len(self._complaints) < 2:
            return []
        first, *others = self._complaints
        return [_refusal(first, first.where)] + [
            _refusal(other, f"{other.where}, in another machine") for other in others
        ]


def _refusal(complaint: Complaint, where: str) -> Finding:
    return finding("TRL009", where=where, words=complaint.words)


class GuestDoubts:
    """Of one guest of the plan, from its first sitting to the one that settles it."""

    def __init__(self, plan: GuestPlan, doubts: Doubts) -> None:
        self._plan = plan
        self._doubts = doubts
        self._complaint: Complaint | None = None
        self._silent = 0
        self._loss: InconclusiveError | None = None

    @property
    def wants_quiet(self) -> bool:
        """Tell whether the next guest should have no other beside it."""
        return self._loss is not None

    def lost(self, error: InconclusiveError) -> Seen | None:
        """Take a sitting that gave no result; return what counts, None for one more guest.

        Raises:
            InconclusiveError: The second one was lost as well.
        """
        first = self._loss is None
        proved = self._weighed(error)
        if first and not proved:
            return None
        self._note_complaint()
        if proved:
            return Seen(self._plan.cpus, findings=proved)
        raise error

    def sat(self, seen: Seen) -> Seen | None:
        """Take a sitting that gave a result; return what counts, None for one more guest."""
        if seen.complaint is None:
            self._silent += 1
        else:
            self._complaint = seen.complaint
            self._doubts.hear(seen.complaint)
            # It may have been thrown out as well.
            seen.findings += self._weighed(seen.loss) if seen.loss else []
        if self._complaint is not None:
            seen.findings += self._doubts.refusals()
            # A sitting that was broken off cannot be what counts, unless it refuses anyhow.
            whole = seen.complaint is None and self._silent >= LOOKS
            if not (whole or seen.rejected):
                return None
        if seen.loss is None:
            self._note_loss()
        self._note_complaint()
        return seen

    def _weighed(self, loss: InconclusiveError) -> list[Finding]:
        """Remember a loss; return what it proves: a stall does when it is the second loss."""
        again, self._loss = self._loss is not None, self._loss or loss
        if not isinstance(loss, StalledError):
            return []
        return [loss.found] if self._doubts.stall() or again else []

    def _note_complaint(self) -> None:
        if self._complaint is not None and not self._doubts.refusals():
            where, words = self._complaint.where, self._complaint.words
            noted = finding("TRL034", where=where, words=words, silent=self._silent)
            self._doubts.notes.append(noted)

    def _note_loss(self) -> None:
        if self._loss is not None:
            shape, reason = self._plan.shape, str(self._loss).rstrip(".")
            self._doubts.notes.append(finding("TRL035", shape=shape, reason=reason))
