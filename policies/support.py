"""Until when AWS supports what the program pins: dated tables of October 2026, and where each date was read.

A version or authority that is missing here has not been looked up: the rules refuse it until it is.
"""

from datetime import date
from typing import Final

KUBERNETES: Final = {
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
"""Last day of EKS's standard support, 14 months after a version's release on EKS. After it a cluster costs six times as
much, or is upgraded by AWS. Source: EKS user guide, "Kubernetes version lifecycle"; `aws eks describe-cluster-versions`
for 1.36."""

POSTGRESQL: Final = {14: 18, 15: 13, 16: 9, 17: 5, 18: 1}
"""The lowest minor version of each major that AWS supports. Those below (14.14 to 14.17, 15.9 to 15.12, 16.5 to 16.8, 17.1
to 17.4) ended on 2026-05-31: AWS upgrades them by force, with downtime. Source: AWS's notice of May 2026; RDS user
guide, "Release calendars for Amazon RDS for PostgreSQL"."""

POSTGRESQL_NEVER_RELEASED: Final = ("18.5",)
"""Minor versions that RDS left out (`aws rds describe-db-engine-versions`, October 2026)."""

CERTIFICATE_AUTHORITIES: Final = {
    "rds-ca-2019": date(2024, 8, 22),
    "rds-ca-rsa2048-g1": date(2061, 5, 25),
    "rds-ca-rsa4096-g1": date(2121, 5, 25),
    "rds-ca-ecc384-g1": date(2121, 5, 25),
}
"""Last day of the authorities that sign databases' server certificates, in us-east-1. Source: RDS API reference, example
of `DescribeCertificates`; the regions differ by days."""
