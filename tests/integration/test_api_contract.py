"""schemathesis asks every operation of the OpenAPI document over a real socket: no fault of the server's own.

All operations by their examples, and those that stand for the others by the edges of each parameter. The
whole document by its edges is 22,000 requests: `st run <url>/api/v1/openapi.json --phases coverage`.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from api_support import served

from alphapulse.readings.catalogue import READINGS
from alphapulse_api.app import make_app
from alphapulse_api.named import NAMED
from alphapulse_cli.api_writer import ApiWriter
from alphapulse_resources.database.client import Database

CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance"
EDGES = ("add_watchlist", "acknowledge_alert", "carry")
"""A body, a path, numbers with defaults."""


@pytest.fixture(scope="module")
def url(filled: Database) -> Iterator[str]:
    with served(make_app(filled, owner=filled, writer=ApiWriter(filled, ()))) as url:
        yield url


def _asked(url: str, tmp_path: Path, *arguments: str) -> int:
    """Run schemathesis; the number of operations that it asked. Fails with what it found."""
    report = tmp_path / "report.ndjson"
    command = [
        *(str(Path(sys.executable).parent / "st"), "run", f"{url}/api/v1/openapi.json", "--checks", CHECKS),
        *("--generation-database", "none", "--seed", "1", "--warnings", "off", *arguments),
        *("--report-ndjson-path", str(report), "--request-timeout", "30"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    events = [json.loads(line) for line in report.read_text().splitlines()]
    return len(
        {str(each.get("ScenarioFinished", {}).get("recorder", {}).get("label")) for each in events} - {"None"}
    )


def test_every_operation_answers_its_examples(url: str, tmp_path: Path) -> None:
    assert _asked(url, tmp_path, "--phases", "examples") >= len(READINGS)


def test_the_edges_of_parameters_are_no_fault(url: str, tmp_path: Path) -> None:
    chosen = [word for name in EDGES for word in ("--include-operation-id", name)]
    assert _asked(url, tmp_path, "--phases", "coverage,fuzzing", "-n", "5", *chosen) == len(EDGES)


def test_the_document_tells_every_path_with_types_and_meanings(url: str) -> None:
    document = requests.get(f"{url}/api/v1/openapi.json", timeout=60).json()
    paths = document["paths"]
    for reading in READINGS:
        operation = paths[f"/api/v1/{reading.path}"]["get"]
        assert all(each["description"] and each["schema"] for each in operation["parameters"]), reading.name
        assert all("422" in each["get"]["responses"] for each in [paths[f"/api/v1/{reading.path}"]])
        columns = document["components"]["schemas"][reading.name]["properties"]["columns"]["properties"]
        assert columns, reading.name
    for named in NAMED:
        assert f"/api{named.template}" in paths
        assert f"/api/v1{named.template}" in paths
    told = document["components"]["schemas"]["candles"]["properties"]["columns"]["properties"]["close"]
    assert told["items"] == {"type": ["number", "null"], "description": told["items"]["description"]}
    lacking = [
        (reading.name, name)
        for reading in READINGS
        for name, column in document["components"]["schemas"][reading.name]["properties"]["columns"][
            "properties"
        ].items()
        if "description" not in column["items"]
    ]
    assert not lacking
