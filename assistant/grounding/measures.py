"""Units of measure, of time and of money, by the words and signs that stand before or after an amount."""

from __future__ import annotations

import re
from typing import Literal

UnitKind = Literal["percent", "money", "duration", "measure", "number"]

# A line: what is measured, its system, then `canonical=factor:spellings`. Within a system the conversion is exact.
_TABLE = """
duration clock|second=1:seconds second secs sec|minute=60:minutes minute mins min|hour=3600:hours hour hrs hr
duration clock|day=86400:days day|week=604800:weeks week|fortnight=1209600:fortnights fortnight
duration clock|nanosecond=1e-9:nanoseconds nanosecond|millisecond=.001:milliseconds millisecond ms
duration calendar|month=2629800:months month|year=31557600:years year yrs yr|decade=315576000:decades decade
duration calendar|century=3155760000:centuries century|millennium=31557600000:millennia millennium
length metric|km=1000:kilometres kilometers kilometre kilometer kms km|m=1:metres meters metre meter m
length metric|cm=.01:centimetres centimeters centimetre centimeter cm
length metric|mm=.001:millimetres millimeters millimetre millimeter mm|nm=1e-9:nanometres nanometers nm
length imperial|mi=1609.344:miles mile|yd=.9144:yards yard yds|ft=.3048:feet foot ft|in=.0254:inches inch
length sea|nmi=1852:nautical_miles nautical_mile
length sky|ly=9.4607e15:light-years light_years light-year light_year
area metric|km2=1e6:square_kilometres square_kilometers square_kilometre square_kilometer sq_km sq._km km² km2
area metric|ha=1e4:hectares hectare ha|m2=1:square_metres square_meters square_metre square_meter sq_m sqm m² m2
area imperial|mi2=2589988:square_miles square_mile sq_mi sq_miles|ac=4046.856:acres acre
area imperial|ft2=.092903:square_feet square_foot sq_ft sqft
volume metric|m3=1000:cubic_metres cubic_meters cubic_metre cubic_meter m³|l=1:litres liters litre liter
volume metric|ml=.001:millilitres milliliters ml|cl=.01:centilitres cl
volume imperial|gal=3.7854:gallons gallon|pt=.473:pints pint
volume oil|bbl=158.987:barrels barrel
mass metric|t=1000:tonnes tonne metric_tons metric_ton
mass metric|kg=1:kilogrammes kilograms kilogramme kilogram kilos kilo kgs kg|g=.001:grammes grams gramme gram g
mass metric|mg=1e-6:milligrams milligram mg|µg=1e-9:micrograms microgram µg mcg
mass short|ton=1000:tons ton
mass imperial|lb=.453592:lbs lb|oz=.0283495:ounces ounce oz
speed metric|km/h=1:kilometres_per_hour kilometers_per_hour kilometres_an_hour kilometers_an_hour km_per_hour km/h kmh kph
speed imperial|mph=1.609344:miles_per_hour miles_an_hour mph
power metric|W=1:watts watt|kW=1e3:kilowatts kilowatt kW|MW=1e6:megawatts megawatt MW|GW=1e9:gigawatts gigawatt GW
energy metric|kWh=1:kilowatt-hours kilowatt_hours kWh|MWh=1e3:megawatt-hours megawatt_hours MWh
energy metric|GWh=1e6:gigawatt-hours GWh
data metric|KB=1e3:kilobytes KB|MB=1e6:megabytes MB|GB=1e9:gigabytes gigabyte GB|TB=1e12:terabytes terabyte TB
frequency metric|Hz=1:hertz Hz|kHz=1e3:kilohertz kHz|MHz=1e6:megahertz MHz|GHz=1e9:gigahertz GHz
temperature metric|°C=1:degrees_Celsius degree_Celsius degrees_centigrade °C ºC degrees_C
temperature imperial|°F=1:degrees_Fahrenheit degree_Fahrenheit °F ºF degrees_F
angle any|degree=1:degrees °
point any|point=1:percentage_points percentage_point points point pp|basis point=.01:basis_points basis_point bps
percent any|%=1:per_cent percent pct %
times any|times=1:times fold
magnitude any|magnitude=1:magnitude
"""
_CURRENCIES = """
USD US_dollars U.S._dollars US_dollar American_dollars dollars dollar bucks USD
AUD Australian_dollars AUD
CAD Canadian_dollars CAD
HKD Hong_Kong_dollars HKD
NZD New_Zealand_dollars NZD
SGD Singapore_dollars SGD
EUR euros euro EUR
GBP pounds_sterling British_pounds GBP quid
pound pounds pound
JPY Japanese_yen yen JPY
CNY Chinese_yuan yuan renminbi CNY RMB
INR Indian_rupees INR
PKR Pakistani_rupees PKR
rupee rupees rupee
RUB Russian_rubles Russian_roubles roubles rubles rouble ruble RUB
CHF Swiss_francs CHF
KRW South_Korean_won KRW
TRY Turkish_lira
ILS shekels shekel
SEK Swedish_kronor Swedish_krona
NOK Norwegian_kroner Norwegian_krone
DKK Danish_kroner Danish_krone
ZAR rand
BRL reais
MXN Mexican_pesos
AED dirhams dirham AED
SAR riyals riyal
UAH hryvnia
AFN afghanis afghani
PLN zlotys zloty
cent cents
GBX pence
"""
SIGNS = dict(
    pair.split(":")
    for pair in (
        "US$:USD U.S.$:USD $:USD A$:AUD AU$:AUD C$:CAD CA$:CAD HK$:HKD NZ$:NZD S$:SGD R$:BRL €:EUR £:GBP ¥:¥ ₹:INR ₽:RUB ₩:KRW"
        " ₪:ILS ₺:TRY ₴:UAH Rs:rupee Rs.:rupee USD:USD EUR:EUR GBP:GBP JPY:JPY CNY:CNY INR:INR PKR:PKR AUD:AUD CAD:CAD CHF:CHF"
        " RUB:RUB KRW:KRW AED:AED HKD:HKD NZD:NZD SGD:SGD"
    ).split()
)
"""What stands before an amount of money."""

_MANY_MEANINGS = {
    "pound": {"GBP", "lb"},
    "¥": {"JPY", "CNY"},
    "rupee": {"INR", "PKR"},
    "cent": {"USD", "EUR", "AUD", "CAD"},
}
_PLACES: dict[str, tuple[str, str, float]] = {}
_SPELLINGS: dict[str, str] = {}
for _line in _TABLE.strip().splitlines():
    _head, *_entries = _line.split("|")
    _dimension, _system = _head.split()
    for _entry in _entries:
        _name, _rest = _entry.split("=", 1)
        _factor, _words = _rest.split(":", 1)
        _PLACES[_name] = (_dimension, _system, float(_factor))
        _SPELLINGS.update({word.replace("_", " "): _name for word in _words.split()})
for _line in _CURRENCIES.strip().splitlines():
    _name, *_names = _line.split()
    _PLACES[_name] = ("money", _name, 1.0)
    _SPELLINGS.update({word.replace("_", " "): _name for word in _names})
_PLACES |= {unit: ("money", unit, 1.0) for unit in SIGNS.values() if unit not in _PLACES}
_LOWERED = {word.lower(): unit for word, unit in _SPELLINGS.items() if len(word) > 3 or word in ("day", "bps")}


def _alternatives(spellings: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(spellings, key=len, reverse=True))


AFTER = re.compile(
    rf"(?:\s|-|\s-\s)?(?:{_alternatives(list(_SPELLINGS))}"
    rf"|(?i:{_alternatives([word for word in _LOWERED if word.isascii()])})|(?<=\d)[CF](?![\w-]))(?!\w|/[a-z])"
)
"""A pattern for a unit after its amount."""

_SIGN = rf"(?:{_alternatives(list(SIGNS))})"
BEFORE = re.compile(rf"(?<![\w$]){_SIGN}\s?$")
"""A pattern for the sign before an amount, to be searched in the text up to it."""


def unit_after(text: str) -> str:
    """The canonical name of the unit that a match of `AFTER` spells."""
    word = " ".join(text.strip(" -\xa0\n\t").split())
    if word in ("C", "F"):
        return f"°{word}"
    return _SPELLINGS.get(word) or _LOWERED[word.lower()]


def kind_of(unit: str) -> UnitKind:
    """The kind of quantity a unit makes of its amount."""
    dimension = _PLACES[unit][0]
    if dimension in ("percent", "money", "duration"):
        return dimension  # type: ignore[return-value]
    return "number" if dimension == "times" else "measure"


def conversion(claimed: str | None, stated: str | None) -> tuple[float, float, float] | None:
    """By which factor and summand a value in `stated` becomes one in `claimed`, and how far off it may then be.

    Returns:
        Factor, summand and relative tolerance (0 within a system of units, 0.03 between two); None when the units do not
        measure the same thing.
    """
    if claimed == stated or claimed is None or stated is None:
        return (1.0, 0.0, 0.0) if claimed == stated else None
    if claimed in _MANY_MEANINGS.get(stated, ()) or stated in _MANY_MEANINGS.get(claimed, ()):
        return 1.0, 0.0, 0.0
    (dimension, system, factor), (other, its_system, its_factor) = _PLACES[claimed], _PLACES[stated]
    if dimension != other or dimension == "money":
        return None
    if dimension == "temperature":
        return (5 / 9, -160 / 9, 0.03) if claimed == "°C" else (9 / 5, 32.0, 0.03)
    return its_factor / factor, 0.0, 0.0 if system == its_system else 0.03
