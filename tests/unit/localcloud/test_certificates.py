import base64
import json
import ssl

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from localcloud.certificates import CLIENTS, Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    authority = Authority(tmp_path_factory.mktemp("pki"))
    authority.issue_all("172.20.0.1")
    return authority


def subject(authority: Authority, name: str) -> tuple[str, str]:
    certificate = x509.load_pem_x509_certificate(authority.path(f"{name}.crt").read_bytes())
    groups = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    [common] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common.value), str(groups[0].value) if groups else ""


def test_the_control_planes_parts_are_the_users_that_kubernetes_knows(authority: Authority) -> None:
    assert subject(authority, "kube-scheduler") == ("system:kube-scheduler", "")
    assert subject(authority, "kube-controller-manager") == ("system:kube-controller-manager", "")
    assert subject(authority, "admin") == ("admin", "system:masters")


def test_the_api_server_is_known_by_loopback_and_by_the_services_address(authority: Authority) -> None:
    certificate = x509.load_pem_x509_certificate(authority.path("apiserver.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(address) for address in names.get_values_for_type(x509.IPAddress)} == {
        "127.0.0.1",
        "172.20.0.1",
    }
    assert "kubernetes.default.svc" in names.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_certificate_fits_its_key_and_the_authority(authority: Authority, client: str) -> None:
    context = ssl.create_default_context(cafile=str(authority.path("ca.crt")))
    context.load_cert_chain(authority.path(f"{client}.crt"), authority.path(f"{client}.key"))
    certificate = x509.load_pem_x509_certificate(authority.path(f"{client}.crt").read_bytes())
    certificate.verify_directly_issued_by(
        x509.load_pem_x509_certificate(authority.path("ca.crt").read_bytes())
    )


def test_keys_are_for_their_owner_alone(authority: Authority) -> None:
    keys = list(authority.folder.glob("*.key"))
    assert len(keys) == len(CLIENTS) + 3
    assert all(key.stat().st_mode & 0o077 == 0 for key in keys)


def test_a_second_start_keeps_authority_and_certificates(authority: Authority) -> None:
    before = {file: file.read_bytes() for file in authority.folder.iterdir()}
    Authority(authority.folder).issue_all("172.20.0.1")
    assert {file: file.read_bytes() for file in authority.folder.iterdir()} == before


def test_a_kubeconfig_carries_its_own_certificates(authority: Authority) -> None:
    document = json.loads(authority.kubeconfig("admin", "https://127.0.0.1:20003"))
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:20003"
    encoded = document["users"][0]["user"]["client-certificate-data"]
    assert base64.b64decode(encoded) == authority.path("admin.crt").read_bytes()
