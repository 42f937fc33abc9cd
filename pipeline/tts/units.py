"""What the symbols behind numbers are called: units of measure and currencies, in English and Chinese."""

import re
from collections.abc import Iterable, Mapping


def alternatives(symbols: Iterable[str]) -> str:
    """A pattern that matches any of `symbols`, the longest first."""
    return "|".join(re.escape(symbol) for symbol in sorted(symbols, key=len, reverse=True))


def _table(rows: str) -> dict[str, list[str]]:
    """Rows of "symbol symbol: name, name"; a row ends with the line."""
    table: dict[str, list[str]] = {}
    for row in rows.strip().splitlines():
        symbols, _, names = row.partition(":")
        for symbol in symbols.split():
            table[symbol] = [name.strip() for name in names.split(",")]
    return table


def _singular_and_plural(rows: str) -> dict[str, tuple[str, str]]:
    """A row with one name has a plural in s."""
    return {
        symbol: (names[0], names[1] if len(names) > 1 else names[0] + "s") for symbol, names in _table(rows).items()
    }


ENGLISH_UNITS: Mapping[str, tuple[str, str]] = _singular_and_plural("""
    km: kilometer
    m: meter
    cm: centimeter
    mm: millimeter
    µm μm: micrometer
    nm: nanometer
    mi: mile
    yd: yard
    ft: foot, feet
    km² km2: square kilometer
    m² m2 ㎡: square meter
    cm² cm2: square centimeter
    m³ m3: cubic meter
    cm³ cm3: cubic centimeter
    sqft: square foot, square feet
    kg: kilogram
    g: gram
    mg: milligram
    µg μg mcg: microgram
    lb lbs: pound
    oz: ounce
    L l: liter
    ml mL: milliliter
    cl: centiliter
    dl dL: deciliter
    tsp tsps: teaspoon
    tbsp tbsps: tablespoon
    gal: gallon
    km/h kmh kph: kilometer per hour, kilometers per hour
    m/s: meter per second, meters per second
    mph: mile per hour, miles per hour
    mpg: mile per gallon, miles per gallon
    °C ℃: degree Celsius, degrees Celsius
    °F ℉: degree Fahrenheit, degrees Fahrenheit
    °: degree
    h hr hrs: hour
    min mins: minute
    s sec secs: second
    ms: millisecond
    µs μs: microsecond
    ns: nanosecond
    Hz: hertz, hertz
    kHz: kilohertz, kilohertz
    MHz: megahertz, megahertz
    GHz: gigahertz, gigahertz
    KB kB: kilobyte
    MB: megabyte
    GB: gigabyte
    TB: terabyte
    PB: petabyte
    kbps Kbps: kilobit per second, kilobits per second
    Mbps: megabit per second, megabits per second
    Gbps: gigabit per second, gigabits per second
    W: watt
    kW: kilowatt
    MW: megawatt
    GW: gigawatt
    Wh: watt hour
    kWh: kilowatt hour
    mAh: milliamp hour
    V: volt
    kV: kilovolt
    Ω: ohm
    kΩ: kilohm
    MΩ: megohm
    kcal: kilocalorie
    cal: calorie
    kJ: kilojoule
    kPa: kilopascal
    hPa: hectopascal
    mmHg: millimeter of mercury, millimeters of mercury
    psi: P S I, P S I
    dB: decibel
    px: pixel
    fps: frame per second, frames per second
    rpm: revolution per minute, revolutions per minute
""")
"""Symbol -> its name for one, and for many."""

ENGLISH_PER: Mapping[str, str] = {
    **{symbol: one for symbol, (one, _) in ENGLISH_UNITS.items()},
    "d": "day",
    "wk": "week",
    "mo": "month",
    "yr": "year",
    "y": "year",
    "pp": "person",
}
"""What stands behind a stroke, as in $5/kg; words are missing, they are what they say."""

ENGLISH_CURRENCIES: Mapping[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("US dollar", "US dollars", "cent", "cents"),
    "USD": ("US dollar", "US dollars", "cent", "cents"),
    "A$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "AUD": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "C$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "CA$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "CAD": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "HK$": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "NZ$": ("New Zealand dollar", "New Zealand dollars", "cent", "cents"),
    "S$": ("Singapore dollar", "Singapore dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "", ""),
    "￥": ("yuan", "yuan", "", ""),
    "JPY": ("yen", "yen", "", ""),
    "CNY": ("yuan", "yuan", "", ""),
    "RMB": ("yuan", "yuan", "", ""),
    "CN¥": ("yuan", "yuan", "", ""),
    "₹": ("rupee", "rupees", "", ""),
    "INR": ("rupee", "rupees", "", ""),
    "₩": ("won", "won", "", ""),
    "₽": ("ruble", "rubles", "", ""),
    "R$": ("real", "reais", "centavo", "centavos"),
    "MX$": ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "₱": ("peso", "pesos", "centavo", "centavos"),
    "₪": ("shekel", "shekels", "", ""),
    "₺": ("lira", "lira", "", ""),
    "₴": ("hryvnia", "hryvnias", "", ""),
    "₦": ("naira", "naira", "", ""),
    "₫": ("dong", "dong", "", ""),
    "฿": ("baht", "baht", "", ""),
    "zł": ("zloty", "zlotys", "", ""),
    "kr": ("krona", "kronor", "", ""),
    "CHF": ("Swiss franc", "Swiss francs", "", ""),
}
"""Symbol or code -> one, many, one hundredth, many hundredths; empty where hundredths are not spoken of."""

HAN_UNITS: Mapping[str, str] = {
    symbol: names[0]
    for symbol, names in _table("""
    km: 公里
    m: 米
    cm: 厘米
    mm: 毫米
    µm μm: 微米
    nm: 纳米
    mi: 英里
    ft: 英尺
    km² km2: 平方公里
    m² m2 ㎡: 平方米
    cm² cm2: 平方厘米
    m³ m3: 立方米
    kg: 公斤
    g: 克
    mg: 毫克
    µg μg: 微克
    lb lbs: 磅
    oz: 盎司
    L l: 升
    ml mL: 毫升
    km/h kmh: 公里每小时
    m/s: 米每秒
    mph: 英里每小时
    °C ℃: 摄氏度
    °F ℉: 华氏度
    °: 度
    h: 小时
    min: 分钟
    s: 秒
    ms: 毫秒
    Hz: 赫兹
    kHz: 千赫
    MHz: 兆赫
    GHz: 吉赫
    W: 瓦
    kW: 千瓦
    MW: 兆瓦
    kWh: 千瓦时
    mAh: 毫安时
    V: 伏
    kcal: 千卡
    kPa: 千帕
    hPa: 百帕
    mmHg: 毫米汞柱
    mmol: 毫摩尔
    Ω: 欧姆
    kΩ: 千欧
    dB: 分贝
    px: 像素
    """).items()
}
"""Symbol -> its name. Sizes of memory (GB) are missing: they are spelled as they are written."""

HAN_CURRENCIES: Mapping[str, str] = {
    symbol: names[0]
    for symbol, names in _table("""
    ¥ ￥ CN¥ RMB CNY: 元
    $ US$ USD: 美元
    HK$ HKD: 港元
    NT$ TWD: 新台币
    € EUR: 欧元
    £ GBP: 英镑
    JPY: 日元
    ₩ KRW: 韩元
    ₹ INR: 卢比
    ₽ RUB: 卢布
    A$ AUD: 澳元
    C$ CA$ CAD: 加元
    S$ SGD: 新加坡元
    CHF: 瑞士法郎
    ฿ THB: 泰铢
    ₫ VND: 越南盾
    """).items()
}
