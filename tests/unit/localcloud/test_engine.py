import subprocess
from pathlib import Path

import pytest
import yaml

from localcloud.engine import Engine, derived_document
from localcloud.errors import LocalCloudError
from localcloud.facts import Facts, kubernetes_minor, pinned, read_facts
from localcloud.paths import ROOT, Paths

REPOSITORIES = {"jetstack": "http://127.0.0.1:20001/jetstack"}
DEPLOYER = "arn:aws:iam::222222222222:role/intendly-deployer"
FACTS = Facts(
    account_id="222222222222",
    deployer_role_arn=DEPLOYER,
    region="us-east-1",
    kubernetes_version="1.36",
    service_cidr="172.20.0.0/16",
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    (tmp_path / "Pulumi.staging.yaml").write_text((ROOT / "Pulumi.staging.yaml").read_text())
    return Engine(Paths(tmp_path, "staging"))


def test_the_derived_file_differs_in_chart_repositories_only() -> None:
    tracked = {"config": {"intendly:environment": "staging", "intendly:chain": {"id": 196}}}
    derived = derived_document(tracked, REPOSITORIES, salt="")
    changed = derived["config"].pop("intendly:chartRepositories")
    assert changed == REPOSITORIES
    assert derived == tracked


def test_repositories_of_the_tracked_file_stay_unless_replaced() -> None:
    tracked = {
        "config": {
            "intendly:chartRepositories": {"jetstack": "https://x.example", "other": "https://y.example"}
        }
    }
    derived = derived_document(tracked, REPOSITORIES, salt="")
    assert derived["config"]["intendly:chartRepositories"] == {**REPOSITORIES, "other": "https://y.example"}
    assert tracked["config"]["intendly:chartRepositories"]["jetstack"] == "https://x.example"


def test_the_engines_salt_survives_a_new_derivation(engine: Engine) -> None:
    engine.derive(REPOSITORIES)
    document = yaml.safe_load(engine.stack_file.read_text())
    engine.stack_file.write_text(yaml.safe_dump({**document, "encryptionsalt": "v1:abc"}))
    engine.derive(REPOSITORIES)
    assert yaml.safe_load(engine.stack_file.read_text())["encryptionsalt"] == "v1:abc"


def test_keys_that_were_lent_to_another_start_are_not_taken_again(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / ".local" / "staging" / "aws.config"
    sessions: set[str] = set()
    for _ in range(2):
        engine.prepare(REPOSITORIES, DEPLOYER)
        sessions.add(file.read_text().partition("role_session_name = ")[2].split()[0])
    assert len(sessions) == 2


def test_preparing_changes_no_tracked_file(engine: Engine, tmp_path: Path) -> None:
    before = (tmp_path / "Pulumi.staging.yaml").read_bytes()
    engine.prepare(REPOSITORIES, DEPLOYER)
    assert (tmp_path / "Pulumi.staging.yaml").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [".local", "Pulumi.staging.yaml"]


def test_secrets_are_for_their_owner_alone(engine: Engine, tmp_path: Path) -> None:
    engine.prepare(REPOSITORIES, DEPLOYER)
    passphrase = tmp_path / ".local" / "staging" / "secrets" / "passphrase"
    assert passphrase.stat().st_mode & 0o777 == 0o600
    kept = passphrase.read_text()
    engine.prepare(REPOSITORIES, DEPLOYER)
    assert passphrase.read_text() == kept


def test_the_exports_are_a_shells_and_keep_real_accounts_out(engine: Engine) -> None:
    lines = engine.exports(engine.environment(FACTS, "http://127.0.0.1:20002"))
    mine = "export AWS_PROFILE=real AWS_ACCESS_KEY_ID=real"
    script = f'{mine}\n{lines}\necho "$AWS_ENDPOINT_URL $PULUMI_STACK $AWS_PROFILE [$AWS_ACCESS_KEY_ID]"'
    shown = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == "http://127.0.0.1:20002 staging deployer []\n"


def test_a_stack_without_a_file_names_those_that_have_one() -> None:
    with pytest.raises(LocalCloudError, match=r"(?s)no stack prod: .*production, staging"):
        read_facts(ROOT, "prod")


def test_another_kubernetes_is_refused_by_name(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.staging.yaml"
    text = file.read_text()
    ours = f'kubernetesVersion: "{kubernetes_minor()}"'
    assert ours in text
    other = 'kubernetesVersion: "1.35"\n    addons: {kubeProxy: v1.35.0-eksbuild.1}'
    file.write_text(text.replace(ours, other))
    with pytest.raises(LocalCloudError, match=r"settings ask for Kubernetes 1\.35"):
        read_facts(engine.stack_file.parents[2], "staging")


def test_bad_settings_stop_it_with_their_keys(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.staging.yaml").write_text("config: {intendly:environment: staging}")
    with pytest.raises(LocalCloudError, match="intendly:account"):
        read_facts(engine.stack_file.parents[2], "staging")


def test_pins_are_read_from_go_mod() -> None:
    assert pinned("kubernetes", "k8s.io/kubernetes").startswith(f"v{kubernetes_minor()}.")
    with pytest.raises(LocalCloudError, match="does not name"):
        pinned("kubernetes", "k8s.io/nothing")
