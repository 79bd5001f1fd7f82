"""The HTML report in a real browser: nothing in it runs, nothing is fetched, and the page says no error."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from audit.records import Bundle
from audit.reports import html

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
def test_page_opens_without_errors_and_names_stay_text(
    bundle: Bundle, example: SimpleNamespace, tmp_path: Path
) -> None:
    # would change the title if it ran, whatever the policy of the page says to scripts that are let through
    attack = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    entry = replace(bundle.entries[0], id=f"{example.SCRIPT}{attack}", why=attack)
    page = tmp_path / "report.html"
    page.write_text(html.render(replace(bundle, entries=(entry, *bundle.entries[1:]))), encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--enable-logging=stderr", "--v=0", "--dump-dom", page.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "<title>FAILED: credit-risk 2026.11</title>" in run.stdout
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in run.stdout
    assert "<script" not in run.stdout
    assert "<img" not in run.stdout
    assert run.stdout.count("<section") == len(bundle.entries)
    # a refused resource, a broken rule or a script error would be a line of the page's console
    assert not re.findall(r".*CONSOLE.*", run.stderr)
