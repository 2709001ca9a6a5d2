"""Security groups made of single rules: inline rules and single ones on one group would fight for ever."""

import pulumi
from pulumi_aws import ec2, vpc


def single_port_group(
    name: str,
    vpc_id: pulumi.Input[str],
    port: int,
    client_group_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> ec2.SecurityGroup:
    """A group that lets one group in on one TCP port, and nothing out: the provider adds no rule of its own.

    The physical name is the engine's, so that a replacement never collides.

    Args:
        name: logical name of the group and the start of its rule's.
        vpc_id: where it lives.
        port: the TCP port.
        client_group_id: whoever carries this group may connect.
        parent: the component it belongs to.
    """
    child = pulumi.ResourceOptions(parent=parent)
    # Not the logical name: another description replaces the group, and a rename with aliases must replace nothing.
    group = ec2.SecurityGroup(name, description=f"Clients of port {port}", vpc_id=vpc_id, opts=child)
    vpc.SecurityGroupIngressRule(
        f"{name}-clients",
        security_group_id=group.id,
        description="Nodes and pods of the cluster",
        referenced_security_group_id=client_group_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        opts=child,
    )
    return group
