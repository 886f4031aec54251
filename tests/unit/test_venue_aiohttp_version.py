"""aiohttp 3.14.4 and 3.14.5 make ccxt's sockets go deaf: they must not be what is installed."""

from importlib.metadata import version


def test_the_installed_aiohttp_is_none_of_the_deaf_ones() -> None:
    assert version("aiohttp") not in {"3.14.4", "3.14.5"}
