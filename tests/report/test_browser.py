"""The page in a real browser: it fits, it prints, and it asks nobody for anything."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from tests.report.coevaluated import coevaluated, swept
from tests.report.dossiers import large_study, small_study, study

from mindveil.report.html import render

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
QUIET = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-default-apps --no-default-browser-check "
    "--disable-domain-reliability --disable-client-side-phishing-detection --no-pings"
).split()
PRINTED = 703
"""Width of the text on A4 with the margins of the style, in CSS pixels."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="headless Chromium is not on this machine"),
]

MEASURE = """<!doctype html><html><body><pre id="found"></pre><script>
const cases = __CASES__, found = [];
const load = (page, width) => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:800px;border:0`;
  frame.onload = () => done(frame);
  frame.srcdoc = page;
  document.body.appendChild(frame);
});
const look = frame => {
  const root = frame.contentDocument.documentElement, clipped = [];
  for (const e of root.querySelectorAll("body *:not(svg *)")) {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest(".scroll") || e.closest("thead")) continue;
    if (box.right > root.clientWidth + 1) clipped.push(e.tagName + "." + e.className);
  }
  return [root.scrollWidth, root.clientWidth, clipped.slice(0, 5), root.scrollHeight];
};
(async () => {
  for (const [page, width] of cases) {
    const frame = await load(page, width);
    const closed = look(frame);
    for (const d of frame.contentDocument.querySelectorAll("details")) d.open = true;
    found.push([closed, look(frame)]);
    frame.remove();
  }
  document.getElementById("found").textContent = JSON.stringify(found);
})();
</script></body></html>"""


def browse(folder: Path, *flags: str) -> str:
    done = subprocess.run(
        [str(CHROMIUM), *QUIET, f"--user-data-dir={folder / 'profile'}", *flags],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def measured(folder: Path, cases: list[tuple[str, int]]) -> list[list[list[object]]]:
    """Return for each page and width, closed and opened: scroll width, width, what sticks out."""
    wrapper = folder / "wrapper.html"
    told = json.dumps(cases).replace("</", "<\\/")
    wrapper.write_text(MEASURE.replace("__CASES__", told), encoding="utf-8")
    out = browse(
        folder, "--window-size=1400,900", "--virtual-time-budget=60000", "--dump-dom",
        wrapper.as_uri(),
    )  # fmt: skip
    return json.loads(re.search(r'<pre id="found">(.*?)</pre>', out, re.DOTALL)[1])


def as_printed(page: str) -> str:
    return page.replace("@media print", "@media all").replace("@media screen", "@media speech")


def test_nothing_sticks_out_on_a_phone_a_screen_or_paper(tmp_path):
    pages = {"study": render(study()), "small": render(small_study())}
    pages["large"] = render(large_study(6))
    pages["coevaluated"], pages["swept"] = render(coevaluated()), render(swept())
    cases = {(name, 390): (page, 390) for name, page in pages.items()}
    cases |= {("study", width): (pages["study"], width) for width in (768, 1280)}
    cases |= {("coevaluated", width): (pages["coevaluated"], width) for width in (500, 768, 1280)}
    cases |= {(n, "paper"): (as_printed(pages[n]), PRINTED) for n in ("study", "coevaluated")}
    control = pages["study"].replace("<main>", '<main><div style="width:2000px">x</div>')
    found = measured(tmp_path, [*cases.values(), (control, 390)])
    assert found[-1][0][0] > 390  # the measurement sees what sticks out
    for case, (closed, opened) in zip(cases, found, strict=False):
        assert closed[0] <= closed[1], case
        assert closed[2] == [], case
        if case[1] != "paper":
            assert opened[0] <= opened[1], case
            assert opened[2] == [], case
            assert opened[3] > closed[3], case


def test_it_prints_on_a_few_pages(tmp_path):
    source, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    source.write_text(render(study()), encoding="utf-8")
    browse(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}", source.as_uri())
    pages = len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes()))
    assert 4 <= pages <= 10


class Listener:
    """A proxy that answers nothing and remembers what it was asked for."""

    def __enter__(self):
        self.heard: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)

    def _listen(self):
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            with visitor:
                visitor.settimeout(5)
                try:
                    self.heard.append(visitor.recv(2000).decode("latin-1").partition("\r")[0])
                except OSError:
                    continue


def test_it_asks_nobody_for_anything_even_with_a_beacon_planted(tmp_path):
    beacon = '<main><img src="http://beacon.test/x.png">'
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    page = render(study())
    planted = page.replace("<main>", beacon)
    heard = {}
    for name, source in {
        "page": page,
        "planted": planted,
        "unguarded": policy.sub("", planted),
    }.items():
        path = tmp_path / f"{name}.html"
        path.write_text(source, encoding="utf-8")
        with Listener() as listener:
            browse(
                tmp_path, f"--proxy-server=http://127.0.0.1:{listener.port}", "--dump-dom",
                path.as_uri(),
            )  # fmt: skip
            heard[name] = [h for h in listener.heard if "beacon.test" in h]
    assert heard["unguarded"]  # the listener hears what a page asks for
    assert heard["planted"] == []
    assert heard["page"] == []
