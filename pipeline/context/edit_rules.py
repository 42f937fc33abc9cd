"""The phrases that are commands to change what was said, in English and Chinese; each pattern is of a whole command.

English comes in small letters, one space between words and punctuation marks; Chinese without any punctuation.
"""

import re

EVERYTHING = frozenset({"me", "us", "everything", "我", "我们"})
"""What is about these is everything."""

LAST_THING = frozenset({"that", "this", "it", "那个", "这个", "它"})
"""What is about these is what was said last."""

GOES_ON = re.compile(
    r"[,;:.!?]|\b(?:and|but|then|so) (?:\w+ )?(?:me|what|how|tell|give|can|please|you)\b|\bwhat(?:'s| is)\b"
    r"|\b(?:from|in) (?:my|the|this|that) (?:letter|document|e?-?mail|text|file|list|calendar|notes?|essay|draft)\b"
)
"""Behind a command comes something else."""

BEFORE = re.compile(
    r"^(?:(?:um+|uh+|er+|oh|ah|hey|okay|ok|no|nope|wait|sorry|actually|well|please|just|hm+|let me see|hang on|hold on"
    r"|you know what|never mind|on second thoughts?|i changed my mind|antiphon|(?:can|could|would|will) you"
    r"|i(?:'d| would)? (?:want|like) you to|let's|(?:can|could) we)(?: [,;:.!?])* )+"
)
BEHIND = re.compile(
    r"(?:(?: [,;:.!?])* (?:please|now|again|okay|ok|thanks|thank you|would you|will you|for me|right away))+$"
)

_DELETE = r"(?:scrap|scratch|strike|delete|erase|remove|forget|discard|ignore|disregard|drop|wipe|undo|unsay)"
_I_SAID = (
    r"(?:that |which )?(?:i|we)(?:'ve| have)?(?: just)? "
    r"(?:said|told you|asked(?: you)?|mentioned|talked|spoke|discussed)"
    r"(?: just now| a (?:moment|minute) ago| before| last| earlier)?"
)
OVER = re.compile(
    r"(?:start|begin) (?:over|afresh|fresh|anew|(?:again )?from scratch)"
    r"|(?:start|begin|have) a (?:new|fresh) (?:conversation|chat)"
    rf"|(?:clear|reset|restart|{_DELETE}) (?:the|this|our|my) (?:whole |entire )?"
    r"(?:conversation|chat|history|memory|context)(?: history)?"
    rf"|forget everything(?: so far)?|{_DELETE} (?:everything|all) {_I_SAID}(?: about)?(?: so far| until now| today)?"
)
ANSWER = re.compile(
    rf"{_DELETE} (?:your|that) (?:last |previous )?(?:answer|reply|response)|{_DELETE} what you(?:'ve)?(?: just)? said"
)
LAST = re.compile(
    r"(?:scrap|scratch|strike|unsay|disregard|forget|ignore) (?:that|this)"
    r"(?: last)?(?: bit| part| one| thing| question)?"
    rf"|(?P<vague>(?:delete|erase|remove|undo) that(?: last)?(?: bit| part| one| thing)?"
    rf"|{_DELETE} (?:my|the) last message)"
    rf"|{_DELETE} (?:my|the) last (?:question|statement|remark|thing|exchange)"
    rf"|{_DELETE} what {_I_SAID}|{_DELETE} (?:my|the) last (?:\w+ ){_I_SAID}"
    r"|(?:scrap|scratch|unsay) (?:my|the) last (?:sentence|bit|part)"
    rf"|(?:i )?take (?:that|it) back|strike that from the record|{_DELETE} (?:that )?i said (?:that|it|anything)"
    r"|pretend (?:that )?i (?:never|didn't) (?:say|said) (?:that|it|anything)"
)
ABOUT = re.compile(
    rf"{_DELETE} (?:"
    r"(?:(?:the|that|this) (?:whole )?(?:part|bit|thing|stuff|story|conversation)|everything|anything|all|what)"
    rf"(?: {_I_SAID}| you(?:'ve| have)? (?:know|heard|remember|stored|got))?(?: to you)? about"
    r"|the (?:part|bit) where (?:i|we) (?:mentioned|(?:talked|spoke|said something) about)"
    r"|(?:that )?i (?:ever |just )?(?:mentioned|told you about|said anything about)"
    r") (?P<about>.+)"
    r"|(?:forget|erase|ignore|disregard) (?:all |any )mentions? of (?P<mentioned>.+)"
)

VAGUE_ZH = frozenset("他她这那谁你您事话")
"""What may be about anything, where nothing else is said."""

OWNER_ZH = re.compile(r"^(?:我|咱)们?的?")
"""Whose it is, where nothing else is said."""

OF_ZH = re.compile(r"(?<!目)的")
"""Between whose it is and what."""

POLITE_ZH = re.compile(
    r"^(?:嗯|呃|哦|啊|不对|等等|对不起|抱歉|麻烦你?|请|你?能不能|你?可以|你?可不可以|帮我|给我|那(?![句个段条话])|算了)+"
    r"|(?:好吗|可以吗|行吗|谢谢)$"
)
_AWAY = r"(?:都|全部?)?(?:删掉|删了|删除|去掉|抹掉|划掉|忘掉|忘了|忘记|撤回|清除)"
_DELETE_ZH = r"(?:删掉|删了|删除|去掉|抹掉|划掉|忘掉|撤回|清除)"
"""As the first word: there, "forget" may also be "I have forgotten"."""
_SAID = r"(?:我)?(?:刚才|刚刚|刚|上面|前面|之前)(?:我)?(?:说|讲|问|提)(?:过)?的?"
_THING = r"(?:那|这)?(?:一)?(?:句|段|个|条)?(?:话|内容|东西|问题)?"
_PART = r"(?:的)?(?:那|这)?(?:部分|一段|段|件|些)?(?:部分|内容|事情|事|话|一切|信息)?"
_JUST = r"(?:我?(?:刚才|刚刚|刚)(?:说的?)?)?"
LAST_ZH = re.compile(
    rf"(?:把)?{_SAID}{_THING}(?:{_AWAY}|不算|作废|当我没说)(?:吧|了)?"
    rf"|{_DELETE_ZH}{_SAID}{_THING}(?:吧)?|(?:忘了|忘记){_SAID}{_THING}吧"
    rf"|(?:把)?(?:我的?)?(?:上一|最后一|刚才那)(?:句|段|条)(?:话)?{_AWAY}(?:吧)?"
    rf"|{_DELETE_ZH}(?:我的?)?(?:上一|最后一|刚才那|那|这)(?:句|段|条)(?:话)?(?:吧)?"
    rf"|把(?:{_JUST}[那这](?:句话?|[段番些]话)|(?:刚才|刚刚)的话)(?:给我)?都?{_DELETE_ZH}吧?"
    rf"|(?P<vague>把(?:{_JUST}[那这][个段条]|它)(?:给我)?{_DELETE_ZH}吧?|{_DELETE_ZH}(?:[那这]个|它)吧?)"
    r"|就?当我没(?:说|问)过?(?:吧)?|(?:刚才|(?:刚才)?[这那])(?:句|个|段)?(?:话)?(?:不算|作废)(?:了|吧)?"
)
ANSWER_ZH = re.compile(
    rf"(?:把)?你(?:刚才|刚刚|上一个|上次)?的?(?:说的|回答|答案|答复)(?:{_AWAY}|不算)(?:吧)?"
    rf"|{_DELETE_ZH}你(?:刚才|刚刚)?的?(?:说的|回答|答案)(?:吧)?"
)
ABOUT_ZH = re.compile(
    rf"(?:{_DELETE_ZH}|(?:忘了|忘记)(?=.*吧$))(?:我)?(?:说|讲|提|告诉)?(?:过|你)?的?(?:所有)?(?:关于|有关)"
    rf"(?P<about>.{{1,20}}?){_PART}(?:吧)?"
)
ABOUT_ZH_2 = re.compile(
    rf"(?=把|.*(?:吧|{_DELETE_ZH})$)(?:把)?(?:我)?(?:之前|刚才)?(?:说|讲|提)?(?:过)?的?(?:所有)?(?:关于|有关)"
    rf"(?P<about>.{{1,20}}?){_PART}{_AWAY}(?:吧)?"
)
OVER_ZH = re.compile(
    r"(?:我们|咱们|让我们)?(?:从头|重新|从零)(?:开始|来过|再来|来)(?:一遍)?(?:吧|对话|聊)?"
    r"|(?:开始)?(?:一个|一段)?新的?(?:对话|聊天)"
    r"|(?:清空|清除|删除|重置|忘掉)(?:掉)?(?:所有|全部|整个|这段|我们的?|之前的?)*的?(?:对话|聊天|谈话)"
    r"(?:记录|历史|内容)?(?:吧)?"
    r"|(?:把)?(?:我)?(?:刚才|之前)?(?:说|讲)?(?:过)?的?(?:所有|全部|一切)(?:内容|话|事情)?(?:都|全)"
    r"(?:忘掉|忘了|删掉|删了)(?:吧)?"
    r"|(?:忘掉|删掉)(?:我)?(?:之前|刚才)?(?:说|讲)?(?:过)?的?(?:所有|全部|一切)(?:内容|话|事情)?(?:吧)?"
)
