# environment: data
"""Every reason code that the code writes into quarantine.jsonl is in the table, and every code of the table is used."""

import ast
from collections.abc import Iterator

import source_code
from source_code import ROOT, name_of

from boxwright.core.artifacts import dataset

CONVERT = ROOT / "components" / "boxwright" / "convert"
# The calls that take a reason code, and the position of the argument.
TAKES = {"Fault": 0, "Reject": 2, "with_fault": 0, "unlisted_images": 2}
# Expressions that pass on the code of an existing fault: a variable, or an attribute.
HANDED_ON = {"reason", "fault.reason"}


def codes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, code) of every call; the text of an expression that is no code."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (place := TAKES.get(ast.unparse(call.func).rpartition(".")[2])) is not None:
            for argument in call.args[place : place + 1]:
                yield from ((call.lineno, code) for code in resolved(argument, tree))


def resolved(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """The texts that an expression can be. A name stands for all that the module assigns to it."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*resolved(node.body, tree), *resolved(node.orelse, tree))
    elif isinstance(node, ast.Name) and (assigned := assignments(node.id, tree)):
        for value in assigned:
            yield from resolved(value, tree)
    elif ast.unparse(node) not in HANDED_ON:
        yield ast.unparse(node)


def assignments(name: str, tree: ast.Module) -> list[ast.expr]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return [one.value for one in found if [ast.unparse(target) for target in one.targets] == [name]]


def test_every_code_is_in_the_table():
    files = [file for file in source_code.SOURCES if file.is_relative_to(CONVERT)]
    used = [(f"{name_of(file)}:{line}", code) for file in files for line, code in codes(source_code.parsed(file))]
    assert [(place, code) for place, code in used if code not in dataset.REASONS] == [], "add it to dataset.REASONS"
    assert set(dataset.REASONS) == {code for _, code in used}


def test_finds_codes():
    tree = ast.parse(
        "_A = 'a'\nFault(_A)\nFault('b' if x else 'c', 'v')\nReject(f, 1, 'd')\nimage.with_fault('e')\nFault(f(x))\n"
    )
    assert list(codes(tree)) == [(2, "a"), (3, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f(x)")]


def test_unknown_code_is_a_fault():
    """Such a code may come from another version."""
    assert dataset.kind_of("of_tomorrow") == "fault"


def test_every_loss_has_words_for_a_title():
    words = {code: reason.why for code, reason in dataset.REASONS.items() if reason.kind not in ("none", "consequence")}
    assert [code for code, why in words.items() if not why] == []
