"""The metrics of a PromQL expression, and nothing else of it."""

import pytest

from policies.rules.monitoring import metrics


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("up == 0", {"up"}),
        ('min by (job) (up{job=~"a|b"}) == 0 or absent(up{job="a"})', {"up"}),
        ("sum(increase(intents_processed_total[5m] offset 1h)) == 0", {"intents_processed_total"}),
        ("histogram_quantile(0.95, sum by (job, le) (rate(x_bucket[5m]))) > 2", {"x_bucket"}),
        ("a / on (instance) group_left (job) b > 1e3", {"a", "b"}),
        ('count(a{text="b or c{d}"}) unless job:b:rate5m', {"a", "job:b:rate5m"}),
    ],
)
def test_metrics_are_found(expression: str, expected: set[str]) -> None:
    assert metrics(expression) == expected
