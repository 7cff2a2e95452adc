"""Korean: sentences that say how an answer is to be worded, and requests that an assistant is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.suspicion.english import QUOTE
from ingest.suspicion.units import Unit, table

_END = r"[\s.!~]*['\"”’)]*$"
# Orders in the plain style, which papers for people do not use, and in the polite ones, which they do.
_PLAIN = re.compile(
    r"(?:줘|줘라|줄래\??|달라|주라|봐|봐라|해라|하라|하여라|여라|어라|아라|거라|써라|써|말아|마라|말라|하렴|하게|시켜|답해|말해|대답해|답하라|출력해|바꿔|만들어|넣어|붙여|끝내|시작해|추가해|포함해|작성해|사용해|번역해|변환해|설명해|요약해|알려|고 해)"
    + _END
)
_POLITE = re.compile(
    r"(?:주세요|주십시오|하세요|하십시오|하시오|으세요|십시오|시오|세요|바랍니다|바람|줄\s?수\s?있(?:나요|을까요|습니까|어요|니)\??|주시겠(?:어요|습니까)\??|주실래요\??|주길\s?바라|할\s?것|해야\s?(?:한다|합니다|해))"
    + _END
)
_QUESTION = re.compile(
    r"(?:\?|인가요|나요|까요|습니까|입니까|뭐야|뭐지|무엇인가|무엇일까|누구야|어디야|언제야|왜\s?그래|어때)"
    + _END
)
_ASKING = re.compile(r"무엇|무슨|뭐|뭘|누구|누가|어디|언제|어떻게|어떤|어느|왜|몇|얼마")

_OUTPUT = r"(?:답변|응답|대답|답장|답글|출력|결과물|답|회신|메시지|요약문?)"
_OUTPUT_PLACE = re.compile(
    rf"(?:(?:너의|네|당신의|귀하의|모든|각|매|최종|다음|이후의|이후|앞으로의)\s?)?{_OUTPUT}(?:\s?(?:내용|문장|텍스트|전체|본문|끝|마지막|처음|앞|뒤|맨\s?앞|맨\s?끝|맨\s?뒤|첫머리|중간|속|안|말미|시작))?(?:\s?부분)?(?:에|에는|에도|에서|의|을|를|은|는|마다|시|할\s?때는?|으로|속에|로)(?:\s|,)"
)
_YOURS = re.compile(
    rf"(?:너의|네|당신의|모든|각|매번|최종|앞으로의|이후의|이후|다음)\s?{_OUTPUT}|{_OUTPUT}(?:할\s?때|하기\s?전|마다|의?\s?(?:모든|각|첫|끝|마지막|맨|처음|글자|단어|모음|자음|띄어쓰기|문장\s?끝))|{_OUTPUT}(?:에|에는|에다)\s|{_OUTPUT}(?:을|를|은|는)\s[^.!?]{{0,30}}(?:으로|로|게|없이|만|까지|처럼)\s"
)
_SHAPING = re.compile(
    r"추가|포함|넣|삽입|덧붙|붙이|붙여|바꾸|바꿔|바꿀|변환|치환|대체|암호화|인코딩|번역|뒤집|거꾸로|역순|제거|빼|생략|없애|섞|시작|끝내|마무리|작성|써|쓰|적|출력|표현|표시|언급|홍보|추천|권하|권유|유도|강조|주장|수정|변경|사용|반복|나누|묶|배열|재배열|철자|오타|담|끼워|녹여|실어|소개|안내|광고|말하|말해|밝히|제시|꾸미|구성|흩"
)
_HOW = re.compile(
    r"(?:영어|일본어|중국어|프랑스어|불어|스페인어|독일어|러시아어|이탈리아어|아랍어|라틴어|베트남어|한국어|한글|영문|사투리|반말|존댓말|이모지|이모티콘|숫자|기호|암호|모스\s?부호|초성|베이스\s?64|base\s?64|BASE64|JSON|XML|이진수|이진\s?코드|16진수|시|시조|랩|노래|동요|욕설|해적\s?말투|말투|거꾸로|역순|대문자|소문자|한\s?단어|애너그램|시저\s?암호|카이사르\s?암호|치환\s?암호)(?:만)?(?:\s?형식|\s?형태|\s?말투)?(?:으로만|으로|로만|로|만|를?\s?사용(?:해서?|하여)|를?\s?써서|를?\s?이용(?:해서?|하여))\s?(?:만\s)?[^.!?]{0,14}(?:답|대답|응답|출력|말하|말해|작성|번역|써|쓰|적|표현|변환|바꿔|바꾸|인코딩|암호화)",
    re.IGNORECASE,
)
_LETTERS = re.compile(
    r"(?:모든|각|매|첫|마지막|번째|무작위로)?\s?(?:글자|단어|낱말|모음|자음|띄어쓰기|공백|철자|문장\s?부호|마침표|받침|음절|알파벳|초성)(?:들)?(?:을|를|은|는|의|마다|사이|과|와|끼리|없이|순서)[^.!?]{0,40}(?:숫자|기호|이모지|거꾸로|역순|뒤집|뒤섞|섞|바꿔|바꾸|치환|대체|제거|없애|빼|지우|지워|틀리|재배열|묶|없이|붙여|변환|암호)"
)
_BETWEEN_PEOPLE = re.compile(
    r"까지|첨부|서명|날인|제출|신청|문의처|연락처|이메일|메일로|전화|팩스|우편|담당자|기한|마감|\d\s?일\s?(?:이내|내|전)|접수|방문|설문|응답자|답안지|시험|고객센터|홈페이지|서식|양식|란에|성명|성함|주민|사번|회신\s?(?:바랍|부탁|주시)|답변\s?(?:바랍|부탁|드리|드립|드릴|받)|민원|의견을|청구인|신청인|귀사|귀하"
)


_TRAILING_QUOTE = re.compile(r"[,:]\s?['\"][^'\"]{1,300}['\"][.!?]?$")
_SHORT = re.compile(r"[가-힣]해" + _END)


def words_answer(unit: Unit) -> bool:
    """Whether the unit tells how an answer is to be worded, or what is to be put into it."""
    if unit.text.isascii():
        return False
    text = _TRAILING_QUOTE.sub("", unit.text)
    plain, polite = bool(_PLAIN.search(text) or _SHORT.search(text)), bool(_POLITE.search(text))
    if not (plain or polite) or _BETWEEN_PEOPLE.search(QUOTE.sub("", text)):
        return False
    if _HOW.search(text) and (
        plain or _OUTPUT_PLACE.search(text) or re.search(rf"{_OUTPUT}|말하|말해|출력", text)
    ):
        return True
    if _LETTERS.search(text):
        return True
    return bool(_YOURS.search(text) and _SHAPING.search(text))


_TASKS = re.compile(
    r"번역|요약|설명|작성|써|쓰|지어|작문|작곡|출력|답하|답해|대답|알려|말해|이야기해|들려|추천|계산|변환|바꿔|나열|생성|만들|분석|분류|해석|풀이|풀어|구해|암호화|인코딩|찾아|검색|비교|정리|제안|그려|불러|외워|서술|기술|묘사|소개|가르쳐|도와|보여|예를\s?들|코딩|구현|증명|예측|판별|판단|정의|나눠|골라|알람|예약|재생|설정"
)
_MADE = re.compile(
    r"(?:시|시조|소설|이야기|동화|에세이|수필|노래|가사|농담|수수께끼|편지|연설문|연설|코드|함수|스크립트|프로그램|레시피|조리법|대본|슬로건|광고\s?문구|기사|독후감|예시|예문|문장|명언|퀴즈|블로그\s?글|아이디어|방법|쿼리|정규식|수식)(?:를|을)?\s?(?:하나|한\s?편|세\s?개|다섯\s?개|열\s?개|몇\s?개|\d+\s?개|\d+\s?가지|한\s?줄|간단히|짧게|좀)?[^.!?]{0,8}(?:써|쓰|지어|작성|만들|들려|알려|추천|말해|제안|생성|보여|들어|짜)"
)
_QUOTED = re.compile(
    r"['\"‘“「『][^'\"’”」』]{2,}['\"’”」』]|다음\s?(?:문장|글|단어|텍스트|문단|리뷰|댓글|문구|코드|방정식|문제|수|숫자|시|트윗|후기)"
)
_LANGUAGE = re.compile(
    r"(?:영어|일본어|중국어|프랑스어|불어|스페인어|독일어|러시아어|이탈리아어|아랍어|라틴어|베트남어|한국어|한글|영문|힌디어|포르투갈어|태국어)(?:로|으로|에서|로는)"
)
_PROPOSES = re.compile(r"(?:을까|할까|볼까|갈까|줄까|올까)요?\??" + _END)
_HERE = re.compile(
    r"첨부|붙임|아래|위의|상기|본\s|해당|당사|저희|우리|귀하|귀사|고객|신청|제출|담당|부서|문의|회의|일정|계약|주문|결제|오늘|내일|이번|다음\s?주|금일|까지|클릭|링크|버튼|로그인|비밀번호|계정|화면|메뉴|설정|전원|제품|기기|직원|사원|서류|부탁|바랍니다|여러분|님"
)


def asks(unit: Unit) -> float:
    """How far the words of a unit are those of a request to an assistant, from 0 to about 1.2; context apart."""
    if unit.text.isascii():
        return 0.0
    text, points = _TRAILING_QUOTE.sub("", unit.text), 0.0
    task = bool(_TASKS.search(text[-40:]))
    if _PLAIN.search(text) and task:
        points = 0.65
    elif re.search(r"(?:주세요|주십시오|줄\s?수\s?있|주시겠|주실래)[^.]{0,12}" + _END, text) and task:
        points = 0.45
    elif _POLITE.search(text) and task and not re.search(r"(?:합니다|한다|바랍니다|바람)" + _END, text):
        points = 0.3
    elif _QUESTION.search(text) and _ASKING.search(text):
        points = 0.5
    if not points:
        return 0.0
    points += (
        0.25 * bool(_MADE.search(text))
        + 0.2 * bool(_QUOTED.search(unit.text))
        + 0.2 * bool(_LANGUAGE.search(text))
    )
    points -= 0.3 * bool(_PROPOSES.search(text))
    return max(0.0, points - 0.35 * bool(_HERE.search(text)))


_COMMON = re.compile(
    r"^(?:무엇|무슨|어떻|어떤|어디|언제|누구|누가|그리|그러|하는|있는|없는|되는|대해|대한|위한|위해|관한|관해|설명|알려|말해|작성|번역|요약|추천|다음|문장|해줘|해주|간단|자세|방법|이유|차이|하나|가지|사용|것은|것이|입니|인가|줘|주세|써줘|답변|대답|응답|모든|정도|가장|경우|때문|통해|우리|이것|그것)"
)


def content(words: Sequence[str]) -> list[str]:
    """The beginnings of the words that tell what a unit is about: particles and endings come after."""
    found = (word for word in words if "가" <= word[0] <= "힣" and len(word) >= 2)
    return [word[:2] for word in found if not _COMMON.match(word)]


AT_HOME = table(
    """
    회의 일정 계약 주문 결제 청구 비용 금액 고객 회사 직원 사원 부서 담당 서류 문서 파일 메일 이메 전화 연락 휴가 연차 급여 신청 승인 보고 자료 첨부 검토 확인 문의 업무
    프로 견적 납품 배송 환불 교육 출장 예산 시간 날짜 오늘 내일 이번 다음 지난 서비 제품 시스 계정 비밀 로그 링크 버튼 화면 기간 제출 접수 처리 변경 등록 규정 정책 보험
    세금 인사 근무 평가 채용
    """
)
"""Beginnings of words that are at home in any office's papers."""
