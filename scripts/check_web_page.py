#!/usr/bin/env python3
"""Uses the web page of a real `coderank serve` in a headless Chromium, by the keyboard.

    check_web_page.py --model FOLDER [--program build/release/bin/coderank] [--screenshots FOLDER]

FOLDER: what scripts/fetch-model prints. Needs the Python package playwright, and chromium on the PATH.
Checks that a question is answered and its results can be walked through, expanded and followed; that the
token leaves the address; that names of files and code made to be taken for markup are shown as text;
and that the browser loads nothing from elsewhere and reports no violation of the page's policy. With
--screenshots, writes web-light.png and web-dark.png.
Exit status: 0 all right, 1 something was not, 77 not checked because something is not installed.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
QUESTION = "compare a secret in constant time"
HOSTILE_NAME = "<img src=x onerror=document.title=1>.js"
HOSTILE_CODE = ("// </code></pre></script><script>document.title = 'taken over'</script>\n"
                "function unmistakableHostility() {\n"
                "  return '<img src=x onerror=\"document.title=2\">';\n}\n")
SIZE = {"width": 1000, "height": 620}


def require(condition, what):
    if not condition:
        sys.exit(f"check_web_page: {what}")


class Server:
    """`coderank serve` on a copy of some sources, in a home of its own."""

    def __init__(self, program, model, folder):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("XDG_", "CODERANK_"))}
        environment["HOME"] = folder
        tree = pathlib.Path(folder, "coderank")
        for layer in ("base", "text", "http"):
            shutil.copytree(ROOT / "src" / layer, tree / "src" / layer)
        (tree / HOSTILE_NAME).write_text(HOSTILE_CODE)
        for words in (["model", "add", "-q", "model", model], ["index", "-q", "--budget", "0", tree]):
            subprocess.run([program, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen([program, "serve", "-q", "--listen", "127.0.0.1:0", tree],
                                        env=environment, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.url = self.address.split("?")[0]
        while not self.is_ready():
            time.sleep(0.1)

    def is_ready(self):
        try:
            return urllib.request.urlopen(self.url + "health").status == 200
        except urllib.error.HTTPError:
            return False


class Page:
    """A page of the browser, with all that it complained of."""

    def __init__(self, browser, server, scheme="light"):
        context = browser.new_context(color_scheme=scheme, viewport=SIZE)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = context.new_page()
        self.complaints = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type != "log" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda r: None if r.url.startswith(server.url)
                     else self.complaints.append(f"loads {r.url}"))
        self.page.goto(server.address)

    def ask(self, question):
        is_there = self.page.evaluate("document.activeElement.id === 'query'")
        self.page.keyboard.press("Control+a" if is_there else "/")
        self.page.keyboard.type(question)
        self.page.keyboard.press("Enter")
        self.wait_for(question)

    def wait_for(self, text):
        self.page.wait_for_function(
            "text => document.getElementById('status').textContent.includes(`\"${text}\"`)", arg=text)

    def places(self):
        return [re.sub(r"\s", "", place) for place in self.page.locator(".place").all_text_contents()]


def check_use(browser, server):
    view = Page(browser, server)
    page = view.page
    require("token" not in page.url, f"the token stays in the address {page.url}")
    require(page.evaluate("document.activeElement.id") == "query", "the question has not the focus")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    view.wait_for(QUESTION)
    require(any(place.startswith("src/http/access.") for place in view.places()[:3]),
            f"found {view.places()[:3]}")
    place = view.places()[0].split("-")[0]
    require(page.locator(".result .keyword").count() > 0, "nothing is highlighted")
    page.keyboard.press("ArrowDown")
    first = page.locator(".result").first
    require(first.evaluate("item => item === document.activeElement"), "ArrowDown reaches no result")
    lines = first.locator(".line").count()
    page.keyboard.press("Enter")
    require(first.locator(".line").count() > lines, "Enter shows no more lines")
    numbers = [int(n) for n in first.locator(".line").evaluate_all("l => l.map(x => x.dataset.number)")]
    require(numbers == list(range(numbers[0], numbers[0] + len(numbers))), f"lines {numbers}")
    page.keyboard.press("Enter")
    require(first.locator(".line").count() == lines, "Enter does not take the lines away again")
    require(first.locator(".symbol b").text_content().endswith("EqualInConstantTime"), "it is not named")
    page.keyboard.press("c")
    page.wait_for_function("document.getElementById('status').textContent.startsWith('Copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    require(copied == place, f"copied {copied} and not {place}")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("r")
    view.wait_for(f"code like {copied}")
    page.go_back()
    page.go_forward()
    view.wait_for(QUESTION)
    page.reload()
    view.wait_for(QUESTION)
    require(not view.complaints, f"the browser complains: {view.complaints}")


def check_hostile_text(browser, server):
    view = Page(browser, server)
    view.ask("unmistakableHostility")
    page = view.page
    require(view.places()[0].startswith(HOSTILE_NAME.replace(" ", "")), f"found {view.places()[:3]}")
    shown = page.locator("pre").first.text_content()
    require(HOSTILE_CODE.strip() in shown, f"the code is shown as {shown}")
    require(page.locator("main img, main script").count() == 0, "text has become markup")
    view.ask("<img src=x onerror=document.title=3>")
    require("onerror" in page.title(), f"the title is {page.title()}")
    # A script that found its way into the page after all is not run.
    page.evaluate("const s = document.createElement('div'); try { s.innerHTML = '<b>x</b>' } catch {}"
                  "document.body.append(s)")
    require(page.locator("body > div b").count() == 0, "the policy lets text become markup")
    complaints = [c for c in view.complaints if "Trusted" not in c]
    require(not complaints, f"the browser complains: {complaints}")


def check_without_token(browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.url + "?q=reader")
    page.wait_for_function("document.getElementById('status').textContent.includes('access token')")


def take_screenshots(browser, server, folder):
    for scheme in ("light", "dark"):
        view = Page(browser, server, scheme)
        view.ask(QUESTION)
        view.page.keyboard.press("ArrowDown")
        view.page.mouse.move(0, 0)
        view.page.evaluate("window.scrollTo(0, 0)")
        view.page.screenshot(path=folder / f"web-{scheme}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/coderank"))
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if chromium is None or sync_playwright is None:
        print("check_web_page: NOT CHECKED: expected chromium and the Python package playwright",
              file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(arguments.program, arguments.model, folder)
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            print(f"chromium {browser.version}")
            check_use(browser, server)
            check_hostile_text(browser, server)
            check_without_token(browser, server)
            if arguments.screenshots:
                take_screenshots(browser, server, arguments.screenshots)
            browser.close()
        finally:
            server.process.terminate()
            server.process.wait()
    print("check_web_page: all right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
