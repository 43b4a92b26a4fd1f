"""What went on between the program and a model: whose words are whose, and what it cost."""

from __future__ import annotations

from schedtui.model.events import Decided, Spent, Thought, ToolAnswered, ToolCalled
from schedtui.model.text import safe_text
from schedtui.ui.story import Said


def label(said: Said) -> tuple[str, str]:
    """Return who speaks, and the style of what it says."""
    match said:
        case Thought(aloud=True):
            return "model says", "text"
        case Thought():
            return "model thinks", "muted"
        case ToolCalled():
            return "model asks", "muted"
        case ToolAnswered(ok=True):
            return "answer", "faint"
        case ToolAnswered():
            return "answer: no", "warn"
        case Decided():
            return "decided", "strong"


def words(said: Said) -> str:
    """Return what was said, one line."""
    match said:
        case Thought():
            return safe_text(said.text)
        case ToolCalled():
            return safe_text(f"{said.tool} {said.arguments}", 160)
        case ToolAnswered():
            return safe_text(said.summary)
        case Decided():
            return safe_text(f"{said.what}: {said.why}")


def price(spent: Spent | None) -> str:
    """Return what all turns came to, for the head of the stage."""
    if spent is None:
        return ""
    total = spent.total
    cost = "price unknown" if total.dollars is None else f"${total.dollars:.3f}"
    turns = f"{total.turns} turn" + ("" if total.turns == 1 else "s")
    return safe_text(f"{spent.model}  {turns}  {cost}")
