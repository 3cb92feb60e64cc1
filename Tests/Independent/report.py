#!/usr/bin/env python3
"""Opens a report in headless Chromium, dumps its DOM, and counts what must be there.

usage: report.py REPORT.html REPORT.json [PICTURES]

REPORT.json is what `rollcall report --json` printed at the same instant. The page is read as XML, then as
the browser reads it; at two widths nothing may be wider than the window. With a folder PICTURES, pictures
are left there at both widths, in light and in dark. Exits 1 when something is missing. CHROMIUM names the
browser (chromium).
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

BROWSER = os.environ.get("CHROMIUM", "chromium")
WIDTHS = {"phone": 390, "desk": 1280}
# A headless window is at least 500 wide, so the page is measured inside a frame of the asked width.
FRAME = """<!DOCTYPE html><body style="margin:0"><iframe id="f" src="{page}"
style="border:0;width:{width}px;height:{height}px"></iframe><script>
document.getElementById('f').onload = e => {{
  const page = e.target.contentDocument, all = [...page.querySelectorAll('body *')];
  const inside = n => !n.closest('.scroll') && !n.closest('svg');
  const wide = all.filter(n => inside(n) && n.getBoundingClientRect().right > {width} + 1);
  document.title = JSON.stringify({{height: page.documentElement.scrollHeight,
    width: page.documentElement.scrollWidth, wide: wide.map(n => n.tagName + '.' + n.className)}});
}};</script>"""


def browse(*arguments):
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--allow-file-access-from-files", "--virtual-time-budget=3000", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def main(page, document, pictures=None):
    problems = []

    def expect(what, found, wanted):
        if found != wanted:
            problems.append(f"{what}: {found}, not {wanted}")

    url = "file://" + os.path.abspath(page)
    with open(page, encoding="utf-8") as file:
        root = tree.fromstring(file.read())
    with open(document, encoding="utf-8") as file:
        overview = json.load(file)
    dom = browse("--dump-dom", url)
    audiences, traits = overview["audiences"], overview["traits"]
    seen = {a["key"] for a in audiences if a["members"] > 0 and a["enabled"] and a["subject"] == "users"}
    counts = {
        'class="card audience"': len(audiences),
        'class="card trait"': len(traits),
        'class="card destination"': len(overview["destinations"]),
        'class="query"': len(audiences) + len(traits),
        'class="forecast"': sum(a["enabled"] for a in audiences),
        'class="sizes"': sum(bool(d["sizes"]) for d in audiences + traits),
        'class="own"': min(40, len(seen)) if len(seen) > 1 else 0,
        "<script": 0,
        "http-equiv": 1,
    }
    for text, wanted in counts.items():
        expect(text, dom.count(text), wanted)
    expect("elements in XML and in the browser",
           len(re.findall(r"<article", dom)), sum(1 for e in root.iter() if e.tag.endswith("article")))
    words = "".join(root.itertext())
    for definition in audiences + traits:
        for text in (definition["name"], definition["query"]):
            if text not in words:
                problems.append(f"{definition['key']}: its name or its query is not there")
    for audience in audiences:
        if f"{audience['members']:,}" not in words:
            problems.append(f"{audience['key']}: its size is not there")
    for name, width in WIDTHS.items():
        with tempfile.NamedTemporaryFile("w", suffix=".html", dir=os.path.dirname(
                os.path.abspath(page))) as frame:
            frame.write(FRAME.format(page=url, width=width, height=900))
            frame.flush()
            title = re.search("<title>(.*?)</title>", browse("--dump-dom", "file://" + frame.name))
            if not title:
                problems.append(f"{name}: it could not be measured")
                continue
            size = json.loads(title.group(1).replace("&quot;", '"').replace("&amp;", "&"))
            expect(f"{name}: too wide", size["wide"], [])
            expect(f"{name}: width", size["width"], width)
            if not pictures:
                continue
            frame.seek(0)
            frame.truncate()
            frame.write(FRAME.format(page=url, width=width, height=size["height"]))
            frame.flush()
            for mode in ("light", "dark"):
                browse(f"--window-size={max(width, 500)},{min(size['height'], 12000)}",
                       f"--blink-settings=preferredColorScheme={0 if mode == 'dark' else 1}",
                       f"--screenshot={os.path.abspath(pictures)}/{name}-{mode}.png",
                       "file://" + frame.name)
    for problem in problems:
        print("different:", problem)
    print("good" if not problems else f"{len(problems)} problems", f"of {len(audiences)} audiences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
