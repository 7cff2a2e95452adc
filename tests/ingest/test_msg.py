"""What comes of Outlook's mails, built here property by property; and of broken and hostile ones."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ole import ole

from app.errors import DocumentError
from ingest.loaders import SourceDocument, lzfu, read

# The example of the specification (MS-OXRTFCP, 4.1).
LZFU = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
SENT = (
    int((datetime(2026, 3, 3, 0, 30, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
)


def rows(head: int, **fixed: int) -> bytes:
    """The stream of numbers; keywords are `p` and the property's tag in hexadecimal."""
    return bytes(head) + b"".join(
        struct.pack("<IIQ", int(tag[1:], 16), 6, value) for tag, value in fixed.items()
    )


def wide(**texts: str) -> dict[str, bytes]:
    return {f"__substg1.0_{tag[1:]}001F": text.encode("utf-16-le") for tag, text in texts.items()}


def within(storage: str, streams: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{storage}/{name}": data for name, data in streams.items()}


def recipient(number: int, kind: int, **texts: str) -> dict[str, bytes]:
    streams = {"__properties_version1.0": rows(8, p0C150003=kind), **wide(**texts)}
    return within(f"__recip_version1.0_#{number:08X}", streams)


def attachment(number: int, name: str, streams: dict[str, bytes], **fixed: int) -> dict[str, bytes]:
    streams = {"__properties_version1.0": rows(8, **fixed), **wide(p3707=name), **streams}
    return within(f"__attach_version1.0_#{number:08X}", streams)


HEAD = {"__properties_version1.0": rows(32, p00390040=SENT)}


def saved(path: Path, *parts: dict[str, bytes]) -> Path:
    path.write_bytes(ole({name: data for part in parts for name, data in part.items()}))
    return path


def text(document: SourceDocument) -> str:
    return "\n".join(block.text for block in document.blocks)


def test_headers_body_and_attachments(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.msg",
        HEAD,
        wide(
            p0037="휴가 규정",
            p1000="연차는 15일이다.\r\n\r\n감사합니다.\0",
            p0C1A="김민수",
            p0C1F="/O=EX/CN=KIM",
        ),
        wide(p5D01="kim@example.com"),
        recipient(0, 1, p3001="Lee", p39FE="lee@example.com"),
        recipient(1, 2, p3001="Park", p3003="park@example.com"),
        recipient(2, 3, p3001="", p3003=""),
        attachment(0, "규정.txt", {"__substg1.0_37010102": "부록의 글.".encode("cp949")}),
        attachment(
            1, "logo.png", {"__substg1.0_37010102": b"\x89PNG", **wide(p370E="image/png")}, p37140003=4
        ),
    )
    mail, attached = read(path)
    assert mail.title == "휴가 규정"
    assert [block.text for block in mail.blocks] == [
        "From: 김민수 <kim@example.com>\nTo: Lee <lee@example.com>\nCc: Park <park@example.com>\n"
        "Date: 2026-03-03 00:30 +0000\nSubject: 휴가 규정\nAttachments: 규정.txt",
        "연차는 15일이다.",
        "감사합니다.",
    ]
    assert mail.metadata["date"] == ("2026-03-03",)
    assert mail.metadata["to"] == ("lee@example.com", "Lee", "park@example.com", "Park")
    assert (attached.record_id, attached.title, text(attached)) == ("규정.txt", "규정.txt", "부록의 글.")


def test_mails_of_old_outlook_are_in_their_code_page(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.msg",
        {"__properties_version1.0": rows(32, p3FFD0003=949)},
        {
            "__substg1.0_0037001E": "휴가".encode("cp949"),
            "__substg1.0_1000001E": "연차는 15일.".encode("cp949"),
        },
    )
    (mail,) = read(path)
    assert (mail.title, mail.blocks[-1].text) == ("휴가", "연차는 15일.")


def test_html_and_rtf_bodies_where_there_is_no_text(tmp_path: Path) -> None:
    html = {"__substg1.0_10130102": "<h1>휴가</h1><p>연차는 15일.</p>".encode()}
    (mail,) = read(saved(tmp_path / "a.msg", HEAD, wide(p0037="s"), html))
    assert [block.text for block in mail.blocks[1:]] == ["휴가", "연차는 15일."]
    (mail,) = read(saved(tmp_path / "b.msg", HEAD, wide(p0037="s"), {"__substg1.0_10090102": LZFU}))
    assert mail.blocks[-1].text == "hello world"


def test_compressed_rtf() -> None:
    assert lzfu.decompress(LZFU) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    for end in range(len(LZFU)):
        assert lzfu.decompress(LZFU).startswith(lzfu.decompress(LZFU[:end]))
    source = b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag96 <div>}"
    source += b"\\htmlrtf {\\htmlrtf0 Body\\htmlrtf\\par}\\htmlrtf0 }"
    assert lzfu.text(struct.pack("<II4sI", 0, len(source), b"MELA", 0) + source).strip() == "Body"


def test_an_attached_mail_is_a_document_with_its_attachments(tmp_path: Path) -> None:
    inner = {
        "__properties_version1.0": rows(24, p00390040=SENT),
        **wide(p0037="옛 규정", p1000="연차는 10일이었다.", p0C1A="이영희", p5D01="lee@example.com"),
        **attachment(0, "old.txt", {"__substg1.0_37010102": b"Old text."}),
    }
    path = saved(
        tmp_path / "a.msg",
        HEAD,
        wide(p0037="Fwd", p1000="See."),
        attachment(0, "", within("__substg1.0_3701000D", inner), p37050003=5),
    )
    mail, forwarded, attached = read(path)
    assert mail.record_id is None
    assert (forwarded.record_id, attached.record_id) == ("옛 규정.eml", "옛 규정.eml/old.txt")
    assert "From: 이영희 <lee@example.com>" in text(forwarded)
    assert forwarded.blocks[-1].text == "연차는 10일이었다."
    assert forwarded.metadata["date"] == ("2026-03-03",)
    assert text(attached) == "Old text."


@pytest.mark.parametrize("content", [b"hello", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"%PDF-1.7"])
def test_what_is_no_msg_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.msg").write_bytes(content)
    with pytest.raises(DocumentError, match=r"a\.msg is (broken or not a mail|no mail)"):
        list(read(tmp_path / "a.msg"))


def test_another_file_of_ole_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.msg is no mail"):
        list(read(saved(tmp_path / "a.msg", {"WordDocument": b"x" * 5000})))


def test_damage_anywhere_is_an_error_or_read(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.msg", HEAD, wide(p0037="Subject", p1000="Body " * 900), recipient(0, 1, p3001="Lee")
    )
    whole = path.read_bytes()
    for position in range(0, len(whole), 61):
        path.write_bytes(whole[:position] + b"\xfe\xff\xff\x7f" + whole[position + 4 :])
        try:
            assert next(iter(read(path))).blocks
        except DocumentError as error:
            assert str(error).startswith("a.msg ")
