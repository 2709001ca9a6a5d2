from rich.console import Console

from localcloud.inventory import KEPT
from localcloud.report import counted, resource_counts, show_kept, unchanged


def test_resources_are_counted_by_provider() -> None:
    resources = [
        {"type": "pulumi:pulumi:Stack"},
        {"type": "pulumi:providers:aws", "custom": True},
        {"type": "intendly:data:Cache"},
        {"type": "aws:s3/bucket:Bucket", "custom": True},
        {"type": "aws:kms/key:Key", "custom": True},
        {"type": "kubernetes:core/v1:Namespace", "custom": True},
    ]
    assert resource_counts({"deployment": {"resources": resources}}) == {"aws": 2, "kubernetes": 1}


def test_only_an_update_of_the_same_changed_nothing() -> None:
    assert unchanged([{"resourceChanges": {"same": 9}}])
    assert not unchanged([{"resourceChanges": {"same": 9, "update": 1}}])
    assert not unchanged([{}])
    assert not unchanged([])


def test_the_counts_and_the_engines_own_are_told_apart() -> None:
    resources = [{"type": "pulumi:pulumi:Stack"}, {"type": "aws:kms/key:Key", "custom": True}]
    assert counted({"deployment": {"resources": resources}}).startswith("1 aws (2 with components")
    assert counted({"deployment": {}}).startswith("none (0 ")


def test_what_charts_keep_is_named_in_one_paragraph() -> None:
    console = Console(record=True, width=60, soft_wrap=True)
    show_kept([f"CustomResourceDefinition {name}.example{KEPT}" for name in "ab"], console)
    assert console.export_text().endswith("2 definitions: a.example, b.example\n")
