"""The rooms and who may enter which: every import of the package, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

import losscli

PACKAGE = Path(losscli.__file__).parent
LAYERS = (  # from high to low; rooms of one layer do not know each other
    ("cli", "testing"),
    ("report",),
    ("homework",),
    ("suites",),
    ("verify",),
    ("checks",),
    ("request",),
    ("custom",),
    ("losses", "engine", "reading"),
    ("schema",),
    ("numerics",),
)
DEPTH = {room: depth for depth, layer in enumerate(LAYERS) for room in layer}
OUTSIDE = {"__init__.py", "__main__.py"}  # the package's doors: they may open any room


def imports(source: str) -> list[tuple[int, str]]:
    """Line and full name of all that a file imports, inside functions too; a relative import begins with a dot."""
    return _imports_of(ast.walk(ast.parse(source)))


def imports_at_run_time(source: str) -> list[str]:
    """The same without what only a type checker sees."""
    tree = ast.parse(source)
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    return [name for _, name in _imports_of(node for node in ast.walk(tree) if id(node) not in hidden)]


def _imports_of(nodes: Iterable[ast.AST]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return found


def trespasses(package: Path) -> list[str]:
    """Everything that breaks the rules, by file and line."""
    wrong = [
        f"{folder.name}/ is in no layer"
        for folder in sorted(package.iterdir())
        if folder.is_dir() and folder.name not in (*DEPTH, "__pycache__")
    ]
    wrong += [f"{path.name} is in no room" for path in sorted(package.glob("*.py")) if path.name not in OUTSIDE]
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0]
        for line, name in imports(path.read_text(encoding="utf-8")):
            place = f"{path.relative_to(package)}:{line} imports {name}"
            if name.startswith("."):
                wrong.append(f"{place}, relatively")
            elif name.startswith("losscli.") and room in DEPTH:
                other = name.split(".")[1]
                if other in DEPTH and other != room and DEPTH[other] <= DEPTH[room]:
                    wrong.append(f"{place}, which is not below {room}")
    return wrong


def circles(package: Path) -> list[list[str]]:
    """Modules that import each other in a circle, those imported inside functions too."""
    modules = {
        ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0] in DEPTH
    }
    edges: dict[str, set[str]] = {}
    for module, path in modules.items():
        names = imports_at_run_time(path.read_text(encoding="utf-8"))
        edges[module] = {name if name in modules else name.rpartition(".")[0] for name in names} & modules.keys()
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(module: str, above: list[str]) -> None:
        if module in above:
            found.append([*above[above.index(module) :], module])
        elif module not in done:
            for other in sorted(edges[module] - {module}):
                walk(other, [*above, module])
            done.add(module)

    for module in sorted(modules):
        walk(module, [])
    return found


def test_layers() -> None:
    assert not trespasses(PACKAGE)


def test_no_circles() -> None:
    assert not circles(PACKAGE)


def test_a_circle_is_seen(tmp_path: Path) -> None:
    engine = tmp_path / "losscli" / "engine"
    engine.mkdir(parents=True)
    (engine / "bind.py").write_text("from losscli.engine.layout import Layout\n", encoding="utf-8")
    late = "def late():\n    from losscli.engine.bind import bind\n"
    (engine / "layout.py").write_text(late, encoding="utf-8")
    (circle,) = circles(tmp_path / "losscli")
    assert set(circle) == {"losscli.engine.bind", "losscli.engine.layout"}


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("numerics/ulps.py", "from losscli.schema.data import Data", "which is not below numerics"),
        ("engine/threads.py", "import losscli.losses.catalogue", "which is not below engine"),
        ("losses/catalogue.py", "from losscli import reading", "which is not below losses"),
        ("schema/data.py", "def late():\n    from losscli.cli import main", "which is not below schema"),
        ("engine/threads.py", "from . import layout", "relatively"),
        ("utils/text.py", "", "utils/ is in no layer"),
        ("helpers.py", "", "helpers.py is in no room"),
    ],
)
def test_a_trespass_is_seen(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    path = tmp_path / "losscli" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    before = (PACKAGE / file).read_text(encoding="utf-8") if (PACKAGE / file).exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    (wrong,) = trespasses(tmp_path / "losscli")
    assert complaint in wrong
