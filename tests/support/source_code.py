"""The product's source files as syntax trees, for tests of rules that hold for all of them."""

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("components/**/*.py"), *ROOT.glob("pipelines/*.py")])
TESTS = sorted(ROOT.glob("tests/**/test_*.py"))
HEAVY = ("numpy", "tensorflow", "tf_keras", "object_detection", "apache_beam", "pyarrow", "pandas", "PIL", "matplotlib")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@functools.cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def functions(file: Path) -> list[Function]:
    return [node for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: Function) -> int:
    """Lines of a function without its docstring. For a graph, without its parameters as well: they are its interface."""
    first = function.body[0]
    if any("pipeline" in ast.unparse(decorator) for decorator in function.decorator_list):
        return (function.end_lineno or 0) - (first.end_lineno or 0)
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def imported(node: ast.AST) -> list[str]:
    """Full names of the modules and members that one statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def imports(file: Path, everywhere: bool) -> set[str]:
    """Full names that a file imports: anywhere in it, or only when it is imported itself. What only types need does not count."""
    nodes = _running(parsed(file)) if everywhere else parsed(file).body
    return {name for node in nodes for name in imported(node)}


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree without those below `if TYPE_CHECKING:`."""
    yield node
    if not (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")):
        for child in ast.iter_child_nodes(node):
            yield from _running(child)


def packages(file: Path, everywhere: bool = True) -> set[str]:
    """Top-level packages that a file imports."""
    return {name.partition(".")[0] for name in imports(file, everywhere)}


def lazy_imports(file: Path) -> Iterator[str]:
    """Our own modules that a file imports inside of a function, as `function: module`."""
    for function in functions(file):
        for name in (name for node in ast.walk(function) for name in imported(node)):
            if name.startswith("boxwright"):
                yield f"{function.name}: {name}"


def module_of(file: Path) -> str:
    """boxwright.core.labels for components/boxwright/core/labels.py."""
    return ".".join(file.relative_to(ROOT / "components").with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def dependencies() -> Mapping[str, set[str]]:
    """For each of our modules, those of our modules that it imports anywhere."""
    modules = {module_of(file): file for file in SOURCES if file.is_relative_to(ROOT / "components")}

    def own(name: str) -> str:
        """The module that an imported name is, or is in."""
        return name if name in modules else name.rpartition(".")[0]

    return {
        module: {own(name) for name in imports(file, everywhere=True) if own(name) in modules} - {module}
        for module, file in modules.items()
    }


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The sets of nodes that reach each other: strongly connected components of more than one node (Tarjan 1972)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = lowest[node] = len(index)
        path.append(node)
        for after in sorted(graph[node]):
            if after not in index:
                visit(after)
            if after in path:
                lowest[node] = min(lowest[node], lowest[after])
        if lowest[node] == index[node]:
            at = path.index(node)
            if len(path) - at > 1:
                found.append(sorted(path[at:]))
            del path[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found
