"""What the benchmark finds out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.cdk_synth import CdkSynth
from benchmarks.pairs import Pairs, Sample


@dataclass(frozen=True, kw_only=True)
class Results:
    """All that was measured."""

    first: Mapping[int, Pairs]
    """Previews over an empty state, by the number of applications; the smallest number first."""
    second: Pairs | None
    """Previews of an up-to-date stack."""
    resources: Mapping[int, int]
    """Resources that a preview over an empty state would create, the stack included, components not."""
    imports: Mapping[str, Sample]
    """Seconds of the program's imports by package."""
    memory: tuple[float, float]
    """Peak of the process in MiB: program and floor."""
    cdk: CdkSynth | None

    @property
    def pairs(self) -> Iterator[Pairs]:
        """Every paired measurement."""
        yield from self.first.values()
        if self.second:
            yield self.second
