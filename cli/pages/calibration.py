"""The calibration's page: how each brand stands, its genuine scores drawn, and what may be said with them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.pages import look, strip


def calibration(report: Mapping[str, Any], out: Path) -> Path:
    """Write a report as `report.json` and its page into a folder -> the page's file."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    drawn = {brand["brand"]: strip.scores(brand["sources"]) for brand in report["brands"]}
    return look.write("calibration.html.j2", out, report=report, drawn=drawn)
