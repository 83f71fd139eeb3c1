"""Every verb and option that the documentation names exists."""

from __future__ import annotations

import re

import pytest
import typer.main

from mindveil.cli import corpus_verbs, gate_verb, main, study_verbs
from mindveil.errors import InputError, Interrupted, RefusedError

_CALL = re.compile(r"(?<![\w./-])(?<!import )mindveil ([a-z][a-z-]*)((?: [^`\n|;&>]*)?)")
_SPAN = re.compile(r"`([^`\n]+)`")
_SHELL = frozenset({"sh", "yaml"})
_EXIT_CODES = {0, 1, 2, 3, 4, 130}


@pytest.fixture(scope="module")
def verbs():
    """Return the commands by name, those of a group as ``models install``."""
    found = dict(typer.main.get_command(main.app).commands)
    for name, group in list(found.items()):
        found |= {f"{name} {sub}": c for sub, c in getattr(group, "commands", {}).items()}
    return found


def calls(page):
    """Yield what is typed: in shell blocks and between back ticks."""
    for block in page.blocks:
        if block.language in _SHELL:
            yield from _CALL.findall(block.text)
    for span in _SPAN.findall(page.prose):
        yield from _CALL.findall(span)


def command(verbs, verb, rest):
    first = rest.split()[0] if rest.split() else ""
    return f"{verb} {first}" if f"{verb} {first}" in verbs else verb


def test_every_verb_exists(pages, verbs):
    said = [(p.name, verb) for p in pages.values() for verb, _ in calls(p)]
    assert len(said) > 30
    assert not [(page, verb) for page, verb in said if verb not in verbs]


def test_every_option_exists(pages, verbs):
    missing = []
    for page in pages.values():
        for verb, rest in calls(page):
            name = command(verbs, verb, rest)
            known = {o for p in verbs[name].params for o in p.opts} | {"--help"}
            options = re.findall(r"(?<!\S)--[a-z-]+", rest)
            missing += [(page.name, name, o) for o in options if o not in known]
    assert not missing


def test_every_verb_is_documented(pages, verbs):
    said = {command(verbs, verb, rest) for p in pages.values() for verb, rest in calls(p)}
    groups = {name for name, c in verbs.items() if hasattr(c, "commands")}
    assert not set(verbs) - said - groups


def test_every_target_of_make_exists(pages):
    makefile = (pages["CONTRIBUTING.md"].path.parent / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    typed = [
        (page.name, word)
        for page in pages.values()
        for text in [*_SPAN.findall(page.prose), *(b.text for b in page.blocks)]
        for line in re.findall(r"^make ([a-z -]+)$", text, re.MULTILINE)
        for word in line.split()
    ]
    assert typed
    assert not [(page, word) for page, word in typed if word not in targets]


def test_exit_codes_are_those_of_the_errors(pages):
    used = {
        0,
        gate_verb.GATE_FAILED,
        corpus_verbs.BAD_INPUT,
        InputError.exit_code,
        RefusedError.exit_code,
        study_verbs.PARTLY_FAILED,
        Interrupted.exit_code,
    }
    rows = re.findall(r"^\| (\d+) \|", pages["docs/researcher.md"].text, re.MULTILINE)
    assert {int(n) for n in rows} == used == _EXIT_CODES
