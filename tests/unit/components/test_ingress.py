from components import ports, traefik
from components.helm import Values
from components.ingress import ApiIngress, ApiIngressArgs
from components.load_balancer import HEALTH_CHECK_FAILURES, HEALTH_CHECK_INTERVAL_S
from components.monitoring.definitions import MonitoringDefinitions
from components.traefik import Traefik, TraefikArgs, traefik_values
from tests.support.recorder import Recorder, Registration
from tests.unit.conftest import Deploy

RELEASE = "kubernetes:helm.sh/v3:Release"
CLASS = "kubernetes:networking.k8s.io/v1:IngressClass"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
BALANCER = "balancer.elb.us-east-1.amazonaws.com"
PREFIX = "nginx.ingress.kubernetes.io/"


def edge() -> None:
    definitions = MonitoringDefinitions(
        "definitions", namespace="monitoring", chart_repository="https://charts.example"
    )
    controller = Traefik(
        "traefik",
        TraefikArgs(
            namespace="traefik",
            replicas=3,
            balancer_host=BALANCER,
            chart_repository="https://charts.example",
            monitoring_definitions=definitions,
        ),
    )
    ApiIngress(
        "api",
        ApiIngressArgs(
            namespace="intendly",
            ingress_class=controller.ingress_class,
            host="api.intendly.xyz",
            issuer_name="letsencrypt",
            relayer_service="backend-relayer-service",
            websocket_service="websocket-service",
            client_requests_per_second=50,
            client_connections=100,
            websocket_requests_per_second=20,
            websocket_connections_per_client=40,
        ),
    )


def ingress(made: Recorder, name: str) -> Registration:
    [found] = [one for one in made.all(INGRESS) if one["metadata"]["name"] == name]
    return found


def backend(found: Registration) -> tuple[str, str, str, int]:
    [rule] = found["spec"]["rules"]
    [path] = rule["http"]["paths"]
    service = path["backend"]["service"]
    assert path["pathType"] == "Prefix"
    return rule["host"], path["path"], service["name"], service["port"]["number"]


def annotations(found: Registration) -> dict[str, str]:
    given: dict[str, str] = found["metadata"]["annotations"]
    return {key.removeprefix(PREFIX): value for key, value in given.items()}


def test_requests_go_to_the_relayer_at_a_rate_per_client(deploy: Deploy) -> None:
    found = ingress(deploy(edge), "backend-ingress")
    assert backend(found) == ("api.intendly.xyz", "/", "backend-relayer-service", 3001)
    assert annotations(found) == {
        "limit-rps": "50",
        "limit-burst-multiplier": "5",
        "limit-connections": "100",
        "proxy-body-size": "1m",
    }


def test_websockets_keep_their_pod_and_may_be_silent_for_an_hour(deploy: Deploy) -> None:
    found = ingress(deploy(edge), "websocket-ingress")
    assert backend(found) == ("api.intendly.xyz", "/ws", "websocket-service", 8080)
    assert annotations(found) == {
        # not $binary_remote_addr, which Traefik takes for text: every client would share a pod
        "upstream-hash-by": "$remote_addr",
        "proxy-read-timeout": "3600",
        "proxy-send-timeout": "3600",
        "limit-rps": "20",
        "limit-connections": "40",
    }


def test_both_serve_the_hosts_certificate_by_the_controllers_class(deploy: Deploy) -> None:
    made = deploy(edge)
    certificate = made.only(CERTIFICATE)
    assert certificate["spec"]["dnsNames"] == ["api.intendly.xyz"]
    for name in ("backend-ingress", "websocket-ingress"):
        found = ingress(made, name)
        assert found["metadata"]["namespace"] == "intendly"
        assert found["spec"]["ingressClassName"] == "nginx"
        assert found["spec"]["tls"] == [{"hosts": ["api.intendly.xyz"], "secretName": "api-tls-secret"}]
        assert made.follows(found, certificate)
        # the engine waits for a status that only the controller writes
        assert made.follows(found, made.named(RELEASE, "traefik-release"))


def test_the_class_belongs_to_the_provider_that_reads_the_annotations(deploy: Deploy) -> None:
    made = deploy(edge)
    found = made.only(CLASS)
    assert found["metadata"]["name"] == "nginx"
    assert found["spec"] == {"controller": "k8s.io/ingress-nginx"}
    providers = made.named(RELEASE, "traefik-release")["values"]["providers"]
    assert providers["kubernetesIngressNGINX"]["enabled"] is True
    assert providers["kubernetesIngress"]["enabled"] is False


def test_ingress_status_carries_the_balancer(deploy: Deploy) -> None:
    release = deploy(edge).named(RELEASE, "traefik-release")
    assert (release["name"], release["version"]) == ("traefik", "41.3.0")
    assert release["values"]["providers"]["kubernetesIngressNGINX"]["publishStatusAddress"] == BALANCER


def test_traefik_waits_for_the_definition_of_its_monitor(deploy: Deploy) -> None:
    made = deploy(edge)
    assert made.follows(made.named(RELEASE, "traefik-release"), made.named(RELEASE, "definitions-release"))


def values() -> Values:
    return traefik_values(replicas=3, balancer_host=BALANCER)


def test_node_ports_are_those_the_balancer_speaks_to() -> None:
    assert {name: port["nodePort"] for name, port in values()["ports"].items()} == {
        "web": ports.HTTP_NODE_PORT,
        "websecure": ports.HTTPS_NODE_PORT,
        "traefik": ports.PING_NODE_PORT,
    }


def test_client_addresses_survive_the_node() -> None:
    assert values()["service"]["spec"] == {"type": "NodePort", "externalTrafficPolicy": "Local"}


def test_plain_requests_are_only_redirected() -> None:
    redirection = values()["ports"]["web"]["http"]["redirections"]["entryPoint"]
    assert redirection == {"to": "websecure", "scheme": "https", "permanent": True}


def test_unknown_names_and_old_tls_are_refused() -> None:
    assert values()["tlsOptions"]["default"] == {"minVersion": "VersionTLS12", "sniStrict": True}


def test_a_leaving_pods_grace_covers_all_it_waits_for() -> None:
    assert traefik.GRACE_PERIOD_S >= traefik.PRE_STOP_S + traefik.ACCEPT_AFTER_STOP_S + traefik.FINISH_S
    deployment = values()["deployment"]
    assert deployment["terminationGracePeriodSeconds"] == traefik.GRACE_PERIOD_S
    probe = values()["readinessProbe"]
    # pod and node go on taking connections until the balancer has noticed, and the last answer has come in
    noticed_s = HEALTH_CHECK_INTERVAL_S * (HEALTH_CHECK_FAILURES + 1)
    assert noticed_s < traefik.ACCEPT_AFTER_STOP_S
    assert noticed_s < probe["periodSeconds"] * probe["failureThreshold"]
