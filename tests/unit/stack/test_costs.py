from tests.support.costs import PAGE, page


def test_the_page_of_costs_shows_the_program_as_it_is() -> None:
    assert PAGE.read_text() == page(), "docs/cost.md is stale: run `make docs`"
