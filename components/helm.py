"""One way to install a chart."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.helm.v3 import Release, ReleaseArgs, RepositoryOptsArgs

from components.versions import Chart

Values = dict[str, Any]
"""A chart's values: YAML as the chart reads it."""

INSTALL_TIMEOUT_S = 600
"""How long an installation or upgrade may take, in seconds, hooks included; Helm's own 300 are short for pulls
of a dozen images on new nodes."""

KEPT_REVISIONS = 5
"""Revisions of a release that stay in the cluster, each a Secret; the provider would keep them all."""


def release(  # noqa: PLR0913 - a release has these six properties
    logical_name: str,
    chart: Chart,
    *,
    namespace: pulumi.Input[str],
    repository: str,
    values: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> Release:
    """Install a chart at its exact version, under the chart's own name.

    Without a fixed name the engine appends random characters, which charts cut off differently from their
    subcharts. A failed installation is removed and a failed upgrade rolled back, so that the next run starts
    from something known.

    Args:
        logical_name: the engine's name of the release.
        chart: name and version; the release is named after it.
        namespace: an existing namespace.
        repository: URL of the chart repository.
        values: what differs from the chart's defaults; maps merge with them, lists replace them.
        opts: parent, and what must be there before.
    """
    return Release(
        logical_name,
        ReleaseArgs(
            name=chart.name,
            chart=chart.name,
            version=chart.version,
            namespace=namespace,
            repository_opts=RepositoryOptsArgs(repo=repository),
            values=values,
            atomic=True,
            max_history=KEPT_REVISIONS,
            timeout=INSTALL_TIMEOUT_S,
        ),
        opts,
    )
