"""Cases of `policies/rules/ingress.py`."""

from policies.graph import Node
from policies.kubernetes import CERTIFICATE, CLUSTER_ISSUER, INGRESS, INGRESS_CLASS, RELEASE
from policies.rules import ingress
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

path = ("spec", "rules", 0, "http", "paths", 0)


def api(draft: Draft) -> Node:
    return draft.node(INGRESS, "api-backend")


def websocket(draft: Draft) -> Node:
    return draft.node(INGRESS, "api-websocket")


def certificate(draft: Draft) -> Node:
    return draft.node(CERTIFICATE, "api-certificate")


def annotation(name: str) -> tuple[str, ...]:
    return ("metadata", "annotations", f"{ingress.ANNOTATION}/{name}")


@violates(ingress.complete)
def a_host_has_no_certificate(draft: Draft) -> None:
    draft.set(certificate(draft), "spec", "dnsNames", to=["api.intendly.com"])


@violates(ingress.complete)
def a_host_is_not_served_over_tls(draft: Draft) -> None:
    draft.unset(api(draft), "spec", "tls")


@violates(ingress.complete)
def a_host_has_no_address(draft: Draft) -> None:
    draft.remove(draft.node(ingress.RECORD, "names-api-a"))


@violates(ingress.complete)
def two_take_the_same_path(draft: Draft) -> None:
    draft.set(draft.node(INGRESS, "api-websocket"), *path, "path", to="/")


@violates(ingress.complete)
def one_client_may_take_all_there_is(draft: Draft) -> None:
    draft.unset(api(draft), *annotation("limit-rps"))


@violates(ingress.complete)
def it_leads_to_a_port_that_is_none(draft: Draft) -> None:
    draft.set(api(draft), *path, "backend", "service", "port", "number", to=8080)


@violates(ingress.complete)
def no_controller_takes_it(draft: Draft) -> None:
    draft.remove(draft.node(INGRESS_CLASS))


@spares(ingress.complete)
def another_path_of_the_host_is_another_way_in(draft: Draft) -> None:
    draft.set(draft.node(INGRESS, "api-backend"), *path, "path", to="/v2")


@violates(ingress.websocket_sticks)
def a_client_is_sent_to_another_pod(draft: Draft) -> None:
    draft.unset(websocket(draft), *annotation("upstream-hash-by"))


@violates(ingress.websocket_sticks)
def a_silent_client_is_cut_off(draft: Draft) -> None:
    draft.unset(websocket(draft), *annotation("proxy-read-timeout"))


@spares(ingress.websocket_sticks)
def silence_may_be_shorter(draft: Draft) -> None:
    draft.set(websocket(draft), *annotation("proxy-read-timeout"), to="600")


@violates(ingress.issuer)
def browsers_refuse_the_certificate(draft: Draft) -> None:
    server = ingress.ACME["letsencrypt-staging"]
    draft.set(draft.node(CLUSTER_ISSUER), "spec", "acme", "server", to=server)


@violates(ingress.issuer)
def nobody_issues_the_certificate(draft: Draft) -> None:
    draft.set(certificate(draft), "spec", "issuerRef", "name", to="vault")


@spares(ingress.issuer)
def another_person_is_told(draft: Draft) -> None:
    draft.set(draft.node(CLUSTER_ISSUER), "spec", "acme", "email", to="operations@intendly.xyz")


@violates(ingress.renews)
def its_key_is_too_short(draft: Draft) -> None:
    key = {"algorithm": "RSA", "size": 1024, "rotationPolicy": "Always"}
    draft.set(certificate(draft), "spec", "privateKey", to=key)


@spares(ingress.renews)
def its_key_may_be_of_the_other_kind(draft: Draft) -> None:
    key = {"algorithm": "RSA", "size": 4096, "rotationPolicy": "Always"}
    draft.set(certificate(draft), "spec", "privateKey", to=key)


@violates(ingress.controller_strict)
def its_dashboard_is_shown(draft: Draft) -> None:
    draft.set(draft.node(RELEASE, "traefik-release"), "values", "api", "dashboard", to=True)


@violates(ingress.controller_strict)
def it_speaks_tls_of_2006(draft: Draft) -> None:
    place = ("values", "tlsOptions", "default", "minVersion")
    draft.set(draft.node(RELEASE, "traefik-release"), *place, to="VersionTLS11")


@spares(ingress.controller_strict)
def it_may_run_on_more_pods(draft: Draft) -> None:
    draft.set(draft.node(RELEASE, "traefik-release"), "values", "deployment", "replicas", to=4)
