"""A shelf: the shards that are in a folder, found by what they were made from."""

from collections.abc import Sequence
from pathlib import Path

from index.shard import SUFFIX, MappedShard, digest_in
from vision.errors import GalleryDamaged


class Shelf:
    """Lists its folder once: one process builds. What is open already was checked, and is not read again."""

    def __init__(self, folder: Path, opened: Sequence[MappedShard] = ()) -> None:
        self._opened = {digest_in(shard.file): shard for shard in opened}
        self._paths: dict[str, list[Path]] = {}
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            self._paths.setdefault(digest_in(path.name), []).append(path)

    def find(self, made_from: str) -> MappedShard | None:
        """The shard made from this, if it is there and whole."""
        if made_from in self._opened:
            return self._opened[made_from]
        for path in self._paths.get(made_from, ()):
            try:
                return MappedShard.open(path)
            except GalleryDamaged:
                path.unlink(missing_ok=True)
        return None
