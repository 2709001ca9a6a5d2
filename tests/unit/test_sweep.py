"""What a sweep of kills writes down, and how it is shown."""

from pathlib import Path

from tests.support.sweep import Kill
from tests.sweeps.page import page
from tests.sweeps.progress import Course, Progress

KILL = Kill(
    operation="create aws:ec2/vpc:Vpc network-vpc",
    ended=10,
    found=("creating aws:ec2/vpc:Vpc network-vpc: adopt vpc-1", "creating aws:iam/role:Role a: forget (why)"),
    actions=("creating: adopt", "creating: forget"),
    adopted=1,
    seconds=8.4,
    left=(),
)
TWIN = Kill(
    operation="delete x", ended=3, found=(), actions=(), adopted=0, seconds=21.0, left=("only in AWS: vpc-2",)
)


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    assert Progress.load(file) is None
    progress = Progress()
    progress.course("up").kills += [KILL, TWIN]
    progress.courses["update"] = Course(kills=[], ended=True, left=("an update would change something",))
    progress.save(file)
    assert Progress.load(file) == progress


def test_a_sweep_fails_by_one_kill_that_was_not_healed() -> None:
    progress = Progress()
    progress.course("up").kills.append(KILL)
    assert not progress.failed
    progress.course("up").kills.append(TWIN)
    assert progress.failed


def test_the_page_counts_what_heal_found_and_hides_no_difference() -> None:
    progress = Progress()
    progress.course("up").kills += [KILL, TWIN]
    lines = page(progress).splitlines()
    assert "| up | 6 | 2 | 1 | 15 s, 21 s | the sweep was ended in it |" in lines
    assert "| destroy | | 0 | 0 | | the sweep was ended before it |" in lines
    assert (
        "| 1 | `create aws:ec2/vpc:Vpc network-vpc` | 10 | 1 creating: adopt, 1 creating: forget | 1 | 8 | agree |"
        in lines
    )
    assert any(line.endswith("| only in AWS: vpc-2 |") for line in lines)
