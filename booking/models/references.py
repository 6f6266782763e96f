"""Short public references that people can read out loud."""

import secrets

# No 0, 1, I, L, O or U: nothing that looks like something else, and no accidental words.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10


def new_reference() -> str:
    """Return ten random characters, 49 bits: not to be guessed within the limit on wrong tries."""
    number, characters = secrets.randbelow(len(ALPHABET) ** LENGTH), ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        characters += ALPHABET[place]
    return characters
