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
    "is are was were am will would can could should must has isn't aren't wasn't don't doesn't "
    "didn't can't won't shouldn't makes means matters needs takes beats changes works never always"
)
SUBJECTS = _words(
    "i you we they he she it there everyone everybody nobody someone people i'm you're we're "
    "they're it's he's she's there's that's i've you've we've don't"
)
IMPERATIVES = _words(
    "never don't stop keep believe be let let's trust follow choose remember forget embrace find "
    "make take give get go do say try become stay begin imagine ask enjoy discover avoid quit "
    "protect accept respect master overcome escape forgive breathe listen explore save eat read "
    "write learn build create think start love face chase drink use spend call help move live "
    "slow let wake"
)
"""Verbs that may begin an order."""
IMPERATIVE_ONLY = _words(
    "never don't stop keep believe be let let's choose remember forget embrace make take give get "
    "do say become imagine enjoy avoid forgive breathe listen"
)
"""Those of them that begin nothing else."""
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
LIST_HEADS = _words(
    "tips ways reasons facts secrets things habits rules lessons signs hacks steps ideas quotes "
    "tricks mistakes myths principles truths books benefits stories"
)
DOING_LISTS = _words("tips ways habits steps hacks tricks exercises")
"""What is listed when a list says how to do something."""
DOINGS = _words("becoming building finding getting growing keeping learning making overcoming "
                "quitting saving starting staying stopping")  # fmt: skip
"""Words that open a topic about doing something."""
NUMBER_WORDS = _words("two three four five six seven eight nine ten twelve fifteen twenty top")
STOP_WORDS = (
    SMALL_WORDS
    | QUESTION_WORDS
    | AUXILIARIES
    | SUBJECTS
    | _words("be been being so just very too also then there here if else when while it's that")
)
"""Words that say nothing about what a text is about."""
