"""Claims that repeat a sentence with something in the place of something else."""

from __future__ import annotations

import pytest

from app.evidence import Source, Sources, check, clean
from app.schemas import Support


def support(claim: str, source: str) -> Support:
    return check(clean(claim), Sources([Source(1, clean(source))])).support


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("Rooms cost 90 euros in Lyon and at most 120 euros in Paris.",
         "Rooms cost 120 euros in Lyon and at most 90 euros in Paris."),
        ("935년부터 936년에 걸쳐 신라와 후백제를 차례대로 복속하였다.",
         "936년부터 935년에 걸쳐 신라와 후백제를 차례대로 복속하였다."),
        ("The buyer Acme pays the full price to the seller Globex within ten days.",
         "The buyer Globex pays the full price to the seller Acme within ten days."),
        ("Overtime must be agreed with your manager beforehand.",
         "Overtime may be agreed with your manager beforehand."),
        ("The form is handed in before the journey to the office.",
         "The form is handed in after the journey to the office."),
        ("All employees of the site have a locker.", "Some employees of the site have a locker."),
        ("Gifts may be accepted once a year from the same giver.",
         "Gifts may be accepted twice a year from the same giver."),
        ("Your manager approves within 5 working days.", "Your manager approves within 5 calendar days."),
        ("It is often paid back in the next month.", "It is rarely paid back in the next month."),
        ("퇴직하려는 사원은 30일 전까지 사직서를 냅니다.", "퇴직하려는 임원은 30일 전까지 사직서를 냅니다."),
        ("사업자는 행정안전부장관의 승인을 받는다.", "사업자는 행정안전과장관의 승인을 받는다."),
        ("5월 27일에는 국보위를 조직하고 실권을 장악했다.", "5월 1일에는 국보위를 조직하고 실권을 장악했다."),
        ("21코스로 되어 있으며, 총 길이는 약 420km이다.", "21코스로 되어 있으며, 총 길이는 약 420m이다."),
        ("② 회사는 해당 보험금을 제때 지급합니다.", "② 노조는 해당 보험금을 제때 지급합니다."),
        ("그는 신하들과 함께 준왕을 몰아내고 고려의 왕이 되었다.",
         "그는 신하들과 함께 준왕을 몰아내고 고려의 왕이 되지 못했다."),
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_something_else_is_found(source: str, claim: str):
    assert support(source, source) is Support.SUPPORTED
    assert support(claim, source) is not Support.SUPPORTED


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("We fly to Toronto, Berlin and Moscow in the spring.",
         "We fly to Berlin, Toronto and Moscow in the spring."),
        ("이 사항은 대통령령으로 정한다.", "이 사항은 대통령령으로 정함."),
        ("북쪽으로는 발트 해에 접한다.", "북쪽으로는 발트 해에 접해요."),
        ("그는 고려의 왕이 되었다.", "그는 고려의 왕이 됐다."),
        ("제1항은 이 파일에 적용하지 아니한다.", "제1항은 이 파일에 적용하지 아니합니다."),
        ("중국은 1949년 10월 1일에 건국된 국가이다.", "중국은 1949-10-01에 건국된 국가입니다."),
        ("Customer data is kept on the shared drives, never on sticks.",
         "Customer data is kept on the shared drives…"),
        ("① 회사는 보험금을 지급합니다.", "- ① 회사는 보험금을 지급합니다."),
    ],
)  # fmt: skip
def test_another_form_of_the_same_is_supported(source: str, claim: str):
    assert support(claim, source) is Support.SUPPORTED


def test_a_very_long_copy_is_compared_by_its_words_alone():
    text = " ".join(f"word{n}" for n in range(500))
    assert support(text, text) is Support.SUPPORTED
