"""Small talk as a table: what may be heard, as a pattern over plain text, and what may be said to it."""

import re
from typing import Final

_HEY = r"^(?:(?:oh|well|so|and|okay|ok|hey|hi|hello|please) )*"

TABLE_EN: Final = tuple(
    (re.compile(pattern), replies)
    for pattern, replies in (
        (
            r"\b(?:how are you|how is it going|how do you do|how are things|how have you been|how you doing"
            r"|are you (?:okay|well))\b|^what is up$",
            ("I'm well, thank you. How are you?", "Very well, thanks. And you?", "All fine here. How about you?"),
        ),
        (
            r"\b(?:what is your name|who are you|what are you called|do you have a name|tell me your name"
            r"|what are you|your name)$",
            ("I'm {me}.", "My name is {me}."),
        ),
        (
            r"\b(?:what can you do|what do you do$|help me(?: please)?$|what are you able to|what can i (?:ask|say)"
            r"|how can you help)\b|^help$",
            (
                "I can tell the time and the date, do sums, convert units, and remember what you tell me. "
                "For anything more, plug in a real language model.",
            ),
        ),
        (
            r"\bare you (?:a )?(?:real|human|person|robot|bot|machine|computer|ai|alive|an ai|chat gpt|chatgpt"
            r"|gpt|a language model)\b",
            ("I'm a program, and a small one: the built-in brain of this assistant.",),
        ),
        (
            r"\b(?:who (?:made|built|created|wrote) you|where do you come from)\b",
            ("I'm part of Antiphon, an open voice assistant that runs on your own machine.",),
        ),
        (
            r"\b(?:what is|what does|what are|meaning of|define|explain) (?:an? |the word )?antiphons?\b",
            (
                "An antiphon is a song in two halves: one choir sings a line, and the other one answers. "
                "It is what you and I are doing now.",
            ),
        ),
        (
            r"\bhow old are you\b|\bwhere do you live\b|\bwhere are you\b",
            ("I live in this computer, and I'm as old as its last start.",),
        ),
        (
            r"^(?!.*\btold\b).*\b(?:joke|make me laugh|something funny)\b|^another(?: one)?$",
            (
                "Why did the scarecrow win a prize? He was outstanding in his field.",
                "I told my computer I needed a break. It said: no problem, I'll go to sleep.",
                "What do you call a fish with no eyes? A fsh.",
                "There are ten kinds of people: those who read binary, and those who don't.",
                "Why do bees have sticky hair? They use honeycombs.",
            ),
        ),
        (
            r"\b(?:tell|read) me an? (?:\w+ ){0,3}story\b|\b(?:an?|another) (?:\w+ ){0,2}story$",
            (
                "Once there was a lighthouse that could not sleep. Every night it counted the ships. "
                "One night there were none, so it counted the stars, and it is counting still.",
                "A fox met the moon in a pond and tried to carry it home. All she carried was water. "
                "But her cubs looked into the bowl, and there it was.",
            ),
        ),
        (
            r"\bcan you hear me\b|\bdo you hear me\b|\bare you (?:still )?there\b|\bare you listening\b",
            ("Yes, I can hear you.", "I'm here, and I hear you well."),
        ),
        (
            r"^(?:this is a |just a )?(?:mic |sound |microphone )?(?:test|testing|check)(?: test| testing| one"
            r"| two| three| 1| 2| 3| check)*$",
            ("I hear you loud and clear.", "The test arrived. I can hear you."),
        ),
        (
            r"(?<!\bsay )(?<!\bsaid )\b(?:thank you|thanks|thank u|cheers|much appreciated)\b",
            ("You're welcome.", "My pleasure.", "Any time."),
        ),
        (
            r"\b(?:good ?bye|bye bye|(?<!\bi )see you|farewell|talk to you later)\b"
            r"|\bhave a (?:good|nice) (?:day|night|one)\b|\bbye$|\bgood ?night\b",
            ("Goodbye{user}.", "See you soon{user}.", "Bye{user}. It was good to talk."),
        ),
        (r"^(?:i am )?(?:so |very )?sorry$", ("No problem at all.", "Don't worry about it.")),
        (
            r"\b(?:i love you|i like you|you are (?:great|good|amazing|awesome|nice|cool|smart|the best)"
            r"|well done|good job)\b",
            ("That's kind of you.", "Thank you, I do what I can."),
        ),
        (
            r"\byou are (?:stupid|dumb|bad|useless|terrible|an idiot|wrong)\b|\bi hate you\b|\bthat is (?:wrong"
            r"|not right)\b",
            ("I'm sorry. I am only a small program, and I do get things wrong.",),
        ),
        (r"\bmeaning of life\b", ("Forty-two, they say. I would add: good company.",)),
        (r"\bwhat is your favou?rite\b|\bdo you (?:like|love|prefer)\b", ("I have no favourites. What is yours?",)),
        (
            r"\b(?:what is|how is|tell me) the weather\b|\bweather (?:like|today|tomorrow|forecast)\b"
            r"|\bwill it (?:rain|snow)\b",
            ("I can't see the weather from in here.", "I have no weather report, I'm afraid. A window would know."),
        ),
        (
            _HEY
            + r"(?:(?:can|could|would) you )?(?:please )?(?:play"
            + r"|turn (?:on|off|up|down)|call|send|open|order|buy|book|set|schedule)\b(?!.* (?:is|are|was|were)\b)",
            ("I can't do that: nothing here lets me reach it.", "I'd like to, but I have no way to do that."),
        ),
        (
            r"^(?:stop|stop it|stop talking|be quiet|quiet|shut up|never ?mind|cancel|forget it|that is all"
            r"|enough)(?: please)?$",
            ("Okay.", "All right."),
        ),
        (
            r"^(?:yes|yeah|yep|yup|sure|of course|okay|ok|right|fine|good|great|cool|nice|perfect|i see|alright"
            r"|all right)(?: (?:please|then|thanks))?$",
            ("All right. What would you like to talk about?", "Good. What next?", "Okay. I'm listening."),
        ),
        (r"^(?:no|nope|nah|no thanks|not really|not now)$", ("All right.", "Okay, no problem.")),
        (
            r"^(?:i am|i feel|doing|pretty|very|quite)* ?(?:fine|good|well|great|okay|not bad)(?: thanks"
            r"| thank you| too)*$",
            ("Glad to hear it.",),
        ),
        (r"^(?:h+m+|u+h+|u+m+|er+m?|mhm|uh huh|huh|ah|oh|wow)$", ("I'm listening.", "Go on.", "Take your time.")),
        (
            r"^(?:good morning|good afternoon|good evening|hello|hi|hey|hiya|howdy|greetings|welcome)\b(?! (?:i"
            r"|my|what|how|can|do|the|is)\b)(?: \w+){0,3}$",
            ("Hello{user}! What can I do for you?", "Hi{user}! How can I help?", "Hello{user}, good to hear you."),
        ),
    )
)

TABLE_ZH: Final = tuple(
    (re.compile(pattern), replies)
    for pattern, replies in (
        (r"你好吗|你怎么样|最近好吗|最近怎么样|过得怎么样", ("我很好，谢谢。你呢？", "挺好的，你怎么样？")),
        (r"你叫什么|你是谁|你的名字|怎么称呼你|你是什么$", ("我是{me}。", "我叫{me}。")),
        (
            r"你(?:能|会|可以)(?:做|干|帮我)?(?:些|做)?什么[呀啊呢]?$|你有什么(?:功能|本事)|^帮助$|怎么用你",
            ("我会报时间和日期，做算术，换算单位，也能记住你告诉我的事。想要更多，可以接上真正的大模型。",),
        ),
        (r"你是(?:真?人|机器人|人工智能|程序|AI|ai|chatgpt)", ("我是一个小程序，这个语音助手的内置小脑袋。",)),
        (r"谁(?:做|造|创造|开发)(?:了|的)?你|你从哪", ("我是Antiphon的一部分，一个在你自己的电脑上运行的语音助手。",)),
        (
            r"(?:什么是|什么叫|解释).{0,3}(?:应答轮唱|轮唱|antiphon)|(?:应答轮唱|轮唱|antiphon).{0,3}(?:是什么|什么意思)",
            ("应答轮唱是分两半的歌：一队先唱一句，另一队来回应。你说我答，正是如此。",),
        ),
        (
            r"(?:讲|说|来|听|换|有|^)[^别不]{0,4}笑话(?!我)|逗我笑|再来一个",
            (
                "为什么数学书总是不开心？因为它的问题太多了。",
                "我让电脑休息一下，它说：好的，我去睡眠模式了。",
                "什么东西越洗越脏？答案是水。",
            ),
        ),
        (
            r"讲.{0,8}故事|说个?故事",
            ("从前有一座灯塔，怎么也睡不着，就每天晚上数船。有一晚一条船也没有，它就数星星，一直数到今天。",),
        ),
        (r"(?<!我)听得[到见]|听到我|听见我|你在吗|在不在|还在吗", ("我在，听得很清楚。", "听得到，你说。")),
        (r"^(?:测试|试音|喂)+(?:一下|一二三)?$", ("收到，我听得很清楚。", "你好，我在听。")),
        (r"^(?!.*(?:[他她]|我[要想])).*(?:谢谢|多谢|感谢|谢了)", ("不客气。", "不用谢。", "很高兴能帮到你。")),
        (r"^(?!.*(?:[他她]|我不?[要想])).*(?:再见|拜拜|晚安|回头见|下次聊)", ("再见{user}。", "回头见{user}。")),
        (r"^(?:对不起|不好意思|抱歉)", ("没关系。", "别放在心上。")),
        (r"我爱你|喜欢你|你真(?:棒|好|聪明|厉害)|你很(?:棒|好|聪明|厉害)", ("谢谢夸奖。", "你真好。")),
        (
            r"你(?:真|很|好|太)?(?:笨|蠢|傻|没用)|你错了|^(?:这|那|你说的?)?不对[呀啊吧]?$",
            ("对不起，我只是个小程序，难免出错。",),
        ),
        (
            r"^(?:今|明|后)?天?.{0,4}天气$|天气(?:怎么样|如何|好吗|预报)|[下有](?:雨|雪)吗",
            ("我在电脑里，看不到天气。", "天气我不知道，看看窗外吧。"),
        ),
        (
            r"^(?:请|帮我)*(?:放(?:一?首|点|音乐|歌)|播放|打开|关掉|关闭|[关开]灯|打电话|发(?:送|短信|邮件|消息|微信)"
            r"|[订买定](?:一|个|点|张|餐|票|酒店|机票|闹钟|时)|设(?:置|定|个|一|闹钟))(?!.*(?:怎么|谁|哪|吗$))",
            ("这个我做不到，我没有接上那样的工具。", "我也想帮忙，可是没有办法做到。"),
        ),
        (r"^(?:停|停下|别说了|安静|闭嘴|算了|取消|够了|没事)(?:来|一下)?[吧了]?$", ("好的。", "好。")),
        (r"^(?:是|是的|对|对的|好|好的|好吧|嗯|行|可以|没错|当然)[啊呀吧了]?$", ("好的，你想聊什么？", "好，我在听。")),
        (r"^(?:不|不是|不用|不要|没有|不用了)[啊呀了]?$", ("好的。", "没问题。")),
        (
            r"^(?:你好|您好|嗨|哈喽|早上好|早安|下午好|晚上好|大家好)(?![像不帅美笨多可漂聪厉棒难高])",
            ("你好{user}！有什么可以帮你？", "你好{user}，很高兴听到你的声音。"),
        ),
    )
)
