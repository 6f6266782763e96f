"""Who works at Stillwater, and who comes there."""

from itertools import islice, product

from booking.demo.entries import TherapistEntry, shift

NAMED = (
    TherapistEntry(
        slug="anna",
        name="Anna Kowalska",
        gender="female",
        languages=("en", "pl"),
        bio="Anna learnt classical massage in Kraków. She likes a quiet room and asks little.",
        skills=("couples", "hot-stone", "relaxation", "swedish"),
        place="harbour",
        week=(shift("mon tue wed thu", "09:00-13:00", "14:00-17:30"), shift("fri", "09:00-14:00")),
    ),
    TherapistEntry(
        slug="ben",
        name="Ben Osei",
        gender="male",
        languages=("en", "fr"),
        bio="Ben rowed for ten years and now looks after those who still do.",
        skills=("couples", "deep-tissue", "foot", "sports", "swedish"),
        place="harbour",
        week=(
            shift("tue wed thu fri", "11:00-15:00", "15:45-19:30"),
            shift("sat", "10:00-13:00", "13:30-17:00"),
        ),
    ),
    TherapistEntry(
        slug="carmen",
        name="Carmen Ruiz",
        gender="female",
        languages=("en", "es"),
        bio="Carmen was a midwife before. She works with many cushions and much time.",
        skills=("couples", "foot", "prenatal", "relaxation", "swedish"),
        place="harbour",
        week=(shift("mon wed fri", "08:30-12:30", "13:15-16:45"), shift("sun", "10:00-13:00", "14:00-17:00")),
    ),
    TherapistEntry(
        slug="devon",
        name="Devon Clarke",
        gender="other",
        languages=("en",),
        bio="Devon came to massage from dance, and has a hand for shoulders and hips.",
        skills=("couples", "deep-tissue", "hot-stone", "sports"),
        place="harbour",
        week=(
            shift("mon thu", "12:00-15:00", "15:30-18:00", "18:30-20:30"),
            shift("sat sun", "09:30-12:30", "13:15-17:15"),
        ),
    ),
    TherapistEntry(
        slug="elif",
        name="Elif Demir",
        gender="female",
        languages=("de", "en", "tr"),
        bio="Elif has been with us since we opened. Many of her guests have, too.",
        skills=("foot", "hot-stone", "relaxation", "swedish"),
        place="riverside",
        week=(shift("mon tue thu fri", "08:00-12:00", "12:45-16:30"),),
    ),
    TherapistEntry(
        slug="farid",
        name="Farid Rahimi",
        gender="male",
        languages=("de", "en", "fa"),
        bio="Farid trained as a physiotherapist and is happiest with runners.",
        skills=("deep-tissue", "sports", "swedish"),
        place="riverside",
        week=(shift("mon tue wed", "10:00-14:00", "15:00-19:00"), shift("sat", "09:00-12:00", "12:30-15:00")),
        later=(shift("tue wed thu", "13:00-17:00", "17:30-21:00"), shift("sat", "09:00-12:00", "12:30-15:00")),
    ),
    TherapistEntry(
        slug="greta",
        name="Greta Lindner",
        gender="female",
        languages=("de", "en"),
        bio="Greta works slowly and firmly, and says what she does before she does it.",
        skills=("deep-tissue", "prenatal", "relaxation", "swedish"),
        place="riverside",
        week=(
            shift("wed thu fri", "09:30-13:30", "14:15-18:15"),
            shift("sat sun", "10:00-12:30", "13:30-16:30"),
        ),
    ),
    TherapistEntry(
        slug="hiro",
        name="Hiro Tanaka",
        gender="male",
        languages=("de", "en", "ja"),
        bio="Hiro knows feet. He also plays the cello, though never at work.",
        skills=("foot", "hot-stone", "relaxation", "sports"),
        place="riverside",
        week=(shift("mon fri", "13:00-16:30", "17:00-20:30"), shift("tue sun", "09:00-12:00", "13:00-16:00")),
    ),
)

# Hands for load: they work every day, which no studio should ask of anybody.
EVERY_DAY = "mon tue wed thu fri sat sun"
LOAD_WEEKS = (
    (shift(EVERY_DAY, "08:00-12:30", "13:00-18:00"),),
    (shift(EVERY_DAY, "09:00-13:00", "13:45-19:15"),),
    (shift(EVERY_DAY, "10:00-13:00", "13:30-17:00", "17:30-20:30"),),
)
LOAD_SKILLS = (
    ("couples", "deep-tissue", "foot", "sports", "swedish"),
    ("couples", "foot", "hot-stone", "relaxation", "swedish"),
    ("couples", "deep-tissue", "foot", "prenatal", "relaxation", "sports"),
)


def _each(names: str) -> list[str]:
    return names.split()


FIRST_NAMES = _each(
    "Ada Amir Amélie Björn Bruno Chidi Clara Dana Diego Edith Emre Esther Felix Fiona Gael Grace Hanna Hugo Ines "
    "Ivan Jana Jonas Joy Kai Karim Lars Leila Lin Luca Mara Marek Maya Mina Nadia Nils Nina Noor Omar Otto Paula "
    "Priya Quinn Rafael Rosa Ruth Sami Sofia Tariq Tess Uma Viktor Wanda Wei Xenia Yara Yusuf Zoe"
)
FAMILY_NAMES = _each(
    "Adeyemi Albrecht Andersen Baker Bianchi Castillo Chen Costa Dahl Dubois Ekman Ferreira Fischer Garcia Grant "
    "Haddad Hansen Hoang Ibrahim Ito Jansen Jones Kaplan Keller Khan Kim Larsen Lehmann Lopez Maier Mbeki Mensah "
    "Meyer Moreau Nagy Ngata Novak Okafor Olsen Park Patel Petrov Quint Rao Rossi Sato Schulz Silva Singh Sommer "
    "Tan Thomsen Turner Usman Varga Vogel Walker Weber Yilmaz Zhang"
)
MOST_THERAPISTS = 200
MOST_CLIENTS = len(FIRST_NAMES) * len(FAMILY_NAMES)
NOTES = (
    "No scented oil, please.",
    "I may be five minutes late; the ferry decides.",
    "First visit. Where can I leave my bicycle?",
    "Left shoulder, please, more than the rest.",
    "Please call when you open the door: the bell is broken.",
)


def therapists(count: int, *, places: tuple[str, ...]) -> tuple[TherapistEntry, ...]:
    """Return the first `count` therapists: the eight of Stillwater, then as many as asked for, for load.

    A few of the eight come from all places in turn. Raises ValueError when there are no people for it.
    """
    if not 1 <= count <= MOST_THERAPISTS:
        raise ValueError(f"between 1 and {MOST_THERAPISTS} therapists, not {count}")
    if count >= len(NAMED):
        return NAMED + tuple(_for_load(number, places) for number in range(count - len(NAMED)))
    by_place = [[entry for entry in NAMED if entry.place == place] for place in places]
    in_turn = [entry for group in zip(*by_place, strict=True) for entry in group]
    return tuple(in_turn[:count])


def _for_load(number: int, places: tuple[str, ...]) -> TherapistEntry:
    # A family name for each turn of the first names: no two are called the same.
    turn, position = divmod(number, len(FIRST_NAMES))
    name = f"{FIRST_NAMES[position]} {FAMILY_NAMES[turn]}"
    return TherapistEntry(
        slug=f"therapist-{number + len(NAMED) + 1}",
        name=name,
        gender=("female", "male", "other")[number % 3],
        languages=("en",),
        bio="",
        skills=LOAD_SKILLS[number % len(LOAD_SKILLS)],
        place=places[number % len(places)],
        week=LOAD_WEEKS[number % len(LOAD_WEEKS)],
    )


def client_names(count: int) -> list[tuple[str, str]]:
    """Return `count` different first and family names. Raises ValueError when there are not so many."""
    if count > MOST_CLIENTS:
        raise ValueError(f"at most {MOST_CLIENTS} clients, not {count}")
    steps = product(range(len(FAMILY_NAMES)), range(len(FIRST_NAMES)))
    # Shifted by the turn, so that the first sixty clients are not all of one family.
    return [
        (FIRST_NAMES[first], FAMILY_NAMES[(first + turn) % len(FAMILY_NAMES)]) for turn, first in islice(steps, count)
    ]
