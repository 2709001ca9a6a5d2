"""``intendly bootstrap``: what an account needs before the first update of its stack.

Each step looks whether its thing is there and right, and knows how to make or mend it. Steps can be done again at
any time: what was half made is completed, what is right is left alone. Nothing is ever deleted.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from infra.settings import StackSettings
from operations.clients.aws import AwsSession
from operations.clients.aws_identity import GITHUB, Identity
from operations.clients.aws_state import StateBucket, StateKey
from operations.errors import OperatorError
from operations.json_object import Json, dig, objects, text
from operations.services.bootstrap_bucket import Wanted, mends_of
from operations.services.deployer_policies import (
    SESSION_S,
    Deployment,
    identities,
    regions_of,
    resources,
    trust,
)

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", re.ASCII)
_PERSON: Final = re.compile(r"arn:aws:iam::[0-9]{12}:(role|user)(/[A-Za-z0-9_+=,.@-]+)+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing: ``action`` says what will be done to it, and is empty where nothing is."""

    thing: str
    name: str
    action: str = ""
    does: tuple[Callable[[], object], ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Names:
    """What bootstrap's things are called."""

    environment: str
    account: str
    region: str
    bucket: str
    role: str

    @classmethod
    def of(cls, settings: StackSettings, bucket: str = "") -> "Names":
        """The names that follow from a stack's settings; ``bucket`` where its own name is taken."""
        account = settings.account
        return cls(
            environment=settings.environment,
            account=account.id,
            region=account.region,
            bucket=bucket or f"{settings.prefix}-state-{account.id}",
            role=account.deployer_role_name,
        )

    @property
    def alias(self) -> str:
        """The state's key."""
        return f"alias/intendly-{self.environment}-state"

    @property
    def backend(self) -> str:
        """What ``pulumi login`` takes."""
        return f"s3://{self.bucket}?region={self.region}"

    @property
    def secrets_provider(self) -> str:
        """What ``pulumi stack init --secrets-provider`` takes."""
        return f"awskms://{self.alias}?region={self.region}"

    @property
    def provider_arn(self) -> str:
        """The account's identity provider for GitHub."""
        return f"arn:aws:iam::{self.account}:oidc-provider/{GITHUB}"

    def policy_arn(self, part: str) -> str:
        """A policy of the deployer's. Its name is outside of the names that the deployer itself may write to."""
        return f"arn:aws:iam::{self.account}:policy/intendly-deployer-{self.environment}-{part}"


class BootstrapService:
    """Works out what an account lacks, and makes it.

    Args:
        settings: the stack's.
        session: credentials of the account.
        bucket: a name for the state bucket, where its own is taken.
        people: ARNs of IAM roles and users of the account that may take the deployer's role.
        github: whether the account is to trust GitHub's tokens.
    """

    def __init__(
        self,
        settings: StackSettings,
        session: AwsSession,
        *,
        bucket: str = "",
        people: Sequence[str] = (),
        github: bool = True,
    ) -> None:
        self.names = Names.of(settings, bucket)
        _check_names(self.names.bucket, people, self.names.account)
        self._settings = settings
        self._session = session
        self._people = tuple(people)
        self._github = github
        self._bucket = StateBucket(session, self.names.bucket, self.names.account)
        self._key = StateKey(session, self.names.alias, f"State of intendly {self.names.environment}")
        self._identity = Identity(session)
        self._tags = {
            "Project": "intendly",
            "Environment": settings.environment,
            "ManagedBy": "intendly-bootstrap",
            "Owner": settings.tags.owner,
            "CostCenter": settings.tags.cost_center,
            "Repository": settings.tags.repository,
        }

    def plan(self) -> list[Step]:
        """What is there and what would be done; reads only.

        Raises:
            OperatorError: the credentials are another account's, a name is taken, or nobody would be let in.
            AwsError: AWS refused or did not answer.
        """
        caller = self._session.caller()
        if caller.account != self.names.account:
            raise OperatorError(
                f"the credentials are of account {caller.account}, the settings name {self.names.account}",
                "choose the account's profile (export AWS_PROFILE=NAME), or mend account.id in the settings",
            )
        role = self._identity.role(self.names.role)
        people = _let_in(role, self._deployment)
        if not {*people, *self._people} - {self._deployment.role_arn, self._deployment.github_role_arn}:
            raise OperatorError(
                f"nobody could take the role {self.names.role}",
                f"name roles or users of account {self.names.account} with --trust ARN; you are {caller.arn}",
            )
        key = self._key.find()
        provider = [self._provider_step()] if self._github else []
        return [
            self._key_step(key),
            self._bucket_step(key),
            *provider,
            *(self._policy_step(part, document) for part, document in self._policies.items()),
            self._role_step(role, sorted({*people, *self._people})),
        ]

    def state_key_arn(self) -> str:
        """The ARN of the state's key; empty before it is made."""
        return self._key.find()

    def run(self, steps: Sequence[Step], say: Callable[[Step], None]) -> None:
        """Do the steps in their order; ``say`` is called after each that did something.

        Raises:
            AwsError: AWS refused; what was done before stays, and another run completes it.
        """
        for step in steps:
            for do in step.does:
                do()
            if step.does:
                say(step)

    @property
    def _deployment(self) -> Deployment:
        return Deployment(
            account=self.names.account,
            prefix=self._settings.prefix,
            regions=regions_of(self._settings),
            role=self.names.role,
            state_bucket=self.names.bucket,
            state_alias=self.names.alias,
        )

    @property
    def _policies(self) -> dict[str, Json]:
        return {"resources": resources(self._deployment), "identities": identities(self._deployment)}

    def _key_step(self, arn: str) -> Step:
        thing, name = "key of the state", self.names.alias
        if arn:
            if self._key.rotates(arn):
                return Step(thing=thing, name=name)
            return Step(
                thing=thing, name=name, action="mend: rotation", does=(lambda: self._key.rotate(arn),)
            )

        def create() -> None:
            made = self._key.find_without_alias() or self._key.create(self._tags)
            self._key.name(made)
            self._key.rotate(made)

        return Step(thing=thing, name=name, action="create, with rotation", does=(create,))

    def _bucket_step(self, key: str) -> Step:
        there = self._bucket.exists()
        wanted = Wanted(name=self.names.bucket, key=key or self._key.find, tags=self._tags)
        mends = dict(mends_of(self._bucket, wanted, there=there))
        action = f"mend: {', '.join(mends)}" if mends else ""
        if not there:
            action = f"create, with {', '.join(mends)}"
        create = () if there else (self._bucket.create,)
        return Step(
            thing="state bucket", name=self.names.bucket, action=action, does=(*create, *mends.values())
        )

    def _provider_step(self) -> Step:
        thing, identity = "identity provider for GitHub", self._identity
        arn, ours = identity.github_provider()
        if not arn:
            create = (lambda: identity.create_github_provider(self._tags),)
            return Step(thing=thing, name=GITHUB, action="create", does=create)
        mend = () if ours else (lambda: identity.add_audience(arn),)
        return Step(thing=thing, name=GITHUB, action="" if ours else "mend: our audience", does=mend)

    def _policy_step(self, part: str, document: Json) -> Step:
        arn, identity = self.names.policy_arn(part), self._identity
        name = arn.rpartition("/")[2]
        found = identity.policy(arn)
        about = f"What deploys intendly {self.names.environment}: {part}"
        if not found:
            create = (lambda: identity.create_policy(name, document, about, self._tags),)
            return Step(thing="deployer's policy", name=name, action="create", does=create)
        if found == document:
            return Step(thing="deployer's policy", name=name)
        change = (lambda: identity.change_policy(arn, document),)
        return Step(thing="deployer's policy", name=name, action="mend: a new version", does=change)

    def _role_step(self, role: Json, people: list[str]) -> Step:
        name, identity = self.names.role, self._identity
        wanted = trust(self._deployment, people)
        attached = identity.attached(name)
        missing = [
            arn for arn in (self.names.policy_arn(part) for part in self._policies) if arn not in attached
        ]
        attach = tuple(lambda arn=arn: identity.attach(name, arn) for arn in missing)
        whom = f"for {', '.join(people)}"
        if not role:
            about = f"Runs updates of intendly {self.names.environment}"

            def create() -> None:
                identity.create_role(name, wanted, SESSION_S, about, self._tags)

            return Step(thing="deployer's role", name=name, action=f"create, {whom}", does=(create, *attach))
        kept = [one for one in objects(dig(role, "Trust", "Statement")) if one.get("Sid") != "Named"]
        document = {**wanted, "Statement": [*kept, *objects(wanted["Statement"])]}
        same = _same_trust(role["Trust"], document)
        mends = ([] if same else [f"trust {whom}"]) + (["policies"] if missing else [])
        change = () if same else (lambda: identity.set_trust(name, document),)
        action = f"mend: {', '.join(mends)}" if mends else ""
        return Step(thing="deployer's role", name=name, action=action, does=(*change, *attach))


def _check_names(bucket: str, people: Sequence[str], account: str) -> None:
    """Refuse what AWS would refuse later, or take for something else."""
    if not _BUCKET.fullmatch(bucket):
        raise OperatorError(
            f"the bucket name {bucket!r} is refused; allowed: 3 to 63 lower-case letters, digits and hyphens"
        )
    for arn in people:
        if not _PERSON.fullmatch(arn) or f"::{account}:" not in arn:
            raise OperatorError(
                f"--trust {arn!r} is refused; allowed: arn:aws:iam::{account}:role/NAME or …:user/NAME",
                "of a session (assumed-role) give its role: aws iam get-role --role-name NAME --query Role.Arn",
            )


def _let_in(role: Json, deployment: Deployment) -> list[str]:
    """Whom the role lets in by the statement that is bootstrap's; it takes nobody away again."""
    own = {deployment.role_arn, deployment.github_role_arn}
    for one in objects(dig(role, "Trust", "Statement")):
        if text(one, "Sid") == "Named":
            named: list[str] | str = dig(one, "Condition", "ArnEquals", "aws:PrincipalArn") or []
            return [arn for arn in ([named] if isinstance(named, str) else named) if arn not in own]
    return []


def _same_trust(found: Json, wanted: Json) -> bool:
    return objects(found.get("Statement")) == objects(wanted["Statement"])
