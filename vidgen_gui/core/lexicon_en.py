"""Tables of written English forms and how they are said. Data only; rules are in `spoken_en`."""

from types import MappingProxyType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _alphabet(names: str) -> MappingProxyType[str, str]:
    return MappingProxyType(dict(zip("abcdefghijklmnopqrstuvwxyz", names.split(), strict=True)))


ABBREVIATIONS = MappingProxyType(
    {
        "mr": "mister",
        "mrs": "missus",
        "ms": "miz",
        "dr": "doctor",
        "prof": "professor",
        "rev": "reverend",
        "hon": "honorable",
        "gen": "general",
        "capt": "captain",
        "cpt": "captain",
        "lt": "lieutenant",
        "sgt": "sergeant",
        "col": "colonel",
        "sen": "senator",
        "rep": "representative",
        "gov": "governor",
        "pres": "president",
        "st": "saint",
        "mt": "mount",
        "jr": "junior",
        "sr": "senior",
        "inc": "incorporated",
        "ltd": "limited",
        "corp": "corporation",
        "co": "company",
        "dept": "department",
        "govt": "government",
        "est": "established",
        "approx": "approximately",
        "min": "minimum",
        "max": "maximum",
        "avg": "average",
        "misc": "miscellaneous",
        "vs": "versus",
        "v": "versus",
        "etc": "et cetera",
        "e.g": "for example",
        "eg": "for example",
        "i.e": "that is",
        "ie": "that is",
        "cf": "compare",
        "ca": "circa",
        "et al": "et al",
        "al": "al",
        "no": "number",
        "nos": "numbers",
        "vol": "volume",
        "fig": "figure",
        "figs": "figures",
        "ch": "chapter",
        "pp": "pages",
        "ed": "edition",
        "ave": "avenue",
        "blvd": "boulevard",
        "rd": "road",
        "jan": "january",
        "feb": "february",
        "mar": "march",
        "apr": "april",
        "jun": "june",
        "jul": "july",
        "aug": "august",
        "sep": "september",
        "sept": "september",
        "oct": "october",
        "nov": "november",
        "dec": "december",
        "mon": "monday",
        "tue": "tuesday",
        "tues": "tuesday",
        "wed": "wednesday",
        "thu": "thursday",
        "thur": "thursday",
        "thurs": "thursday",
        "fri": "friday",
        "sat": "saturday",
    }
)
"""What is said for an abbreviation that is written with its full stop."""

WITHOUT_STOP = _words("Mr Mrs Ms Dr Prof vs etc Jr Sr")
"""Those that mean the same without the full stop (``Dr Smith``)."""

BEFORE_NUMBERS = _words("no nos vol fig figs ch pp")
"""Abbreviations only in front of a number: "No." else ends a sentence."""

BEFORE_NAMES = _words("mr mrs ms dr prof rev hon gen capt cpt lt sgt col sen rep gov st mt")
"""Titles: abbreviations only in front of a capital, and then no sentence ends there."""

AMBIGUOUS_WORDS = _words("al co ed est inc jun mar max min misc mon pres sat wed v fig ca")
"""Also ordinary words or names: abbreviations only when the sentence goes on after the stop."""

UNITS = MappingProxyType(
    {
        "km": "kilometer",
        "m": "meter",
        "cm": "centimeter",
        "mm": "millimeter",
        "µm": "micrometer",
        "nm": "nanometer",
        "mi": "mile",
        "ft": "foot",
        "in": "inch",
        "yd": "yard",
        "kg": "kilogram",
        "g": "gram",
        "mg": "milligram",
        "lb": "pound",
        "lbs": "pound",
        "oz": "ounce",
        "l": "liter",
        "L": "liter",
        "ml": "milliliter",
        "mL": "milliliter",
        "s": "second",
        "sec": "second",
        "secs": "second",
        "ms": "millisecond",
        "min": "minute",
        "mins": "minute",
        "h": "hour",
        "hr": "hour",
        "hrs": "hour",
        "d": "day",
        "B": "billion",
        "bn": "billion",
        "M": "million",
        "T": "trillion",
        "KB": "kilobyte",
        "kB": "kilobyte",
        "MB": "megabyte",
        "GB": "gigabyte",
        "TB": "terabyte",
        "Mbps": "megabit per second",
        "Gbps": "gigabit per second",
        "Hz": "hertz",
        "kHz": "kilohertz",
        "MHz": "megahertz",
        "GHz": "gigahertz",
        "W": "watt",
        "kW": "kilowatt",
        "MW": "megawatt",
        "kWh": "kilowatt hour",
        "V": "volt",
        "mph": "mile per hour",
        "kph": "kilometer per hour",
        "fps": "frame per second",
        "cal": "calorie",
        "kcal": "kilocalorie",
        "°C": "degree Celsius",
        "°F": "degree Fahrenheit",
        "°": "degree",
        "x": "time",
        "dB": "decibel",
    }
)
"""Units written after a number, said in the singular."""

UNITS_APART = frozenset(UNITS) - _words("in m s h d g l L B M T x V W cal ms")
UNCOUNTED = _words("hertz kilohertz megahertz gigahertz million billion trillion")
IRREGULAR_PLURALS = MappingProxyType({"foot": "feet", "inch": "inches"})

CURRENCIES = MappingProxyType(
    {
        "$": ("dollar", "cent"),
        "€": ("euro", "cent"),
        "£": ("pound", "penny"),
        "¥": ("yen", ""),
        "₹": ("rupee", "paisa"),
        "₽": ("ruble", "kopek"),
        "₩": ("won", ""),
        "₿": ("bitcoin", ""),
    }
)
CURRENCY_PLURALS = MappingProxyType(
    {"penny": "pence", "yen": "yen", "won": "won", "paisa": "paise"}
)

MAGNITUDES = MappingProxyType(
    {
        "k": "thousand",
        "K": "thousand",
        "m": "million",
        "M": "million",
        "bn": "billion",
        "b": "billion",
        "B": "billion",
        "T": "trillion",
        "tn": "trillion",
    }
)
MAGNITUDE_WORDS = _words("hundred thousand million billion trillion")

SYMBOLS = MappingProxyType(
    {
        "&": "and",
        "+": "plus",
        "=": "equals",
        "×": "times",
        "÷": "divided by",
        "≈": "about",
        "≠": "is not",
        "±": "plus or minus",
        "≤": "at most",
        "≥": "at least",
        "√": "root",
        "∞": "infinity",
        "%": "percent",
        "‰": "per mille",
        "²": "squared",
        "³": "cubed",
        "°": "degrees",
        "@": "at",
        "§": "section",
        "$": "dollars",
        "€": "euros",
        "£": "pounds",
        "π": "pie",
        "α": "alpha",  # noqa: RUF001 - the Greek letter is meant
        "β": "beta",
        "γ": "gamma",  # noqa: RUF001 - the Greek letter is meant
        "δ": "delta",
        "Δ": "delta",
        "λ": "lambda",
        "µ": "mew",
        "μ": "mew",
        "Ω": "omega",
        "ω": "omega",
        "σ": "sigma",  # noqa: RUF001 - the Greek letter is meant
        "θ": "theta",
    }
)
"""Symbols that a person reading aloud would say; all others are passed over."""

LETTERS = _alphabet(
    "eh bee see dee ee eff gee aitch eye jay kay el em en oh pee cue ar ess tee you vee "
    "double-you ex why zee"
)
LETTER_PLURALS = _alphabet(
    "aze bees sees dees ease effs gees aitches eyes jays kays els ems ens ohs pees cues ars "
    "esses tees yous vees double-yous exes whys zees"
)

SAID_AS_WORDS = _words(
    "nasa nato unesco unicef opec laser radar scuba covid aids ram rom gif jpeg pin sim ikea lego "
    "asap yolo fomo gnu swat nascar fifa uefa bric dos lan wan zip cad moma noaa osha sars swot "
    "taser posh soho noho nimby potus scotus flotus captcha meme vegan"
)
"""Acronyms that are read as words."""

SPELLED = _words(
    "ai us usa uk eu un uae ussr la nyc dc tv dj mc pc cpu gpu api url html css js "
    "sql http https ceo cfo cto coo hr pr vip diy faq fyi btw aka omg lol dna rna mri ct adhd "
    "ptsd ocd hiv iq eq gps usb led lcd hd uhd gdp roi seo b2b b2c nfl nba mlb nhl ufc fbi cia nsa "
    "irs atm bbc cnn abc nbc cbs hbo mtv espn ibm bmw ufo phd mba ba ma bs ms md llm llc nft btc "
    "eth id ok tbd eta est pst gmt utc am pm bc ad bce ce"
)
"""Acronyms that are spelled out even where everything is in capitals."""

SHORT_WORDS = _words(
    "a i am an and are as ask at be but buy by can car cut day did do dog eat end far few for fun "
    "get go god got had has he her him his how if in is it its job joy key let lie life lot love "
    "man may me men mom my new no nor not now of off oh old on one or our out own pay put red run "
    "sad saw say see set she sit six so sky son stop sun ten the this to too top try two up use "
    "war was way we who why win wow yes yet you your all any bad big boy cry dad die dry ear egg "
    "eye fly full hat hit hot ice ill low map mad met mix net nut odd oil pet pop raw rid sea sex "
    "shy sin tax tea tie tip via wet won zen zoo art bed box bus cat cup arm age ago air act add "
    "ah aha ha hey hi hmm huh nah ooh ugh uh um yay yo"
)
"""Words of up to four letters that stay words when written in capitals."""

INTERJECTIONS = MappingProxyType(
    {
        "shh": "shush",
        "sh": "shush",
        "brr": "burr",
        "grr": "gurr",
        "mm": "hmm",
        "hm": "hmm",
        "pfft": "pift",
        "zz": "zizz",
        "ww": "woo",
        "w/": "with",
        "w/o": "without",
        "b/c": "because",
        "24/7": "twenty four seven",
        "9/11": "nine eleven",
        "c++": "see plus plus",
        "c#": "see sharp",
        "f#": "eff sharp",
        "and/or": "and or",
        "n/a": "not applicable",
        "vram": "vee ram",
        "at&t": "A.T and T",
        "720p": "seven twenty pee",
        "1080p": "ten eighty pee",
        "1440p": "fourteen forty pee",
        "2160p": "twenty one sixty pee",
    }
)
"""Whole words with a way of their own."""

ROMAN_AFTER = _words(
    "war chapter part act book volume vol scene phase type class section article level stage "
    "bowl episode season title appendix"
)
"""Words after which a Roman numeral is a plain number; after another name it is an ordinal."""

LETTERED = _words("plan vitamin option group team grade exhibit hepatitis") | ROMAN_AFTER
"""Words that a single letter follows as a name: the stop after "plan A." ends a sentence."""

MONTHS = tuple(
    ABBREVIATIONS[key] if key != "may" else "may"
    for key in ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
)

DOMAINS = _words(
    "com org net edu gov io ai app dev co uk de fr es it eu me tv info biz us ca au in jp"
)
