"""Paired runs: what is compared is measured in turns, so that the machine's moods fall on both alike."""

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal


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
class Cost:
    """What one run took."""

    seconds: float
    """From start to end."""
    cpu_seconds: float
    """On the processors, of all its processes: another's work does not show in it as a wait."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Program and floor, measured in turns."""

    program: Sequence[Cost]
    floor: Sequence[Cost]
    loads: Sequence[float]
    """The machine's load (mean of a minute) before each pair."""

    @property
    def seconds(self) -> tuple[Sample, Sample]:
        """Time of program and floor."""
        return _sample(self.program, "seconds"), _sample(self.floor, "seconds")

    @property
    def cpu_seconds(self) -> tuple[Sample, Sample]:
        """Processor time of program and floor."""
        return _sample(self.program, "cpu_seconds"), _sample(self.floor, "cpu_seconds")

    @property
    def ratios(self) -> Sample:
        """Time of the program by that of the floor, in each pair."""
        pairs = zip(self.program, self.floor, strict=True)
        return Sample(values=[program.seconds / floor.seconds for program, floor in pairs])


def _sample(costs: Sequence[Cost], what: Literal["seconds", "cpu_seconds"]) -> Sample:
    return Sample(values=[getattr(cost, what) for cost in costs])


def ratio(samples: tuple[Sample, Sample]) -> float:
    """Of the medians."""
    program, floor = samples
    return program.median / floor.median


def measure(program: Callable[[], Cost], floor: Callable[[], Cost], count: int) -> Pairs:
    """Measure in pairs, each the other way round than the one before; a first pair is thrown away."""
    program(), floor()  # pyright: ignore[reportUnusedExpression] - fills caches of files and of compiled modules
    found: tuple[list[Cost], list[Cost]] = ([], [])
    loads: list[float] = []
    for number in range(count):
        loads.append(os.getloadavg()[0])
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            found[which].append((program, floor)[which]())
    return Pairs(program=found[0], floor=found[1], loads=loads)
