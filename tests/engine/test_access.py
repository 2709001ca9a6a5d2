"""What people's groups and previews may do, asked of the real API server."""

import json
import subprocess

import pytest

from tests.support.checkout import Checkout

pytestmark = pytest.mark.engine

PREVIEW, AUDITOR, ON_CALL, OPERATOR = (
    "intendly-preview",
    "intendly-auditors",
    "intendly-on-call",
    "intendly-operators",
)


def attempt(
    checkout: Checkout, group: str, *arguments: str, sends: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run kubectl as a member of a group; never raises, since refusals are what is asked about."""
    paths = checkout.cloud.paths
    command = [str(paths.bin / "kubectl"), f"--kubeconfig={paths.kubeconfig}"]
    command += [f"--as={group}-member", f"--as-group={group}", "--as-group=system:authenticated"]
    return subprocess.run([*command, *arguments], input=sends, capture_output=True, text=True, check=False)


def may(checkout: Checkout, group: str, verb: str, kind: str, *where: str) -> bool:
    """What the API server answers to the question about one's own rights."""
    # To kubectl `pods/exec` would be the pod named exec.
    resource, _, subresource = kind.partition("/")
    asked = ("auth", "can-i", verb, resource, f"--subresource={subresource}")
    answer = attempt(checkout, group, *asked, *where).stdout.strip()
    assert answer in ("yes", "no"), answer
    return answer == "yes"


def config_map(name: str) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": "intendly"},
            "data": {"key": "value"},
        }
    )


APPLY = ("apply", "--server-side", "--field-manager=preview", "-f", "-")
CREATE = ("create", "-f", "-")
DRY_RUN = "--dry-run=server"


@pytest.mark.parametrize("how", [CREATE, APPLY], ids=["create", "apply"])
def test_a_previews_dry_run_passes_and_leaves_nothing(checkout: Checkout, how: tuple[str, ...]) -> None:
    done = attempt(checkout, PREVIEW, *how, DRY_RUN, sends=config_map("tried"))
    assert done.returncode == 0, done.stderr
    assert "tried" not in checkout.objects("configmaps")


@pytest.mark.parametrize("how", [CREATE, APPLY], ids=["create", "apply"])
def test_a_previews_real_write_is_refused_by_the_policy(checkout: Checkout, how: tuple[str, ...]) -> None:
    done = attempt(checkout, PREVIEW, *how, sends=config_map("written"))
    assert done.returncode != 0
    assert "a preview changes nothing: only dry runs are allowed" in done.stderr
    assert "written" not in checkout.objects("configmaps")


def test_a_preview_tries_changes_of_what_is_there_and_makes_none(checkout: Checkout) -> None:
    before = checkout.objects("deployments")["backend-relayer"]["metadata"]["resourceVersion"]
    patch = ("patch", "deployment", "backend-relayer", "-n", "intendly", "-p")
    change = json.dumps({"metadata": {"annotations": {"tried": "yes"}}})
    assert attempt(checkout, PREVIEW, *patch, change, DRY_RUN).returncode == 0
    refused = attempt(checkout, PREVIEW, *patch, change)
    assert "only dry runs are allowed" in refused.stderr
    after = checkout.objects("deployments")["backend-relayer"]["metadata"]
    assert "tried" not in after.get("annotations", {})
    assert after["resourceVersion"] == before


@pytest.mark.parametrize("group", [PREVIEW, AUDITOR, ON_CALL, OPERATOR])
def test_nobody_of_them_reads_secrets(checkout: Checkout, group: str) -> None:
    for verb in ("get", "list", "watch", "create", "patch"):
        assert not may(checkout, group, verb, "secrets", "-n", "intendly"), verb
    done = attempt(checkout, group, "get", "secrets", "-n", "monitoring")
    assert done.returncode != 0
    assert "forbidden" in done.stderr.lower()


@pytest.mark.parametrize("group", [PREVIEW, AUDITOR, ON_CALL, OPERATOR])
def test_nobody_of_them_gets_into_a_pod_or_gives_themselves_rights(checkout: Checkout, group: str) -> None:
    for verb, kind in (
        ("create", "pods/exec"),
        ("get", "pods/exec"),
        ("create", "pods/attach"),
        ("create", "pods/portforward"),
        ("get", "nodes/proxy"),
        ("get", "services/proxy"),
        ("create", "serviceaccounts/token"),
        ("impersonate", "groups"),
        ("bind", "clusterroles.rbac.authorization.k8s.io"),
        ("escalate", "clusterroles.rbac.authorization.k8s.io"),
        ("patch", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("delete", "namespaces"),
    ):
        assert not may(checkout, group, verb, kind), f"{verb} {kind}"


def test_a_preview_cannot_lift_its_own_ban(checkout: Checkout) -> None:
    for kind in ("validatingadmissionpolicy", "validatingadmissionpolicybinding"):
        name = ("patch", kind, "intendly-preview-dry-run-only", "-p", '{"metadata":{"labels":{"x":"y"}}}')
        for arguments in ((*name, "--type=merge"), (*name, "--type=merge", DRY_RUN)):
            done = attempt(checkout, PREVIEW, *arguments)
            assert done.returncode != 0
            assert "forbidden" in done.stderr.lower(), done.stderr
        assert not may(checkout, PREVIEW, "delete", f"{kind}.admissionregistration.k8s.io")


def test_others_are_not_held_to_dry_runs(checkout: Checkout) -> None:
    change = json.dumps({"metadata": {"annotations": {"by": "operator"}}})
    patch = ("patch", "deployment", "backend-coordinator", "-n", "intendly", "-p")
    assert attempt(checkout, OPERATOR, *patch, change).returncode == 0
    checkout.cloud.kubectl("annotate", "deployment", "backend-coordinator", "-n", "intendly", "by-")


def test_auditors_read_the_whole_cluster_and_change_nothing(checkout: Checkout) -> None:
    for kind in ("nodes", "namespaces", "deployments.apps", "roles.rbac.authorization.k8s.io"):
        assert attempt(checkout, AUDITOR, "get", kind, "-A").returncode == 0, kind
    for kind in ("externalsecrets.external-secrets.io", "certificates.cert-manager.io"):
        assert may(checkout, AUDITOR, "list", kind, "-A"), kind
    for verb in ("create", "update", "patch", "delete"):
        assert not may(checkout, AUDITOR, verb, "configmaps", "-n", "intendly"), verb


def test_on_call_evicts_and_reads_logs_where_operators_do_not(checkout: Checkout) -> None:
    here = ("-n", "intendly")
    for verb, kind in (("create", "pods/eviction"), ("get", "pods/log"), ("list", "events")):
        assert may(checkout, ON_CALL, verb, kind, *here), kind
        assert not may(checkout, OPERATOR, verb, kind, *here), kind
        assert not may(checkout, ON_CALL, verb, kind, "-n", "kube-system"), kind
    assert may(checkout, ON_CALL, "patch", "deployments.apps", *here)


def test_the_preview_role_enters_the_cluster_in_its_group(checkout: Checkout) -> None:
    ledger = json.loads((checkout.cloud.paths.state / "aws.json").read_text())
    entries = {
        one["outputs"]["principalArn"]: one["outputs"].get("kubernetesGroups")
        for one in ledger["resources"]
        if one["type"] == "aws:eks/accessEntry:AccessEntry"
    }
    [groups] = [
        held for arn, held in entries.items() if arn.endswith(":role/intendly-staging-github-preview")
    ]
    assert groups == [PREVIEW]
