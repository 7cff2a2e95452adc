"""What made-up invoices say, before anybody sets them in type: parties, dates, rows of goods and their sums."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_COMPANIES = {
    "en": "Northwind Harbour Larkspur Bluestone Oakfield Meridian Copperline Fernhill Redmoor Silverbay Westgate Kestrel",
    "ko": "한빛 누리 가람 다온 새솔 푸른 미르 해담 온새 라온 나래 바른",
}
_KINDS = {
    "en": (
        "Supplies Ltd",
        "Trading GmbH",
        "Logistics Inc.",
        "Print Works",
        "Consulting LLC",
        "Foods Co.",
        "Systems plc",
    ),
    "ko": ("상사", "산업", "테크", "물산", "디자인", "유통", "시스템즈"),
}
_GOODS = {
    "en": (
        "Copy paper A4", "Toner cartridge TN-2420", "Desk lamp", "Consulting hours", "Steel bolts M8", "Garden hose 25 m",
        "Website hosting", "Delivery", "Office chair", "Coffee beans 1 kg", "USB cable 2m", "Translation DE-EN",
    ),
    "ko": (
        "A4 복사용지", "토너 TN-2420", "사무용 의자", "디자인 용역", "볼트 M8", "정기 점검", "원두커피 1kg", "배송비", "USB 케이블 2m",
        "현수막 제작", "번역료", "서버 임대 12월분",
    ),
}  # fmt: skip
_STREETS = {
    "en": (
        "12 Harbour Road, Leeds LS1 4AP",
        "480 Mill Street, Dayton OH 45402",
        "Unit 7, 3 Station Way, Bath BA1 1SU",
    ),
    "ko": ("서울특별시 중구 세종대로 110", "부산광역시 해운대구 센텀중앙로 79", "대전 유성구 대학로 99, 3층"),
}
_PEOPLE = {
    "en": ("Jane Miller", "Tom Baker", "Aisha Khan", "Luca Rossi"),
    "ko": ("김민수", "이서연", "박지훈", "최유진"),
}


@dataclass(frozen=True)
class Party:
    name: str
    registration: str
    address: str
    phone: str
    email: str
    person: str


@dataclass(frozen=True)
class Line:
    description: str
    quantity: int
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Record:
    """One invoice.

    Attributes:
        net: after the discount; `rate` in percent.
        others: what is beside the point: other numbers, dates and amounts.
    """

    language: str
    currency: str
    number: str
    issued: date
    due: date
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    discount: Decimal
    net: Decimal
    rate: int
    tax: Decimal
    total: Decimal
    others: dict[str, Any]

    def truth(self) -> dict[str, Any]:
        """The object that ought to be found, as JSON has it."""
        return {
            "invoice_number": self.number,
            "issue_date": self.issued.isoformat(),
            "due_date": self.due.isoformat(),
            "seller": self.seller.name,
            "buyer": self.buyer.name,
            "subtotal": _number(self.net),
            "tax": _number(self.tax),
            "total": _number(self.total),
            "currency": self.currency,
            "items": [
                {
                    "description": one.description,
                    "quantity": one.quantity,
                    "unit_price": _number(one.unit_price),
                    "amount": _number(one.amount),
                }
                for one in self.lines
            ],
        }


def record(chance: random.Random, language: str, currency: str) -> Record:
    """An invoice in this language; amounts in whole units of the won, in hundredths of others."""
    lines = tuple(_line(chance, language, currency) for _ in range(chance.randint(1, 8)))
    gross = sum((one.amount for one in lines), Decimal(0))
    discount = _cents(gross * chance.choice((5, 10)) / 100, currency) if chance.random() < 0.3 else Decimal(0)
    net = gross - discount
    rate = 10 if currency == "KRW" else chance.choice((7, 10, 19, 20, 21))
    tax = _cents(net * rate / 100, currency)
    issued = date(2022, 1, 1) + timedelta(days=chance.randint(0, 1400))
    seller, buyer = (_party(chance, language) for _ in range(2))
    return Record(
        language, currency, _name(chance, issued), issued, issued + timedelta(days=chance.choice((7, 14, 30, 45, 60))),
        seller, buyer, lines, discount, net, rate, tax, net + tax, _others(chance, issued, currency),
    )  # fmt: skip


def _line(chance: random.Random, language: str, currency: str) -> Line:
    quantity = chance.choice((1, 1, 2, 3, 5, 10, 12, 24, 100))
    cents = chance.randint(2, 4000)
    price = Decimal(cents * 500) if currency == "KRW" else Decimal(chance.randint(25, 60000)) / 100
    return Line(chance.choice(_GOODS[language]), quantity, price, price * quantity)


def _party(chance: random.Random, language: str) -> Party:
    name = chance.choice(_COMPANIES[language].split())
    kind = chance.choice(_KINDS[language])
    digits = "".join(chance.choice("0123456789") for _ in range(10))
    if language == "ko":
        whole = chance.choice(
            (f"㈜{name}{kind}", f"주식회사 {name}{kind}", f"{name}{kind}", f"(주){name}{kind}")
        )
        registration = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
        phone = f"0{chance.choice((2, 31, 51))}-{chance.randint(200, 999)}-{digits[:4]}"
    else:
        whole, registration = f"{name} {kind}", f"GB{digits[:9]}"
        phone = f"+44 {chance.randint(113, 199)} {digits[:3]} {digits[3:7]}"
    mail = f"info@{''.join(chance.choice('abcdefghkmnprst') for _ in range(7))}.example"
    return Party(
        whole, registration, chance.choice(_STREETS[language]), phone, mail, chance.choice(_PEOPLE[language])
    )


def _name(chance: random.Random, issued: date) -> str:
    serial = chance.randint(1, 9999)
    return chance.choice(
        (
            f"INV-{issued.year}-{serial:04}", f"{issued.year}/{serial:04}", f"{serial + 10000}", f"A-{serial:05}",
            f"{issued:%Y%m}-{serial:03}", f"RE{serial:06}", f"{issued.year}-{serial:05}",
        )
    )  # fmt: skip


def _others(chance: random.Random, issued: date, currency: str) -> dict[str, Any]:
    digits = "".join(chance.choice("0123456789") for _ in range(14))
    previous = Decimal(chance.randint(10, 900)) * (1000 if currency == "KRW" else Decimal("1.07"))
    return {
        "order": f"PO-{chance.randint(1000, 99999)}",
        "ordered": issued - timedelta(days=chance.randint(2, 40)),
        "delivered": issued - timedelta(days=chance.randint(0, 3)),
        "account": f"{digits[:3]}-{digits[3:9]}-{digits[9:]}",
        "customer": f"C{chance.randint(100, 9999)}",
        "previous": _cents(previous, currency),
    }


def _cents(value: Decimal, currency: str) -> Decimal:
    return value.quantize(Decimal(1) if currency == "KRW" else Decimal("0.01"), ROUND_HALF_UP)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
