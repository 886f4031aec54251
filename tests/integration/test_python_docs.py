"""What docs and docstrings of the Python client show, runs; and the notebook, against a filled database."""

import doctest
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from client_market import Market

import alphapulse as ap
from alphapulse.client.client import Client
from alphapulse_resources.database.analyst import prepare_analyst
from alphapulse_resources.settings import get_settings

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "python.md"
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = "# not run"

pytestmark = [
    pytest.mark.filterwarnings("ignore::alphapulse.errors.MissingBarsWarning"),
    pytest.mark.filterwarnings("ignore::alphapulse.errors.DemoDataWarning"),
]


@pytest.fixture(scope="module")
def home(
    filled: tuple[str, Market], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[pytest.MonkeyPatch]:
    """An environment whose database is the filled one, read as its analyst."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("ALPHAPULSE_"):
                patch.delenv(name)
        patch.setenv("ALPHAPULSE_DSN", filled[0])
        patch.setenv("ALPHAPULSE_HOME", str(folder))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        patch.chdir(folder)
        get_settings.cache_clear()
        prepare_analyst(get_settings(), filled[0])
        yield patch
        from alphapulse.connection import default

        default.close()
    get_settings.cache_clear()


def test_every_block_of_the_guide_runs(home: pytest.MonkeyPatch) -> None:
    blocks = BLOCK.findall(GUIDE.read_text())
    assert len(blocks) > 9
    names: dict[str, Any] = {}
    for block in blocks:
        lines = [line for line in block.splitlines() if not line.rstrip().endswith(NOT_RUN)]
        exec(compile("\n".join(lines), str(GUIDE), "exec"), names)
    assert isinstance(names["px"], pl.DataFrame)
    names["db"].close()


def test_the_tutorial_runs_on_this_data_too(home: pytest.MonkeyPatch) -> None:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    said = [_text(output) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("bybit BTC/USDT: 90 bars of 1m are missing" in each for each in said)
    assert any("no demonstrated edge" in each for each in said)
    assert not [each for each in said if "Warning:" in each]


def test_the_tutorials_outputs_are_whole_small_and_of_no_machine() -> None:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in code)
    assert NOTEBOOK.stat().st_size < 60_000
    text = NOTEBOOK.read_text()
    assert not re.search(r"/(tmp|root|home|opt|work|Users)/|ipykernel_|\"traceback\"", text)
    assert len([cell for cell in notebook.cells if cell.source.startswith("## ")]) >= 4


def _text(output: Any) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


METHODS = sorted(name for name in ap.__all__ if callable(getattr(Client, name, None)))


@pytest.mark.parametrize("name", METHODS)
def test_the_example_of_each_method_runs_and_gives_what_it_says(name: str, home: pytest.MonkeyPatch) -> None:
    method = getattr(Client, name)
    assert method.__doc__
    with ap.connect() as db:
        example = doctest.DocTestParser().get_doctest(method.__doc__, {"db": db}, name, None, 0)
        assert example.examples, f"{name} shows no example"
        said: list[str] = []
        failed, _ = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(
            example, out=said.append
        )
    assert not failed, "".join(said)


def test_every_method_is_a_function_of_the_module_too() -> None:
    public = {
        name for name, value in vars(Client).items() if callable(value) and not name.startswith("_")
    } | {
        name
        for each in Client.__mro__
        for name, value in vars(each).items()
        if callable(value) and not name.startswith("_")
    }
    assert public - {"close"} == set(METHODS)


def test_the_guide_names_every_method() -> None:
    guide = GUIDE.read_text()
    assert [name for name in METHODS if f".{name}(" not in guide] == []
