"""Amendments: what a gallery built a while ago has to be told to answer by the store as it is."""

from dataclasses import dataclass

from sqlalchemy import Connection

from index.store import rollouts, switches
from index.store.records import Rollout

Ids = frozenset[tuple[str, str]]  # brand and id of references


@dataclass(frozen=True)
class Amendments:
    """To a gallery of one version of the store, and to the gallery of the baselines beside it."""

    gone: Ids = frozenset()  # left their sets since
    rollouts: tuple[Rollout, ...] = ()  # in force
    gone_from_baselines: Ids = frozenset()


def since(connection: Connection, version: int) -> Amendments:
    """To a gallery of this version."""
    in_force = rollouts.in_force(connection, version)
    return Amendments(switches.gone_since(connection, version), in_force, rollouts.gone(connection, in_force))
