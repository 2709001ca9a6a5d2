"""Every rule there is: a family is in force once its list is here."""

from policies.rule import Rule
from policies.rules import database, network

RULES: tuple[Rule, ...] = (
    *network.RULES,
    *database.RULES,
)
