"""The table of one run: what was measured, against what, the ratio, the bar, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Line", "Report"]


@dataclass(frozen=True)
class Line:
    """One comparison, or with neither ``theirs`` nor ``bar`` just a number to know."""

    what: str
    ours: float
    unit: str = "ms"
    against: str = ""
    theirs: float | None = None
    bar: float | None = None
    """The most that the ratio may be; of ``ours`` itself where there is nothing to compare."""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.theirs else None

    @property
    def missed(self) -> bool:
        value = self.ours if self.ratio is None else self.ratio
        return self.bar is not None and value > self.bar

    def cells(self) -> tuple[str, ...]:
        verdict = "" if self.bar is None else "MISSED" if self.missed else "ok"
        return (
            self.what,
            f"{_number(self.ours)} {self.unit}".rstrip(),
            self.against,
            "" if self.theirs is None else f"{_number(self.theirs)} {self.unit}".rstrip(),
            "" if self.ratio is None else f"{self.ratio:.3f}",
            "" if self.bar is None else f"{self.bar:g}",
            verdict,
        )


@dataclass
class Report:
    """All lines of one run, in groups."""

    groups: dict[str, list[Line]] = field(default_factory=dict)

    def add(self, group: str, line: Line) -> Line:
        self.groups.setdefault(group, []).append(line)
        return line

    def __str__(self) -> str:
        heads = ("measured", "ours", "against", "theirs", "ratio", "bar", "")
        rows = [line.cells() for lines in self.groups.values() for line in lines]
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        text = [_row(heads, widths)]
        for group, lines in self.groups.items():
            text += ["", group, "-" * len(group), *(_row(line.cells(), widths) for line in lines)]
        return "\n".join(text)


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    numbers = {1, 3, 4, 5}
    return "  ".join(
        cell.rjust(width) if i in numbers else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
