"""Paired runs: what is compared is measured in turns, so that the machine's moods fall on both alike."""

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Some measurements of the same thing."""

    values: Sequence[float]

    @property
    def low(self) -> float:
        """The smallest."""
        return min(self.values)

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def high(self) -> float:
        """The largest."""
        return max(self.values)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Two things measured in turns."""

    program: Sample
    floor: Sample
    loads: Sequence[float]
    """The machine's load (mean of a minute) before each pair."""

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return self.program.median / self.floor.median

    @property
    def ratios(self) -> Sample:
        """Of each pair."""
        pairs = zip(self.program.values, self.floor.values, strict=True)
        return Sample(values=[program / floor for program, floor in pairs])


def measure(program: Callable[[], float], floor: Callable[[], float], count: int) -> Pairs:
    """Measure in pairs, each the other way round than the one before; a first pair is thrown away."""
    program(), floor()  # pyright: ignore[reportUnusedExpression] - fills caches of files and of compiled modules
    found: tuple[list[float], list[float]] = ([], [])
    loads: list[float] = []
    for number in range(count):
        loads.append(os.getloadavg()[0])
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            found[which].append((program, floor)[which]())
    return Pairs(program=Sample(values=found[0]), floor=Sample(values=found[1]), loads=loads)
