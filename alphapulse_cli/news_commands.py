"""`alphapulse news ...`: what can be said to it; `news` does the work."""

from pathlib import Path
from typing import Annotated

import typer

from alphapulse_cli.arguments import Form, Json

news_app = typer.Typer(no_args_is_help=True, help="What texts say and of whom; its models.")


@news_app.command("score")
def news_score(
    texts: Annotated[list[str], typer.Argument(help="Headlines or posts in English.")], form: Form = "table"
) -> None:
    """Score texts by each model, with the words that the lexicon counted; needs no database."""
    from alphapulse_cli.news import score

    score(texts, form)


@news_app.command("link")
def news_link(
    texts: Annotated[list[str], typer.Argument(help="Headlines or posts.")],
    at: Annotated[str | None, typer.Option(help="Read as of this time (UTC); now if not given.")] = None,
    source: Annotated[str | None, typer.Option(help="Outlet or subreddit it comes from.")] = None,
    coins: Annotated[
        str | None,
        typer.Option(help="Coins to know, as BTC,ETH; else those of all instruments."),
    ] = None,
    form: Form = "table",
) -> None:
    """Tell which coins texts are about, by which rule, and why a mention is no link."""
    from alphapulse_cli.news_links import link

    link(texts, at=at, source=source, coins=coins, form=form)


@news_app.command("evaluate")
def news_evaluate(
    file: Annotated[
        Path, typer.Argument(help="CSV with text and label (negative, neutral, positive), maybe date.")
    ],
    as_json: Json = False,
) -> None:
    """Hold the models against labelled texts: as they are, and trained on a part of them."""
    from alphapulse_cli.news import evaluate

    evaluate(file, as_json=as_json)


@news_app.command("train")
def news_train(
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="CSV with text and label to train on as well.")
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="Train on --data alone.")] = False,
    as_json: Json = False,
) -> None:
    """Train the linear model and let it score from now on; without --data that of the package's texts."""
    from alphapulse_cli.news import train

    train(data or [], only=only, as_json=as_json)


@news_app.command("models")
def news_models(form: Form = "table") -> None:
    """List the models that score, or scored, texts."""
    from alphapulse_cli.news import models

    models(form)
