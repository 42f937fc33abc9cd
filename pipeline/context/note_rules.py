"""The phrases by which instructions and facts are told from small talk, in English and Chinese."""

import re

from pipeline.words import words


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_START = r"(?:^|[,;:.–-]\s*|\b(?:and|but|so|also|then|please|just)\s+)"
"""Where an order may begin."""

_NO_ORDER = (
    r"(?!(?:worry|know|mind|think|care|bother|panic|get me wrong|you|believe|understand|really|stop"
    r"|be (?:silly|sorry)|do (?:that|this|it)|say (?:that|it))\b)"
)
"""What "don't" begins and is no order, or none that lasts."""

ORDERS = _any(
    _START + r"(?:always|never)\s+(?!mind\b)\w+",
    _START + r"remember\b(?! (?:when|how|the time|me\b))",
    _START + r"(?:do not|don't)\s+(?:you\s+)?(?:ever\s+)?" + _NO_ORDER + r"\w+",
    _START + r"(?:keep|bear)\b.{0,30}\bin mind\b",
    _START + r"(?:make|take) a note\b",
    _START + r"(?:(?:stop|quit|avoid) (?:\w+ing|the|any) \w|no (?:more )?\w+ing\b)",
    _START + r"(?:only \w+ \w|(?:skip|leave out) the \w+s\b|treat (?:everything|all|me|my|this)\b)",
    _START + r"(?:make sure|be sure|see to it|ensure|assume|remind (?:me|us)|wake me)\b",
    _START + r"(?:keep|make) (?:\w+ ){0,2}(?:answers?|repl(?:y|ies)|responses?|sentences?|it short|it brief)\b",
    _START + r"be (?:more |very )?(?:brief|short|concise|honest|polite|formal|gentle|patient|blunt|direct)\b",
    _START + r"(?:speak|talk|answer|reply|respond)(?: to me| me)? (?:in|with|more|slow|only|brief|like|as)",
    _START + r"(?:only )?(?:use|give me|quote|tell me) .{0,30}\b(?:metric|celsius|fahrenheit|kilomet|miles|24.hour)",
    r"^(?:when(?:ever)?|every time|each time|if) (?:i|you|we|some\w+|any\w+|my \w+) (?:ever )?"
    r"(?:say|ask|mention|tell|talk|call|sound|seem|start)\b",
    r"\bnote (?:that|down)\b|\bfor (?:the record|future reference|next time)\b",
    r"\bfrom (?:now|here|today) on\b|\bgoing forward\b|\blet's (?:always|never|keep)\b|\banswers? only\b",
    r"\byou (?:should|must|can|may|are to|need to|have to)(?: always| never| not|n't)\b|\byou (?:must|have to)\b",
    r"\bcall me (?!back\b|later\b|again\b|when\b|an?\b|crazy\b|old\b|tomorrow\b)\w",
    r"\b(?:address|refer to) (?:me|us|him|her|them|the|my)\b|\bit's pronounced\b|\bis spell?(?:ed|t)\b",
    r"\bi(?:'d| would)? (?:want|need|like|expect) you\b|\bi(?:'d| would) (?:prefer|rather)\b",
    r"\bi (?:do not|don't|never) want\b|\bit's important (?:that|to)\b|\blet's (?:say|use|do) .* in\b",
    r"^(?:when(?:ever)?|every time|each time|if) .+, (?:please |then )?"
    r"(?!(?:i|we|he|she|it|they|you|the|an?|my|our|your|that|this|there|what|how|why)\b)\w+ \w",
)

FACTS = _any(
    r"\b(?:my|our) (?!god\b|bad\b|pleasure\b|point\b|guess\b|mistake\b|goodness\b|question\b|turn\b)"
    r"(?:[\w'-]+ ){0,5}?[\w-]+(?:'s|'re| is| are| was| were| isn't| aren't| has| have| lives?| works?| turns?| starts?"
    r"| begins?| goes| arrives?| leaves?| ends?| can't| doesn't| don't| hates?| loves?| likes?| called)\b",
    r"\bi(?:'m| am|m)(?: also| really| severely| very| still| now| currently| actually)* (?:allergic|intolerant"
    r"|vegetarian|vegan|diabetic|asthmatic|pregnant|deaf|blind|colou?r.?blind|left-handed|lactose|gluten|coeliac"
    r"|celiac|muslim|jewish|hindu|christian|buddhist|married|engaged|divorced|single|widowed|retired|unemployed"
    r"|self-employed|from|based|staying|living|working|called|named|scared of|afraid of|hard of|terrified"
    r"|on (?:a|the|my|blood)|not (?:allowed|able|supposed|an?\b)|meeting|flying|moving|leaving|\d"
    r"|an? (?!bit|little|lot|fan\b))",
    r"\bi(?: also| only| really| usually| always| still)* (?:live|lived|work|worked|study|teach|was born|grew up"
    r"|come from|own|drive|play|speak|take|prefer|can(?:'t|not| not) (?:eat|drink|hear|see|have|stand|use|come)"
    r"|(?:don't|do not) (?:eat|drink|smoke|drive|like|speak|have|own|use|take|work)"
    r"|never (?!knew|thought|heard|said|mind)"
    r"|(?:hate|love|like|dislike|have|need) (?!to (?:go|ask|say|know|admit|run|hear)\b|it\b|that\b|this\b|you\b"
    r"|fun\b|no idea|a (?:question|feeling|look|moment)|another|one more|help\b|your\b))",
    r"\b(?:i|we)(?:'ve| have)? (?:moved|gave up|given up|quit|been diagnosed)\b",
    r"\bi've got (?!to\b|it\b|a question)|\bi've been \w+ing .*\bfor\b",
    r"\b(?:is|are|was) (?:my|our) \w|\b(?:is|are) (?:called|named)\b",
    r"\b(?:password|passcode|pin|code|number|address|postcode|birthday|anniversary|deadline|budget|appointment"
    r"|meeting|interview|flight|train|booking|reservation|reference|combination|username|e-?mail)\b.{0,40}"
    r"\b(?:is|are|was|at|on|by|moved|leaves|departs|starts)\b",
    r"\b(?:call|reach|text|ring|phone|email|find) (?:me|us) (?:at|on)\b|\w@\w",
)

I_AM = re.compile(r"\b(?:[Ii]'m|I am|[Tt]his is) [A-Z]\w+")
"""A name, as its capital shows."""

OWN = re.compile(r"\b(?:i|i'm|i've|we|we're|we've|my|our|me|us)\b|^我", re.IGNORECASE)
"""Whatever else users say of themselves."""

CHATTER = _any(
    r"\b(?:i|we)(?:'d| would)? (?:like|want|love|need) (?:to|an?|the|this|that|it|you|some|more|another|help)\b",
    r"\b(?:i|we)(?:'ll| will| see| mean| think| thought| guess| wonder| hope| bet| suppose| believe| said| say| know"
    r"| knew| hear| heard| understand| remember| forgot| agree| asked| was (?:just|only|wondering))\b",
    r"\b(?:i'm|i am|we're) (?:going to|gonna|just|listening|sure|sorry|back|here|done|tired|bored|curious|fine|good"
    r"|ready|glad|not|so|a bit|looking)\b",
    r"\b(?:tell|give|show|help|let|ask|call|excuse|bring|read|send|play|sing) (?:me|us)\b",
    r"\blet's\b|\b(?:you|that|this|it)\b",
    r"^我(?:觉得|想|知道|认为|要|听|懂|明白|说|问|看|忘|猜|再|就|也|先|没)",
)
"""And what of that only belongs to the talk."""

ORDERS_ZH = _any(
    r"记住|牢记|(?<!我)(?<!还)记得|(?:别|不要|不许|千万别)忘|以后|从现在(?:起|开始)|从今|今后|每次|永远|总是|千万|务必|一定要",
    r"(?:^|[，,；。])(?:请|你)?(?:不要|别|不许|不准|不能|禁止)(?!担心|客气|急|紧张|闹|介意|生气)|再也不要|别(?:那么|这么|太)",
    r"(?:叫|称呼|喊)我(?!什么)|提醒我|叫醒我|(?:我|你)(?:要|希望|想让)你",
    r"用\w{1,6}(?:回答|说话|跟我)|(?:回答|说话)(?:要|得|尽量)?(?:简短|简单|慢|短|详细)|说慢",
)

FACTS_ZH = _any(
    r"我(?:的名字)?(?:叫|姓)|我(?:已经|都)?(?:今年|退休|离婚|结婚|怀孕|失业|住|来自|出生|过敏)|我(?:们)?家",
    r"我在.{1,12}(?:工作|上班|上学|读书|住)|我对.{1,12}过敏|我(?:有|养|开|属)|我是(?!不|说|想|在|问|要|觉得)",
    r"我(?:不|从不|从来不|没有?|不能|不会|不喜欢)(?:吃|喝|抽|喜欢|会|能|要|爱|开|用|去)",
    r"我(?:最|很|特别|非常|比较)?(?:喜欢|讨厌|爱|怕|恨)",
    r"(?:我|我们)的?(?!觉|想|知|认为|听|要|懂|明|说|看).{1,10}(?:是|叫|在|住|姓|有|不|对)",
    r"(?:电话|手机|号码?|地址|生日|密码|门牌|航班|车次|会议|预约|约会|预算|截止|房间).{0,8}(?:是|在|为|改)",
)

IDLE = _any(
    r"\b(?:i|you|we|they|that|it|there)(?:'m| am|'s| is|'re| are)? ?"
    r"(?:do not|don't|didn't|did not|can't|cannot|couldn't|not|no|isn't|wasn't)(?: \w+ly| even)? "
    r"(?:know|think|mind|care|understand|get|see|remember|hear|catch|believe|say|mean|sure|bad|that|what|idea|problem"
    r"|funny|true|matter|help|work)",
    r"\bnever (?:mind|knew|thought|heard|said)\b|\bnot (?:really|yet|now|bad|at all)\b|why not",
    r"不知道|不明白|不懂|不客气|没关系|没事|不错|没听|不用|不太|不行|不对|没什么|想不|不要紧|差不多|不好意思|别担心",
)
"""Negations that only say how the talk goes."""

ABOUT_USER = re.compile(r"\byours?\b|\byou\b|[你您]", re.IGNORECASE)

NOW = words(
    """set add convert calculate compute count multiply divide subtract roll pick choose play turn tell give show find
    translate spell read repeat start stop open send name list write say make let let's skip go search look explain
    describe compare round sing guess think try wait help"""
)
"""First words of what is to be done now, and then is done with."""

NOW_ZH = re.compile(
    r"(?:帮我|给我|替我)?(?:设|定|开|关|算|计算|播放|放|讲|说|翻译|查|找|数|读|写|停|换算|打开|关掉|告诉|再|来|选|猜|推荐|介绍)"
)
