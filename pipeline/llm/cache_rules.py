"""The words by which a question that stands for itself is told from one that does not, in English and Chinese."""

import re

PUNCTUATION = re.compile(r"(?<!\d)[.,:]|[.,:](?!\d)|[!?;\"()\[\]…、。·~]|(?<![a-z])'|'(?![a-z])")
"""What a transcript may have or not have. What stands between digits, and signs of arithmetic, are part of it."""

IS = re.compile(r"\b(what|who|where|how|which)'s\b")
"""What has a long and a short form."""

_START_EN = (
    r"(?:um+|uh+|erm?|oh|ah|hey|okay|ok|well|so|please|antiphon|now then|listen|tell me|i wonder|do you know"
    r"|(?:can|could|would|will) you (?:please )?(?:tell|say to) me)"
)
FILLERS = re.compile(
    rf"^(?:{_START_EN}\b ?)+(?=\S)|\b(?:um+|uh+|please|exactly|again please)\b|(?<=\S) ?\b(?:please|then)$"
)
"""What changes nothing."""

FILLERS_ZH = re.compile(
    r"^(?:嗯+|呃+|啊|哦|喂|那个|就是|请问(?:一下)?|麻烦|请?你?(?:能不能|可以|能)?告诉我(?:一下)?|你知道)+(?=\S)"
    r"|(?:啊|呀|呢|哦|嘛|啦|一下)$|(?<=[\u3400-\u9fff])(?:嗯|呃)+(?=[\u3400-\u9fff])"
)

GAP_ZH = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
"""Where punctuation was, between two Chinese characters."""

ASKED_FOR = re.compile(
    r"^(?:define|spell|name the|what|who|where|which|how (?:many|far|tall|old|long|high|deep|do you (?:say|spell)))"
    r"\b"
)
"""What asks for something without sounding like a question."""

BOUND = re.compile(
    # what was said before
    r"\b(?:it|its|that|this|these|those|they|them|their|he|him|his|she|her|hers|there|here|one|ones|same|other|others"
    r"|another|else|more|again|also|too|instead|then|before|earlier|above|previous|last|next|first one|former|latter"
    r"|you said|remember|continue|repeat|go on|and|but|or)\b"
    # who asks, and who answers
    r"|\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|us|our|ours|you|your|yours|yourself)\b"
    # when and where
    r"|\b(?:today|tonight|now|nowadays|yesterday|tomorrow|current|currently|latest|newest|recent|recently|new|news|still"
    r"|time|date|day is|year is|weekday|weather|temperature|forecast|price|prices|stock|cost|costs|exchange rate|score"
    r"|until|till|left|birthday|anniversary|christmas|easter|sun|sunset|sunrise|moon|rain|raining|snow|snowing|traffic"
    r"|win|won|winning|live|open|opens|close|closes|near|nearby|nearest|closest|local|this week|president"
    r"|prime minister|chancellor|ceo|champion|record holder|richest|population"
    r"|\d+ (?:days|weeks|months|years) ago|19\d\d|20\d\d)\b"
    # the same in Chinese
    r"|[它他她这那此其]|刚才|之前|前面|上面|以上|后来|再|还有|另外|别的|继续|重复|同样|也"
    r"|[我咱您]|你(?!好)|今[天日晚年]|现在|目前|当前|如今|昨[天日晚]|明[天日晚年]|去年|最近|最新|新闻|天气|气温|几点|时间|日期"
    r"|星期几|几号|[离距][^开]|生日|下雨|下雪|日出|日落|本[月周年]|这[月周]|价格|多少钱|股|汇率|比分|附近|最近的|总统|主席|首相|总理|冠军|首富|人口|[12]\d\d\d"
)
"""What makes the answer another for another user, at another time, or after other words."""
