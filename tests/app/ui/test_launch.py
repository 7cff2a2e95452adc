"""The server is started with options alone, and its pages are light until something heavy is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.config import load_settings
from app.ui import assets, launch, theme

MAIN = Path(launch.__file__).with_name("main.py")
HEAVY = {
    "torch",
    "sentence_transformers",
    "chromadb",
    "langchain_openai",
    "kiwipiepy",
    "transformers",
    "faiss",
}


def test_the_command_needs_no_config_file():
    command = launch.command(load_settings(host="0.0.0.0", max_upload_mb=7), 8765)
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(command[4]).is_file()
    for flag in (
        "--server.address=0.0.0.0",
        "--server.port=8765",
        "--server.maxUploadSize=7",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
    ):
        assert flag in command


def test_streamlit_knows_every_option():
    from streamlit import config

    known = config.get_config_options()
    names = [flag[2:].partition("=")[0] for flag in launch.command(load_settings(), 8501)[5:]]
    assert len(names) > 30
    assert [name for name in names if name not in known] == []


def test_no_font_or_style_is_fetched():
    style = assets.asset("docent.css")
    assert "@import" not in style
    assert "http" not in style
    assert all("http" not in str(value) for value in theme.options().values())


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_is_readable_in_light_and_dark():
    for colours in (theme.LIGHT, theme.DARK):
        background = str(colours["backgroundColor"])
        assert contrast(str(colours["textColor"]), background) >= 7
        assert contrast(str(colours["linkColor"]), background) >= 4.5
        assert contrast(str(colours["primaryColor"]), background) >= 3


def test_the_pages_import_nothing_heavy():
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"page = AppTest.from_file({str(MAIN)!r}, default_timeout=60).run()\n"
        "assert not page.exception, page.exception\n"
        "assert any('d-hero' in e.proto.body for e in page.get('html')), 'no page'\n"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "streamlit" in loaded
    assert loaded & HEAVY == set()
