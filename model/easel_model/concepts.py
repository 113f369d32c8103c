"""The nouns the model is trained on, and the icons that show them.

Emoji sets are aligned by code point (each set's own names come from its
``chars.json``); sets without a code point table are aligned by explicit name.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """One noun with the icons that depict it.

    ``emoji`` holds one or more characters, best first; ``fxemoji`` and
    ``flat`` are icon names in the sets without code points (empty: absent).
    """

    name: str
    emoji: str
    fxemoji: str = ""
    flat: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The noun followed by its synonyms."""
        return (self.name, *self.synonyms)


def _c(name: str, emoji: str, fxemoji: str = "", flat: str = "", synonyms: str = "") -> Concept:
    return Concept(name, emoji, fxemoji, flat, tuple(s for s in synonyms.split(",") if s))


CONCEPTS: tuple[Concept, ...] = (
    # transport
    _c("rocket", "🚀", "rocket", "", "space rocket,spaceship"),
    _c("car", "🚗", "automobile", "automotive", "automobile"),
    _c("bus", "🚌", "bus"),
    _c("truck", "🚚", "deliverytruck", "in-transit", "lorry"),
    _c("tractor", "🚜", "tractor"),
    _c("bicycle", "🚲", "bicycle", "", "bike"),
    _c("airplane", "✈", "airplane", "", "plane"),
    _c("train", "🚂", "steamlocomotive", "", "locomotive"),
    _c("sailboat", "⛵", "sailboat", "", "boat,ship"),
    _c("helicopter", "🚁", "helicopter"),
    _c("ufo", "🛸", "", "", "flying saucer"),
    # places and nature
    _c("house", "🏠", "housebuilding", "home", "home"),
    _c("castle", "🏰", "europeancastle"),
    _c("tree", "🌳", "deciduoustree"),
    _c("pine tree", "🌲", "evergreen", "", "fir tree"),
    _c("palm tree", "🌴", "palmtree"),
    _c("cactus", "🌵", "cactus"),
    _c("sun", "☀", "sunrays"),
    _c("moon", "🌙", "crescentmoon", "", "crescent moon"),
    _c("star", "⭐", "star"),
    _c("cloud", "☁", "cloud"),
    _c("rainbow", "🌈", "rainbow"),
    _c("snowflake", "❄", "snowflake"),
    _c("fire", "🔥", "fire", "", "flame"),
    _c("water drop", "💧", "droplet", "", "droplet"),
    _c("flower", "🌼", "blossom"),
    _c("tulip", "🌷", "tulip"),
    _c("rose", "🌹", "rose"),
    _c("sunflower", "🌻", "sunflower"),
    _c("mushroom", "🍄", "mushroom"),
    _c("clover", "🍀", "fourleafclover", "", "four leaf clover"),
    _c("planet", "🪐", "", "", "saturn"),
    _c("earth", "🌍", "europeafricaglobe", "", "globe"),
    # food
    _c("apple", "🍎", "redapple"),
    _c("pear", "🍐", "pear"),
    _c("lemon", "🍋", "lemon"),
    _c("banana", "🍌", "banana"),
    _c("watermelon", "🍉", "watermelon"),
    _c("grapes", "🍇", "grapes"),
    _c("strawberry", "🍓", "strawberry"),
    _c("cherries", "🍒", "cherries", "", "cherry"),
    _c("pineapple", "🍍", "pineapple"),
    _c("carrot", "🥕"),
    _c("pumpkin", "🎃", "jackolantern", "", "halloween pumpkin"),
    _c("pizza", "🍕", "sliceofpizza", "", "slice of pizza"),
    _c("hamburger", "🍔", "hamburger", "", "burger"),
    _c("cake", "🎂", "birthdaycake", "", "birthday cake"),
    _c("cupcake", "🧁"),
    _c("ice cream", "🍦", "softicecream"),
    _c("donut", "🍩", "doughnut", "", "doughnut"),
    _c("coffee", "☕", "hotbeverage", "", "cup of coffee"),
    # animals
    _c("cat", "🐱", "cat", "", "kitten"),
    _c("dog", "🐶", "dog", "", "puppy"),
    _c("rabbit", "🐰", "bunny", "", "bunny"),
    _c("fox", "🦊"),
    _c("bear", "🐻", "bear"),
    _c("panda", "🐼", "pandaface"),
    _c("lion", "🦁"),
    _c("tiger", "🐯", "tiger"),
    _c("pig", "🐷", "pig"),
    _c("cow", "🐮", "cowface"),
    _c("monkey", "🐵", "monkeyface"),
    _c("mouse", "🐭", "mouse"),
    _c("frog", "🐸", "frog"),
    _c("unicorn", "🦄"),
    _c("owl", "🦉"),
    _c("penguin", "🐧", "penguin"),
    _c("bird", "🐦", "bird"),
    _c("chick", "🐤", "babychick", "", "baby chicken"),
    _c("duck", "🦆"),
    _c("fish", "🐟", "fish"),
    _c("whale", "🐳", "spurtingwhale"),
    _c("dolphin", "🐬", "dolphin"),
    _c("octopus", "🐙", "octopus"),
    _c("crab", "🦀"),
    _c("turtle", "🐢", "turtle"),
    _c("snail", "🐌", "snail"),
    _c("butterfly", "🦋"),
    _c("bee", "🐝", "honeybee"),
    _c("ladybug", "🐞", "ladybeetle"),
    _c("elephant", "🐘", "elephant"),
    _c("dinosaur", "🦖", "", "", "t-rex"),
    # objects and faces
    _c("heart", "❤", "redheart"),
    _c("crown", "👑", "crown"),
    _c("umbrella", "☂", "umbrella"),
    _c("key", "🔑", "key"),
    _c("book", "📕", "closedbook"),
    _c("clock", "⏰", "alarmclock", "", "alarm clock"),
    _c("gift", "🎁", "present", "", "present"),
    _c("light bulb", "💡", "lightbulb", "idea", "lamp"),
    _c("balloon", "🎈", "balloon"),
    _c("guitar", "🎸", "guitar"),
    _c("bell", "🔔", "bell"),
    _c("trophy", "🏆", "trophy", "", "cup"),
    _c("hat", "🎩", "tophat", "", "top hat"),
    _c("shirt", "👕", "runningshirt", "", "t-shirt"),
    _c("dress", "👗", "dress"),
    _c("gem", "💎", "gem", "", "diamond"),
    _c("lock", "🔒", "lock", "lock", "padlock"),
    _c("robot", "🤖", "", "", "robot face"),
    _c("ghost", "👻", "ghost"),
    _c("alien", "👽", "alien"),
    _c("skull", "💀", "skull"),
    _c("snowman", "⛄", "snowmanwithoutsnow"),
    _c("smiling face", "😀", "grin", "", "smiley,happy face"),
)

LATER: frozenset[str] = frozenset(
    {
        "tractor",
        "helicopter",
        "ufo",
        "clover",
        "water drop",
        "cupcake",
        "chick",
        "dolphin",
        "crab",
        "snail",
        "ladybug",
        "cow",
        "mouse",
        "tiger",
        "trophy",
        "lock",
        "earth",
        "carrot",
        "truck",
        "tulip",
        "pear",
        "coffee",
        "dress",
        "shirt",
        "fire",
        "bus",
        "pine tree",
        "snowflake",
        "planet",
        "watermelon",
        "grapes",
        "pineapple",
        "monkey",
        "unicorn",
        "duck",
        "dinosaur",
        "bell",
        "hat",
        "gem",
        "alien",
    }
)
"""Concepts that only the autoencoder sees yet: the next version's UNet adds them."""

BY_NAME: dict[str, Concept] = {concept.name: concept for concept in CONCEPTS}

ACCEPTANCE_PROMPTS: tuple[str, ...] = (
    "a red rocket",
    "a blue heart",
    "a green tree",
    "a yellow star",
    "a cat",
    "a house",
    "a purple umbrella",
    "a red apple",
    "a dog",
    "a robot",
    "a pink flower",
    "a blue fish",
    "a penguin",
    "an orange car",
    "a green frog",
    "a slice of pizza",
)
"""Fixed before the first training run; the contact sheet shows these."""

HELD_OUT_PAIRS: frozenset[tuple[str, str]] = frozenset(
    {
        ("rocket", "green"),
        ("cat", "blue"),
        ("house", "purple"),
        ("apple", "blue"),
        ("star", "pink"),
        ("umbrella", "orange"),
        ("car", "pink"),
        ("butterfly", "red"),
        ("heart", "orange"),
        ("fish", "purple"),
        ("balloon", "brown"),
        ("crown", "blue"),
    }
)
"""(concept, colour) pairs that never appear in training."""

HELD_OUT_RENDERINGS: frozenset[tuple[str, str]] = frozenset(
    {
        ("noto-v1", "rocket"),
        ("noto-v1", "cat"),
        ("noto-v1", "house"),
        ("noto-v1", "apple"),
        ("noto-v1", "fish"),
        ("noto-v1", "umbrella"),
        ("noto-v1", "penguin"),
        ("noto-v1", "guitar"),
    }
)
"""(icon set, concept) renderings kept for validating the autoencoder."""
