"""Links between pages lead somewhere."""

from __future__ import annotations

import re

_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def anchor(heading):
    """Return the anchor that GitHub gives to a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower())
    return plain.replace(" ", "-")


def anchors(page):
    return {anchor(h) for h in _HEADING.findall(page.prose)}


def test_an_anchor_by_hand():
    assert anchor("From a table: `mindveil import csv`") == "from-a-table-mindveil-import-csv"


def test_internal_links_resolve(pages):
    by_path = {p.path.resolve(): p for p in pages.values()}
    links, broken = 0, []
    for page in pages.values():
        for target in _LINK.findall(page.prose):
            if re.match(r"[a-z]+:", target):
                continue
            links += 1
            file, _, section = target.partition("#")
            path = (page.path.parent / file).resolve() if file else page.path.resolve()
            nowhere = section and path in by_path and section not in anchors(by_path[path])
            if not path.exists() or nowhere:
                broken.append((page.name, target))
    assert links > 30
    assert not broken


def test_every_page_can_be_reached(pages):
    reached = {
        (p.path.parent / target.partition("#")[0]).resolve()
        for p in pages.values()
        for target in _LINK.findall(p.prose)
        if not re.match(r"[a-z]+:", target)
    }
    starts = {"README.md", "docs/README.md"}
    assert not [
        p.name for p in pages.values() if p.path.resolve() not in reached and p.name not in starts
    ]
