"""The one Definitions object, where Dagster looks for it; `orchestration.build` says what is in it."""

from alphapulse_resources.loading import without_collecting

with without_collecting():
    from alphapulse_assets.orchestration.build import build_defs

    defs = build_defs()

__all__ = ["build_defs", "defs"]
