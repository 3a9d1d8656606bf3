"""Closed word classes and short lists that `topic` decides by. Words only, no rules."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    "the a an my our your his her their its this these those some every each all both no any "
    "another one two three four five six seven eight nine ten many more most"
)
PREPOSITIONS = _words(
    "of in on at for with without from to by about into over under between behind before after "
    "through during against around beyond inside near as than like across until since"
)
SMALL_WORDS = DETERMINERS | PREPOSITIONS | _words("and or but nor vs versus not")
QUESTION_WORDS = _words("how why what when where who which whose whom")
AUXILIARIES = _words(
    "is are was were am do does did can could will would should shall may might must has have "
    "had isn't aren't wasn't don't doesn't didn't can't won't shouldn't wouldn't"
)
FINITE = _words(
    "is are was were will would can could should must has isn't aren't wasn't don't doesn't "
    "didn't can't won't shouldn't makes never always happens heals catches gets gives keeps goes "
    "becomes lasts knows wants hurts brings begins tells kills says exists belongs finds loses dies"
)
FINITE_OR_PLURAL = _words(
    "beats changes costs feels grows leads lives loves matters means needs pays saves speaks "
    "starts takes teaches wins works"
)
"""Verbs of a thing in the singular, elsewhere the plurals of nouns."""
FINITE_ENDINGS = _words("changes grows matters pays wins works")
"""Those of them that need nothing behind them."""
FINITE_OF_MANY = _words(
    "add are become break bring build change come die find get give go grow heal keep know last "
    "learn live lose make matter mean move need save speak take talk teach tell think turn want "
    "win"
)
"""Verbs of things in the plural."""
AFTER_FINITE = DETERMINERS | _words(
    "true everything nothing everyone nobody people forever up off out together louder better time "
    "us you me them to back alone well not"
)
"""What follows such a verb, but hardly a noun."""
SUBJECTS = _words(
    "i you we they he she it there everyone everybody nobody someone people i'm you're we're "
    "they're it's he's she's there's that's i've you've we've don't"
)
IMPERATIVES = _words(
    "never don't stop keep believe be let let's trust follow choose remember forget embrace find "
    "make take give get go do say try become stay begin imagine ask enjoy discover avoid quit "
    "protect accept respect master overcome escape forgive breathe listen explore save eat read "
    "write learn build create think start love face chase drink use spend call help move live "
    "slow let wake have plant hug thank hold open close bring buy cook"
)
"""Verbs that may begin an order."""
IMPERATIVE_ONLY = _words(
    "never don't stop keep believe be let let's choose remember forget embrace make take give get "
    "do say become imagine enjoy avoid forgive breathe listen have"
)
"""Those of them that begin nothing else."""
NOUNS_OR_IMPERATIVES = _words("dream work travel meditate walk talk smile rest sleep run dance aim "
                              "act stand look play laugh")  # fmt: skip
"""Verbs that give an order before a word of `MANNERS` alone."""
MANNERS = _words("hard harder smart smarter big bigger small slow slowly different differently "
                 "solo daily more less kindly up")  # fmt: skip
BELONGING = _words("my our your his her their")
PAST_OF_SOMEBODY = _words("moved died taught told gave said went came saw took got became left had")
"""What my father did: a sentence, where it comes soon after."""
BEFORE_DOING = _words("quit stop start keep try enjoy avoid")
"""Verbs that give an order before another verb: quit smoking."""
DO_THESE = _words("what it that more less nothing something one hard good better your not the "
                  "things")  # fmt: skip
"""What follows an order to do something; do questions ask after somebody."""
AFTER_IMPERATIVE = _words(
    "your yourself my the a it this that more less big hard like to in small slow slowly again "
    "now every each up on out with them what who how where money better early"
)
"""What follows a verb that gives an order, but hardly a noun."""
NOT_GERUNDS = _words(
    "king ring spring morning evening thing wing bring string swing ceiling wedding nothing "
    "something everything anything pudding sibling darling lightning viking earring sting cling "
    "beijing sing inning during ending king's building feeling being wellbeing"
)
MASS_NOUNS = _words(
    "bread water coffee tea rice pasta cheese chocolate honey salt sugar butter milk wine beer "
    "meat food fruit air fire earth ice snow rain sand wind weather light darkness sunlight "
    "moonlight space time energy power electricity gravity money wealth success failure luck "
    "work art music poetry literature history science chemistry biology philosophy psychology "
    "economics politics mathematics math physics technology software hardware data information "
    "intelligence knowledge wisdom advice research education homework love hope faith trust fear "
    "courage patience discipline motivation confidence anxiety stress grief loss sorrow joy anger "
    "gratitude kindness peace silence solitude loneliness freedom justice truth beauty nature life "
    "death health sleep fitness yoga meditation mindfulness nutrition exercise cardio chess poker "
    "football soccer basketball tennis golf baseball hockey boxing wrestling surfing jazz rock "
    "hip-hop blues opera ballet paint clay wood metal gold silver copper iron steel glass plastic "
    "paper leather silk cotton wool fashion design architecture travel traffic progress growth "
    "change consistency creativity curiosity imagination memory attention focus nostalgia humor "
    "laughter friendship marriage motherhood fatherhood childhood home family minimalism stoicism "
    "capitalism buddhism privacy security encryption cryptography crypto bitcoin blockchain wifi "
    "internet linux python javascript programming machinery furniture luggage clothing makeup "
    "skincare sushi ramen pizza soup kimchi curry kombucha tofu matcha espresso kintsugi origami "
    "ikebana hygge ikigai karate judo tango salsa flamenco lightning thunder fog mist frost smoke "
    "autumn winter summer spring christmas halloween easter sunshine soil moss bamboo coral "
    "plankton wildlife biodiversity photosynthesis evolution dna entanglement resilience grit "
    "persistence perseverance self-discipline self-care burnout productivity leadership teamwork "
    "entrepreneurship marketing finance debt inflation investing therapy forgiveness empathy"
)
MASS_ENDINGS = ("ness", "ism", "ship", "hood", "logy", "nomy", "graphy", "ics", "itude", "cracy")
SINGULAR_IN_S = _words(
    "chess physics mathematics economics politics tennis news paris mars venus jesus christmas "
    "gymnastics athletics aerobics genetics robotics electronics ethics linguistics aesthetics "
    "happiness fitness stress success process progress business kindness loneliness darkness "
    "photosynthesis analysis crisis basis oasis thesis cactus octopus virus campus genius focus "
    "status bus gas lens canvas atlas compass glass grass class mass bass boss loss cross dress "
    "press express wilderness illness wellness address access princess mattress las dallas texas "
    "athens brussels nachos kansas cosmos chaos pathos ethos rhinoceros tyrannosaurus is this us"
)
ACRONYMS = _words(
    "ai dna rna nasa usa uk eu un gps cpu gpu usb tv pc nba nfl fifa nhl ceo diy adhd vr ar ui ux "
    "ufo nyc la iq eq pr hr it api led ocd ptsd hiit vpn nft llm gpt rpg f1 wwi wwii bbc cia fbi"
)
UNITS = _words(
    "seconds minutes hours days nights weekends weeks months years decades centuries degrees "
    "miles kilometers meters feet pounds dollars euros percent"
)
"""What is measured by its number, not listed."""
BEFORE_LISTED = _words("that to for who where which you every i we")
"""What follows the listed things where they are none of `LIST_HEADS`."""
LIST_HEADS = _words(
    "tips ways reasons facts secrets things habits rules lessons signs hacks steps ideas quotes "
    "tricks mistakes myths principles truths books benefits stories"
)
DOING_LISTS = _words("tips ways habits steps hacks tricks exercises")
"""What is listed when a list says how to do something."""
DOINGS = _words("becoming building finding getting growing keeping learning making overcoming "
                "quitting saving starting staying stopping")  # fmt: skip
"""Words that open a topic about doing something."""
NAMES = _words(
    "monday tuesday wednesday thursday friday saturday sunday january february april june july "
    "september october november december christmas halloween easter thanksgiving ramadan hanukkah "
    "diwali english french german spanish italian japanese chinese korean indian american british "
    "european african asian africa asia europe america australia antarctica buddhism london paris "
    "tokyo kyoto lisbon rome berlin madrid barcelona vienna amsterdam prague venice florence "
    "istanbul cairo sydney dublin edinburgh athens seoul naples japan china india italy france "
    "germany spain portugal greece mexico brazil canada egypt iceland norway sweden finland "
    "denmark scotland ireland england kenya ukraine einstein tesla mozart beethoven shakespeare"
)
"""Words that are hardly anything but names: they have a capital and no article."""
ALWAYS_RAISED = NAMES | _words("i i'm i've i'll i'd")
NAMES_OF_TWO = (
    "new york", "new zealand", "new orleans", "new delhi", "new mexico", "los angeles",
    "san francisco", "las vegas", "hong kong", "south korea", "south africa", "north america",
    "south america", "united states", "great britain", "marie curie", "isaac newton",
    "albert einstein", "nikola tesla", "frida kahlo", "charles darwin", "steve jobs", "elon musk",
    "taylor swift", "mount everest", "mount fuji", "star wars", "harry potter",
)  # fmt: skip
"""Names that are no names word by word."""
SPELLINGS = {
    word.lower(): word
    for word in (
        "iPhone", "iPhones", "iPad", "iPads", "eBay", "YouTube", "TikTok", "ChatGPT", "LinkedIn",
        "Instagram", "Facebook", "Google", "Netflix", "Spotify", "WhatsApp", "GitHub", "Minecraft",
        "Bluetooth", "Wikipedia", "Nintendo", "JavaScript",
    )
}  # fmt: skip
"""Names with a spelling of their own, by how they are typed small."""
SMALL_ACRONYMS = ACRONYMS - _words("it ar la un led pr hr pc eq api f1 us")
"""Acronyms that are no other word when they are typed small."""
NUMBER_WORDS = _words("two three four five six seven eight nine ten twelve fifteen twenty top")
STOP_WORDS = (
    SMALL_WORDS
    | QUESTION_WORDS
    | AUXILIARIES
    | SUBJECTS
    | _words("be been being so just very too also then there here if else when while it's that")
)
"""Words that say nothing about what a text is about."""
