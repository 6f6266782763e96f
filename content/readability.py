"""How long and how hard a text is to read. Plain Python; English only."""

import re

_VOWELS = re.compile(r"[aeiouy]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_ONES: list[str] = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)
_TENS: list[str] = re.findall(r"\w+", "_ _ twenty thirty forty fifty sixty seventy eighty ninety")


def words(text: str) -> list[str]:
    """Return the words as a reader counts them: "15-minute" is one, and so is "1,012"."""
    return text.split()


def sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def syllables(word: str) -> int:
    """Return about how many syllables `word` has, at least one: its groups of vowels, less a silent e."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    groups = len(_VOWELS.findall(letters))
    silent = letters.endswith("e") and not letters.endswith("le") and groups > 1
    return max(1, groups - silent)


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade, the years of school needed; 0.0 for an empty text."""
    counted = words(text)
    if not counted:
        return 0.0
    per_sentence = len(counted) / len(sentences(text))
    per_word = sum(syllables(word) for word in counted) / len(counted)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59


def in_words(number: int) -> str:
    """Return 0 to 99 as English words ("forty-two"), any other number as digits with commas ("1,012")."""
    if not 0 <= number < 100:
        return f"{number:,}"
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def names_number(text: str, number: int) -> bool:
    """Say whether `text` gives `number`, as digits or in words."""
    spellings = {str(number), f"{number:,}", in_words(number)}
    return any(re.search(rf"(?<![\w,]){re.escape(s)}(?![\w,]*\d)\b", text, re.IGNORECASE) for s in spellings)
