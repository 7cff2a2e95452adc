"""Turns of phrase that address a model, whatever the document is about, in several languages.

Each alone is enough. A pattern is met by bounded runs of anything but sentence ends, so that no text takes
long. What a reader could be told in the same words ("ignore my last mail") is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_I = re.IGNORECASE

# What a model follows, as opposed to what people write to each other.
_ORDERS = r"(?:instructions?|directions|directives?|prompts?|rules|guidelines?|commands?|constraints|orders|programming|training)"
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|former|initial|original|existing|system|developer|all|any|your|these|those|other|given)"
_DROP = r"(?:ignore|disregard|forget|overlook|override|overrule|bypass|discard|neglect|abandon|cancel|erase|drop|stop following|(?:do not|don't|never) (?:follow|obey|comply with|adhere to|listen to))"
_MODEL = r"(?:(?:AI )?(?:large )?language models?|AIs?|A\.I\.|LLMs?|(?:large )?language models?|chat ?bots?|chat ?gpt|gpt(?:-?\d\w*)?|(?:AI|virtual|digital|chat) (?:assistants?|agents?|models?|systems?)|claude|gemini|copilot)"
_REPLY = r"(?:answers?|responses?|repl(?:y|ies)|outputs?|completions?|generations?)"

_ENGLISH_OVERRIDE = (
    (
        "ignore|obey|follow|disregard",
        r"\b(?:obey|follow|execute) (?:only|just|nothing but|exclusively) (?:the |these |my )?(?:instructions|commands|orders)\b|\b(?:ignore|disregard) the (?:user|human|person asking|reader)\b",
    ),
    (
        "ignore|disregard|forget|overlook|overr|bypass|discard|neglect|abandon|cancel|erase|drop|stop following|not |n't |never",
        rf"\b{_DROP}\b[^.!?\n]{{0,30}}\b{_EARLIER}\b[^.!?\n]{{0,30}}\b{_ORDERS}\b",
    ),
    (
        "ignore|disregard|forget|overlook|overr|bypass|discard|neglect|abandon|cancel|erase|drop|stop following|not |n't |never",
        rf"\b{_DROP} (?:absolutely |completely )?(?:everything|anything|all)(?: of (?:the|this|that))?(?: text| content| context)? (?:above|before|previously|earlier|you|that (?:came|was|you)|i (?:said|told)|so far|said)",
    ),
    (
        "ignore|disregard|forget|overlook|overr|bypass|discard|neglect|abandon|cancel|erase|drop|stop following|not |n't |never",
        rf"\b{_DROP}\b[^.!?\n]{{0,20}}\b(?:the |this |that )?(?:user(?:'s)?|human(?:'s)?) (?:question|request|query|instructions?|input|message|prompt)",
    ),
    (
        "instead of|not answer|not respond|n't answer|n't respond|never answer|never respond",
        r"\binstead of (?:answering|summari[sz]ing|responding|replying|following)\b|\b(?:do not|don't|never) (?:answer|respond to) (?:the|this|that|any|their) (?:user|human|question|query|prompt)",
    ),
    (
        "instructions|directi|prompt|rules|guideline|command|constraints|orders|programming|training",
        rf"\b(?:new|updated|real|actual|true|important|hidden|secret|special|next) {_ORDERS}(?: for (?:you|the (?:assistant|model|ai)))?\s?:",
    ),
    (
        "your ",
        r"\byour (?:new|real|actual|true|only|next) (?:task|instructions?|goal|job|objective|role|purpose|persona|identity) (?:is|are)\b",
    ),
    (
        "from ",
        r"\bfrom (?:now|here|this point) on(?:wards?)?,? you (?:are|will|must|shall|should|only|have to)\b",
    ),
    (
        "prompt|instructions|message",
        r"\b(?:reveal|print|show|repeat|output|display|leak|disclose|tell me|expose|dump|state)\b[^.!?\n]{0,30}\b(?:your|the) (?:(?:system|hidden|initial|original|secret|developer) (?:prompt|instructions?|message)|(?:prompt|instructions) (?:above|verbatim))",
    ),
    (
        "jailb|unrestricted|freed|hacked|compromised|reprogrammed|developer mode|anything now",
        r"\b(?:you have been|you are|you're) (?:jailbroken|unrestricted|freed|hacked|compromised|reprogrammed)\b|\bjailbreak (?:mode|yourself)|\bdeveloper mode (?:is )?(?:enabled|on|activated)|\bdo anything now\b",
    ),
    (
        "end of|stop of",
        r"\b(?:end|stop) of (?:the )?(?:prompt|system message|user input|context|passages?)\b",
    ),
)

_ENGLISH_ROLE = (
    (
        "you are |you're ",
        rf"\byou(?:'re| are) (?:now|no longer) (?:an? |the |my |in |called |named )?(?:[\w-]+ ){{0,4}}(?:assistant|{_MODEL}|bot|persona|character|mode|pirate|hacker|expert|DAN|translator|poet|comedian|terminal|interpreter|narrator|chef|teacher)\b",
    ),
    (
        "act |behave|respond|speak|talk|answer|write",
        rf"(?:^|[.!?:,] ?)(?:please )?(?:act|behave|respond|speak|talk|answer|write) (?:as|like) (?:(?:if|though) (?:you|this|there)\b|(?:an? |the |my )(?:[\w-]+ ){{0,3}}(?:unrestricted|unfiltered|{_MODEL}|assistant|bot|pirate|hacker|terminal|interpreter|console|translator|character|persona|dan|poet|comedian|villain|robot|rapper|shakespeare|child|alien|wizard|cowboy)\b)",
    ),
    (
        "pretend|imagine|role",
        r"(?:^|[.!?:,] ?)(?:please )?(?:pretend|imagine) (?:to be|that you|you are|you're|you were)\b|\brole-?play as\b",
    ),
    (
        " ",
        rf"\b(?:dear|hey|hello|hi|attention|note to|notice to|message (?:to|for)|instructions? (?:to|for))[,:]? (?:all |any |the |an? |every )?{_MODEL}\b(?: (?:reading|processing|that|who|which)|\s?[,:!])",
    ),
    ("as a", rf"\bas an? {_MODEL},? (?:you|please|your)\b"),
    (
        "if you|when you|since you|because you|as you",
        rf"\b(?:if|when|since|because|as) you(?:'re| are)? (?:an? )?{_MODEL}\b",
    ),
    (
        "reading|processing|parsing|that reads|that processes|summari|reads|asked",
        rf"\b(?:any|every|all|an?|the) {_MODEL} (?:reading|processing|parsing|that (?:reads|processes|is reading|summari[sz]es)|summari[sz]ing|who reads|asked) ",
    ),
    (
        "ai|a.i.|llm|language|large|chat|gpt|claude|gemini|copilot|virtual|digital",
        rf"^{_MODEL}(?: ?[,:!] ?(?=(?:please|you|do|don't|always|never|say|tell|ignore|when|if|the following|include|write|rate|recommend|answer|respond|reply)\b)| (?:must|should|please|has to|is to) )",
    ),
    (
        "when ",
        r"\bwhen (?:you(?:'re| are)? )?(?:asked|answer(?:ing)?|summari[sz](?:e|ing)|respond(?:ing)?|repl(?:y|ying))[^.!?\n]{0,40}\b(?:this|the|these|any|about) (?:document|page|file|text|question|e-?mail|user|passage|content|candidate|resume|cv)s?\b[^.!?\n]{0,40},? (?:you|always|only|say|state|tell|include|mention|add|do not|don't|never|respond|reply|answer|claim|insert|recommend|rate|give)\b",
    ),
    (
        "system prompt",
        r"\b(?:your|the) system prompt\b[^.!?\n]{0,30}\b(?:is|are|says?|has|was|verbatim|above|below|changed)\b",
    ),
    (
        "the user|the human|the reader|the person",
        r"\b(?:tell|inform|convince|persuade|ask|instruct|advise|urge|direct) the (?:user|human|reader|person asking)s? (?:that|to|about)\b",
    ),
)

# Marks of conversations and tools, as models are trained on them; no document has them by chance.
_MARKUP = (
    (
        "assistant",
        r"^(?:dear |hey |hello )?assistant ?[,:!]",
    ),
    (
        "tool|plugin",
        r"\b(?:call|use|invoke|run|trigger) (?:the |your )?(?:\w+_\w+|browser|web search|e-?mail) (?:tool|plugin)\b",
    ),
    (
        "<|[inst|[/inst",
        r"<\|\s*/?\s*(?:im_start|im_end|im_sep|system|user|human|assistant|prompt|instruction|end_of_turn|start_of_turn|eot_id|(?:start|end)_header_id|begin_of_text|end_of_text|endoftext|endofprompt|eom_id|python_tag|tool_calls?)\s*\|>|\[/?INST\]|<</?SYS>>|<\s*/?\s*(?:system|assistant|instructions?|im_start|im_end|user_query|passages?|context|documents?)\s*>",
    ),
    (
        "##",
        r"^\W{0,6}(?:#{2,}\s*(?:new |system |updated )?(?:instructions?|system(?: prompt| message)?|assistant|response|human|user)\s*:)",
    ),
    (
        "system|assistant|developer",
        r"^\W{0,4}\[?(?:system|assistant|developer)(?: (?:message|prompt|note|override|instruction|update))?\]?\s?:\s?(?=(?:you|ignore|forget|from now|the user|the assistant|new|always|never|do|respond|reply|answer|say|disregard|override|reveal|please|sure|i |now)\b)",
    ),
    (
        "prompt|instruct|override",
        r"\b(?:begin|start|end)[ _-](?:of[ _-])?(?:system|admin|new|hidden|secret)?[ _-]?(?:prompt|instructions?|override)\b",
    ),
    (
        "<|tool_call|function_call",
        r"<\s*/?\s*(?:tool_call|tool_use|function_calls?|invoke|antml:\w+|tool_code|tool)\b|\"(?:tool_calls?|function_call)\"\s*:",
    ),
)

_SECRETS = r"(?:conversation|chat(?: history| log)?|history|(?:user|human)(?:'s)? (?:question|message|query|data|input|name|e-?mail)|question|secrets?|api[ _]?keys?|passwords?|credentials|tokens?|system prompt|context|personal (?:data|information)|confidential|passages|documents? (?:content|above))"
_EXFILTRATION = (
    (
        "http|url|link|address|server|endpoint|website|webhook|query|web site|parameter|?",
        rf"\b(?:send|forward|post|upload|transmit|leak|exfiltrate|append|encode|attach|add|submit|put|insert|copy|pass|include)\b[^!?\n]{{0,60}}\b{_SECRETS}\b[^!?\n]{{0,60}}(?:https?://|\bto (?:the |this |that |following |our |my )*(?:url|link|address|server|endpoint|website|webhook|query|web ?site)|\bas (?:a )?(?:query|parameter)|\?\w+=)",
    ),
    ("http", r"https?://[^\s)>\]]{1,200}[?&/=](?:\{|\[|<|%7b|\$\{|\$\()\s*(?:[\w ._-]){0,40}"),
    (
        "![",
        rf"!\[[^\]\n]{{0,80}}\]\(\s*<?(?:https?:)?//[^\s)]{{1,300}}\?[^\s)]{{0,200}}(?:{_SECRETS}|[=&](?:q|d|data|c|leak|exfil)=)",
    ),
    (
        "http|url|image|![",
        rf"\b(?:visit|open|fetch|load|request|call|browse(?: to)?|navigate to|render|display|embed)\b[^.!?\n]{{0,40}}(?:https?://|!\[|\burl\b|\bimage\b)[^!?\n]{{0,120}}\b(?:with|containing|including|followed by|replacing|where|appending)\b[^!?\n]{{0,60}}\b{_SECRETS}\b",
    ),
)

_KOREAN_OVERRIDE = (
    (
        "무시|잊|버리|버려|삭제하고|따르지|무효|취소하고|초기화|덮어|어기고|듣지",
        r"(?:이전|앞|앞선|위|위쪽|상기|기존|지금까지|종전|원래|모든|다른|받은|주어진|시스템|사용자|네|너의|당신의)(?:의|에|에서|까지의)?[^.!?\n]{0,16}(?:지시|명령|지침|프롬프트|규칙|설정|제약|명령어)(?:사항|문|들)?(?:을|를|은|는|이|도|과|와|따위)?[^.!?\n]{0,14}(?:무시|잊|버리|버려|삭제하고|따르지\s?(?:말|마)|무효|취소하고|초기화|덮어|어기고|듣지\s?(?:말|마))",
    ),
    (
        "무시|잊",
        r"(?:이전|앞|위|지금까지|여태)[^.!?\n]{0,14}(?:내용|대화|말|문서|글|것|텍스트)(?:들|은|을|를)?[^.!?\n]{0,8}(?:무시하고|무시하라|무시해|무시하세요|무시하십시오|잊어|잊고|잊으)",
    ),
    (
        "사용자|유저|이용자",
        r"(?:사용자|유저|이용자)(?:의|가|에게|한테)[^.!?\n]{0,14}(?:질문|요청|물음|문의|지시)(?:을|를|은|는|에|에는|과)?[^.!?\n]{0,14}(?:무시|답하지\s?말|답변하지\s?말|대답하지\s?말|관계\s?없이|상관\s?없이|대신)",
    ),
    (
        "질문|문의|요청",
        r"(?:질문|문의|요청)에(?:는)?[^.!?\n]{0,6}(?:답하지|대답하지|답변하지)\s?(?:말|마)[^.!?\n]{0,30}(?:하라|해라|하고|말해|출력|고|대신)",
    ),
    (
        "시스템",
        r"시스템\s?(?:프롬프트|메시지|지시(?:문|사항)?|명령어?)(?:를|을|의|가|은|는|에)?[^.!?\n]{0,20}(?:출력|공개|보여|알려|말해|말하|무시|변경|바꿔|드러내|누설|그대로|전부|적어)",
    ),
    (
        "지시|명령|지침|임무|프롬프트|역할",
        r"(?:새로운|새|진짜|실제|최우선|중요한|비밀|숨겨진|다음)\s?(?:지시|명령|지침|임무|프롬프트|역할)(?:사항|문)?(?:은|는|이|가)?\s?(?:다음|:|아래|따르|이것|~)",
    ),
    (
        "너는|넌|네가|당신|모든 ",
        r"(?:이제|지금|앞으로|이\s?순간|여기서)(?:부터)?(?:는)?,?\s?(?:너는|넌|네가|당신은|당신이|모든 답|모든 대답|모든 응답)",
    ),
    (
        "너는|넌|당신은",
        r"(?:너는|넌|당신은)\s?(?:이제|지금)(?:부터)?\s?[^.!?\n]{0,40}(?:이다|이야|야|입니다|이며|로서|되어|된다|행동|역할|봇|비서)",
    ),
    (
        "모드",
        r"(?:탈옥|개발자|관리자|DAN)\s?모드[^.!?\n]{0,10}(?:로|가|를|을)[^.!?\n]{0,6}(?:전환|활성|들어가|켜|진입)",
    ),
)

_KOREAN_MODEL = r"(?:AI|에이아이|인공지능|챗봇|언어\s?모델|거대\s?언어\s?모델|LLM|GPT|챗GPT|ChatGPT|클로드|제미나이|어시스턴트)"
_KOREAN_ROLE = (
    (
        "ai|에이아이|인공지능|챗봇|언어|llm|gpt|챗gpt|클로드|제미나이|어시스턴트",
        rf"(?:이|본|해당)?\s?(?:문서|글|메일|파일|페이지|내용)?(?:를|을)?\s?(?:읽는|처리하는|요약하는|분석하는|보는|읽고 있는)\s?(?:모든\s?)?{_KOREAN_MODEL}",
    ),
    (
        "ai|에이아이|인공지능|챗봇|언어|llm|gpt|챗gpt|클로드|제미나이|어시스턴트",
        rf"(?:^|[.!?,\s]){_KOREAN_MODEL}(?:\s?(?:비서|모델|어시스턴트|시스템|도우미))?(?:에게|야|아|여|님|에게 알림|에게 전달)(?:\s?[,:!]|\s[^.!?\n]{{0,60}}(?:하라|해라|해줘|하시오|하세요|해야|말라|마라|십시오|할\s?것))",
    ),
    (
        "ai|에이아이|인공지능|챗봇|언어|llm|gpt|챗gpt|클로드|제미나이|어시스턴트",
        rf"(?:너는|넌|네가|당신은|당신이)\s?[^.!?\n]{{0,20}}{_KOREAN_MODEL}",
    ),
    (
        "처럼|척|생각하고|가정하고|역할|되어",
        r"(?:처럼|인\s?척|라고\s?생각하고|라고\s?가정하고|의\s?역할을\s?맡아|(?:이|가)\s?되어)\s?[^.!?\n]{0,24}(?:말해|말하라|답해|답하|대답|행동해|행동하라|대화해|연기|써\s?줘|이야기해)",
    ),
    (
        "사용자|유저|이용자|질문한|질문자",
        r"(?:사용자|유저|이용자|질문한 사람|질문자)(?:에게|들에게|한테)[^.!?\n]{0,60}(?:라고|하도록|도록|을|를)[^.!?\n]{0,12}(?:말하라|말해|전하라|전해|안내하라|답하라|답해|권하라|권해|알려라|요청하라|요구하라|유도하|추천하라|추천해|설득)",
    ),
    (
        "문서|글|메일|이력서|지원서|파일",
        r"(?:이|본)\s?(?:문서|글|메일|이력서|지원서|파일)[^.!?\n]{0,24}(?:질문|물으면|묻는|요약|평가|답변|대답)[^.!?\n]{0,16}(?:받으면|하면|때는?|경우(?:에는?)?|시에?는?)[^.!?\n]{0,50}(?:하라|해라|라고|말고|마라|답하|출력)",
    ),
)
_KOREAN_EXFILTRATION = (
    (
        "http|주소|링크|서버|url|웹훅|쿼리",
        r"(?:대화|질문|비밀번호|암호|개인\s?정보|기밀|API\s?키|문서\s?내용|채팅|이력|토큰|프롬프트)[^.!?\n]{0,40}(?:https?://\S{1,200}|(?:주소|링크|서버|URL|웹훅|쿼리)(?:에|로|으로|의|뒤에))[^!?\n]{0,40}(?:보내|전송|붙여|추가|첨부|업로드|포함|넣)",
    ),
    (
        "http",
        r"https?://\S{1,200}[^.!?\n]{0,40}(?:대화|질문|비밀번호|개인\s?정보|기밀|API\s?키|채팅|프롬프트)[^.!?\n]{0,40}(?:보내|전송|붙여|추가|첨부|업로드|포함|넣)",
    ),
)

# The best-known attack in further languages: "ignore all previous instructions", and the system's prompt.
_OTHERS = (
    (
        "無視|忘れ|従わ",
        r"(?:以前|前|上記|上|これまで|先|すべて|全て)の[^。!?\n]{0,12}(?:指示|命令|プロンプト|ルール|内容)[^。!?\n]{0,8}(?:無視|忘れ|従わ)",
    ),
    (
        "忽略|无视|無視|忘记|忘記|不要|系统|系統",
        r"(?:忽略|无视|無視|忘记|忘記|不要理会|不要遵守)[^。!?\n]{0,12}(?:指令|指示|提示词?|命令|规则|規則|说明|內容|内容|系统)|系统提示词|系統提示詞",
    ),
    (
        "ignor|olvida|descarta|desatiende|oublie|vergiss|vergessen|missachte|esqueça|desconsidere|dimentica|negeer|vergeet|zignoruj",
        r"\b(?:ignora|olvida|descarta|desatiende|ignore|ignorez|oublie[zr]?|ignoriere?n?|vergiss|vergessen|missachte|esqueça|desconsidere|dimentica|negeer|vergeet|zignoruj)\b[^.!?\n]{0,30}\b(?:instrucciones|indicaciones|órdenes|reglas|instructions|consignes|directives|règles|anweisungen|befehle|vorgaben|regeln|instruções|ordens|regras|istruzioni|regole|instructies|opdrachten|instrukcje)\b",
    ),
    (
        "игнорируй|забудь",
        r"(?:игнорируй(?:те)?|забудь(?:те)?|проигнорируй(?:те)?)[^.!?\n]{0,30}(?:инструкции|указания|команды|правила)",
    ),
    (
        "تجاهل|انس|bỏ qua|quên|abaikan|lupakan",
        r"(?:تجاهل|انس)[^.!?\n]{0,30}(?:التعليمات|الأوامر|التوجيهات)|(?:bỏ qua|quên)[^.!?\n]{0,30}(?:hướng dẫn|chỉ thị|lệnh)|(?:abaikan|lupakan)[^.!?\n]{0,30}(?:instruksi|perintah)",
    ),
)

_Table = Sequence[tuple[str, str]]
_TABLES: Mapping[str, Sequence[_Table]] = {
    "override": (_ENGLISH_OVERRIDE, _KOREAN_OVERRIDE, _OTHERS),
    "send": (_EXFILTRATION, _KOREAN_EXFILTRATION),
    "role": (_ENGLISH_ROLE, _KOREAN_ROLE, _MARKUP),
}
"""Code -> what gives it: instructions to replace others, data to be sent out, talking to a model as such.

A row is what stands in every text that its pattern fits, one of these at least, and the pattern: most texts
are done with by looking for plain words.
"""

_SIGNALS = tuple(
    (code, tuple(words.split("|")), re.compile(pattern, _I))
    for code, tables in _TABLES.items()
    for table in tables
    for words, pattern in table
)

# The same where letters are set apart and words run together.
_GLUED = re.compile(
    r"(?:ignore|disregard|forget|override)(?:all|any|the|your|of)*(?:previous|prior|above|earlier|system)(?:instruction|prompt|rule|direction)"
    r"|(?:이전|위의?|앞의?|모든)+(?:지시|명령|지침|프롬프트)(?:사항)?(?:을|를|은|는)?(?:모두|전부)?무시",
    _I,
)


def possible(text: str) -> list[tuple[str, re.Pattern[str]]]:
    """The patterns that may fit somewhere in a passage, told by plain words; text as `normal` makes it."""
    lower = " ".join(text.lower().split())
    found = [(code, pattern) for code, words, pattern in _SIGNALS if any(map(lower.__contains__, words))]
    glued = lower.replace(" ", "")
    return [("override", _GLUED), *found] if _GLUED.search(glued) else found


def signal(text: str, patterns: Sequence[tuple[str, re.Pattern[str]]]) -> str:
    """Code of the first turn of phrase found in a unit's text; "" for none."""
    for code, pattern in patterns:
        if pattern.search(text.replace(" ", "") if pattern is _GLUED else text):
            return code
    return ""
