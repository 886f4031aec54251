"""Great Expectations as asset checks: one cached context, one way from a validation to a check result."""

import logging
import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import dagster as dg
import polars as pl

from alphapulse_resources.loading import without_collecting


@lru_cache(maxsize=1)
def _context() -> Any:
    """The ephemeral context of this process. The import costs seconds: only checks pay it, once."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # read at import
    with without_collecting():
        import great_expectations as gx
        import great_expectations.expectations

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


@lru_cache(maxsize=64)
def _batch_definition(name: str) -> Any:
    source = _context().data_sources.add_or_update_pandas(f"frame_{name}")
    return source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")


def expectation(kind: str, **arguments: Any) -> Any:
    """An expectation by its class name in `great_expectations.expectations`."""
    _context()
    import great_expectations.expectations as gxe

    return getattr(gxe, kind)(**arguments)


def check_frame(
    name: str, frame: pl.DataFrame, expectations: list[Any], *, severity: dg.AssetCheckSeverity
) -> dg.AssetCheckResult:
    """Validate a frame; the result lists every expectation that failed with how many rows broke it."""
    started = time.perf_counter()
    _context()
    import great_expectations as gx

    batch = _batch_definition(name).get_batch({"dataframe": frame.to_pandas()})
    suite = gx.ExpectationSuite(name=name, expectations=expectations)
    result = batch.validate(suite, result_format="SUMMARY")
    failed = [item for item in result.results if not item.success]
    metadata: dict[str, Any] = {
        "rows": frame.height,
        "evaluated": len(result.results),
        "failed": len(failed),
        "seconds": round(time.perf_counter() - started, 3),
    }
    if failed:
        metadata["failures"] = _failures(failed)
    return dg.AssetCheckResult(
        check_name=name, passed=bool(result.success), severity=severity, metadata=metadata
    )


def guard_frame(
    name: str, frame: pl.DataFrame, broken: Mapping[str, pl.Expr], *, severity: dg.AssetCheckSeverity
) -> dg.AssetCheckResult:
    """Count the rows that break each rule (expressions that are True where broken), in milliseconds."""
    counts = frame.select(rule.fill_null(True).sum().alias(key) for key, rule in broken.items())
    found = counts.row(0, named=True) if frame.height else {}
    metadata: dict[str, Any] = {"rows": frame.height, "evaluated": len(broken), "rules": "polars guard"}
    failed = {key: int(count) for key, count in found.items() if count}
    return dg.AssetCheckResult(
        check_name=name,
        passed=not failed,
        severity=severity,
        metadata={**metadata, "failed": len(failed), **failed},
    )


def _failures(failed: list[Any]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "expectation": item.expectation_config.type,
                    "arguments": str(
                        {k: v for k, v in item.expectation_config.kwargs.items() if k != "batch_id"}
                    ),
                    "unexpected": int(item.result.get("unexpected_count") or 0),
                    "examples": str(item.result.get("partial_unexpected_list") or "")[:300],
                }
            )
            for item in failed
        ],
        schema=dg.TableSchema(
            [
                dg.TableColumn("expectation"),
                dg.TableColumn("arguments"),
                dg.TableColumn("unexpected", "int"),
                dg.TableColumn("examples"),
            ]
        ),
    )
