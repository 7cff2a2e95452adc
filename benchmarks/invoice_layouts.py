"""How invoices are laid out: fixed layouts of a dozen kinds, and ones drawn at random from parts and words."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from benchmarks.invoice_records import Record
from benchmarks.invoice_writers import Block

Words = dict[str, str]
Amount = Callable[[Decimal, str], str]

_SIGN = {"USD": "$", "EUR": "€", "GBP": "£", "KRW": "₩"}


# -- how dates and amounts are written -------------------------------------------------------------

DATES: dict[str, Callable[[date], str]] = {
    "iso": lambda day: day.isoformat(),
    "day month year": lambda day: f"{day.day} {day:%B %Y}",
    "month day year": lambda day: f"{day:%B} {day.day}, {day.year}",
    "short": lambda day: f"{day.day:02}-{day:%b-%Y}",
    "points": lambda day: f"{day:%d.%m.%Y}",
    "slashes": lambda day: f"{day:%d/%m/%Y}",
    "slashes us": lambda day: f"{day:%m/%d/%Y}",
    "korean": lambda day: f"{day.year}년 {day.month}월 {day.day}일",
    "korean zeros": lambda day: f"{day.year}년 {day:%m}월 {day:%d}일",
    "korean points": lambda day: f"{day.year}. {day.month}. {day.day}.",
    "korean tight": lambda day: f"{day:%Y.%m.%d}",
    "year slashes": lambda day: f"{day:%Y/%m/%d}",
}


def _grouped(value: Decimal, currency: str) -> str:
    return f"{value:,.0f}" if currency == "KRW" else f"{value:,.2f}"


def _comma(value: Decimal, currency: str) -> str:
    return _grouped(value, currency).translate(str.maketrans(",.", ".,"))


AMOUNTS: dict[str, Amount] = {
    "bare": _grouped,
    "sign": lambda value, currency: f"{_SIGN[currency]}{_grouped(value, currency)}",
    "sign apart": lambda value, currency: f"{_SIGN[currency]} {_grouped(value, currency)}",
    "code": lambda value, currency: f"{currency} {_grouped(value, currency)}",
    "code behind": lambda value, currency: f"{_grouped(value, currency)} {currency}",
    "comma": lambda value, currency: f"{_comma(value, currency)} {_SIGN[currency]}",
    "won": lambda value, currency: f"{_grouped(value, currency)}원",
}


def in_words(value: int) -> str:
    """An amount as Korean documents spell it: 1234000 -> 일백이십삼만사천."""
    digits, small, large = "영일이삼사오육칠팔구", ("", "십", "백", "천"), ("", "만", "억")
    said = ""
    for group in range(2, -1, -1):
        part = value // 10 ** (4 * group) % 10000
        words = "".join(
            digits[part // 10**place % 10] + small[place]
            for place in range(3, -1, -1)
            if part // 10**place % 10
        )
        said += words + large[group] if part else ""
    return said


# -- layouts ---------------------------------------------------------------------------------------

ENGLISH: Words = {
    "title": "INVOICE", "number": "Invoice No.", "issued": "Invoice date", "due": "Due date", "seller": "Seller", "buyer": "Bill to",
    "net": "Subtotal", "tax": "VAT ({rate}%)", "total": "Total", "discount": "Discount", "previous": "Previous balance",
    "order": "PO number", "ordered": "Order date", "delivered": "Delivery date", "account": "Account no.", "customer": "Customer no.",
    "phone": "Tel", "email": "E-mail", "registration": "VAT no.", "description": "Description", "quantity": "Qty",
    "unit_price": "Unit price", "amount": "Amount", "person": "Contact",
}  # fmt: skip
KOREAN: Words = {
    "title": "거래명세서", "number": "문서번호", "issued": "발행일", "due": "지급기한", "seller": "공급자", "buyer": "공급받는자",
    "net": "공급가액", "tax": "부가세", "total": "합계금액", "discount": "할인", "previous": "전월 미수금", "order": "발주번호",
    "ordered": "발주일", "delivered": "납품일", "account": "입금계좌", "customer": "거래처코드", "phone": "전화", "email": "이메일",
    "registration": "사업자등록번호", "description": "품목", "quantity": "수량", "unit_price": "단가", "amount": "금액", "person": "담당자",
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """One way to lay an invoice out.

    Attributes:
        head: how number and dates stand: "lines", "one line", "pairs", "grid", "wide grid", "stacked", "columns".
        sums: "lines", "pairs", "grid", "rows" (of the table of goods), "sentence", "words", "one line", "stacked".
        extras: of `Record.others` and the parties what else is said.
        colon: what parts label and text in a line.
    """

    name: str
    language: str
    suffix: str
    currency: str
    head: str = "lines"
    sums: str = "lines"
    dates: str = "iso"
    amounts: str = "bare"
    words: Words = field(default_factory=dict)
    extras: Sequence[str] = ("order", "ordered")
    colon: str = ": "
    parties: str = "lines"
    ruled: bool = True
    new_page: bool = False
    bold: bool = True

    def blocks(self, record: Record) -> list[Block]:
        return _Page(self, record).blocks()

    def truth(self, record: Record) -> dict[str, Any]:
        """What ought to be found: all but a currency that is not named."""
        return record.truth() | (
            {"currency": None} if self.amounts == "bare" and self.sums != "words" else {}
        )


_KO, _EN = "ko", "en"
LAYOUTS: tuple[Layout, ...] = (
    Layout("en-pdf-classic", _EN, ".pdf", "GBP", "columns", "lines", "day month year", "sign"),
    Layout("en-pdf-grid", _EN, ".pdf", "USD", "wide grid", "rows", "month day year", "sign",
           {"number": "Invoice #", "issued": "Date", "buyer": "Customer", "total": "Total due", "tax": "Sales tax {rate}%"},
           ("order", "customer", "previous", "account")),
    Layout("en-pdf-bare", _EN, ".pdf", "EUR", "pairs", "pairs", "points", "comma",
           {"number": "Invoice number", "issued": "Date of issue", "due": "Payment due", "net": "Net amount", "tax": "VAT {rate} %",
            "total": "Amount due", "seller": "Supplier"}, ("delivered", "account"), ruled=False),
    Layout("en-docx-letter", _EN, ".docx", "USD", "lines", "sentence", "month day year", "sign",
           {"number": "Reference", "issued": "Issued on", "due": "Please pay by"}, ("order", "account")),
    Layout("en-docx-table", _EN, ".docx", "GBP", "grid", "grid", "short", "sign", {"total": "Grand total", "net": "Total excl. VAT"},
           ("ordered", "delivered", "previous")),
    Layout("en-xlsx", _EN, ".xlsx", "USD", "pairs", "rows", "iso", "bare", {"number": "Invoice ID", "issued": "Issued"},
           ("order", "customer")),
    Layout("en-html", _EN, ".html", "EUR", "pairs", "pairs", "iso", "code", {"seller": "From", "buyer": "To", "total": "Total (incl. VAT)"},
           ("order", "delivered", "account")),
    Layout("en-txt-columns", _EN, ".txt", "GBP", "pairs", "pairs", "day month year", "bare", {"total": "TOTAL"},
           ("order", "ordered", "previous"), colon=" : "),
    Layout("en-txt-dense", _EN, ".txt", "USD", "one line", "one line", "iso", "sign", {"number": "Invoice"}, ("order",)),
    Layout("ko-pdf-tax", _KO, ".pdf", "KRW", "wide grid", "words", "korean points", "bare",
           {"title": "세 금 계 산 서", "issued": "작성일자", "number": "일련번호", "tax": "세액", "total": "합계금액"}, ("account",), parties="grid"),
    Layout("ko-pdf-statement", _KO, ".pdf", "KRW", "lines", "lines", "korean", "won", {"total": "총 청구금액", "title": "청 구 서",
           "number": "청구번호", "issued": "청구일"}, ("previous", "account", "order")),
    Layout("ko-docx", _KO, ".docx", "KRW", "grid", "rows", "korean zeros", "bare", {"total": "합　계", "net": "소계", "tax": "부가가치세"},
           ("delivered", "customer")),
    Layout("ko-xlsx", _KO, ".xlsx", "KRW", "pairs", "pairs", "iso", "bare", {"issued": "작성일", "total": "총액", "due": "납부기한"},
           ("order", "ordered", "delivered")),
    Layout("ko-html", _KO, ".html", "KRW", "grid", "lines", "korean tight", "sign", {"number": "청구서 번호", "total": "청구금액",
           "seller": "공급업체", "buyer": "고객명"}, ("account", "previous"), colon=" : "),
    Layout("ko-txt", _KO, ".txt", "KRW", "lines", "one line", "korean", "won", {"title": "견적 및 청구서", "number": "No", "total": "총금액"},
           ("order",), colon="："),
    Layout("ko-txt-bilingual", _KO, ".txt", "KRW", "pairs", "pairs", "year slashes", "code behind",
           {"number": "청구서 번호 Invoice No.", "issued": "발행일 Issue date", "due": "만기일 Due date", "net": "공급가액 Subtotal",
            "tax": "부가세 VAT", "total": "합계 Total"}, ("ordered",)),
)  # fmt: skip


def drawn(chance: random.Random, number: int, pools: dict[str, dict[str, Sequence[str]]]) -> Layout:
    """A layout of parts and words drawn at random; `pools` has the words by language and what they name."""
    language = chance.choice((_EN, _KO))
    currency = "KRW" if language == _KO else chance.choice(("USD", "EUR", "GBP"))
    words = {name: chance.choice(said) for name, said in pools[language].items()}
    suffix = chance.choice((".pdf", ".pdf", ".docx", ".xlsx", ".html", ".txt"))
    styles = (
        ("korean", "korean zeros", "korean points", "korean tight", "iso", "year slashes")
        if language == _KO
        else (
            "iso",
            "day month year",
            "month day year",
            "short",
            *(("points",) if currency == "EUR" else ("slashes",)),
        )
    )
    amounts = (
        ("bare", "won", "sign") if language == _KO else ("bare", "sign", "code", "code behind", "sign apart")
    )
    return Layout(
        f"drawn-{number:02}-{language}-{suffix[1:]}", language, suffix, currency,
        head=chance.choice(("lines", "one line", "pairs", "grid", "wide grid", "stacked", "columns")),
        sums=chance.choice(("lines", "pairs", "grid", "rows", "one line", "stacked", "sentence", *(["words"] if language == _KO else []))),
        dates=chance.choice(styles),
        amounts="comma" if currency == "EUR" and chance.random() < 0.5 else chance.choice(amounts),
        words=words,
        extras=tuple(chance.sample(("order", "ordered", "delivered", "account", "customer", "previous"), chance.randint(1, 4))),
        colon=chance.choice((": ", ": ", " : ", "：" if language == _KO else ": ")),
        parties=chance.choice(("lines", "grid", "columns", "pairs")),
        ruled=chance.random() < 0.6, new_page=chance.random() < 0.15, bold=chance.random() < 0.5,
    )  # fmt: skip


class _Page:
    """One invoice in one layout."""

    def __init__(self, layout: Layout, record: Record) -> None:
        self.layout = layout
        self.record = record
        words = KOREAN if layout.language == _KO else ENGLISH
        self.words = {**words, **layout.words}

    def blocks(self) -> list[Block]:
        made = [
            Block("title", [[self.words["title"]]]),
            *self._parties(),
            *self._block(self.layout.head, self._head()),
        ]
        made += self._goods()
        if self.layout.new_page:
            made.append(Block("page"))
        if self.layout.sums != "rows":
            made += self._sums()
        return [*made, *self._foot()]

    def _day(self, day: date) -> str:
        return DATES[self.layout.dates](day)

    def _amount(self, value: Decimal) -> str:
        return AMOUNTS[self.layout.amounts](value, self.record.currency)

    def _word(self, name: str) -> str:
        return (
            self.words[name]
            .replace("{rate}", str(self.record.rate))
            .replace("{currency}", self.record.currency)
        )

    # -- parts ---------------------------------------------------------------------------------

    def _head(self) -> list[tuple[str, str]]:
        record, others = self.record, self.record.others
        said = {
            "number": record.number, "issued": self._day(record.issued), "order": others["order"], "ordered": self._day(others["ordered"]),
            "delivered": self._day(others["delivered"]), "customer": others["customer"], "due": self._day(record.due),
        }  # fmt: skip
        wanted = ["number", "issued", *(one for one in self.layout.extras if one in said), "due"]
        return [(self._word(name), said[name]) for name in wanted]

    def _parties(self) -> list[Block]:
        seller, buyer = self.record.seller, self.record.buyer
        rows = [
            (self._word("seller"), seller.name, self._word("buyer"), buyer.name),
            (self._word("registration"), seller.registration, self._word("registration"), buyer.registration),
            (self._word("phone"), seller.phone, self._word("phone"), buyer.phone),
        ]
        if self.layout.parties == "grid":
            return [Block("grid", rows)]
        if self.layout.parties == "pairs":
            return [Block("pairs", rows)]
        colon = self.layout.colon
        sides = [[f"{row[at]}{colon}{row[at + 1]}" for row in rows] for at in (0, 2)]
        if self.layout.parties == "columns":
            return [Block("columns", sides)]
        return [Block("lines", [[line] for line in side]) for side in (sides[0], sides[1][:1])]

    def _goods(self) -> list[Block]:
        head = [self._word(name) for name in ("description", "quantity", "unit_price", "amount")]
        rows = [
            [one.description, str(one.quantity), self._amount(one.unit_price), self._amount(one.amount)]
            for one in self.record.lines
        ]
        if self.layout.sums == "rows":
            rows += [["", "", label, text] for label, text in self._rows_of_sums()]
        return [Block("table", [head, *rows], ruled=self.layout.ruled)]

    def _rows_of_sums(self) -> list[tuple[str, str]]:
        record = self.record
        rows = [(self._word("net"), self._amount(record.net))]
        if record.discount:
            rows.insert(0, (self._word("discount"), self._amount(-record.discount)))
        if "previous" in self.layout.extras:
            rows.append((self._word("previous"), self._amount(record.others["previous"])))
        return [
            *rows,
            (self._word("tax"), self._amount(record.tax)),
            (self._word("total"), self._amount(record.total)),
        ]

    def _sums(self) -> list[Block]:
        rows = self._rows_of_sums()
        if self.layout.sums == "sentence":
            *others, (label, text) = rows
            said = (
                f"{label}은 {text}입니다."
                if self.layout.language == _KO
                else f"The {label.lower()} is {text}."
            )
            return [*self._block("lines", others), Block("lines", [[said]])]
        if self.layout.sums == "words":
            *others, (label, text) = rows
            spelled = f"{label}{self.layout.colon}일금 {in_words(int(self.record.total))}원정 (₩{text.strip('₩원 ')})"
            return [*self._block("grid", others), Block("lines", [[spelled]])]
        return self._block(self.layout.sums, rows, bold=self.layout.bold)

    def _block(self, kind: str, rows: Sequence[tuple[str, str]], *, bold: bool = False) -> list[Block]:
        """Labels and texts as the layout has them."""
        lines = [f"{label}{self.layout.colon}{text}" for label, text in rows]
        half = (len(rows) + 1) // 2
        blocks: dict[str, Callable[[], Block]] = {
            "lines": lambda: Block("lines", [[line] for line in lines], bold=bold),
            "one line": lambda: Block("lines", [["   ".join(lines[:half])], ["   ".join(lines[half:])]]),
            "pairs": lambda: Block("pairs", rows, bold=bold),
            "grid": lambda: Block("grid", rows),
            "wide grid": lambda: Block("grid", [self._wide(rows, at, half) for at in range(half)]),
            "stacked": lambda: Block("stacked", rows),
            "columns": lambda: Block("columns", (lines[:half], lines[half:])),
        }
        return [blocks[kind]()]

    @staticmethod
    def _wide(rows: Sequence[tuple[str, str]], at: int, half: int) -> list[str]:
        return [*rows[at], *(rows[at + half] if at + half < len(rows) else ("", ""))]

    def _foot(self) -> list[Block]:
        seller, others = self.record.seller, self.record.others
        lines = [
            f"{self._word('person')}{self.layout.colon}{seller.person}",
            f"{self._word('email')}{self.layout.colon}{seller.email}",
        ]
        if "account" in self.layout.extras:
            lines.insert(0, f"{self._word('account')}{self.layout.colon}{others['account']}")
        return [Block("lines", [[line] for line in lines])]


def with_words(layout: Layout, **words: Any) -> Layout:
    """The same layout with some other words."""
    return replace(layout, words={**layout.words, **words})
