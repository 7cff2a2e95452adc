"""Docent's look as Streamlit theme options: one accent, warm neutrals, light and dark."""

from __future__ import annotations

# System fonts only, Korean ones first where they also hold good Latin letters: nothing is fetched.
FONT = (
    "Pretendard Variable, Pretendard, -apple-system, BlinkMacSystemFont, Apple SD Gothic Neo, Segoe UI, "
    "Malgun Gothic, Noto Sans KR, Noto Sans CJK KR, NanumBarunGothic, Roboto, Helvetica Neue, sans-serif"
)
MONO = "ui-monospace, SF Mono, Cascadia Mono, D2Coding, NanumGothicCoding, Consolas, monospace"

SHARED: dict[str, object] = {
    "font": FONT,
    "headingFont": FONT,
    "codeFont": MONO,
    "baseFontSize": 16,
    "baseRadius": "0.75rem",
    "buttonRadius": "0.625rem",
    "showWidgetBorder": True,
    "linkUnderline": False,
}
LIGHT: dict[str, object] = {
    "primaryColor": "#0f6b62",
    "backgroundColor": "#fdfdfb",
    "secondaryBackgroundColor": "#f3f3ee",
    "textColor": "#1d2322",
    "linkColor": "#0f6b62",
    "borderColor": "#e3e3dc",
    "sidebar.backgroundColor": "#f6f6f2",
    "sidebar.secondaryBackgroundColor": "#ebebe4",
    "sidebar.borderColor": "#e3e3dc",
}
DARK: dict[str, object] = {
    "primaryColor": "#3aa896",
    "backgroundColor": "#161a19",
    "secondaryBackgroundColor": "#1f2523",
    "textColor": "#e6ebe9",
    "linkColor": "#6fd0c0",
    "borderColor": "#303836",
    "sidebar.backgroundColor": "#111514",
    "sidebar.secondaryBackgroundColor": "#1f2523",
    "sidebar.borderColor": "#262d2b",
}


def options() -> dict[str, object]:
    """Streamlit option -> value. Without `theme.base`, the pages follow the system's light or dark."""
    sections = {"theme": SHARED, "theme.light": LIGHT, "theme.dark": DARK}
    return {f"{section}.{name}": value for section, part in sections.items() for name, value in part.items()}
