"""What comes of the structure of HTML: cells that span, words in blocks, numbered lists, captions."""

from __future__ import annotations

from pathlib import Path

from ingest.loaders import read


def kinds(path: Path, body: str) -> list[tuple[str, str]]:
    path.write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    (document,) = read(path)
    return [(block.kind, block.text) for block in document.blocks]


def test_cells_that_span_stand_in_each_column_and_row(tmp_path: Path) -> None:
    rows = (
        '<tr><th rowspan="2">직급</th><th colspan="2">휴가</th></tr><tr><th>연차</th><th>병가</th></tr>'
        '<tr><td>사원</td><td>15</td><td>3</td></tr><tr><td colspan="3">해외 지사 제외</td></tr>'
    )
    assert kinds(tmp_path / "a.html", f"<table><caption>표 <b>1</b></caption>{rows}</table>") == [
        ("text", "표 1"),
        (
            "table",
            "| 직급 | 휴가 | 휴가 |\n| --- | --- | --- |\n| 직급 | 연차 | 병가 |\n| 사원 | 15 | 3 |\n"
            "| 해외 지사 제외 |  |  |",
        ),
    ]


def test_hostile_spans_stay_small(tmp_path: Path) -> None:
    cell = '<td colspan="9999" rowspan="99999">x</td><td colspan="-1" rowspan="²">y</td>'
    prose = "<p>Annual leave is fifteen days.</p>" * 50
    found = kinds(tmp_path / "a.html", f"{prose}<table>{f'<tr>{cell}</tr>' * 300}</table>")
    assert sum(len(text) for _, text in found) < 2_000_000


def test_words_in_blocks_are_parted_and_inline_ones_are_not(tmp_path: Path) -> None:
    table = "<table><tr><td><p>One</p><p>two<br>three</p></td><td>H<sub>2</sub>O<!-- c -->!</td></tr></table>"
    assert kinds(tmp_path / "a.html", f"<h1>Sec<i>tion</i><br>one</h1>{table}") == [
        ("heading", "Section one"),
        ("table", "| One two three | H2O! |\n| --- | --- |"),
    ]


def test_numbered_lists_keep_their_numbers(tmp_path: Path) -> None:
    ordered = "<ol start='3'><li>셋</li><li>넷<ul><li>점</li></ul></li><li value='9'>다섯</li></ol>"
    assert kinds(tmp_path / "a.html", ordered) == [
        ("list", "3. 셋"),
        ("text", "4. 넷"),
        ("list", "- 점"),
        ("list", "5. 다섯"),
    ]


def test_cells_of_nested_tables_are_all_there(tmp_path: Path) -> None:
    inner = "<table><tr><td>C</td><td>D</td></tr></table>"
    assert kinds(tmp_path / "a.html", f"<table><tr><td>A</td><td>B {inner}</td></tr></table>") == [
        ("text", "A"),
        ("text", "B"),
        ("table", "| C | D |\n| --- | --- |"),
    ]


def test_a_short_page_is_read_whole(tmp_path: Path) -> None:
    body = "<details><summary>자세히</summary><p>연차는 15일이다.</p></details><footer>인사팀</footer>"
    assert [text for _, text in kinds(tmp_path / "a.html", body)] == ["자세히", "연차는 15일이다.", "인사팀"]


def test_html_within_markdown_is_read_by_its_structure(tmp_path: Path) -> None:
    table = "<table>\n<tr><th>구분</th><th>일수</th></tr>\n<tr><td>연차</td><td>15</td></tr>\n</table>"
    source = f"# 휴가\n\n{table}\n\n<!-- note -->\n\n</div>\n\n"
    source += "<details>\n<summary>자세히</summary>\n\n**본문**은 여기.\n"
    path = tmp_path / "a.md"
    path.write_text(source, encoding="utf-8")
    (document,) = read(path)
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("heading", "휴가"),
        ("table", "| 구분 | 일수 |\n| --- | --- |\n| 연차 | 15 |"),
        ("text", "자세히"),
        ("text", "본문은 여기."),
    ]
