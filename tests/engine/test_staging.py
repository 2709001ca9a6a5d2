"""The whole staging stack through the real engine and provider, on a real API server. In this order."""

import json
import subprocess
import sys

import pytest

from localcloud.errors import LocalCloudError
from tests.support.checkout import Checkout, kinds

pytestmark = pytest.mark.engine

APPLICATIONS = {"backend-relayer", "backend-coordinator", "websocket-server"}
OTHER_IMAGE = "ghcr.io/intendly/intendly-backend@sha256:" + "1" * 64


def images(checkout: Checkout) -> set[str]:
    deployments = checkout.objects("deployments").values()
    return {one["spec"]["template"]["spec"]["containers"][0]["image"] for one in deployments}


def ledger(checkout: Checkout) -> str:
    return (checkout.cloud.paths.state / "aws.json").read_text()


def kinds_of_all(written: str) -> list[str]:
    """The type of every AWS resource that a ledger holds."""
    return sorted(one["type"] for one in json.loads(written)["resources"])


def test_applications_run_with_as_many_pods_as_asked_for(checkout: Checkout) -> None:
    ready = {
        name: one["status"].get("readyReplicas") for name, one in checkout.objects("deployments").items()
    }
    assert ready == {"backend-relayer": 1, "backend-coordinator": 1, "websocket-server": 2}


def test_pods_are_admitted_as_restricted(checkout: Checkout) -> None:
    namespace = json.loads(checkout.cloud.kubectl("get", "namespace", "intendly", "-o", "json"))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_rest_of_the_manuals_objects_is_there(checkout: Checkout) -> None:
    assert set(checkout.objects("hpa")) == {"backend-relayer-hpa"}
    assert set(checkout.objects("pdb")) == APPLICATIONS
    assert set(checkout.objects("ingress")) == {"backend-ingress", "websocket-ingress"}
    assert set(checkout.objects("certificates.cert-manager.io")) == {"api-tls-secret"}
    assert set(checkout.objects("externalsecrets.external-secrets.io")) == {"database-secret", "cache-secret"}
    assert "intendly-alerts" in checkout.objects("prometheusrules.monitoring.coreos.com", "monitoring")
    assert set(checkout.objects("roles")) == {"intendly-operator", "intendly-on-call"}


def test_ingresses_carry_the_load_balancers_address(checkout: Checkout) -> None:
    outputs = json.loads(checkout.cloud.pulumi("stack", "output", "--json", capture=True))
    for ingress in checkout.objects("ingress").values():
        [address] = ingress["status"]["loadBalancer"]["ingress"]
        assert address["hostname"] == outputs["loadBalancer"]["dnsName"]


def test_a_second_update_changes_nothing(checkout: Checkout) -> None:
    checkout.cloud.pulumi("preview", "--expect-no-changes")


def test_a_refresh_finds_no_drift(checkout: Checkout) -> None:
    checkout.cloud.pulumi("refresh", "--yes", "--expect-no-changes")
    checkout.cloud.pulumi("preview", "--expect-no-changes")


def test_plain_pulumi_works_from_a_shell(checkout: Checkout) -> None:
    line = f'eval "$({sys.executable} -m localcloud env)" && pulumi preview --expect-no-changes'
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=checkout.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_bad_settings_stop_before_anything_is_touched(checkout: Checkout) -> None:
    good, before = checkout.stack_file.read_text(), ledger(checkout)
    checkout.stack_file.write_text(good.replace("minSize: 2", "minSize: 9").replace("multiAz", "multiAZ"))
    try:
        checkout.cloud.start()
        with pytest.raises(LocalCloudError):
            checkout.cloud.pulumi("up", "--yes", "--skip-preview")
    finally:
        checkout.stack_file.write_text(good)
        checkout.cloud.start()
    assert ledger(checkout) == before
    checkout.cloud.pulumi("preview", "--expect-no-changes")


def test_a_new_image_rolls_the_three_applications_and_nothing_else(checkout: Checkout) -> None:
    checkout.edit("applications", image=OTHER_IMAGE)
    changes = checkout.preview()
    assert kinds({urn: op for urn, op in changes.items() if "Stack" not in urn}) == {("update", "Deployment")}
    checkout.cloud.up()
    assert images(checkout) == {OTHER_IMAGE}


def test_changed_configuration_restarts_the_applications(checkout: Checkout) -> None:
    hashes = "{.items[*].spec.template.metadata.annotations}"
    before = checkout.cloud.kubectl("get", "deployments", "-n", "intendly", "-o", f"jsonpath={hashes}")
    text = checkout.environment_file.read_text()
    checkout.environment_file.write_text(text.replace("LOG_LEVEL=debug", "LOG_LEVEL=warn"))
    assert kinds(checkout.preview()) == {("update", "ConfigMap"), ("update", "Deployment")}
    checkout.cloud.up()
    assert checkout.objects("configmaps")["backend-config"]["data"]["LOG_LEVEL"] == "warn"
    assert (
        checkout.cloud.kubectl("get", "deployments", "-n", "intendly", "-o", f"jsonpath={hashes}") != before
    )


def test_a_larger_database_is_an_update_in_place(checkout: Checkout) -> None:
    checkout.edit("database", instanceClass="db.t4g.large")
    changes = checkout.preview()
    assert kinds(changes) == {("update", "Instance")}
    checkout.cloud.up()
    assert "db.t4g.large" in ledger(checkout)


def test_a_second_node_group_is_added_beside_the_first(checkout: Checkout) -> None:
    second = {"instanceType": "t3.large", "minSize": 1, "maxSize": 2, "desiredSize": 1}
    checkout.edit("cluster", nodeGroups={"second": second})
    assert set(checkout.preview().values()) <= {"create", "update"}
    checkout.cloud.up()
    nodes = checkout.objects("nodes", "default").values()
    groups = {node["metadata"]["labels"]["eks.amazonaws.com/nodegroup"].rpartition("-")[0] for node in nodes}
    assert len(groups) == 2


def test_a_killed_api_server_comes_back_with_its_data(checkout: Checkout) -> None:
    running = checkout.cloud.supervisor.running("kube-apiserver")
    assert running is not None
    running.kill()
    running.wait(10)
    checkout.cloud.start()
    assert set(checkout.objects("deployments")) == APPLICATIONS


def test_only_files_that_were_edited_have_changed(checkout: Checkout) -> None:
    edited = {checkout.stack_file.name, str(checkout.environment_file.relative_to(checkout.root))}
    assert checkout.differing() == edited


def test_the_stack_is_made_again_on_the_day_it_was_destroyed(checkout: Checkout) -> None:
    """By plain commands of the engine, over the same AWS: no name of the first stack is in the second one's way."""
    checkout.edit("database", finalSnapshot=True)
    checkout.edit("cache", finalSnapshot=True)
    checkout.cloud.up()  # what a destroy does with a store is read from the state
    before = ledger(checkout)
    checkout.cloud.pulumi("destroy", "--yes")
    assert kinds_of_all(ledger(checkout)) == []
    checkout.cloud.up()
    assert kinds_of_all(ledger(checkout)) == kinds_of_all(before)
    checkout.cloud.pulumi("preview", "--expect-no-changes")
    assert set(checkout.objects("deployments")) == APPLICATIONS


def test_a_destroy_leaves_nothing_but_definitions_that_charts_keep(checkout: Checkout) -> None:
    kept, left = checkout.cloud.down()
    assert left == []
    assert kept
    assert all("customresourcedefinition" in name.lower() for name in kept), kept
