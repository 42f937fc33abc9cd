"""Where it may be another time: the larger cities, and countries that keep one time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class Place:
    """A place with a time of its own."""

    name: str
    chinese: str
    zone: str

    def at(self, now: datetime) -> datetime | None:
        """The time there; None on a system without a time zone database."""
        try:
            return now.astimezone(ZoneInfo(self.zone))
        except ZoneInfoNotFoundError:
            return None


_ZONES: Final = {
    "amsterdam 阿姆斯特丹": "Europe/Amsterdam", "athens 雅典": "Europe/Athens", "auckland 奥克兰": "Pacific/Auckland",
    "bangkok 曼谷": "Asia/Bangkok", "beijing 北京": "Asia/Shanghai", "berlin 柏林": "Europe/Berlin",
    "boston 波士顿": "America/New_York", "brussels 布鲁塞尔": "Europe/Brussels", "cairo 开罗": "Africa/Cairo",
    "chicago 芝加哥": "America/Chicago", "delhi 德里": "Asia/Kolkata", "denver 丹佛": "America/Denver",
    "dubai 迪拜": "Asia/Dubai", "dublin 都柏林": "Europe/Dublin", "helsinki 赫尔辛基": "Europe/Helsinki",
    "hong_kong 香港": "Asia/Hong_Kong", "istanbul 伊斯坦布尔": "Europe/Istanbul", "jakarta 雅加达": "Asia/Jakarta",
    "lagos 拉各斯": "Africa/Lagos", "lisbon 里斯本": "Europe/Lisbon", "london 伦敦": "Europe/London",
    "los_angeles 洛杉矶": "America/Los_Angeles", "madrid 马德里": "Europe/Madrid",
    "mexico_city 墨西哥城": "America/Mexico_City",
    "moscow 莫斯科": "Europe/Moscow", "mumbai 孟买": "Asia/Kolkata", "nairobi 内罗毕": "Africa/Nairobi",
    "new_york 纽约": "America/New_York", "oslo 奥斯陆": "Europe/Oslo", "paris 巴黎": "Europe/Paris",
    "prague 布拉格": "Europe/Prague", "rome 罗马": "Europe/Rome", "san_francisco 旧金山": "America/Los_Angeles",
    "sao_paulo 圣保罗": "America/Sao_Paulo", "seattle 西雅图": "America/Los_Angeles", "seoul 首尔": "Asia/Seoul",
    "shanghai 上海": "Asia/Shanghai", "singapore 新加坡": "Asia/Singapore", "stockholm 斯德哥尔摩": "Europe/Stockholm",
    "sydney 悉尼": "Australia/Sydney", "taipei 台北": "Asia/Taipei", "tokyo 东京": "Asia/Tokyo",
    "toronto 多伦多": "America/Toronto", "vienna 维也纳": "Europe/Vienna", "warsaw 华沙": "Europe/Warsaw",
    "washington 华盛顿": "America/New_York", "zurich 苏黎世": "Europe/Zurich",
    "austria 奥地利": "Europe/Vienna", "california 加州": "America/Los_Angeles", "china 中国": "Asia/Shanghai",
    "denmark 丹麦": "Europe/Copenhagen", "egypt 埃及": "Africa/Cairo", "england 英国": "Europe/London",
    "finland 芬兰": "Europe/Helsinki", "france 法国": "Europe/Paris", "germany 德国": "Europe/Berlin",
    "greece 希腊": "Europe/Athens", "india 印度": "Asia/Kolkata", "ireland 爱尔兰": "Europe/Dublin",
    "italy 意大利": "Europe/Rome", "japan 日本": "Asia/Tokyo", "norway 挪威": "Europe/Oslo",
    "poland 波兰": "Europe/Warsaw", "south_korea 韩国": "Asia/Seoul", "sweden 瑞典": "Europe/Stockholm",
    "switzerland 瑞士": "Europe/Zurich", "thailand 泰国": "Asia/Bangkok", "turkey 土耳其": "Europe/Istanbul",
    "vietnam 越南": "Asia/Ho_Chi_Minh",
}  # fmt: skip
_PLACES: Final = {
    name: Place(english.title(), chinese, zone)
    for names, zone in _ZONES.items()
    for english, chinese in [[name.replace("_", " ") for name in names.split()]]
    for name in (english, chinese)
}


def place_of(name: str) -> Place | None:
    """The place of that name, in lower case: "paris", "tokyo japan", "new york city", 东京."""
    if (place := _PLACES.get(name)) is not None:
        return place
    city, _, rest = name.rpartition(" ")
    return _PLACES.get(city) if rest == "city" or rest in _PLACES else None
