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
        "title": (
            "INVOICE",
            "Tax Invoice",
            "Invoice",
            "Commercial Invoice",
            "Statement of charges",
            "Sales invoice",
            "BILL",
        ),
        "number": (
            "Invoice No.",
            "Invoice number",
            "Invoice #",
            "Inv. No",
            "Bill number",
            "Document number",
            "Inv #",
            "Tax invoice no.",
            "Our reference",
            "Invoice ref.",
            "Bill no.",
        ),
        "issued": (
            "Invoice date",
            "Date",
            "Date of issue",
            "Issued",
            "Dated",
            "Billing date",
            "Invoice dated",
            "Bill date",
            "Tax date",
        ),
        "due": (
            "Due date",
            "Payment due",
            "Due",
            "Pay by",
            "Payable by",
            "Payment deadline",
            "Due by",
            "To be paid by",
            "Settlement date",
        ),
        "seller": (
            "Seller",
            "Supplier",
            "From",
            "Vendor",
            "Issued by",
            "Sold by",
            "Service provider",
            "Company",
            "Merchant",
        ),
        "buyer": (
            "Bill to",
            "Customer",
            "Buyer",
            "Invoice to",
            "Billed to",
            "Client",
            "Sold to",
            "Invoiced to",
            "Purchaser",
        ),
        "net": (
            "Subtotal",
            "Net amount",
            "Sub-total",
            "Net total",
            "Net",
            "Total excl. tax",
            "Amount before tax",
            "Goods total",
            "Taxable amount",
        ),
        "tax": (
            "VAT ({rate}%)",
            "VAT",
            "Tax {rate}%",
            "Sales tax",
            "VAT amount",
            "GST {rate}%",
            "Value added tax",
            "Plus {rate}% VAT",
            "Total tax",
        ),
        "total": (
            "Total",
            "Total due",
            "Grand total",
            "Amount due",
            "TOTAL",
            "Invoice total",
            "Total to pay",
            "Balance due",
            "Gross total",
            "Total payable",
            "Total incl. tax",
        ),
        "previous": (
            "Previous balance",
            "Balance brought forward",
            "Outstanding from last invoice",
            "Prior balance",
            "Arrears",
        ),
        "order": ("PO number", "Order no.", "Your order", "Your order no.", "Customer PO", "Purchase order"),
        "discount": ("Less discount", "Rebate", "Customer discount"),
        "ordered": ("Ordered on", "Date of order"),
        "delivered": ("Shipped on", "Date of supply", "Dispatch date"),
        "account": ("IBAN", "Bank account", "Account number"),
        "customer": ("Customer ID", "Client no.", "Account ref."),
        "description": ("Item", "Product", "Details", "Service"),
        "quantity": ("Quantity", "Units", "Qty."),
        "unit_price": ("Price", "Rate", "Unit cost", "Price each"),
        "amount": ("Line total", "Total", "Net amount", "Sum"),
        "phone": ("Phone", "Telephone"),
        "registration": ("Company no.", "VAT ID", "Tax ID"),
    },
    "ko": {
        "title": (
            "거래명세서",
            "청구서",
            "세 금 계 산 서",
            "견적 겸 청구서",
            "청구서 겸 거래명세표",
            "송장",
            "대금 청구서",
            "전자세금계산서",
        ),
        "number": (
            "문서번호",
            "청구번호",
            "청구서 번호",
            "일련번호",
            "송장번호",
            "인보이스 번호",
            "No.",
            "청구 No.",
            "문서 번호",
            "계산서번호",
        ),
        "issued": (
            "발행일",
            "작성일자",
            "청구일",
            "발행일자",
            "작성일",
            "청구일자",
            "발급일",
            "거래일자",
            "일자",
        ),
        "due": (
            "지급기한",
            "납부기한",
            "결제기한",
            "만기일",
            "지급기일",
            "납부기일",
            "입금기한",
            "결제일",
            "대금지급기한",
        ),
        "seller": (
            "공급자",
            "판매자",
            "공급업체",
            "공급하는 자",
            "매도인",
            "공급사",
            "상호(공급자)",
            "판매처",
        ),
        "buyer": (
            "공급받는자",
            "구매자",
            "고객명",
            "거래처",
            "공급 받는 자",
            "매수인",
            "수신",
            "상호(공급받는자)",
            "구매처",
        ),
        "net": (
            "공급가액",
            "소계",
            "공급가액 합계",
            "과세표준",
            "공급가",
            "세전 금액",
            "공급가액계",
            "부가세 별도 금액",
        ),
        "tax": ("부가세", "세액", "부가가치세", "VAT", "세액 합계", "부가세액", "부가가치세(10%)", "세금"),
        "total": (
            "합계",
            "합계금액",
            "총액",
            "총 청구금액",
            "합　계",
            "총 결제금액",
            "총계",
            "납부하실 금액",
            "청구액",
            "총 합계",
            "공급대가",
            "이번 달 청구금액",
        ),
        "previous": ("전월 미수금", "이월 잔액", "이전 잔액", "미납금액", "전기이월"),
        "order": ("발주번호", "주문번호", "구매주문번호", "주문서 번호", "발주서번호"),
        "discount": ("할인금액", "에누리", "차감액"),
        "ordered": ("주문일자", "발주일자"),
        "delivered": ("배송일", "인도일자", "출고일"),
        "account": ("계좌번호", "은행계좌", "입금 계좌"),
        "customer": ("고객번호", "거래처 번호"),
        "description": ("품명", "상품명", "내역", "적요"),
        "quantity": ("개수", "수 량", "주문수량"),
        "unit_price": ("단 가", "단위가격", "개당 가격"),
        "amount": ("공급가액", "합계", "소계", "금 액"),
        "phone": ("연락처", "TEL"),
        "registration": ("등록번호", "사업자번호"),
    },
}


HELD_OUT: dict[str, dict[str, Sequence[str]]] = {
    "en": {
        "title": ("Proforma invoice", "Fee note", "Invoice / Receipt"),
        "number": ("Invoice reference", "Invoice ID", "Serial no.", "Doc. no.", "INVOICE NO"),
        "issued": ("Issue date", "Date issued", "Issued on", "Invoice date (tax point)", "Statement date"),
        "due": ("Due on", "Payment date", "Pay before", "Latest payment date", "Payment terms: due"),
        "seller": ("Vendor name", "From", "Supplier name", "Billed by", "Contractor"),
        "buyer": ("Customer name", "To", "Bill-to party", "Recipient", "Invoice for"),
        "net": ("Sub total", "Net value", "Total before VAT", "Amount excl. VAT", "Total net"),
        "tax": ("VAT @ {rate}%", "Sales Tax ({rate}%)", "VAT total", "{rate}% VAT", "Tax amount"),
        "total": (
            "Amount payable",
            "Total amount due",
            "TOTAL DUE",
            "Grand Total (incl. VAT)",
            "Total amount",
            "Please pay",
        ),
        "discount": ("Discount applied", "Trade discount"),
        "previous": ("Amount carried forward", "Previous amount due", "Last invoice"),
        "order": ("Order reference", "P.O. Number", "Sales order no."),
        "ordered": ("Order placed", "Date ordered"),
        "delivered": ("Delivered on", "Delivery", "Service date"),
        "account": ("A/C No.", "Bank account no.", "Sort code / account"),
        "customer": ("Customer account", "Client reference"),
        "description": ("Item description", "Particulars", "Goods / services", "Work done"),
        "quantity": ("Qty", "No. of units", "Hours", "Quantity (pcs)"),
        "unit_price": ("Unit price ({currency})", "Price per unit", "Unit Price excl. VAT", "Cost"),
        "amount": ("Amount ({currency})", "Line amount", "Net", "Ext. price"),
        "phone": ("Tel no.", "Mobile"),
        "registration": ("Reg. no.", "VAT reg. no."),
    },
    "ko": {
        "title": ("매출 청구서", "용역비 청구서", "거래명세표", "영 수 증"),
        "number": ("청구서번호", "거래번호", "관리번호", "전표번호", "청구서 No", "승인번호"),
        "issued": ("발행 일자", "작성 일자", "청구 일자", "발행일시", "교부일자"),
        "due": ("결제기일", "납입기한", "지불기한", "입금예정일", "지급 기한", "대금결제일"),
        "seller": ("판매자명", "공급자명", "업체명", "발행처", "수급인"),
        "buyer": ("고객사", "공급받는 자", "구매자명", "청구처", "발주처"),
        "net": ("공급 가액", "공급가액(과세)", "합계(부가세 별도)", "공급금액", "상품금액"),
        "tax": ("부가세(10%)", "V.A.T", "부 가 세", "부가세 합계", "부가가치세 10%"),
        "total": (
            "청구금액(VAT 포함)",
            "총 금액",
            "합 계 금 액",
            "최종 결제금액",
            "납부금액",
            "총 청구액",
            "합계(부가세 포함)",
        ),
        "discount": ("할인액", "특별할인"),
        "previous": ("전월 미납액", "이월금액", "기존 미수금"),
        "order": ("주문 No.", "발주 번호", "P/O No."),
        "ordered": ("주문일", "구매일자"),
        "delivered": ("납품일자", "배송완료일", "용역 제공일"),
        "account": ("입금계좌번호", "송금계좌", "계좌"),
        "customer": ("고객코드", "거래처코드"),
        "description": ("품 목", "제품명", "용역 내용", "상품/서비스"),
        "quantity": ("수량(EA)", "수량", "갯수"),
        "unit_price": ("단가(원)", "판매단가", "가격"),
        "amount": ("금액(원)", "공급가액(원)", "판매금액", "합계금액"),
        "phone": ("전화번호", "휴대전화"),
        "registration": ("사업자 등록번호", "사업자등록번호"),
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
    return [drawn(chance, number, TUNED if kind == "drawn" else HELD_OUT) for number in range(_DRAWN)]


if __name__ == "__main__":
    main()
