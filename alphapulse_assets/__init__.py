"""What exists: Dagster's definitions, and the pure rules behind them."""

import warnings

# Dagster is pinned to one minor version, so what it calls beta is news to nobody who runs a command
warnings.filterwarnings("ignore", message=r"(Parameter|Class|Function) `.*is currently in beta")
