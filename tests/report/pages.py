"""A strict reader of the report's HTML: what is open, what is linked, what could act."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link", "wbr", "col"}
DRAWN = {"path", "circle", "rect"}
ACTIVE = {
    "script", "iframe", "object", "embed", "form", "link", "base", "applet", "frame", "audio",
    "video", "source", "img", "image", "use", "foreignobject", "animate", "set", "button",
}  # fmt: skip
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "srcset", "poster", "data"}


@dataclass
class Page(HTMLParser):
    """What a page holds; raises AssertionError where its elements are not nested."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, source):
        page = cls()
        page.feed(source)
        page.close()
        assert page.open == []
        return page

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag, attrs):
        assert tag in DRAWN, tag
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            return
        self.text.append(data)
        if self.open and self.headings and self.open[-1] in {"h1", "h2", "h3", "h4"}:
            level, said = self.headings[-1]
            self.headings[-1] = (level, said + data)

    def values(self, attribute):
        """Return the values of an attribute over the page."""
        return [value for _, name, value in self.attributes if name == attribute]

    @property
    def words(self):
        """The text a reader sees."""
        return " ".join(" ".join(self.text).split())
