"""Both stacks' whole graphs: what no component alone can show."""

import json
import re

import pytest

from tests.support.recorder import Registration
from tests.support.stacks import STACKS, RecordedStack, recorded

PROVIDERS = {"aws": "pulumi:providers:aws", "kubernetes": "pulumi:providers:kubernetes"} | {
    "random": "pulumi:providers:random"
}


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> RecordedStack:
    return recorded(request.param)


def is_component(resource: Registration) -> bool:
    return resource.type.startswith("intendly:")


def is_provider(resource: Registration) -> bool:
    return resource.type.startswith("pulumi:providers:")


def names_of(stack: RecordedStack, kind: str) -> set[str]:
    return {one["metadata"]["name"] for one in stack.made.all(kind)}


def test_every_resource_uses_the_explicit_provider_of_its_package(stack: RecordedStack) -> None:
    for resource in stack.made.registrations:
        if is_component(resource) or is_provider(resource):
            continue
        package = resource.type.partition(":")[0]
        provider = stack.made.only(PROVIDERS[package])
        assert resource.provider.startswith(f"{provider.urn}::"), resource.urn


def test_every_resource_belongs_to_a_component(stack: RecordedStack) -> None:
    components = {one.urn for one in stack.made.registrations if is_component(one)}
    for resource in stack.made.registrations:
        if not is_component(resource) and resource.name not in ("aws", "random"):
            assert resource.parent in components, resource.urn


def test_every_component_registers_its_outputs(stack: RecordedStack) -> None:
    for component in filter(is_component, stack.made.registrations):
        assert component.urn in stack.made.outputs, component.urn


def test_logical_names_are_unique_within_a_type(stack: RecordedStack) -> None:
    identities = [(one.type, one.name) for one in stack.made.registrations]
    assert len(identities) == len(set(identities))


def test_the_provider_refuses_other_accounts_and_tags_everything(stack: RecordedStack) -> None:
    provider = stack.made.only("pulumi:providers:aws")
    assert json.loads(provider["allowedAccountIds"]) == [stack.settings.account.id]
    tags = json.loads(provider["defaultTags"])["tags"]
    assert tags["Environment"] == stack.settings.environment
    assert {"Project", "ManagedBy", "Owner", "CostCenter", "Repository"} <= set(tags)


def test_objects_in_the_cluster_wait_for_nodes_and_access(stack: RecordedStack) -> None:
    provider = stack.made.only("pulumi:providers:kubernetes")
    for kind in ("aws:eks/nodeGroup:NodeGroup", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"):
        for earlier in stack.made.all(kind):
            assert stack.made.follows(provider, earlier), earlier.urn


def test_custom_resources_wait_for_the_chart_that_defines_them(stack: RecordedStack) -> None:
    charts = {one["name"]: one for one in stack.made.all("kubernetes:helm.sh/v3:Release")}
    defined_by = {
        "cert-manager.io": "cert-manager",
        "external-secrets.io": "external-secrets",
        "monitoring.coreos.com": "prometheus-operator-crds",
    }
    customs = [one for one in stack.made.registrations if one.type.split(":")[1].split("/")[0] in defined_by]
    assert customs
    for custom in customs:
        chart = charts[defined_by[custom.type.split(":")[1].split("/")[0]]]
        assert stack.made.follows(custom, chart), custom.urn


def test_names_of_the_manual_are_kept(stack: RecordedStack) -> None:
    environment = stack.settings.environment
    assert stack.made.only("aws:eks/cluster:Cluster")["name"] == f"intendly-{environment}-eks"
    database = stack.made.only("aws:rds/instance:Instance")
    assert database["identifier"] == f"intendly-{environment}-postgres"
    assert database["dbName"] == f"intendly_{environment}"
    cache = stack.made.only("aws:elasticache/replicationGroup:ReplicationGroup")
    assert cache["replicationGroupId"] == f"intendly-{environment}-redis"
    applications = {"backend-relayer", "backend-coordinator", "websocket-server"}
    assert names_of(stack, "kubernetes:apps/v1:Deployment") == applications
    assert {"backend-relayer-service", "websocket-service"} <= names_of(stack, "kubernetes:core/v1:Service")
    assert names_of(stack, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler") == {"backend-relayer-hpa"}
    ingresses = {"backend-ingress", "websocket-ingress", "monitoring-ingress"}
    assert names_of(stack, "kubernetes:networking.k8s.io/v1:Ingress") == ingresses
    assert "api-tls-secret" in names_of(stack, "kubernetes:cert-manager.io/v1:Certificate")
    assert names_of(stack, "kubernetes:core/v1:ConfigMap") == {"backend-config"}
    assert names_of(stack, "kubernetes:rbac.authorization.k8s.io/v1:Role") == {
        "intendly-operator",
        "intendly-on-call",
    }
    assert {"intendly", "cert-manager", "traefik"} <= names_of(stack, "kubernetes:core/v1:Namespace")


def test_backups_and_their_test_are_of_this_stacks_database(stack: RecordedStack) -> None:
    made = stack.made
    database = made.only("aws:rds/instance:Instance")
    for kind, key in (
        ("aws:backup/selection:Selection", "resources"),
        ("aws:backup/restoreTestingSelection:RestoreTestingSelection", "protectedResourceArns"),
    ):
        selection = made.only(kind)
        [arn] = selection[key]
        assert arn.startswith("arn:aws:rds:")
        assert selection.property_dependencies[key] == {database.urn}
    restored = made.only("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    assert restored["restoreMetadataOverrides"]["dbSubnetGroupName"] == database["dbSubnetGroupName"]
    assert (
        json.loads(restored["restoreMetadataOverrides"]["vpcSecurityGroupIds"])
        == (database["vpcSecurityGroupIds"])
    )


def test_the_daily_backup_keeps_to_the_jobs_schedule(stack: RecordedStack) -> None:
    [rule] = stack.made.only("aws:backup/plan:Plan")["rules"]
    assert stack.settings.jobs.aws_backup.schedule == "0 7 * * *"
    assert rule["schedule"] == "cron(0 7 ? * * *)"
    assert rule["completionWindow"] == stack.settings.jobs.aws_backup.deadline_minutes


def test_production_alone_has_a_copy_in_a_second_region() -> None:
    regions = {
        name: {one.inputs.get("region") for one in recorded(name).made.all("aws:backup/vault:Vault")}
        for name in STACKS
    }
    assert regions == {"production": {None, "us-west-2"}, "staging": {None}}


def test_every_log_group_is_encrypted_and_forgets(stack: RecordedStack) -> None:
    key = stack.made.named("aws:kms/key:Key", "data-key-key")
    for group in stack.made.all("aws:cloudwatch/logGroup:LogGroup"):
        assert group.property_dependencies["kmsKeyId"] == {key.urn}, group.urn
        assert group["retentionInDays"] > 0, group.urn


def test_the_vpcs_connections_are_recorded(stack: RecordedStack) -> None:
    [vpc] = stack.made.all("aws:ec2/vpc:Vpc")
    assert stack.made.only("aws:ec2/flowLog:FlowLog").property_dependencies["vpcId"] == {vpc.urn}


def test_the_budgets_tag_is_the_one_that_everything_carries(stack: RecordedStack) -> None:
    tags = json.loads(stack.made.only("pulumi:providers:aws")["defaultTags"])["tags"]
    [tag] = stack.made.only("aws:budgets/budget:Budget")["costFilters"]
    assert tag["values"] == [f"user:Environment${tags['Environment']}"]


def test_only_the_relayer_has_no_fixed_number_of_replicas(stack: RecordedStack) -> None:
    replicas = {
        one["metadata"]["name"]: one["spec"].get("replicas")
        for one in stack.made.all("kubernetes:apps/v1:Deployment")
    }
    assert {name for name, number in replicas.items() if number is None} == {"backend-relayer"}


def test_generated_passwords_are_secret_in_every_input(stack: RecordedStack) -> None:
    passwords = {
        f"result-of-{one.name}" for one in stack.made.all("random:index/randomPassword:RandomPassword")
    }
    assert len(passwords) >= 3
    for resource in stack.made.registrations:
        for key, value in resource.inputs.items():
            if any(password in json.dumps(value) for password in passwords):
                assert key in resource.secret_inputs, f"{resource.urn} {key}"


def test_no_output_is_a_secret_or_a_kubeconfig(stack: RecordedStack) -> None:
    assert stack.secret_outputs == frozenset()
    everything = json.dumps([stack.outputs, *stack.made.outputs.values()])
    assert "get-token" not in everything
    assert "result-of-" not in json.dumps(stack.outputs)


def test_the_stack_exports_what_operators_commands_read(stack: RecordedStack) -> None:
    assert set(stack.outputs) == {
        "environment",
        "account",
        "image",
        "cluster",
        "endpoints",
        "loadBalancer",
        "webApplication",
        "githubRoles",
        "database",
        "cache",
        "backups",
    }
    assert stack.outputs["endpoints"]["api"] == f"https://{stack.settings.hosts.api}"


def test_physical_names_fit_their_limits_in_aws(stack: RecordedStack) -> None:
    limits = {
        "aws:lb/loadBalancer:LoadBalancer": 32,
        "aws:lb/targetGroup:TargetGroup": 32,
        "aws:elasticache/replicationGroup:ReplicationGroup": 40,
        "aws:iam/role:Role": 64,
        "aws:rds/instance:Instance": 63,
        "aws:eks/cluster:Cluster": 100,
    }
    for kind, limit in limits.items():
        for resource in stack.made.all(kind):
            keys = ("name", "identifier", "replicationGroupId")
            physical = next((resource.inputs[key] for key in keys if key in resource.inputs), None)
            # Without a fixed name the provider appends a hyphen and seven characters to the logical one.
            assert len(physical or f"{resource.name}-0123456") <= limit, resource.urn


def test_charts_and_image_are_pinned(stack: RecordedStack) -> None:
    for release in stack.made.all("kubernetes:helm.sh/v3:Release"):
        assert re.fullmatch(r"v?\d+\.\d+\.\d+", release["version"]), release.urn
        assert release["name"] == release["chart"]
    for deployment in stack.made.all("kubernetes:apps/v1:Deployment"):
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        assert container["image"] == stack.settings.applications.image
