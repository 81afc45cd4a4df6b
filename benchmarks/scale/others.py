"""Other people's ways to search vectors of many brands, on the same vectors. Left out, by name, where absent."""

import importlib
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale import synthetic
from benchmarks.scale.measured import Found, K, Row, memory_mb, recall, timed
from benchmarks.scale.ours import Exact
from benchmarks.scale.synthetic import Size

Search = Callable[[NDArray[np.float32], int | None], Found]  # of a brand's number, or of all
Batch = tuple[int, NDArray[np.float32]]  # a brand's number and its vectors
_BATCH = 20  # brands added together


def reference(number: int, row: int) -> str:
    """A reference's id."""
    return f"{number:08x}{row:08x}"


def hnswlib(size: Size, batches: Iterator[Batch]) -> Search:
    """A graph in memory; a brand's search by a filter function."""
    index = importlib.import_module("hnswlib").Index(space="ip", dim=synthetic.WIDTH)
    index.init_index(max_elements=size.rows, M=16, ef_construction=100)
    index.set_ef(100)
    index.set_num_threads(1)
    for number, vectors in batches:
        index.add_items(vectors, np.arange(len(vectors)) + number * size.each)

    def search(query: NDArray[np.float32], brand: int | None) -> Found:
        own = None if brand is None else lambda label: label // size.each == brand
        labels = index.knn_query(query, K, filter=own)[0][0] if own else index.knn_query(query, K)[0][0]
        return [reference(*divmod(int(label), size.each)) for label in labels]

    return search


def lancedb(size: Size, batches: Iterator[Batch]) -> Search:
    """A table on disk without an index, which is exact; a brand's search by a prefilter."""
    folder = tempfile.mkdtemp(prefix="touchstone-lance-")
    table: Any = None
    for numbers, vectors in together(batches, size):
        rows = [
            {"id": reference(n, i), "brand": n, "vector": v}
            for n, own in zip(numbers, vectors, strict=True)
            for i, v in enumerate(own)
        ]
        if table is None:
            table = importlib.import_module("lancedb").connect(folder).create_table("references", rows)
        else:
            table.add(rows)

    def search(query: NDArray[np.float32], brand: int | None) -> Found:
        asked = table.search(query[0]).distance_type("dot").select(["id", "_distance"]).limit(K)
        asked = asked if brand is None else asked.where(f"brand = {brand}", prefilter=True)
        return [row["id"] for row in asked.to_list()]

    return search


def chromadb(size: Size, batches: Iterator[Batch]) -> Search:
    """A collection in memory, as it comes; a brand's search by metadata."""
    client = importlib.import_module("chromadb").EphemeralClient()
    made = client.create_collection("references", metadata={"hnsw:space": "ip", "hnsw:search_ef": 100})
    for numbers, vectors in together(batches, size):
        ids = [reference(n, i) for n in numbers for i in range(size.each)]
        marks = [{"brand": n} for n in numbers for _ in range(size.each)]
        made.add(ids=ids, embeddings=np.concatenate(vectors), metadatas=marks)

    def search(query: NDArray[np.float32], brand: int | None) -> Found:
        where = None if brand is None else {"brand": brand}
        ids: Found = made.query(query_embeddings=query, n_results=K, where=where, include=[])["ids"][0]
        return ids

    return search


def qdrant(size: Size, batches: Iterator[Batch]) -> Search:
    """Its local mode, which compares all; a brand's search by payload."""
    package = importlib.import_module("qdrant_client")
    models, client = package.models, package.QdrantClient(":memory:")
    shape = models.VectorParams(size=synthetic.WIDTH, distance=models.Distance.DOT)
    client.create_collection("references", vectors_config=shape)
    for number, vectors in batches:
        ids = [number * size.each + i for i in range(len(vectors))]
        points = models.Batch(ids=ids, vectors=vectors.tolist(), payloads=[{"brand": number}] * len(ids))
        client.upsert("references", points)

    def search(query: NDArray[np.float32], brand: int | None) -> Found:
        only = None
        if brand is not None:
            only = models.Filter(must=[models.FieldCondition(key="brand", match=models.MatchValue(value=brand))])
        points = client.query_points("references", query=query[0].tolist(), query_filter=only, limit=K).points
        return [reference(*divmod(int(point.id), size.each)) for point in points]

    return search


OTHERS: dict[str, Callable[[Size, Iterator[Batch]], Search]] = {
    "hnswlib": hnswlib,
    "LanceDB": lancedb,
    "Chroma": chromadb,
    "Qdrant local": qdrant,
}


def together(batches: Iterator[Batch], size: Size) -> Iterator[tuple[list[int], list[NDArray[np.float32]]]]:
    """Some brands at once."""
    held = list(batches)
    for start in range(0, len(held), _BATCH):
        some = held[start : start + _BATCH]
        yield [number for number, _ in some], [vectors for _, vectors in some]


def measure(name: str, size: Size, count: int, seed: int, truth: Exact) -> Row | str:
    """Its row, or why there is none."""
    wanted, brands = synthetic.queries(size, count, seed)
    start = time.perf_counter()
    try:
        search = OTHERS[name](size, ((n, synthetic.brand(seed, n, size.each)) for n in range(size.brands)))
    except ImportError as absent:
        return f"{name} is not installed: {absent}"
    ready_s = time.perf_counter() - start
    everywhere, p50, p99 = timed(lambda i: search(wanted[i : i + 1], None), count)
    scoped, scoped_p50, scoped_p99 = timed(lambda i: search(wanted[i : i + 1], int(brands[i][5:])), count)
    foreign = sum(int(each[:8], 16) != int(brands[i][5:]) for i, ids in enumerate(scoped) for each in ids)
    shares = recall(everywhere, truth.everywhere), recall(scoped, truth.scoped)
    memory = memory_mb()
    return Row(
        f"{name}, {size.rows:,}", shares[0], p50, p99, shares[1], scoped_p50, scoped_p99, foreign, *memory, ready_s
    )
