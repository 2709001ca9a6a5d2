"""The class that every persistent volume of the cluster is made of."""

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.storage.v1 import StorageClass, StorageClassInitArgs

from components import kubernetes_names as names
from components.named import name_of


class DefaultStorage(pulumi.ComponentResource):
    """StorageClass `gp3`, the default: encrypted, and growable without a restart.

    EBS volumes live in one zone, so a volume is made where its pod is scheduled, not before.
    Needs the EBS CSI driver to be there first.
    """

    storage_class: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:cluster:DefaultStorage", name, None, opts)
        made = StorageClass(
            f"{name}-gp3",
            StorageClassInitArgs(
                metadata=ObjectMetaArgs(
                    name=names.STORAGE_CLASS,
                    annotations={"storageclass.kubernetes.io/is-default-class": "true"},
                ),
                provisioner="ebs.csi.aws.com",
                parameters={"type": "gp3", "encrypted": "true"},
                reclaim_policy="Delete",
                volume_binding_mode="WaitForFirstConsumer",
                allow_volume_expansion=True,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.storage_class = name_of(made, names.STORAGE_CLASS)
        self.register_outputs({"storage_class": self.storage_class})
