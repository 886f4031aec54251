"""Links from assets to their code, where the code is a checkout: an installed package has no line to edit."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_resources.settings import PACKAGES_ROOT

_KEY: Final = "dagster/code_references"


def with_code_references(assets: Sequence[Any], datasets: Iterable[Dataset]) -> list[Any]:
    """Each asset with the file of its function and, where the engine runs it, of what computes its rows."""
    if not (PACKAGES_ROOT / ".git").exists():
        return list(assets)
    rules = {each.name: reference for each in datasets if (reference := _rule_of(each))}

    def add(spec: dg.AssetSpec) -> dg.AssetSpec:
        rule = rules.get(spec.key.path[-1])
        if rule is None:
            return spec
        found = spec.metadata.get(_KEY)
        others = found.code_references if isinstance(found, dg.CodeReferencesMetadataValue) else []
        return spec.merge_attributes(
            metadata={_KEY: dg.CodeReferencesMetadataValue(code_references=[rule, *others])}
        )

    linked: list[Any] = list(dg.with_source_code_references(assets))
    return list(dg.map_asset_specs(add, linked))


def _rule_of(dataset: Dataset) -> dg.LocalFileCodeReference | None:
    """Where the rows of a derived data set are computed."""
    if dataset.derivation is None:
        return None
    code = dataset.derivation.compute.__code__
    return dg.LocalFileCodeReference(
        file_path=code.co_filename, line_number=code.co_firstlineno, label=f"what computes {dataset.name}"
    )
