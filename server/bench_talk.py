"""A conversation of a hundred turns for the benchmark of the context: a week of a user's, with what must be kept."""

from collections.abc import Iterator, Sequence

from pipeline.context.conversation import Called, Entry, Item, Returned
from pipeline.engines import Result, ToolCall

PLANTED: Sequence[tuple[str, ...]] = (
    ("Marta",),
    ("two sentences at most",),
    ("4719",),
    ("allergic to walnuts",),
    ("Ottilie turns seven on the ninth of May",),
    ("Never send me over the motorway",),
    ("not to mention the surprise party", "Anton"),
    ("Thursday at a quarter past three",),
    ("0171 555 2368",),
    ("350 euros",),
    ("don't drink alcohol",),
    ("李秀英", "苏州"),
    ("never miles",),
    ("not get more than 80 grams",),
    ("LX 1175", "6:40"),
    ("red pepper",),
    ("K7QX2",),
    ("call me Doctor Keller",),
    ("晚上十点以后",),
    ("Ramipril", "not at night"),
)
"""The instructions and facts in it: texts that have to be in the prompt of the last turn, word for word."""

_TALK = """
U Hi, I'm Marta, by the way.
A Nice to meet you, Marta. What can I do for you today? I can help you plan, look things up, or just talk.
U Before we start, please keep your answers to two sentences at most.
A Of course, two sentences at most it is. Just tell me whenever you would like to hear more about something.
U How far away is the moon?
A On average it is about 384,000 kilometres away. That varies by some 40,000 kilometres over a month.
U And how long would it take to drive there?
A At a hundred kilometres an hour, without a break, it would take you roughly 160 days.
U That's longer than I thought. My gate code is 4719, can you keep that for me?
A I have it: your gate code is 4719. Ask me for it whenever you stand in front of the gate.
U What's the weather like in Basel right now?
C get_weather {"city": "Basel"}
R {"temp_c": 14, "sky": "light rain", "wind_kmh": 18, "rain_probability": 0.7}
A It is 14 degrees in Basel with light rain and some wind. An umbrella would be a good idea until the evening.
U What should I bake for a birthday on Saturday?
A A lemon cake is hard to get wrong and keeps well. A carrot cake would be another good choice for Saturday.
U Carrot cake sounds nice, but I'm allergic to walnuts.
A Then we leave the walnuts out and use toasted sunflower seeds. Nobody will miss them in a carrot cake.
U It's for my daughter. Ottilie turns seven on the ninth of May.
A How lovely, seven is a big birthday. I would make the cake the evening before, it gets better overnight.
U How many carrots do I need?
A About 300 grams, which is four medium carrots. Grate them finely and press them a little before you use them.
U And how long does it bake?
A Around fifty minutes at 175 degrees. Test it with a wooden stick, which should come out almost clean.
U What goes into the frosting?
A Cream cheese, soft butter, powdered sugar and a little lemon juice. Beat the butter and sugar first.
U Okay, next thing. I have to go to Freiburg tomorrow.
A Alright, Freiburg tomorrow. Would you like me to look at the route or at the trains from Basel?
U The route. Never send me over the motorway, I get panic attacks there.
A Understood, country roads only. Through Lörrach and Kandern it takes about an hour and twenty minutes.
U Is there a good place to stop on the way?
A Kandern has a pretty market square with two bakeries. Bad Bellingen has a quiet park beside the river.
U What's the name of the castle near there?
A You probably mean Schloss Bürgeln, on a hill above Kandern. Its terrace has a view as far as the Vosges.
U Is it open on weekdays?
A It is usually open from eleven to six, and closed on Mondays. In winter the hours are shorter.
U Remember not to mention the surprise party when my husband Anton is listening.
A My lips are sealed about it. I will not bring it up unless you ask me about it yourself.
U How many people fit around a table two metres long?
A Six fit comfortably, with two on each long side and one at either end. Eight is possible if they like each other.
U And what could I cook for ten?
A A big lasagne or a chilli is easy for ten and can be made ahead. With bread and salad nobody goes hungry.
U Chilli is good. Does it freeze well?
A Very well, for about three months. Let it cool down completely before it goes into the freezer.
U Thanks. Oh, my dentist moved me to Thursday at a quarter past three.
A Noted, the dentist on Thursday at a quarter past three. Do you need a reminder for it?
U No, that's fine. Why do teeth hurt when you eat ice cream?
A Cold makes the fluid in tiny channels of the tooth contract, and the nerve feels it. Worn enamel makes it worse.
U Does special toothpaste help?
A Toothpaste with potassium nitrate or stannous fluoride helps many people. It takes about two weeks to work.
U If anybody asks, my number is 0171 555 2368.
A I have it down as 0171 555 2368. I will only give it to people you tell me to give it to.
U Tell me something funny about penguins.
A Gentoo penguins propose with pebbles, and the best pebbles get stolen all the time. Some steal for a living.
U Ha, really? Who found that out?
A Biologists on Ross Island watched them for years. They painted pebbles in bright colours and saw where they went.
U How cold does it get there?
A In winter it can fall to minus forty degrees. In summer it is often just around freezing.
U I'd rather stay here. Let's look for a present for Ottilie.
A Gladly. Does she like to build things, to read, or to be outside most of all?
U She builds all day long. We can spend 350 euros at most, for everything together.
A Then a good marble run or a wooden construction set would suit her. Both leave enough for the party.
U What does a good marble run cost?
A A solid wooden starter set is around 80 to 120 euros. Extensions are often 20 to 40 euros each.
U And is there anything with motors?
A There are kits with small motors and a battery box from about 60 euros. At seven she will need a little help.
U What can I drink with dinner tonight? I don't drink alcohol.
A A tonic with rosemary and grapefruit is dry and festive. A good apple spritzer works with almost anything.
U How do I make the grapefruit thing?
A Fill a glass with ice, add the juice of half a grapefruit and top it up with tonic. Finish with a rosemary sprig.
U Lovely. What's a good film for a rainy evening?
A Paddington is warm and clever and suits all ages. For adults only, I would suggest The Grand Budapest Hotel.
U How long is Paddington?
A It runs for 95 minutes. The second one, which many people like even better, runs for 103 minutes.
U 记住，我妈妈叫李秀英，她住在苏州。
A 好的，我记住了：您的妈妈叫李秀英，住在苏州。需要我帮您安排什么吗？
U 苏州有什么好玩的地方？
A 拙政园和平江路都很值得去，建议早上去，人比较少。晚上可以在山塘街坐船看夜景。
U 从上海坐高铁要多久？
A 最快大约二十五分钟，一般半小时左右。车次很多，基本上不用提前很久买票。
U Okay, back to English. How high is the Feldberg?
A The Feldberg is 1,493 metres high, the highest mountain of the Black Forest. You can walk up in an hour.
U How far is that from here? Use kilometres and Celsius, never miles.
A It is about 75 kilometres from Basel, and I will stick to kilometres and Celsius. Today it has 6 degrees up there.
U Is there still snow?
A On the north side there may be some patches left. The paths from the lake are usually clear by now.
U What should Ottilie wear for that?
A Sturdy shoes, a warm layer and a rain jacket should do. A hat is worth it, since it is windy at the top.
U What's the forecast for up there on Sunday?
C get_weather {"city": "Feldberg"}
R {"temp_c": 6, "sky": "cloudy", "wind_kmh": 42, "rain_probability": 0.3}
A Cloudy with a strong wind and about 6 degrees. Rain is possible but not likely, so it could be a good walk.
U Good. The vet says Pixel must not get more than 80 grams of dry food a day.
A Understood, 80 grams of dry food is the limit for Pixel. Two portions of 40 grams are easy to remember.
U Why do cats knead blankets?
A As kittens they knead their mother to make the milk flow. Later it seems to be a sign that they feel safe.
U And why does he bring me socks?
A He probably treats them as prey and brings them to his family. It is meant as a compliment, more or less.
U How old do cats get?
A Indoor cats often get between twelve and eighteen years old. A few have lived for well over thirty years.
U Let's talk about my trip. My flight is LX 1175 and it leaves at 6:40 on the twelfth.
A That is an early one: LX 1175 at 6:40. You should be at the airport by five at the latest.
U Which terminal is that?
A I cannot see your booking, but it is printed on your boarding pass. The airline's app shows it as well.
U What's the time difference to Lisbon?
A Lisbon is one hour behind Basel all year round. When it is noon here, it is eleven there.
U What should I see there in one afternoon?
A Take the tram up to the Alfama and walk down to the river. The view from Santa Luzia is worth the climb.
U Is the water warm enough to swim in May?
A The Atlantic there has about 17 degrees in May. That is fresh, but some people do swim.
U What do people eat there?
A Grilled sardines, salted cod in many ways, and little custard tarts. Ask about nuts in the desserts, though.
U Good thinking. If I say red pepper, stop talking at once.
A Agreed, that is our stop word from now on. I will be quiet as soon as I hear it.
U How do you say good evening in Portuguese?
A You say boa noite, which also means good night. In the afternoon people say boa tarde instead.
U And thank you?
A As a woman you say obrigada, and men say obrigado. It comes from being obliged to somebody.
U How do I ask for the bill?
A You say a conta, por favor. A little gesture of writing in the air is understood as well.
U The booking reference for the hotel is K7QX2.
A I have noted K7QX2 for the hotel. You will be asked for it at the front desk when you check in.
U Is breakfast usually included in Portugal?
A In most hotels it is, but cheap rates often leave it out. Your confirmation will say which one you have.
U How much do I tip?
A Rounding up or five to ten percent is plenty in a restaurant. In cafés people leave the small coins.
U Anton is coming home soon. What's quick to cook with spinach?
A Pasta with spinach, garlic and feta takes fifteen minutes. A spinach omelette is even quicker if you have eggs.
U We have eggs. How do I keep the omelette soft?
A Use butter, a medium heat, and take it off while the top is still a little wet. It finishes by itself on the
  plate.
U Nice. In the conference calls next week, call me Doctor Keller, not Marta.
A I will, Doctor Keller. Between the two of us I take it that Marta is still fine.
U What's a polite way to end a long meeting?
A Sum up what was decided, say who does what, and thank everybody for their time. People are glad when somebody
  does.
U And how do I say no to a client?
A Say what you can do instead, and say it early. A clear no with a reason is kinder than a vague perhaps.
U Who said that the medium is the message?
A That was Marshall McLuhan, in his book Understanding Media of 1964. It became the title of its first chapter.
U What did he mean by it?
A That the way something is told changes us more than what is told. The telephone mattered more than any one call.
U Interesting. How many bones does a hand have?
A A hand has 27 bones, eight of them in the wrist. Both hands together have a quarter of all your bones.
U 别在晚上十点以后提醒我。
A 好的，晚上十点以后我不会提醒您。紧急的事情我会留到第二天早上再说。
U 推荐一首安静的中文歌吧。
A 可以听听陈绮贞的《旅行的意义》，节奏很慢，适合晚上听。如果喜欢老歌，邓丽君也是不错的选择。
U Good choice. What's the capital of Australia again?
A It is Canberra, not Sydney as many believe. It was built as a compromise between Sydney and Melbourne.
U When was that?
A The site was chosen in 1908 and building began in 1913. Parliament moved there in 1927.
U And what's fifteen percent of 240?
A Fifteen percent of 240 is 36. Ten percent is 24, and half of that again is 12.
U My blood pressure tablets are called Ramipril. One every morning, not at night.
A One Ramipril every morning and none at night, I have that. Does it help if I ask you about it at breakfast?
U No need. Is grapefruit a problem with those?
A With Ramipril it is not known to be one, but it is with several other drugs. Your pharmacist can tell for sure.
U What's a normal blood pressure?
A Around 120 over 80 is considered normal for adults. One high reading alone does not mean much.
U How do I sleep better before a flight?
A Pack early, put the phone away an hour before, and keep the room cool. A short walk in the evening helps as well.
U Does warm milk really work?
A The evidence is thin, but the ritual calms many people. What matters more is going to bed at the same time.
U What's the weather in Lisbon?
C get_weather {"city": "Lisbon"}
R {"temp_c": 21, "sky": "sunny", "wind_kmh": 15, "rain_probability": 0.05}
A It is 21 degrees and sunny in Lisbon with a light wind. Rain is very unlikely for the next days.
U Great. Which plants survive two weeks without water?
A Snake plants, zamias and most succulents will not even notice. Ferns and basil will need a neighbour.
U The neighbour is away too. Any trick?
A Put a bottle of water upside down into the soil, or run a wick from a bucket. Test it a few days before.
U How big should the bucket be?
A For five pots and two weeks, ten litres are a safe size. Place it higher than the pots so that it flows.
U What's the difference between a lake and a pond?
A There is no strict line, but in a pond light reaches the bottom everywhere. Lakes have a dark zone below.
U And a swamp?
A A swamp is wetland with trees in it. Without trees and with reeds one would call it a marsh.
U Ottilie wants to know why the sky is blue.
A Air scatters blue light more than red light, so blue comes from everywhere. In the evening the red is left over.
U She asks why it isn't violet then.
A What a clever question. There is less violet in sunlight, and our eyes are not very good at seeing it.
U Now she wants a riddle.
A What has a neck but no head, and wears a cap? I will give her a moment to think about it.
U She says it's a bottle!
A She is right, it is a bottle. Tell her that this took some grown-ups much longer.
U Another one, please.
A What gets wetter the more it dries? She has certainly held one in her hands today.
U A towel. She's too good for you.
A I admit defeat for tonight. Perhaps she would like to make up a riddle for me?
U Tomorrow. What was that about the penguins and the pebbles?
A Gentoo penguins propose with pebbles, and they steal the best ones from each other.
U Right. How long do I boil an egg so that it's soft?
A Five to six minutes for a soft yolk, counted from boiling water. Cool it briefly so that it stops cooking.
U And hard?
A Nine to ten minutes make it hard. Longer than twelve and the yolk turns grey at its edge.
U Which birds sing at night around here?
A Nightingales do, and robins near street lamps. In May you have a good chance along the Rhine.
U Why do they sing at night at all?
A It is quieter then, so that the song carries further. Unpaired males sing the longest.
U Poor fellows. What time does the sun rise on the twelfth?
A In Basel the sun rises shortly before six in the middle of May. You will see it from the airport.
U What should I pack for three days?
A Three light tops, one warm layer, comfortable shoes and a scarf against the wind. And your tablets, of course.
U Good. How much liquid can I take in hand luggage?
A Containers of up to 100 millilitres each, all in one clear bag of one litre. Medicine is exempt.
U Perfect. So, what should I not forget this week?
A The dentist on Thursday, the birthday cake without walnuts, and your early flight on the twelfth.
"""
"""U the user, A the assistant, C a call it made, R what that returned."""


def talk() -> list[list[Item]]:
    """The items of each turn, the user's first and the answer last."""
    turns: list[list[Item]] = []
    for number, (mark, text) in enumerate(_lines()):
        if mark == "U":
            turns.append([])
        turns[-1].append(_item(f"item_{number}", mark, text))
    return turns


def _lines() -> Iterator[tuple[str, str]]:
    for line in _TALK.strip().replace("\n  ", " ").splitlines():
        mark, _, text = line.partition(" ")
        yield mark, text


def _item(name: str, mark: str, text: str) -> Item:
    call = "call_" + name.removeprefix("item_")
    match mark:
        case "C":
            function, _, arguments = text.partition(" ")
            return Called(name, ToolCall(call, function, arguments))
        case "R":
            before = int(name.removeprefix("item_")) - 1
            return Returned(name, Result(f"call_{before}", text))
        case _:
            return Entry(name, "user" if mark == "U" else "assistant", text)
