"""The galleries that inspections are made with: of the sets as they are, and of roll-outs' baselines."""

from dataclasses import dataclass
from typing import Protocol

from index.gallery import Gallery
from index.store import Store
from serve.build_process import BuildProcess
from vision.errors import BuildInterrupted


class Maker(Protocol):
    """Brings one gallery up to the store."""

    def current(self) -> Gallery:
        """The gallery of the store's present version, made where it is not there."""
        ...

    def distrust(self) -> None:
        """Check every file anew at the next call, and make again what is damaged."""
        ...


@dataclass(frozen=True)
class Galleries:
    """Ask them from one thread."""

    store: Store
    sets: Maker
    of_baselines: Maker
    process: BuildProcess | None  # that builds them, if it is another

    def current(self) -> Gallery:
        """The gallery of the sets as they are; whatever a build raises."""
        return self.sets.current()

    def baselines(self, beside: Gallery) -> Gallery | None:
        """The baselines of the roll-outs in force over a gallery; None where there never was one.

        Made after that gallery, so that it is never in service without them. `BuildInterrupted` where one was abandoned
        meanwhile: it would let the abandoned set judge.
        """
        version = beside.store_version
        if not self.store.rollouts.ever():
            return None
        made = self.of_baselines.current()
        if any(each.is_over for each in self.store.rollouts.in_force(version)):
            raise BuildInterrupted("a roll-out was abandoned while the gallery was built, so it is built again")
        return made

    def distrust(self) -> None:
        """Check every file anew at the next call."""
        self.sets.distrust()
        self.of_baselines.distrust()

    def close(self) -> None:
        """End a build that is under way in another process: what is undone the next start does."""
        if self.process is not None:
            self.process.close()
