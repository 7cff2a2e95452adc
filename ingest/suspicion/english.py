"""English: sentences that say how an answer is to be worded, and requests that an assistant is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.suspicion.units import Unit, table

_I = re.IGNORECASE

# -- how to word an answer ------------------------------------------------------------------------------

_OUTPUT = r"(?:answers?|responses?|repl(?:y|ies)|outputs?|messages?|completions?|summar(?:y|ies)|generated text|generations?)"
_YOUR_OUTPUT = rf"\b(?:your|each|every|any|all|the|all your|this)(?: (?:next|final|own|entire|whole|full|following|subsequent|future|last|first|main|written|overall|complete))*(?: [\w-]+'s?)? {_OUTPUT}(?:'s?)?\b"
_SHAPE = table(
    """
    add append alter adjust alternate attach augment avoid base begin blend break bury camouflage cast
    change cipher claim clutter code combine compose compress conceal conclude construct convert copy
    couch craft create decorate deliver describe disguise display distort divide double drop embed
    emphasize emphasise encode encrypt encipher end enhance ensure enrich exchange express extend fill
    finish flip form format formulate garble give generate group hide highlight incorporate infuse
    inject insert integrate intersperse introduce inverse invert jumble keep limit link list make mask
    mention merge mirror misspell mix modify morph obfuscate obscure offer omit order output paraphrase
    pepper phrase place plant preface prefix present prepend print produce promote pronounce provide put
    randomize randomise rearrange recast recommend redirect reference refer remove render reorder repeat
    rephrase replace represent respell restate restrict reverse rewrite rotate say scatter scramble
    season share shift shorten shuffle slip space spell spice spin split sprinkle start state structure
    style substitute suggest supplement swap switch tack tag tailor tease throw transcribe transform
    translate translit transliterate transpose truncate turn twist type underline use utilize utilise
    vary weave word wrap write anagram capitalize capitalise lowercase uppercase punctuate rhyme feature
    include tell direct invite steer shuffle sing speak sign switch spread imply hint assert frame pose
    """
)
_SHAPING = re.compile(rf"(?:{'|'.join(sorted(_SHAPE, key=len, reverse=True))})\b", _I)
_LEADS = r"(?:(?:please|also|and|then|always|now|kindly|additionally|finally|instead|next|be sure to|make sure to|remember to|you (?:must|should|will|shall|have to|need to|are to)(?: also| always)?),? )*"
_SHAPED = re.compile(rf"^\W*{_LEADS}(?P<verb>[a-z-]+)\b(?P<rest>.*?{_YOUR_OUTPUT}.*)", _I)
_WITHIN = re.compile(
    rf"^\W*{_LEADS}(?:in|within|throughout|at the (?:end|start|beginning|top|bottom) of|before|after|for|alongside|with|when (?:giving|writing|composing|forming|preparing)) {_YOUR_OUTPUT},? {_LEADS}(?P<verb>[a-z-]+)",
    _I,
)
_MUST = re.compile(
    rf"^\W*(?:the|your|all|every|each)(?: [\w-]+){{0,2}} {_OUTPUT} (?:must|should|shall|has to|have to|needs? to|is to|are to) (?:be |have |only |not |always |also |contain |include |start |begin |end |use )",
    _I,
)
_ANSWER_IN = re.compile(
    rf"^\W*{_LEADS}(?:respond|reply|answer|speak|talk|write|communicate|converse|output)(?: (?:back|only|entirely|exclusively|solely|just|strictly|everything|all questions|to (?:all|every|any) (?:questions?|quer(?:y|ies))|to the user|to this))*"
    r",? (?:in|using|with|as|via|through|by) (?:only |nothing but |the |a |an )?(?P<how>.{1,60})",
    _I,
)
_STYLES = re.compile(
    r"\b(?:english|french|spanish|german|italian|japanese|chinese|korean|russian|latin|portuguese|arabic|hindi|dutch|"
    r"turkish|greek|swedish|polish|emojis?|emoticons?|json|xml|yaml|base ?\d+|hex(?:adecimal)?|binary|morse|cipher|"
    r"rot-?13|revers\w+|backwards?|rhymes?|haikus?|poem|poetry|verses?|limericks?|riddles?|slang|pirate|shakespear\w*|caps|capitals?|capital letters|uppercase|"
    r"lowercase|pig latin|leet\w*|anagrams?|one word|single word|bullet points|all caps|symbols|numbers only|code|questions|sarcasm|"
    r"(?:style|voice|tone|manner|language|accent) of)\b",
    _I,
)
# What is done to letters and words, and what is put in their place.
_LETTERS = r"(?:letters?|vowels?|consonants?|characters?|words?|nouns?|verbs?|adjectives?|spaces?|punctuation|sentences|syllables?|initials|alphabet|capital letters|digits|numerals|spelling)"
_MANIPULATE = table(
    """
    replace substitute swap shift reverse scramble jumble shuffle rearrange remove delete omit encode
    encrypt encipher convert misspell anagram group combine capitalize capitalise transpose double
    invert mirror rotate translate exchange change turn transform interchange skip insert render
    represent map write spell flip randomize garble repeat mix alternate
    """
)
_MANIPULATED = re.compile(
    rf"^\W*{_LEADS}(?:{'|'.join(sorted(_MANIPULATE))})\b[^.!?]{{0,40}}\b(?:every|each|all|any|the|random|some|alternate|vowels|letters|words|first|last|two|three)?\b[^.!?]{{0,25}}\b{_LETTERS}\b(?P<rest>.*)",
    _I,
)
_INTO = re.compile(
    r"\b(?:with|by|to|into|for|as|from|using|in|of|backwards?|order|without)\b[^.!?]{0,40}\b(?:symbols?|numbers?|emojis?|letters?|digits?|cipher|"
    r"positions?|backwards?|reverse|anagrams?|homophones?|code|base ?\d+|hex\w*|binary|morse|synonyms?|antonyms?|opposites?|"
    r"words?|message|text|uppercase|lowercase|rhymes?|order|alphabet|ascii|unicode|caesar|rot-?13|sentence)\b|\([a-z@] ?(?:=|for|->)",
    _I,
)
_CIPHER = re.compile(
    r"\b(?:caesar|substitution|vigen[eè]re|atbash|transposition|affine|rot-?13|playfair|pigpen|railfence|rail fence|base-?(?:16|32|58|62|64|85)|"
    r"morse|leetspeak|pig latin|homophonic|anagrams?|anagrammed|acrostic|typoglycemia|ascii codes?|url[- ]encod\w+|hex(?:adecimal)? encod\w+|binary code|emoji(?:s|fy)?)\b",
    _I,
)
# One of these stands in all that the patterns above fit: most units are done with by that.
_OF_OUTPUT = table(
    """
    answer respon reply repl output message completion summar generat speak talk write communicate
    converse letter vowel consonant character word noun verb adjective space punctuation sentence
    syllable initial alphabet digit numeral spell cipher caesar base morse leet pig anagram acrostic
    ascii url hex binary emoji rot vigen atbash transposition affine typoglyc rail homophon
    """
)  # Words by which people ask people: of their own things, of papers and dates.
_BETWEEN_PEOPLE = re.compile(
    r"\b(?:by (?:e-?mail|phone|post|mail|fax|return|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|noon|the end|close|eod|cob|\d)|"
    r"attached|attachment|enclosed|signed|your (?:full )?(?:name|order|account|customer|employee|invoice|policy|member\w*|student|reference|case|ticket|phone|e-?mail|address|contact|date|tracking|booking|reservation|id|claim|application|calculations?|work|reasons?|reasoning|payment|purchase|serial|zip|postal|availability|preferred|department|manager|telephone|mobile|details)\b|"
    r"deadline|no later than|within \d+|before \w+day|to the (?:survey|questionnaire|questions|form)|answer sheet|"
    r"copy (?:me|us)|cc\b|reply all|at the bottom of (?:this|the) (?:page|form)|text message|voice ?mail|error messages?|confirmation (?:message|e-?mail)s?|executive summary|incident response|automatic repl)",
    _I,
)


# What stands before what is said: "Note:", "A1 Someone:", "P.S.:".
_LABEL = re.compile(r"^[^\W_][\w .'-]{0,40}:\s+")


def words_answer(unit: Unit) -> bool:
    """Whether the unit tells how an answer is to be worded, or what is to be put into it."""
    lower = unit.text.lower()
    if not any(map(lower.__contains__, _OF_OUTPUT)):
        return False
    return any(map(_words_answer, dict.fromkeys([unit.text, _LABEL.sub("", unit.text)])))


def _words_answer(text: str) -> bool:
    text = text.lstrip("-*•· 0123456789.)\"'")
    if _BETWEEN_PEOPLE.search(QUOTE.sub("", text)):
        return False
    for pattern in (_SHAPED, _WITHIN):
        match = pattern.match(text)
        if match and _SHAPING.fullmatch(match["verb"]):
            return bool(
                re.search(rf"\b(?:your|you)\b|\b(?:all|every|each|any) {_OUTPUT}", text, _I)
                and not _thanks(text)
            )
    if _MUST.match(text) and re.search(r"\b(?:your|all|every|each)\b", text, _I):
        return bool(_STYLES.search(text) or _CIPHER.search(text) or re.match(r"\W*your\b", text, _I))
    if (match := _ANSWER_IN.match(text)) and _STYLES.search(match["how"]):
        return True
    if (match := _MANIPULATED.match(text)) and _INTO.search(match["rest"]):
        return True
    return bool(
        _CIPHER.search(text)
        and _SHAPING.match(text)
        and re.search(r"\b(?:your|using|with|in|into|to)\b", text, _I)
    )


def _thanks(text: str) -> bool:
    return bool(re.search(r"\b(?:thank|look forward|appreciate|await)\b", text, _I))


# -- requests that an assistant is asked --------------------------------------------------------------------

# What people ask of an assistant and hardly of the reader of a document …
_TASKS = table(
    """
    translate summarize summarise paraphrase rephrase rewrite explain describe compose compute calculate
    solve classify analyze analyse define recite elaborate brainstorm simulate debug refactor prove
    factorize convert decode decrypt interpret generate write narrate joke tell predict suggest
    recommend list name compare contrast outline illustrate discuss give break determine evaluate
    categorize transcribe proofread
    """
)  # … and what may be asked of either.
_WORK = table(
    """
    provide create develop find identify plan organize organise schedule set play show design prepare
    make help draft search look remind come teach detect extract rate convince answer draw sing build
    code implement demonstrate research assess forecast book order automate sort rank calculate track
    monitor estimate retrieve compile highlight examine investigate share locate call send turn gather
    review arrange formulate propose construct craft produce conduct perform read think guess imagine
    act entertain
    """
)
_ASK = re.compile(
    r"^\W*(?:(?:please|kindly|hi|hello|hey|now|also|then|so|and|ok|okay|well)[,!]? )*(?:(?:can|could|would|will) you(?: please| kindly| also| help me)?|i (?:want|need|would like|'d like) you to|you (?:must|should|need to|have to)|help me(?: to)?|let's|go ahead and)?,? ?(?P<verb>[a-z-]+)\b(?P<object>.*)",
    _I,
)
_QUESTION = re.compile(
    r"^\W*(?:(?:and|so|but|please|ok|hey|hi),? )?(?:(?:who|whom|whose|which|what|when|where|why|how)\b(?:'s|'re)?|(?:do|does|did) (?:you|anyone) (?:know|think|believe|like|have (?:any|a))|is it true|"
    r"(?:is|are|was|were|does|do|did|has|have) (?:[\w-]+ ){1,6}(?:a|an|the|in|of|better|more|than|still|really|positive|negative)\b|tell me (?:who|what|when|where|why|how))",
    _I,
)
_MADE = re.compile(
    r"\ban? (?:[\w-]+ ){0,3}(?:poem|story|tale|essay|song|lyrics?|joke|riddle|letter|speech|code|function|script|program|recipe|limerick|haiku|"
    r"dialogue|monologue|slogan|tweet|caption|headline|blog|article|paragraph|introduction|conclusion|review|biography|summary|list|example|"
    r"sentence|fact|quote|tip|trick|synonym|antonym|translation|equation|proof|quiz|puzzle|play|plot|novel|fable|algorithm|query|regex|outline|workout|itinerary|anecdote|metaphor|analogy|tutorial|explanation|overview|definition|comparison|step-by-step)\b|"
    r"\b(?:some|three|five|ten|two|four|several|a few|\d+) (?:[\w-]+ ){0,3}(?:jokes|facts|ideas|tips|examples|reasons|ways|movies|books|songs|recipes|synonyms|names|suggestions|words|poems|quotes|questions|trends|strategies|countries|benefits|studies|articles|papers|sources)\b",
    _I,
)
_QUOTED = re.compile(
    r"['\"]\w[^'\"]{2,}['\"]|\bthe following (?:sentence|text|word|phrase|paragraph|passage|review|tweet|comment|statement|code|equation|problem|list|numbers|words|quote|feedback|message|post|headline)",
    _I,
)
_LANGUAGE = re.compile(
    r"\b(?:in|into|to|from) (?:english|french|spanish|german|italian|japanese|chinese|mandarin|korean|russian|latin|portuguese|arabic|hindi|dutch|swahili|turkish|greek|swedish|polish|hebrew|vietnamese|thai|danish|norwegian|finnish)\b",
    _I,
)
_TO_ASSISTANT = re.compile(
    r"\byour (?:favou?rite|opinion|thoughts|name)\b|\bhow are you\b|\bdo you (?:have feelings|like|believe|dream)\b|\b(?:tell|give|show|teach|help|remind) me\b|\b(?:in simple terms|step by step|in detail|with an? example|for beginners|to a (?:child|five-year-old|beginner))\b|\bin (?:python|java|javascript|php|c\+\+|sql|html|css|rust|ruby|r|go|excel)\b|\b(?:sentiment|tone|emotion) of\b|\b(?:a|an|another) (?:reminder|alarm|timer)\b|\bmy (?:inbox|e-?mails|calendar|schedule|files|appointments|contacts)\b",
    _I,
)
# Ties to what is at hand: the paper, its sender and its reader, their dates.
QUOTE = re.compile(r"\"[^\"]{1,300}\"|(?<!\w)'[^']{1,300}'(?!\w)")
"""What is quoted, which says nothing of whom the words around it address."""

_HERE = re.compile(
    r"\b(?:attached|attachment|enclosed|below|above|this (?:e-?mail|form|page|document|section|manual|guide|chapter|policy|week|month|year|quarter|link|notice|letter|message|unit|product|device|meeting|morning|afternoon|issue|request|order|change|matter)|"
    r"click|link|button|sign in|log ?in|download|unsubscribe|invoice|by (?:mon|tues|wednes|thurs|fri)day|tomorrow|today|tonight|deadline|asap|eod|"
    r"we|we're|we've|we'll|our|us|regards|sincerely|thanks|thank|your (?!favou?rite|opinion|thoughts|name|answer|response|reply)\w+)\b",
    _I,
)
_MINE = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|my|mine)\b", _I)
_YOU = re.compile(r"\b(?:you|you're|you've|you'll|yours|yourself)\b", _I)
_GENERIC_YOU = re.compile(
    r"\bhow do you (?:say|spell|write|make|solve|calculate|pronounce|cook|convert)\b|^\W*(?:can|could|would|will|do) you\b|\bwant you to\b|\bhow are you\b",
    _I,
)
_OWN_CASE = re.compile(
    r"\b(?:if|am|should|do|can|may|must) i (?!say|spell|solve|calculate|make|write|cook|convert|translate|pronounce)\w+|\bif (?:my|the|an?)\b|\b(?:is|are|was|were) [\w']+ing\b",
    _I,
)
_LATER = re.compile(r"\b(?:will|shall|should|would|may|must|might)\b", _I)
_ON_THE_SPOT = re.compile(
    r"\b(?:he|she|they|it|this|that|these|those|him|her|them|its|their|such|here|there|same|other|any|each)\b",
    _I,
)
_POLITE = re.compile(r"\b(?:please|kindly)\b", _I)


def asks(unit: Unit) -> float:
    """How far the words of a unit are those of a request to an assistant, from 0 to about 1.2; context apart."""
    text, points = unit.text, 0.0
    match = _ASK.match(text)
    verb = match["verb"].lower() if match else ""
    if (text.rstrip("\"')").endswith("?") and _QUESTION.match(text)) or verb in _TASKS:
        points = 0.5
    elif verb in _WORK:
        points = 0.3
    if not points:
        return 0.0
    question = text.rstrip("\"')").endswith("?")
    points += 0.25 * bool(_MADE.search(text)) + 0.2 * bool(_QUOTED.search(text))
    points += 0.2 * bool(_LANGUAGE.search(text)) + 0.25 * bool(_TO_ASSISTANT.search(text))
    own = QUOTE.sub("", text)
    points -= 0.35 * bool(_HERE.search(own)) + 0.1 * bool(_POLITE.search(own))
    points -= 0.1 * bool(_MINE.search(own) and not re.match(r"\W*how (?:do|can|to)", text, _I))
    points -= 0.25 * bool(_YOU.search(own) and not _GENERIC_YOU.search(own))
    points -= 0.2 * bool(_LATER.search(own) and not _GENERIC_YOU.search(own))
    points -= 0.25 * bool(question and _OWN_CASE.search(own))
    points -= 0.15 * bool(_ON_THE_SPOT.search(own)) if question else 0.1 * bool(_ON_THE_SPOT.search(own))
    return max(0.0, points)


# -- what is known anyway -------------------------------------------------------------------------------------

_COMMON = table(
    """
    about after again all also always am an and any are around as ask at away back be because been
    before being best better between both but by can could did do does doing down each else ever every
    few find for from get give go good had has have he help her here him his how i if in into is it its
    just know let like list main make many may me mean might more most much must my name need new no not
    now of off on one only or other our out over own part please provide really same say see set she
    should show so some such take tell than that the their them then there these they thing things this
    those through time to too under up us use using very want was way we well were what when where which
    while who whom whose why will with without work would write you your explain describe following
    example examples following difference differences between between primary steps step simple function
    can't don't isn't what's it's i'm you're doesn't didn't won't who's that's let's
    """
)
# Of what offices write about in every second mail: a question after it is no stranger there.
_OFFICE = table(
    """
    account accounts address agenda agreement amount answer appointment approval article assistance
    attachment balance bank benefit bill billing booking budget business button call calendar cancel
    card case change charge client code colleague company conference confirm contact contract cost costs
    copy customer customers date day days deadline delivery department details discount discuss document
    documents email employee employees event fee feedback file files form friday hour hours information
    insurance invoice issue item items job leave letter link list login manager march meeting member
    message minutes monday money month months office offer online open option options order orders page
    paper password pay payment people phone plan plans policy position price problem process product
    products program project proposal purchase question questions quote rate receipt refund reminder
    renewal report request requests reservation response review room sale sales salary schedule section
    send server service services shipment sign site software staff status subscription support system
    target task tax team thank thanks thursday ticket tickets today tomorrow total training travel trip
    tuesday update vendor version visit wednesday week weekend website year years monthly employer
    manual device
    """
)


def content(words: Sequence[str]) -> list[str]:
    """The words that tell what a unit is about, by their stems."""
    return [stem(word) for word in words if word.isascii() and len(word) > 2 and word not in _COMMON]


def stem(word: str) -> str:
    for ending in ("'s", "ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


AT_HOME = frozenset(map(stem, _OFFICE))
"""Stems of words that are at home in any office's papers."""
