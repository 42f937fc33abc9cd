"""The words by which the end of a turn can be told, in English and Chinese."""

import re

from pipeline.words import phrases, words

# English: ends after which more must come

FILLERS = words("um umm uh uhh uhm er erm hmm hm mm ah eh")
ARTICLES = words("a an the my your our their its every")
CONJUNCTIONS = words(
    "and or but nor because cause if although though while whereas unless until till since whether than as so that's"
)
SURE_PREPOSITIONS = words(
    "into onto upon among between against towards toward during despite beside besides via per except within without"
)
STRANDABLE = words("of to for from at with about like after before by near than")
"""Prepositions that end questions: what are you looking for."""
ADVERBS = words("very really quite pretty almost nearly just only even also always never less least")
"""Adverbs that lean on the next word."""
QUANTIFIERS = words("some any all each another many few several more most other which whose his")
SUBJECTS = words(
    """i he she we they who's what's where's how's there's here's it's that's he's she's i'm you're we're they're i've
    you've we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll they'll it'll let's"""
)
AUXILIARIES = words(
    """am is are was were be been being do does did have has had can could will would shall should may might must
    gonna wanna gotta isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't
    won't wouldn't shouldn't not"""
)
COPULAS = words("am is are was were what's where's who's how's when's why's")
TAKERS = words(
    """want need like love prefer think mean guess believe suppose wonder hope wish know say said tell ask give show
    bring get got make put set send find see hear buy use add call try keep took take gave told asked wanted needed
    wondering trying looking going planning thinking saying talking asking do have"""
)
"""Verbs that want something behind them when they follow their subject."""
ATTRIBUTES = words(
    """small big little large long short new old young good bad great nice best worst next last first second third
    same other main whole entire few many most red blue green black white early late high low right left following
    current previous local free real important different certain"""
)
"""Adjectives that announce a noun when an article stands before them."""
LEFT_OPEN = phrases(
    """and then, but then, so then, kind of, sort of, going to, want to, need to, have to, like to, used to,
    try to, i mean, you know, i guess, i think, let me, let us, such as, for example, in order, because of,
    tell me, give me, show me, send me, remind me, read me, get me, find me, teach me, play me, bring me,
    make me, how about, what about, instead of, due to, according to, next to, out of, do you, can you,
    could you, would you, will you, have you, did you, can i, could i, may i, should i, do i, would like,
    i'd like, do we, can we, should we, does it, did it, can it, will it"""
)
"""Last two words after which more must come."""

# English: ends that are ends

CLOSED = phrases(
    """think so, hope so, guess so, said so, or so, so on, or not, if not, why not, of course, not yet, right now,
    a lot, what else, anything else, something else, nothing else, as well, at all, after all, going on,
    each other, so what, what for, no idea, the same, how come, not really, me too, you too, so far, never mind,
    right there, over there, like that, like this, do that, do this, isn't it, aren't you, don't you, doesn't it,
    can't you, won't you, isn't he, isn't she, wasn't it, thank you, very much, so much, once more, no more,
    any more, all right, next one"""
)
"""Last two words that complete a sentence although the last alone would not."""
ANSWERS = phrases(
    """yes, yeah, yep, yup, no, nope, nah, sure, okay, ok, alright, right, correct, exactly, thanks, thank you,
    thank you very much, thanks a lot, please, stop, stop it, wait, cancel, quit, exit, pause, continue, resume,
    repeat, again, next, back, help, hello, hi, goodbye, bye, bye bye, good night, good morning, good evening,
    good afternoon, good, great, fine, perfect, cool, nice, maybe, perhaps, never, always, never mind, nothing,
    none, go on, go ahead, of course, not really, not yet, got it, i see, i understand, no way, absolutely,
    definitely, certainly, indeed, what, why, how, when, where, who, really, sorry, excuse me, pardon, come on,
    shut up, be quiet, that's it, that's all, that's right, what's up, me too, both, either, neither, all, done,
    i don't know, all of them, one more"""
)
"""Whole utterances; several in a row make one too: okay thank you."""
SHORT_REPLIES = phrases(
    """i do, i am, i did, i will, i have, i can, i was, i would, it is, it does, it was, it did, we are, we do,
    we can, they are, they do, he is, she is, he does, she does, you are, you do, i don't, i won't, i can't,
    i didn't, i'm not, it isn't, it's not, you can"""
)
"""Whole utterances behind a yes or a no; without it, beginnings."""
PHRASAL = words(
    """turn turns turned switch shut put take log sign wake get hang come go sit stand pick give look find check carry
    hold bring set slow speed calm cheer keep move step lie run drive back hurry write call try work cut pull push"""
)
PARTICLES = words("on off up down out in over back away around along through there here again")
"""Ends of phrasal verbs: turn the lights off."""
ASKING = words("what what's who who's whom whose which when where where's why how how's")
ASKING_AUXILIARIES = words(
    """is are am was were do does did have has can could will would should shall may isn't aren't don't doesn't didn't
    can't couldn't won't wouldn't"""
)
COMMANDS = words(
    """turn play stop set open close show tell call send start begin find search read add remove delete remind give
    put go make take help switch increase decrease raise lower skip pause resume repeat cancel explain describe list
    write create book order translate define spell name count wake drop let bring get check change move say ask ignore
    forget remember summarize compare"""
)
OPENINGS = words("ok okay please hey hi hello so well yes yeah no and but now then oh right alright just")
"""Words before the sentence proper."""
KNOWING = words("know knows me sure remember tell say guess idea matter care wonder see understand")
PRONOUNS = words("i you he she it we they this that there these those")
DETERMINERS = words("a an the my your his her our their its some every another")
LINKING = words("when if because while that what where why how who which and but or whether than as until unless")

# English: numbers

DIGITS = words("zero oh one two three four five six seven eight nine double triple")
TENS = words("twenty thirty forty fifty sixty seventy eighty ninety")
SCALES = words(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen hundred thousand million"
)
NUMBERS = DIGITS | TENS | SCALES | words("point")
DICTATED = words("number phone code pin zip postcode account card digits extension passport serial")
"""Words that announce figures one by one."""

# Chinese

CHINESE_ANSWERS = words(
    """好 好的 好吧 好啊 行 可以 不行 不可以 是 是的 不是 对 对的 不对 没错 没有 有 不 不要 不用 不用了 要 谢谢
    谢谢你 多谢 再见 拜拜 晚安 早安 早上好 晚上好 你好 您好 停 停止 停下 暂停 继续 取消 算了 知道了 明白 明白了
    没事 没关系 当然 当然可以 为什么 什么 真的 真的吗 随便 都可以 都行 不知道 我不知道 下一首 上一首 再来 再说一遍
    安静 闭嘴 等一下 等等"""
)
CHINESE_CLOSED = tuple(
    words(
        """几点 几号 几岁 几个 多少 多少钱 多久 多远 多大 多高 什么 什么意思 怎么样 怎么办 哪里 哪儿 哪个 谁 为什么
        怎么走 怎么做 怎么说 怎么用 好不好 行不行 对不对 是什么 什么时候 干什么 干嘛 如何 怎么回事 什么名字 星期几
        一下 一遍 一点 谢谢 好的 是的 要这个 要那个 买这个 买那个 现在 不在 存在 方向 首都 成都 申请 邀请 暖和"""
    )
)
"""Ends of questions and requests that are complete, and words that end like something that is not."""
CHINESE_DANGLING = tuple(
    words(
        """嗯 呃 额 那个 这个 就是 就是说 然后 因为 所以 但是 可是 不过 而且 或者 还有 如果 要是 假如 的话 比如 比如说
        例如 以及 和 跟 把 被 给 在 从 往 为了 除了 关于 对于 由于 虽然 即使 只要 只有 的时候 我想 我要 我想要 我觉得
        我认为 我是说 请 请你 帮我 麻烦你 能不能 可不可以 你能 你可以 你能不能 告诉我 给我 我的 你的 他的 她的 每 第
        很 非常 最 更 也 还 就 都 又 才 正在 准备 打算 而 且 并 并且 另外 首先 其次 其实 是不是 我们 他们 用一 有一
        想把 跟我"""
    )
)
"""Ends after which more must come."""
CHINESE_OPEN = tuple(
    words(
        """的 是 有 要 会 能 可以 不 没 你 我 他 她 它 说 想 到 用 让 叫 为 对 向 与 需要 应该 比较 特别 之前 之后 一个
        有没有"""
    )
)
"""Ends after which more may well come."""
CHINESE_DONE = tuple("吗嗎呢吧啊呀啦嘛了哦喔咯")
"""Particles that end sentences."""
CHINESE_ASKING = re.compile("什么|怎么|哪|谁|多少|几|为何|是不是|有没有|能不能")
"""Words that make a question of the sentence they stand in."""
CHINESE_DIGITS = "零〇一二三四五六七八九幺0123456789"
