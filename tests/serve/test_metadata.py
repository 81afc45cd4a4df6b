"""References are described with the upload, and what is wrong is told together."""

import io
import json
import zipfile

import httpx

from tests.serve import pictures
from tests.serve.running import Server, code_of, parts

TABLE = b"file,kind,sku\n0.jpg,emblem,\n1.jpg,,S-2\n"


def upload(admin: httpx.Client, table: bytes, **fields: str) -> httpx.Response:
    files = [*parts("files", [pictures.photo(1), pictures.photo(2)]), ("table", ("t.csv", table, "text/csv"))]
    return admin.post("/v1/brands/acme/references", files=files, data=fields)


def test_a_table_describes_each_file_and_the_form_all(fresh: Server) -> None:
    with fresh.client() as admin:
        admin.put("/v1/brands/acme")
        version = upload(admin, TABLE, sku="S-1", region="0 0 1 0.5").json()["version"]
        said = [each["metadata"] for each in admin.get("/v1/brands/acme/references").json()["references"]]
        zipped = zipfile.ZipFile(io.BytesIO(admin.get(f"/v1/brands/acme/versions/{version}/archive").content))
    nothing = {"product_line": None, "view": None, "region": [0, 0, 1, 0.5]}
    assert said == [nothing | {"kind": "emblem", "sku": "S-1"}, nothing | {"kind": None, "sku": "S-2"}]
    assert [{key: each[key] for key in nothing} for each in json.loads(zipped.read("metadata.json"))] == [nothing] * 2


def test_all_that_is_wrong_is_told_and_nothing_stored(fresh: Server) -> None:
    with fresh.client() as admin:
        admin.put("/v1/brands/acme")
        refused = upload(admin, b"file,kind\n0.jpg,logo\n7.jpg,\n", region="1 2 3 4")
        assert code_of(refused) == "metadata_invalid"
        assert [fault["where"] for fault in refused.json()["faults"]] == ["form", "t.csv, line 2"]
        refused = upload(admin, b"file\n7.jpg\n8.jpg\n")
        assert [fault["where"] for fault in refused.json()["faults"]] == ["t.csv, '7.jpg'", "t.csv, '8.jpg'"]
        assert admin.get("/v1/brands/acme/references").json()["references"] == []
