from components.storage_class import DefaultStorage
from tests.unit.conftest import Deploy


def test_volumes_are_encrypted_growable_and_made_where_their_pod_is(deploy: Deploy) -> None:
    found = deploy(lambda: DefaultStorage("storage")).only("kubernetes:storage.k8s.io/v1:StorageClass")
    assert found["metadata"]["name"] == "gp3"
    assert found["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert found["provisioner"] == "ebs.csi.aws.com"
    assert found["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert found["volumeBindingMode"] == "WaitForFirstConsumer"
    assert found["allowVolumeExpansion"] is True
