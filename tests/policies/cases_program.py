"""Cases of `policies/rules/program.py`."""

from policies.graph import Node
from policies.kubernetes import CONFIG_MAP, RELEASE
from policies.rules import program
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

bucket = ("aws:s3/bucket:Bucket", "web-bucket")


def aws(draft: Draft) -> Node:
    return draft.node(program.AWS_PROVIDER)


def chart(draft: Draft) -> Node:
    return draft.node(RELEASE, "traefik-release")


@violates(program.tags_complete)
def nobody_owns_it(draft: Draft) -> None:
    draft.set(aws(draft), "defaultTags", to='{"tags": {"Project": "intendly"}}')


@violates(program.tags_complete)
def it_says_that_it_is_another_stacks(draft: Draft) -> None:
    draft.set(draft.node(*bucket), "tags", "Environment", to="staging")


@spares(program.tags_complete)
def it_may_have_more_tags(draft: Draft) -> None:
    draft.set(draft.node(*bucket), "tags", "Purpose", to="site")


@violates(program.tags_reach_machines)
def its_disks_are_nobodys(draft: Draft) -> None:
    draft.unset(draft.node(program.LAUNCH_TEMPLATE), "tagSpecifications", 1)


@spares(program.tags_reach_machines)
def machines_may_have_more_tags(draft: Draft) -> None:
    draft.set(draft.node(program.LAUNCH_TEMPLATE), "tagSpecifications", 0, "tags", "Team", to="platform")


@violates(program.names_fit)
def a_balancers_name_is_too_long(draft: Draft) -> None:
    draft.set(draft.node("aws:lb/loadBalancer:LoadBalancer"), "name", to="i" * 33)


@violates(program.names_fit)
def a_name_has_a_letter_that_aws_refuses(draft: Draft) -> None:
    draft.set(
        draft.node("aws:elasticache/replicationGroup:ReplicationGroup"), "replicationGroupId", to="Cache_1"
    )


@spares(program.names_fit)
def the_longest_name_fits(draft: Draft) -> None:
    draft.set(draft.node("aws:lb/loadBalancer:LoadBalancer"), "name", to="i" * 32)


@violates(program.names_are_labels, also=("secrets-covered",))
def an_object_gets_a_random_name(draft: Draft) -> None:
    draft.unset(draft.node(CONFIG_MAP), "metadata", "name")


@spares(program.names_are_labels, minimal=True)
def a_name_of_63_characters_fits(draft: Draft) -> None:
    draft.add(CONFIG_MAP, "long", {"metadata": {"name": "a" * 63}})


@violates(program.provider_explicit)
def it_is_made_wherever_the_shell_is_logged_in(draft: Draft) -> None:
    draft.options(draft.node(CONFIG_MAP), provider="")


@violates(program.provider_explicit)
def its_provider_is_of_another_kind(draft: Draft) -> None:
    draft.options(draft.node(CONFIG_MAP), provider=aws(draft).urn)


@spares(program.provider_explicit, minimal=True)
def a_component_needs_no_provider(draft: Draft) -> None:
    draft.add("intendly:network:Network", "network", {})


@violates(program.provider_pinned)
def another_accounts_credentials_would_do(draft: Draft) -> None:
    draft.unset(aws(draft), "allowedAccountIds")


@violates(program.provider_pinned)
def another_clusters_file_would_do(draft: Draft) -> None:
    draft.unlink(draft.node(program.KUBERNETES_PROVIDER), "kubeconfig")


@spares(program.provider_pinned)
def it_may_check_more(draft: Draft) -> None:
    draft.set(aws(draft), "skipCredentialsValidation", to="true")


@violates(program.chart_pinned)
def tomorrows_chart_is_another(draft: Draft) -> None:
    draft.set(chart(draft), "version", to="41.x")


@violates(program.chart_pinned)
def half_an_upgrade_stays(draft: Draft) -> None:
    draft.set(chart(draft), "atomic", to=False)


@violates(program.chart_pinned)
def a_chart_can_be_changed_on_its_way(draft: Draft) -> None:
    draft.set(chart(draft), "repositoryOpts", "repo", to="http://charts.example.com")


@spares(program.chart_pinned)
def a_chart_comes_from_this_machine(draft: Draft) -> None:
    draft.set(chart(draft), "repositoryOpts", "repo", to="http://127.0.0.1:8080/charts")


@spares(program.chart_pinned)
def a_newer_version_is_exact_too(draft: Draft) -> None:
    draft.set(chart(draft), "version", to="v42.0.0-rc.1")


@violates(program.budget_present)
def nobody_is_told_before(draft: Draft) -> None:
    draft.unset(draft.node(program.BUDGET), "notifications", 1)


@violates(program.budget_present)
def it_costs_more_than_it_may(draft: Draft) -> None:
    draft.set(draft.node(program.BUDGET), "limitAmount", to="3000.0")


@spares(program.budget_present)
def a_higher_budget_is_one_too(draft: Draft) -> None:
    draft.set(draft.node(program.BUDGET), "limitAmount", to="5000.0")
