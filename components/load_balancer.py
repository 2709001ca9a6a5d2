"""The network load balancer in front of the cluster's ingress controller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import autoscaling, ec2, lb, vpc

from components.ports import HTTP_NODE_PORT, HTTPS_NODE_PORT, PING_NODE_PORT

NODE_PORTS = {80: HTTP_NODE_PORT, 443: HTTPS_NODE_PORT}
"""The balancer's ports, and the node ports where the ingress controller takes them."""

NAME_MAX = 32
"""ELB's limit for a target group's name."""

HEALTH_CHECK_INTERVAL_S = 5
"""ELB's least. A leaving pod must be noticed well before the ingress controller stops taking connections."""

HEALTH_CHECK_FAILURES = 2
"""Failures after which a node gets no more connections: ELB's least."""

DRAIN_SECONDS = 120
"""Time that connections to a node that goes get to end by themselves."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """What a load balancer needs."""

    prefix: str
    """Start of the physical names, such as `intendly-staging`; target groups' names end at 32 characters."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Public ones. One more is an update, one less replaces the balancer and its address."""
    cluster_security_group_id: pulumi.Input[str]
    """The group that nodes carry."""
    autoscaling_group_names: Mapping[str, pulumi.Input[str]]
    """By node group: whose nodes receive traffic."""
    access_cidrs: Sequence[str]
    """Who may connect; `0.0.0.0/0` for everybody."""
    deletion_protection: bool
    """AWS refuses to delete the balancer until an update has switched this off."""


class LoadBalancer(pulumi.ComponentResource):
    """Passes TCP 80 and 443 with the clients' addresses to nodes that run a pod of the ingress controller.

    Everything lies in this program's state: nothing is made by a controller behind its back, nothing is left.
    """

    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    """Hosted zone of `dns_name`, for alias records."""
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__("intendly:network:LoadBalancer", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        access = self._access()
        balancer = lb.LoadBalancer(
            f"{name}-balancer",
            load_balancer_type="network",
            internal=False,
            subnets=args.subnet_ids,
            # From creation: a balancer without a group can never be given one.
            security_groups=[access.id],
            # Otherwise a zone without a pod of the controller leaves DNS.
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=args.deletion_protection,
            tags={"Name": f"{args.prefix}-ingress"},
            opts=self._child,
        )
        for port, node_port in NODE_PORTS.items():
            self._listen(balancer, port, node_port)
        self.dns_name, self.zone_id, self.arn = balancer.dns_name, balancer.zone_id, balancer.arn
        self.register_outputs({"dns_name": self.dns_name, "zone_id": self.zone_id, "arn": self.arn})

    def _access(self) -> ec2.SecurityGroup:
        """From clients to the balancer's ports, and from the balancer to the nodes' ports, nothing else."""
        group = ec2.SecurityGroup(
            f"{self._name}-access",
            description="Load balancer of the ingress controller",
            vpc_id=self._args.vpc_id,
            opts=self._child,
        )
        for port in NODE_PORTS:
            for cidr in self._args.access_cidrs:
                vpc.SecurityGroupIngressRule(
                    f"{self._name}-{port}-{cidr.replace('/', '-')}",
                    security_group_id=group.id,
                    description="Clients",
                    cidr_ipv4=cidr,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    opts=self._child,
                )
        for node_port in (*NODE_PORTS.values(), PING_NODE_PORT):
            self._let_through(group, node_port)
        return group

    def _let_through(self, group: ec2.SecurityGroup, node_port: int) -> None:
        vpc.SecurityGroupEgressRule(
            f"{self._name}-to-nodes-{node_port}",
            security_group_id=group.id,
            description="Nodes",
            referenced_security_group_id=self._args.cluster_security_group_id,
            ip_protocol="tcp",
            from_port=node_port,
            to_port=node_port,
            opts=self._child,
        )
        vpc.SecurityGroupIngressRule(
            f"{self._name}-into-nodes-{node_port}",
            security_group_id=self._args.cluster_security_group_id,
            description="Load balancer of the ingress controller",
            # Holds although the packets carry the clients' addresses.
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=node_port,
            to_port=node_port,
            opts=self._child,
        )

    def _listen(self, balancer: lb.LoadBalancer, port: int, node_port: int) -> None:
        targets = self._target_group(port, node_port)
        lb.Listener(
            f"{self._name}-{port}",
            load_balancer_arn=balancer.arn,
            port=port,
            protocol="TCP",
            default_actions=[lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)],
            opts=self._child,
        )
        for group, autoscaling_group_name in self._args.autoscaling_group_names.items():
            autoscaling.Attachment(
                f"{self._name}-{port}-{group}",
                autoscaling_group_name=autoscaling_group_name,
                lb_target_group_arn=targets.arn,
                opts=self._child,
            )

    def _target_group(self, port: int, node_port: int) -> lb.TargetGroup:
        return lb.TargetGroup(
            f"{self._name}-{port}",
            # Another node port replaces the group, so its name carries the port.
            name=f"{self._args.prefix}-{node_port}",
            vpc_id=self._args.vpc_id,
            target_type="instance",
            protocol="TCP",
            port=node_port,
            preserve_client_ip="true",
            deregistration_delay=DRAIN_SECONDS,
            connection_termination=True,
            # Nodes without a pod of the controller drop connections: they are unhealthy by design.
            health_check=lb.TargetGroupHealthCheckArgs(
                protocol="HTTP",
                path="/ping",
                port=str(PING_NODE_PORT),
                matcher="200",
                interval=HEALTH_CHECK_INTERVAL_S,
                timeout=4,
                healthy_threshold=2,
                unhealthy_threshold=HEALTH_CHECK_FAILURES,
            ),
            opts=self._child,
        )


def _check(args: LoadBalancerArgs) -> None:
    for node_port in NODE_PORTS.values():
        name = f"{args.prefix}-{node_port}"
        if len(name) > NAME_MAX:
            raise ValueError(f"target group name {name!r} is longer than {NAME_MAX} characters")
    if not args.access_cidrs:
        raise ValueError("access_cidrs is empty: nobody could connect")
