"""Cases of `policies/rules/database_service.py`."""

from policies.rules import database_service as database
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

instance = "aws:rds/instance:Instance"
external_secret = "kubernetes:external-secrets.io/v1:ExternalSecret"
parameters = "aws:rds/parameterGroup:ParameterGroup"


def parameter(draft: Draft, name: str, **values: str) -> None:
    """Change one parameter of the database's group."""
    group = draft.node(parameters)
    names = [one.at("name") for one in group.records("parameters")]
    for key, value in values.items():
        draft.set(group, "parameters", names.index(name), key, to=value)


@violates(database.encrypted)
def its_disk_is_readable(draft: Draft) -> None:
    draft.set(draft.node(instance), "storageEncrypted", to=False)


@violates(database.encrypted)
def aws_chooses_the_key(draft: Draft) -> None:
    draft.unset(draft.node(instance), "kmsKeyId")


@spares(database.encrypted)
def insights_have_the_key_of_aws(draft: Draft) -> None:
    draft.unset(draft.node(instance), "performanceInsightsKmsKeyId")


@violates(database.multi_az)
def it_stands_in_one_zone(draft: Draft) -> None:
    draft.unset(draft.node(instance), "multiAz")


@spares(database.multi_az)
def its_class_is_another(draft: Draft) -> None:
    draft.set(draft.node(instance), "instanceClass", to="db.r7g.xlarge")


@violates(database.backups)
def there_is_a_week_to_notice(draft: Draft) -> None:
    draft.set(draft.node(instance), "backupRetentionPeriod", to=7)


@violates(database.backups)
def snapshots_have_no_tags(draft: Draft) -> None:
    draft.unset(draft.node(instance), "copyTagsToSnapshot")


@violates(database.backups)
def the_backup_meets_the_dump(draft: Draft) -> None:
    draft.set(draft.node(instance), "backupWindow", to="02:30-03:00")


@violates(database.backups)
def maintenance_meets_maintenance(draft: Draft) -> None:
    draft.set(draft.node(instance), "maintenanceWindow", to="sun:03:00-sun:04:00")


@violates(database.backups)
def aws_chooses_the_hour(draft: Draft) -> None:
    draft.unset(draft.node(instance), "backupWindow")


@spares(database.backups)
def the_backup_ends_when_the_dump_begins(draft: Draft) -> None:
    draft.set(draft.node(instance), "backupWindow", to="01:00-02:00")


@violates(database.tls)
def plain_text_is_taken(draft: Draft) -> None:
    parameter(draft, "rds.force_ssl", value="0")


@violates(database.tls)
def the_parameters_are_of_another_major_version(draft: Draft) -> None:
    draft.set(draft.node(parameters), "family", to="postgres17")


@spares(database.tls)
def encryption_is_asked_for_after_a_reboot(draft: Draft) -> None:
    parameter(draft, "rds.force_ssl", applyMethod="pending-reboot")


@violates(database.observable)
def nobody_counts_statements(draft: Draft) -> None:
    parameter(draft, "shared_preload_libraries", value="auto_explain")


@violates(database.observable)
def libraries_are_loaded_without_a_reboot(draft: Draft) -> None:
    parameter(draft, "shared_preload_libraries", applyMethod="immediate")


@violates(database.observable)
def slow_queries_are_not_logged(draft: Draft) -> None:
    parameter(draft, "log_min_duration_statement", value="-1")


@violates(database.observable)
def its_disk_cannot_grow(draft: Draft) -> None:
    draft.set(draft.node(instance), "maxAllocatedStorage", to=100)


@violates(database.observable)
def nobody_sees_its_processes(draft: Draft) -> None:
    draft.set(draft.node(instance), "monitoringInterval", to=0)


@spares(database.observable)
def one_more_library_is_loaded(draft: Draft) -> None:
    parameter(draft, "shared_preload_libraries", value="pg_stat_statements,auto_explain,pg_cron")


@violates(database.authority)
def aws_chooses_the_authority(draft: Draft) -> None:
    draft.unset(draft.node(instance), "caCertIdentifier")


@violates(database.authority)
def the_authority_has_run_out(draft: Draft) -> None:
    draft.set(draft.node(instance), "caCertIdentifier", to="rds-ca-2019")


@spares(database.authority)
def the_authority_has_a_longer_key(draft: Draft) -> None:
    draft.set(draft.node(instance), "caCertIdentifier", to="rds-ca-rsa4096-g1")


def of_version(draft: Draft, text: str) -> None:
    """A version, with the parameters' family that it wants."""
    draft.set(draft.node(instance), "engineVersion", to=text)
    draft.set(draft.node(parameters), "family", to=f"postgres{text.partition('.')[0]}")


@violates(database.version)
def aws_has_given_up_the_version(draft: Draft) -> None:
    of_version(draft, "17.4")


@violates(database.version)
def aws_never_had_the_version(draft: Draft) -> None:
    of_version(draft, "18.5")


@violates(database.version)
def aws_chooses_the_minor_version(draft: Draft) -> None:
    of_version(draft, "18")


@spares(database.version)
def the_version_is_the_oldest_that_is_supported(draft: Draft) -> None:
    of_version(draft, "17.5")


@violates(database.master_managed)
def nobody_rotates_the_masters_password(draft: Draft) -> None:
    draft.unset(draft.node(instance), "manageMasterUserPassword")


@violates(database.master_managed)
def pods_get_the_masters_secret(draft: Draft) -> None:
    spec = draft.node(external_secret, "platform-secrets-database").properties.raw["spec"]
    draft.add(
        external_secret,
        "master",
        {
            "metadata": {"namespace": "intendly", "name": "master"},
            "spec": spec | {"target": spec["target"] | {"name": "master"}},
        },
        {"spec": [draft.node(instance)]},
    )


@spares(database.master_managed)
def the_masters_secret_has_the_key_of_aws(draft: Draft) -> None:
    draft.unset(draft.node(instance), "masterUserSecretKmsKeyId")
