"""Dagster's web server behind our guard: `python -m alphapulse_cli.webserver`, with its options."""

import socket
from collections.abc import Callable
from typing import Any

from dagster_webserver import cli

from alphapulse_cli.web_guard import WebGuard
from alphapulse_resources.settings import Settings, end_if_refused, get_settings


def host_names(settings: Settings) -> list[str]:
    """The names that this server may be asked by, besides addresses and localhost."""
    return [socket.gethostname(), settings.web.host, *settings.web.names.split(",")]


def guarded(create: Callable[..., Any]) -> Callable[..., Any]:
    """The maker of Dagster's application; what it makes has the guard before all else."""

    def create_guarded(*arguments: Any, **options: Any) -> Any:
        app = create(*arguments, **options)
        app.add_middleware(WebGuard, names=host_names(get_settings()))
        return app

    return create_guarded


def main() -> None:
    """As `dagster-webserver`; whoever starts it should ask whether the guard is there."""
    end_if_refused()
    made_by = "create_app_from_workspace_process_context"
    setattr(cli, made_by, guarded(getattr(cli, made_by)))
    run: Callable[[], None] = cli.main
    run()


if __name__ == "__main__":
    main()
