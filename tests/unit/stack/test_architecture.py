from tests.support.architecture import PAGE, page, uses
from tests.support.stacks import recorded


def test_the_architecture_page_shows_the_program_as_it_is() -> None:
    assert PAGE.read_text() == page(), "docs/architecture.md is stale: run `make docs`"


def test_components_use_each_other_in_no_circle() -> None:
    edges = uses(recorded("production").made)
    ordered: set[str] = set()
    waiting = set(edges)
    while ready := {user for user in waiting if not (edges[user] & waiting) - {user}}:
        ordered |= ready
        waiting -= ready
    assert not waiting, waiting
