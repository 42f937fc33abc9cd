"""Which of Microsoft Edge's voices speaks, for a language and a name that an OpenAI client knows."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from pipeline.engines import Voice

MASCULINE = frozenset({"ash", "ballad", "cedar", "echo", "onyx", "verse"})
"""Of OpenAI's voices; the others are given feminine speakers."""

ENGLISH: Mapping[str, str] = MappingProxyType({
    "alloy": "en-US-EmmaMultilingualNeural",
    "ash": "en-US-BrianMultilingualNeural",
    "ballad": "en-GB-RyanNeural",
    "cedar": "en-US-AndrewMultilingualNeural",
    "coral": "en-US-AriaNeural",
    "echo": "en-US-GuyNeural",
    "fable": "en-GB-LibbyNeural",
    "marin": "en-US-AvaMultilingualNeural",
    "nova": "en-US-MichelleNeural",
    "onyx": "en-US-ChristopherNeural",
    "sage": "en-GB-SoniaNeural",
    "shimmer": "en-US-JennyNeural",
    "verse": "en-US-SteffanNeural",
})  # fmt: skip

BY_LANGUAGE: Mapping[str, tuple[str, str]] = MappingProxyType({
    "ar": ("ar-EG-SalmaNeural", "ar-EG-ShakirNeural"),
    "cs": ("cs-CZ-VlastaNeural", "cs-CZ-AntoninNeural"),
    "da": ("da-DK-ChristelNeural", "da-DK-JeppeNeural"),
    "de": ("de-DE-SeraphinaMultilingualNeural", "de-DE-FlorianMultilingualNeural"),
    "el": ("el-GR-AthinaNeural", "el-GR-NestorasNeural"),
    "en": ("en-US-AvaMultilingualNeural", "en-US-AndrewMultilingualNeural"),
    "es": ("es-ES-ElviraNeural", "es-ES-AlvaroNeural"),
    "fi": ("fi-FI-NooraNeural", "fi-FI-HarriNeural"),
    "fr": ("fr-FR-VivienneMultilingualNeural", "fr-FR-RemyMultilingualNeural"),
    "he": ("he-IL-HilaNeural", "he-IL-AvriNeural"),
    "hi": ("hi-IN-SwaraNeural", "hi-IN-MadhurNeural"),
    "hu": ("hu-HU-NoemiNeural", "hu-HU-TamasNeural"),
    "id": ("id-ID-GadisNeural", "id-ID-ArdiNeural"),
    "it": ("it-IT-IsabellaNeural", "it-IT-DiegoNeural"),
    "ja": ("ja-JP-NanamiNeural", "ja-JP-KeitaNeural"),
    "ko": ("ko-KR-SunHiNeural", "ko-KR-InJoonNeural"),
    "nl": ("nl-NL-ColetteNeural", "nl-NL-MaartenNeural"),
    "no": ("nb-NO-PernilleNeural", "nb-NO-FinnNeural"),
    "pl": ("pl-PL-ZofiaNeural", "pl-PL-MarekNeural"),
    "pt": ("pt-BR-FranciscaNeural", "pt-BR-AntonioNeural"),
    "ro": ("ro-RO-AlinaNeural", "ro-RO-EmilNeural"),
    "ru": ("ru-RU-SvetlanaNeural", "ru-RU-DmitryNeural"),
    "sv": ("sv-SE-SofieNeural", "sv-SE-MattiasNeural"),
    "th": ("th-TH-PremwadeeNeural", "th-TH-NiwatNeural"),
    "tr": ("tr-TR-EmelNeural", "tr-TR-AhmetNeural"),
    "uk": ("uk-UA-PolinaNeural", "uk-UA-OstapNeural"),
    "vi": ("vi-VN-HoaiMyNeural", "vi-VN-NamMinhNeural"),
    "zh": ("zh-CN-XiaoxiaoNeural", "zh-CN-YunxiNeural"),
})  # fmt: skip
"""A feminine and a masculine voice for each ISO 639-1 code."""

_EDGE_NAME = re.compile(r"[a-z]{2,3}-[A-Z]{2,4}(-[A-Za-z]+)?-[A-Za-z]+Neural")


def edge_voice(voice: Voice) -> str:
    """The service's name for it. Its own names are taken as they are; any other means the language's default."""
    if _EDGE_NAME.fullmatch(voice.name):
        return voice.name
    language = voice.language.partition("-")[0].lower()
    if language in ("", "en") or language not in BY_LANGUAGE:
        return ENGLISH.get(voice.name, BY_LANGUAGE["en"][0])
    return BY_LANGUAGE[language][voice.name in MASCULINE]


def edge_rate(speed: float) -> str:
    """SSML's relative rate for a speed; the service accepts half to double."""
    return f"{round((min(max(speed, 0.5), 2.0) - 1) * 100):+d}%"
