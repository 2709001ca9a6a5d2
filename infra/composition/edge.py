"""What the world sees of a stack: its names, its web application, and the roles of GitHub's workflows."""

from dataclasses import dataclass

import pulumi

from components.cluster_access import ClusterAccess
from components.dns import PrivateNames, PrivateNamesArgs, PublicName, PublicNames, PublicNamesArgs
from components.github_roles import GithubRoles, GithubRolesArgs
from components.response_headers import ContentSecurity
from components.web import WebApplication, WebApplicationArgs
from infra import arguments
from infra.composition.data_stores import DataStores
from infra.composition.foundation import Foundation
from infra.composition.platform import Platform
from infra.settings import StackSettings
from infra.settings.access import GithubSettings


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Made after what it leads to."""

    web: WebApplication
    private_names: PrivateNames
    github: GithubRoles | None

    @property
    def github_roles(self) -> dict[str, pulumi.Output[str]]:
        """ARNs for GitHub's workflows by what they do; none without settings for them."""
        roles = self.github
        if roles is None:
            return {}
        return {
            "deploy": roles.deploy_arn,
            "preview": roles.preview_arn,
            "look": roles.look_arn,
            "web": roles.web_arn,
        }


def edge(settings: StackSettings, base: Foundation, data: DataStores, platform: Platform) -> Edge:
    """Register web application, names, and who may look and deploy."""
    web = WebApplication("web", web_args(settings), base.aws)
    PublicNames("names", public_names_args(settings, platform, web), base.aws)
    private = PrivateNames(
        "private-names",
        PrivateNamesArgs(
            vpc_id=base.network.vpc_id,
            environment=settings.environment,
            database_address=data.database.address,
        ),
        base.aws,
    )
    reviewers = ClusterAccess("cluster-access", base.platform)
    github = settings.access.github
    return Edge(
        web=web,
        private_names=private,
        github=None if github is None else _github(settings, github, base, web, reviewers),
    )


def web_args(settings: StackSettings) -> WebApplicationArgs:
    """What the web application takes from settings."""
    allowed = settings.web_application.content_security
    api = settings.hosts.api
    return WebApplicationArgs(
        prefix=settings.prefix,
        account_id=settings.account.id,
        host=settings.hosts.app,
        zone_id=settings.hosts.zone_id,
        price_class=settings.web_application.price_class,
        content_security=ContentSecurity(
            scripts=allowed.scripts,
            styles=allowed.styles,
            images=allowed.images,
            fonts=allowed.fonts,
            connections=[*allowed.connections, f"https://{api}", f"wss://{api}"],
        ),
        disposable=not settings.is_production,
    )


def public_names_args(settings: StackSettings, platform: Platform, web: WebApplication) -> PublicNamesArgs:
    """Where each host leads."""
    hosts, balancer = settings.hosts, platform.balancer
    names = {
        role: PublicName(
            host=host,
            dns_name=balancer.dns_name,
            zone_id=balancer.zone_id,
            ipv6=False,
        )
        for role, host in (("api", hosts.api), ("monitoring", hosts.monitoring))
    }
    names["app"] = PublicName(host=hosts.app, dns_name=web.dns_name, zone_id=web.zone_id, ipv6=True)
    return PublicNamesArgs(zone_id=hosts.zone_id, names=names)


def _github(
    settings: StackSettings,
    github: GithubSettings,
    base: Foundation,
    web: WebApplication,
    reviewers: ClusterAccess,
) -> GithubRoles:
    return GithubRoles(
        "github",
        GithubRolesArgs(
            prefix=settings.prefix,
            environment=settings.environment,
            provider_arn=github.oidc_provider_arn,
            repository=github.repository,
            web_repository=github.web_repository,
            deployer_role_arn=arguments.deployer_role_arn(settings),
            state_bucket_arn=github.state_bucket_arn,
            state_key_arn=github.state_key_arn,
            site_bucket_arn=web.bucket_arn,
            distribution_arn=web.distribution_arn,
            cluster_name=base.cluster.name,
            preview_group=reviewers.preview_group,
        ),
        base.aws,
    )
