from localcloud.report import resource_counts, unchanged


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
