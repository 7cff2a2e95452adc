"""Writes made-up invoices with what ought to be found in them: English and Korean, in many layouts.

usage: python benchmarks/invoices.py FOLDER [--count N] [--seed N] [--layouts fixed|drawn|held-out]

The folder gets `documents/` and `truth.jsonl`, a line for each document: `source`, `layout`, `language` and
`value`, the object. The same seed writes the same invoices.

    fixed      layouts that were written by hand (`benchmarks/invoice_layouts.py`)
    drawn      layouts drawn at random, from the words below that rules were tuned on
    held-out   the same with other seeds and other words, which nobody looked at while tuning
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.invoice_layouts import LAYOUTS, Layout, drawn
from benchmarks.invoice_records import record
from benchmarks.invoice_writers import write

_DRAWN = 24

TUNED: dict[str, dict[str, Sequence[str]]] = {
    "en": {
        "title": ("INVOICE", "Tax Invoice", "Invoice"),
        "number": ("Invoice No.", "Invoice number", "Invoice #", "Inv. No", "Bill number"),
        "issued": ("Invoice date", "Date", "Date of issue", "Issued"),
        "due": ("Due date", "Payment due", "Due", "Pay by"),
        "seller": ("Seller", "Supplier", "From", "Vendor"),
        "buyer": ("Bill to", "Customer", "Buyer", "Invoice to"),
        "net": ("Subtotal", "Net amount", "Sub-total", "Net total"),
        "tax": ("VAT ({rate}%)", "VAT", "Tax {rate}%", "Sales tax"),
        "total": ("Total", "Total due", "Grand total", "Amount due", "TOTAL"),
        "previous": ("Previous balance", "Balance brought forward"),
        "order": ("PO number", "Order no.", "Your order"),
    },
    "ko": {
        "title": ("거래명세서", "청구서", "세 금 계 산 서", "견적 겸 청구서"),
        "number": ("문서번호", "청구번호", "청구서 번호", "일련번호"),
        "issued": ("발행일", "작성일자", "청구일", "발행일자"),
        "due": ("지급기한", "납부기한", "결제기한", "만기일"),
        "seller": ("공급자", "판매자", "공급업체"),
        "buyer": ("공급받는자", "구매자", "고객명", "거래처"),
        "net": ("공급가액", "소계", "공급가액 합계"),
        "tax": ("부가세", "세액", "부가가치세", "VAT"),
        "total": ("합계", "합계금액", "총액", "총 청구금액", "합　계"),
        "previous": ("전월 미수금", "이월 잔액"),
        "order": ("발주번호", "주문번호"),
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layouts", choices=("fixed", "drawn", "held-out"), default="fixed")
    options = parser.parse_args()
    generate(options.folder, options.count, options.seed, options.layouts)


def generate(folder: Path, count: int, seed: int = 1, kind: str = "fixed") -> None:
    """`count` invoices, layout after layout in turn."""
    chance = random.Random(f"{kind} {seed}")
    chosen = layouts(kind, chance)
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as truth:
        for number in range(count):
            layout = chosen[number % len(chosen)]
            made = record(chance, layout.language, layout.currency)
            name = f"{number:05}{layout.suffix}"
            write(folder / "documents" / name, layout.blocks(made))
            line = {
                "source": name,
                "layout": layout.name,
                "language": layout.language,
                "value": layout.truth(made),
            }
            truth.write(json.dumps(line, ensure_ascii=False) + "\n")


def layouts(kind: str, chance: random.Random) -> Sequence[Layout]:
    """The layouts of this kind."""
    if kind == "fixed":
        return LAYOUTS
    return [drawn(chance, number, TUNED) for number in range(_DRAWN)]


if __name__ == "__main__":
    main()
