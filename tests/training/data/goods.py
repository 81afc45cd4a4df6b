"""Photographs of made-up goods, in a manifest or in shards."""

import csv
import io
import json
import tarfile
from pathlib import Path

import cv2
import numpy as np

COLUMNS = ("path", "brand", "label", "product", "caption", "split")
BRANDS = ("acme", "bolt", "crux", "dune", "echo", "fjord")
Row = dict[str, str]


def picture(brand: str, number: int, forged: bool = False) -> bytes:
    """A disc in the brand's colour, noisy; a forged one lacks a quarter."""
    rng = np.random.default_rng([BRANDS.index(brand), number])
    colour = np.random.default_rng(BRANDS.index(brand)).integers(0, 256, 3)
    y, x = np.mgrid[:48, :56]
    disc = np.hypot(x - 28, y - 24) < 16
    disc &= ~(forged & (x > 28) & (y > 24))
    image = np.where(disc[..., None], colour, 220) + rng.normal(0, 8, (48, 56, 3))
    return cv2.imencode(".png", image.clip(0, 255).astype(np.uint8))[1].tobytes()


def rows(genuine: int = 4, held_out: int = 2) -> list[Row]:
    """Four genuine photographs and a forged one of each brand, the last brands held out."""
    made = []
    for position, brand in enumerate(BRANDS):
        split = "validation" if position >= len(BRANDS) - held_out else "train"
        for number in range(genuine + 1):
            label = "counterfeit" if number == genuine else "genuine"
            path = f"{brand}-{number}.png"
            made.append(dict(zip(COLUMNS, (path, brand, label, "shoe", "", split), strict=True)))
    return made


def write_manifest(folder: Path, table: list[Row] | None = None, name: str = "goods.csv") -> Path:
    """The table as CSV, with its pictures beside it."""
    chosen = rows() if table is None else table
    for row in rows():
        forged = row["label"] == "counterfeit"
        number = int(row["path"].removesuffix(".png").split("-")[1])
        (folder / row["path"]).write_bytes(picture(row["brand"], number, forged))
    with (folder / name).open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(chosen)
    return folder / name


def write_shards(folder: Path, table: list[Row] | None = None, shards: int = 2) -> str:
    """The table as WebDataset shards -> their pattern."""
    chosen = rows() if table is None else table
    for shard in range(shards):
        with tarfile.open(folder / f"goods-{shard:03}.tar", "w") as tar:
            for row in chosen[shard::shards]:
                key = row["path"].removesuffix(".png")
                said = {name: value for name, value in row.items() if name != "path"}
                brand, _, number = key.partition("-")
                _add(tar, f"{key}.png", picture(brand, int(number), row["label"] == "counterfeit"))
                _add(tar, f"{key}.json", json.dumps(said).encode())
    return str(folder / f"goods-{{000..{shards - 1:03}}}.tar")


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
