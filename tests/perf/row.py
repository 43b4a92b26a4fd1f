"""One line of the bench table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from statistics import median


@dataclass(frozen=True)
class Row:
    """A figure with its goal. ``at_most`` tells which side of the goal is good."""

    name: str
    value: float
    unit: str
    goal: float
    at_most: bool
    detail: str
    samples: tuple[float, ...] = ()

    @property
    def met(self) -> bool:
        """Tell whether the goal is reached."""
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    def as_json(self) -> dict[str, object]:
        """Return the row for the JSON report."""
        goal = self.goal if isfinite(self.goal) else None
        return {**asdict(self), "goal": goal, "met": self.met}


def of_samples(name: str, samples: list[float], unit: str, goal: float, detail: str = "") -> Row:
    """Return a row for the median of samples that should be small."""
    spread = f"min {min(samples):.2f}, max {max(samples):.2f}, n={len(samples)}"
    text = f"{spread}; {detail}" if detail else spread
    return Row(name, median(samples), unit, goal, at_most=True, detail=text, samples=tuple(samples))


def table(rows: list[Row]) -> str:
    """Return the rows as text."""
    lines = [f"{'figure':<46} {'value':>9} {'goal':>9}      detail"]
    for row in rows:
        sign = "<=" if row.at_most else ">="
        mark = "ok  " if row.met else "MISS"
        value, goal = f"{row.value:.2f} {row.unit}", f"{sign}{row.goal:g}"
        lines.append(f"{row.name:<46} {value:>9} {goal:>9} {mark} {row.detail}")
    return "\n".join(lines)
