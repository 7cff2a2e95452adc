"""The layers of docs/architecture.md hold, and what must not happen at import or at all does not."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "ingest", "prompts", "vectorstore")

HEAVY = {"torch", "sentence_transformers", "kiwipiepy", "chromadb", "langchain_openai", "pandas"}
FORBIDDEN = {
    "langchain_community": "sunset",
    "langchain_classic": "frozen",
    "pickle": "unpickles",
    "cPickle": "unpickles",
    "_pickle": "unpickles",
    "dill": "unpickles",
    "cloudpickle": "unpickles",
    "shelve": "unpickles",
    "marshal": "runs bytecode",
    "joblib": "unpickles",
}
# Calls that unpickle or run code unless told otherwise: name -> the keyword and value that make them safe.
UNSAFE_CALLS = {
    "torch.load": ("weights_only", True),
    "yaml.load": ("Loader", "SafeLoader"),
    "yaml.unsafe_load": None,
    "yaml.full_load": None,
    "pd.read_pickle": None,
    "pandas.read_pickle": None,
}
UNSAFE_SWITCHES = {"allow_pickle", "allow_dangerous_deserialization", "trust_remote_code"}


# -- the table in the documentation ----------------------------------------------------------------


@cache
def rooms() -> dict[str, int]:
    """Unit, as a dotted prefix -> its row in the table, from 0 (the leaves)."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = re.search(r"^\| folder .*?(?=^$)", text, re.MULTILINE | re.DOTALL)
    assert table, "docs/architecture.md has no table of folders"
    found = {}
    for number, row in enumerate(table[0].splitlines()[2:]):
        folder = ""
        for path in re.findall(r"`([^`]+)`", row.split("|")[1]):
            path = path if "/" in path else folder + path
            folder = path[: path.rindex("/") + 1]
            found[dotted(Path(path))] = number
    return found


@cache
def permissions() -> dict[int, str]:
    """Row -> its last column: what a unit of the row may import beside itself."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| `", line)]
    return {number: row.split("|")[3].strip() for number, row in enumerate(rows)}


def may_import(importer: str, imported: str) -> bool:
    """Whether the table allows it; both are units."""
    here, there = rooms()[importer], rooms()[imported]
    allowed = {
        "nothing of ours": here == there,  # the leaves are one unit; a test below keeps them free of cycles
        "leaves": there == 0,
        "the above": there < here,
        "all": True,
    }
    return importer == imported or allowed[permissions()[here]]


# -- the modules and what they import --------------------------------------------------------------


def dotted(path: Path) -> str:
    """`app/chat/cite.py` -> `app.chat.cite`; a package by its folder."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit(module: str) -> str | None:
    """The longest prefix of the module that the table names."""
    fitting = [name for name in rooms() if module == name or module.startswith(f"{name}.")]
    return max(fitting, key=len, default=None)


@cache
def modules() -> dict[str, ast.Module]:
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {
        dotted(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8"), str(file))
        for file in files
    }


def imports(node: ast.AST) -> Iterator[str]:
    """The dotted names that one statement imports; `from a import b` gives `a.b`, which covers `a`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"line {node.lineno}: imports are absolute"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def all_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from imports(node)


def imports_when_loaded(tree: ast.AST) -> Iterator[str]:
    """Those outside of functions and of `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield from imports(node)
        yield from imports_when_loaded(node)


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


# -- the tests -------------------------------------------------------------------------------------


def test_the_table_names_the_rooms_that_there_are():
    assert {"app.config", "app.errors", "app.schemas", "prompts", "vectorstore", "ingest"} <= set(rooms())
    assert rooms()["app.config"] == 0 < rooms()["ingest"] < rooms()["ingest.__main__"]
    assert set(permissions()) == set(rooms().values())


def test_every_module_stands_in_a_row_of_the_table():
    assert [module for module in modules() if unit(module) is None] == ["app"]


def test_a_module_imports_its_own_unit_or_a_lower_one():
    wrong = {module: sorted(too_high(module, tree)) for module, tree in modules().items() if unit(module)}
    assert {module: there for module, there in wrong.items() if there} == {}


def too_high(module: str, tree: ast.Module) -> Iterator[str]:
    """The units that a module imports and must not."""
    here = unit(module)
    assert here
    ours = {unit(name) for name in all_imports(tree) if name.split(".")[0] in PACKAGES}
    return (there for there in ours if there and not may_import(here, there))


def test_the_leaves_import_one_another_in_one_direction():
    leaves = [name for name, row in rooms().items() if row == 0 and name in modules()]
    open_edges = {leaf: {unit(name) for name in all_imports(modules()[leaf])} - {None} for leaf in leaves}
    while ready := [leaf for leaf, needs in open_edges.items() if not needs & open_edges.keys()]:
        for leaf in ready:
            del open_edges[leaf]
    assert open_edges == {}, "these import one another in a circle"


def test_heavy_packages_wait_until_they_are_needed():
    loaded = {module: roots(imports_when_loaded(tree)) & HEAVY for module, tree in modules().items()}
    assert {module: heavy for module, heavy in loaded.items() if heavy} == {}


def roots(names: Iterator[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    "module", ["app.cli", "ingest.__main__", "app.runtime", "vectorstore", "ingest.loaders"]
)
def test_importing_loads_no_heavy_package(module: str):
    code = f"import sys, {module}; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert module in loaded
    assert loaded & HEAVY == set()


def test_nothing_frozen_and_nothing_that_unpickles_is_imported():
    found = {module: roots(all_imports(tree)) & FORBIDDEN.keys() for module, tree in modules().items()}
    assert {module: [FORBIDDEN[name] for name in names] for module, names in found.items() if names} == {}


def test_no_call_unpickles_or_runs_what_it_reads():
    unsafe = [
        f"{module}, line {call.lineno}: {name}"
        for module, tree in modules().items()
        for name, call in calls(tree)
        if not is_safe(name, call)
    ]
    assert unsafe == []


def is_safe(name: str, call: ast.Call) -> bool:
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if any(given.get(switch, "False") != "False" for switch in UNSAFE_SWITCHES):
        return False
    if name not in UNSAFE_CALLS:
        return True
    cure = UNSAFE_CALLS[name]
    return cure is not None and given.get(cure[0], "").endswith(str(cure[1]))


@pytest.mark.parametrize(
    ("code", "safe"),
    [
        ("torch.load(path)", False),
        ("torch.load(path, weights_only=True)", True),
        ("np.load(path, allow_pickle=True)", False),
        ("np.load(path, allow_pickle=False)", True),
        ("yaml.load(text)", False),
        ("yaml.load(text, Loader=yaml.SafeLoader)", True),
        ("yaml.safe_load(text)", True),
        ("FAISS.load_local(path, allow_dangerous_deserialization=True)", False),
    ],
)
def test_the_check_itself_tells_safe_from_unsafe(code: str, safe: bool):
    [(name, call)] = list(calls(ast.parse(code)))
    assert is_safe(name, call) is safe


def test_nothing_prints():
    printing = {module for module, tree in modules().items() for name, _ in calls(tree) if name == "print"}
    assert printing == set()


def test_tests_shadow_no_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == []
