"""What is known of the protocol without asking anybody: by OpenAI's types, and by the source of our server."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

SERVER = Path(__file__).parents[1] / "server"


def types_of(union: Any) -> set[str]:
    """The `type`s of a union of the SDK's models."""
    models: tuple[type[BaseModel], ...] = get_args(get_args(union)[0])
    return {name for model in models for name in get_args(model.model_fields["type"].annotation)}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The SDK's models that a field may hold, but for those in lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not list:
        for inner in get_args(annotation):
            yield from models_in(inner)


def paths(model: type[BaseModel], inside: str = "") -> Iterator[str]:
    """The fields of one of the SDK's models, and of the objects in it that have fields of ours."""
    for name, field in model.model_fields.items():
        if name in ("audio", "input", "output", "transcription", "turn_detection"):
            for inner in models_in(field.annotation):
                yield from paths(inner, f"{inside}{name}.")
        if f"{inside}{name}" not in ("audio", "audio.input", "audio.output"):
            yield inside + name


def deeds() -> dict[str, str]:
    """The client events that the server knows, each with the method that carries it out."""
    found = {"input_audio_buffer.append": "_append"}  # it comes too often for a table
    for node in _nodes(SERVER / "realtime"):
        match node:
            case ast.AnnAssign(target=ast.Name(id="_DEEDS"), value=ast.Dict(keys=keys, values=methods)):
                found |= {
                    str(key.value): ast.unparse(method)
                    for key, method in zip(keys, methods, strict=True)
                    if isinstance(key, ast.Constant)
                }
            case _:
                pass
    return found


@cache
def literals() -> set[str]:
    """All texts in the source of the wire's adapter, also those like `f"{kind}.delta"` behind a `kind = "..."`."""
    nodes = _nodes(SERVER / "realtime")
    found = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for function in nodes:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            found |= set(_composed(function))
    return found


def codes() -> set[str]:
    """All that the server gives as a `code`: by that name, in an object, or in place of a parameter of that name."""
    nodes = _nodes(SERVER)
    at = {name: names.index("code") for name, names in _parameters(nodes) if "code" in names}
    given: list[ast.expr] = []
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords):
                given += [one.value for one in keywords if one.arg == "code"]
                given += args[at.get(name, len(args)) :][:1]
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                given += [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "code"]
            case _:
                pass
    return {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def _nodes(folder: Path) -> list[ast.AST]:
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))]
    return [node for tree in trees for node in ast.walk(tree)]


def _composed(function: ast.AST) -> Iterator[str]:
    """The texts in a function that begin with the name of another."""
    short: dict[str, str] = {}
    for node in ast.walk(function):  # a function's own statements come before what is in them
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                short[name] = text
            case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id=name)), ast.Constant(value=str(rest))]):
                yield short.get(name, "") + rest
            case _:
                pass


def _parameters(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, list[str]]]:
    """The functions, and the classes as dataclasses, with the names of what they take."""
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name, args=taken) | ast.AsyncFunctionDef(name=name, args=taken):
                yield name, [one.arg for one in taken.args if one.arg != "self"]
            case ast.ClassDef(name=name, body=body):
                yield name, [ast.unparse(one.target) for one in body if isinstance(one, ast.AnnAssign)]
            case _:
                pass
