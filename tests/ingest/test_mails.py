"""What comes of mails: people, dates and bodies in any encoding; attachments; and hostile ones."""

from __future__ import annotations

import struct
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from app.errors import DocumentError
from ingest.loaders import SourceDocument, read


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {"From": "kim@example.com", "Subject": "Leave", **headers}.items():
        message[name] = value
    return message


def saved(path: Path, message: EmailMessage | bytes) -> Path:
    path.write_bytes(message if isinstance(message, bytes) else message.as_bytes(policy=SMTP))
    return path


def text(document: SourceDocument) -> str:
    return "\n".join(block.text for block in document.blocks)


def first(path: Path) -> SourceDocument:
    return next(iter(read(path)))


def test_headers_are_text_and_metadata(tmp_path: Path) -> None:
    message = mail(
        From='"김민수, 인사팀" <Minsu.Kim@example.com>',
        To="lee@example.com, Park <park@example.com>",
        Subject="휴가 규정 변경 안내",
        Date="Tue, 3 Mar 2026 09:30:00 +0900",
    )
    message.set_content("연차는 15일에서 18일로 바뀝니다.\n\n감사합니다.\n")
    document = first(saved(tmp_path / "a.eml", message))
    assert document.title == "휴가 규정 변경 안내"
    assert document.record_id is None
    assert document.blocks[0].text == (
        "From: 김민수, 인사팀 <Minsu.Kim@example.com>\n"
        "To: lee@example.com, Park <park@example.com>\n"
        "Date: 2026-03-03 09:30 +0900\n"
        "Subject: 휴가 규정 변경 안내"
    )
    assert [block.text for block in document.blocks[1:]] == [
        "연차는 15일에서 18일로 바뀝니다.",
        "감사합니다.",
    ]
    assert document.metadata == {
        "from": ("minsu.kim@example.com", "김민수, 인사팀"),
        "to": ("lee@example.com", "park@example.com", "Park"),
        "date": ("2026-03-03",),
        "subject": ("휴가 규정 변경 안내",),
    }


@pytest.mark.parametrize(
    "charset", ["utf-8", "euc-kr", "ks_c_5601-1987", "iso-2022-kr", "no-such-code", "zlib"]
)
def test_korean_bodies_in_any_encoding(tmp_path: Path, charset: str) -> None:
    python = {
        "ks_c_5601-1987": "cp949",
        "no-such-code": "cp949",
        "zlib": "cp949",
        "iso-2022-kr": "iso2022_kr",
    }
    head = "From: a@b.kr\nSubject: =?euc-kr?B?yN6wobHUwaQ=?=\n"
    raw = f"{head}Content-Type: text/plain; charset={charset}\n\n".encode()
    raw += "연차 휴가는 15일이다.\n".encode(python.get(charset, charset))
    document = first(saved(tmp_path / "a.eml", raw))
    assert document.title == "휴가규정"
    assert document.blocks[-1].text == "연차 휴가는 15일이다."


def test_headers_in_bare_bytes_are_decoded(tmp_path: Path) -> None:
    raw = "From: 김민수 <kim@example.com>\nSubject: 휴가 규정 변경\n\n본문은 여기에 있다.\n".encode("cp949")
    document = first(saved(tmp_path / "a.eml", raw))
    assert document.title == "휴가 규정 변경"
    assert document.metadata["from"] == ("kim@example.com", "김민수")
    assert document.blocks[-1].text == "본문은 여기에 있다."


def test_plain_text_wins_over_html_unless_it_is_a_stub(tmp_path: Path) -> None:
    message = mail()
    message.set_content("Fifteen days.\n")
    message.add_alternative("<p>Fifteen <b>days</b>.</p>", subtype="html")
    assert first(saved(tmp_path / "a.eml", message)).blocks[1].text == "Fifteen days."
    message = mail()
    message.set_content("No HTML, no mail.\n")
    table = "<table><tr><th>Kind</th><th>Days</th></tr><tr><td>Annual</td><td>15</td></tr></table>"
    message.add_alternative(f"<html><style>p {{}}</style><h1>Leave</h1>{table}</html>", subtype="html")
    blocks = first(saved(tmp_path / "b.eml", message)).blocks
    assert [(block.kind, block.text) for block in blocks[1:]] == [
        ("heading", "Leave"),
        ("table", "| Kind | Days |\n| --- | --- |\n| Annual | 15 |"),
    ]


def test_attachments_are_documents_with_the_mails_metadata(tmp_path: Path) -> None:
    message = mail(Date="Tue, 3 Mar 2026 09:30:00 +0900")
    message.set_content("See the files.")
    message.add_attachment(b"# Rules\n\nFifteen days.", "text", "markdown", filename="휴가 규정.md")
    message.add_attachment(b"a,b\n1,2\n", "text", "csv", filename="../../days.csv")
    message.add_attachment(b"MZ", "application", "octet-stream", filename="setup.exe")
    document, rules, days = read(saved(tmp_path / "a.eml", message))
    assert (rules.record_id, rules.title) == ("휴가 규정.md", "휴가 규정.md")
    assert rules.metadata["from"] == ("kim@example.com",)
    assert rules.metadata["date"] == ("2026-03-03",)
    assert days.record_id == "days.csv"
    assert "Attachments: 휴가 규정.md, days.csv, setup.exe" in document.blocks[0].text
    assert document.blocks[-1].text == "Attachment not read: setup.exe: files of type '.exe' are not read"


def test_an_attachment_without_a_suffix_is_read_by_its_media_type(tmp_path: Path) -> None:
    message = mail()
    message.set_content("See.")
    message.add_attachment(b"<p>Hello</p>", "text", "html", filename="page")
    _, page = read(saved(tmp_path / "a.eml", message))
    assert (page.record_id, text(page)) == ("page.html", "Hello")


def test_forwarded_mails_are_documents_with_their_attachments(tmp_path: Path) -> None:
    inner = mail(Subject="Old/rules")
    inner.set_content("Ten days.")
    inner.add_attachment(b"Appendix.", "text", "plain", filename="appendix.txt")
    outer = mail(Subject="Fwd")
    outer.set_content("See below.")
    outer.add_attachment(inner)
    documents = list(read(saved(tmp_path / "a.eml", outer)))
    assert [document.record_id for document in documents] == [
        None,
        "Old_rules.eml",
        "Old_rules.eml/appendix.txt",
    ]
    assert documents[1].blocks[-1].text == "Ten days."
    assert documents[1].metadata["subject"] == ("Old/rules",)


def test_pictures_in_the_text_are_no_documents(tmp_path: Path) -> None:
    message = mail()
    message.set_content("<p>Hello, this is our logo: <img src='cid:logo'></p>", subtype="html")
    message.add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png", disposition="inline")
    (document,) = read(saved(tmp_path / "a.eml", message))
    assert "logo.png" not in text(document)


def attribute(level: int, identifier: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, identifier, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def test_outlooks_winmail_is_unpacked(tmp_path: Path) -> None:
    data = struct.pack("<IH", 0x223E9F78, 1)
    data += attribute(2, 0x00069002, b"\0" * 14)
    data += attribute(2, 0x00018010, "휴가.txt\0".encode("cp949")) + attribute(
        2, 0x0006800F, "연차는 15일이다.".encode()
    )
    message = mail()
    message.set_content("See.")
    message.add_attachment(data, "application", "ms-tnef", filename="winmail.dat")
    _, attached = read(saved(tmp_path / "a.eml", message))
    assert (attached.record_id, text(attached)) == ("휴가.txt", "연차는 15일이다.")
    message = mail()
    message.set_content("See.")
    message.add_attachment(data[:-9], "application", "ms-tnef", filename="winmail.dat")
    assert len(list(read(saved(tmp_path / "b.eml", message)))) == 1


def test_an_encrypted_mail_says_so(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(b"\x30\x82", "application", "pkcs7-mime", filename="smime.p7m")
    assert "the mail is encrypted" in text(first(saved(tmp_path / "a.eml", message)))


# -- hostile mails -----------------------------------------------------------------------------------


def test_thousands_of_parts_are_cut_off(tmp_path: Path) -> None:
    parts = "".join(f"--x\nContent-Type: text/plain\n\nPart {number}.\n" for number in range(5000))
    raw = f"From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n{parts}--x--\n".encode()
    found = text(first(saved(tmp_path / "a.eml", raw)))
    assert "Part 0." in found
    assert "Part 4999." not in found
    assert "more than the 1,000 parts" in found


def test_parts_nested_thousands_deep_are_an_error_or_read(tmp_path: Path) -> None:
    head = "".join(
        f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n" for number in range(3000)
    )
    with pytest.raises(DocumentError, match=r"a\.eml is nested too deeply"):
        list(
            read(
                saved(tmp_path / "a.eml", f"From: a@b.c\n{head}Content-Type: text/plain\n\nDeep.\n".encode())
            )
        )


def test_mails_nested_in_mails_stop_at_a_depth(tmp_path: Path) -> None:
    raw = (
        "".join("Subject: s\nContent-Type: message/rfc822\n\n" for _ in range(20))
        + "Subject: last\n\nDeep.\n"
    )
    documents = list(read(saved(tmp_path / "a.eml", raw.encode())))
    assert 1 <= len(documents) <= 5
    assert any("files deep; unpack it" in text(document) for document in documents)


@pytest.mark.parametrize(
    "header",
    [
        'Content-Type: text/plain; charset="a\0b"',
        "Content-Type: text/plain; charset*=x'y'%FF",
        "Content-Type: text/plain; charset=unicode_escape",
        "Content-Disposition: attachment; filename*=no-such''%FF%FE.txt\nContent-Type: text/plain",
        'Content-Disposition: attachment; filename="=?euc-kr?B?!!!?=.txt"',
        "Date: Tue, 99 Foo 99999 99:99:99 +9999",
        "From: =?utf-8?B?////?= <<<>>>,,;;@@",
        "To: " + ",".join(["a" * 50] * 5000),
        "Subject: " + "=?utf-8?Q?=?" * 2000,
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: x-uuencode",
        "Content-Type: multipart/mixed; boundary=" + "x" * 5000,
        "Content-Type: ;;;===",
    ],
)
def test_hostile_headers_lose_no_text(tmp_path: Path, header: str) -> None:
    raw = f"Subject: Hello\n{header}\n\nThe body of the mail is here.\n".encode()
    documents = list(read(saved(tmp_path / "a.eml", raw)))
    assert documents[0].blocks
    for document in documents:
        text(document).encode()
        str(document.metadata).encode()


def test_what_is_no_mail_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.eml (is no mail|is empty)"):
        list(read(saved(tmp_path / "a.eml", b"\n\n\n")))
