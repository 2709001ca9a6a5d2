"""A certificate of ACM, proven by DNS, for what CloudFront serves."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import acm, route53

REGION = "us-east-1"
"""The only region whose certificates CloudFront takes."""

VALIDATION_TTL_S = 300


@dataclass(frozen=True, kw_only=True)
class EdgeCertificateArgs:
    """What is certified, and where it is proven."""

    hosts: Sequence[str]
    """At most 64 characters each (ACM); the first is the certificate's name."""
    zone_id: str
    """The public zone that holds the hosts."""


class EdgeCertificate(pulumi.ComponentResource):
    """Renewed by AWS for as long as its records stay. Another host means another certificate: new one first."""

    arn: pulumi.Output[str]
    """Of the validated certificate: whoever uses it waits for the validation."""

    def __init__(
        self, name: str, args: EdgeCertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("intendly:certificates:EdgeCertificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = acm.Certificate(
            f"{name}-certificate",
            region=REGION,
            domain_name=args.hosts[0],
            subject_alternative_names=list(args.hosts[1:]) or None,
            validation_method="DNS",
            opts=child,
        )
        # By the hosts, which are known here: how many records there are never depends on an answer of AWS.
        records = [
            _validation_record(f"{name}-validation-{host}", certificate, host, args.zone_id, child)
            for host in args.hosts
        ]
        validated = acm.CertificateValidation(
            f"{name}-validated",
            region=REGION,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn for record in records],
            opts=child,
        )
        self.arn = validated.certificate_arn
        self.register_outputs({"arn": self.arn})


def _validation_record(
    logical_name: str, certificate: acm.Certificate, host: str, zone_id: str, opts: pulumi.ResourceOptions
) -> route53.Record:
    def option(
        options: Sequence[acm.outputs.CertificateDomainValidationOption],
    ) -> acm.outputs.CertificateDomainValidationOption:
        return next(one for one in options if one.domain_name == host)

    wanted = certificate.domain_validation_options.apply(option)
    return route53.Record(
        logical_name,
        zone_id=zone_id,
        name=wanted.apply(lambda one: one.resource_record_name or ""),
        type=wanted.apply(lambda one: one.resource_record_type or ""),
        records=[wanted.apply(lambda one: one.resource_record_value or "")],
        ttl=VALIDATION_TTL_S,
        # ACM asks the same record for the same host and account again, also of a stack made anew.
        allow_overwrite=True,
        opts=opts,
    )
