import pytest

from content import readability


class TestReadingGrade:
    def test_of_a_textbook_sentence_is_what_the_formula_says(self):
        # 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 * 1 - 15.59
        assert readability.reading_grade("The cat sat on the mat.") == pytest.approx(-1.45)

    def test_rises_with_longer_words(self):
        plain = readability.reading_grade("We use warm oil on your back.")
        stiff = readability.reading_grade("Practitioners utilise preheated emollients posteriorly.")

        assert stiff > plain + 10

    def test_of_nothing_is_zero(self):
        assert readability.reading_grade("") == 0.0


class TestSyllables:
    @pytest.mark.parametrize(
        ("word", "count"),
        [("cat", 1), ("massage", 2), ("table", 2), ("oxytocin", 4), ("the", 1), ("37", 1)],
    )
    def test_are_counted_by_groups_of_vowels(self, word, count):
        assert readability.syllables(word) == count


class TestNamingANumber:
    @pytest.mark.parametrize(
        ("text", "number"),
        [("Forty men", 40), ("34 couples", 34), ("1,012 people", 1012), ("twenty-one runners", 21)],
    )
    def test_works_in_digits_and_in_words(self, text, number):
        assert readability.names_number(text, number)

    @pytest.mark.parametrize(
        ("text", "number"), [("140 men", 40), ("34 couples", 3), ("1,012 people", 12), ("fortyish", 40)]
    )
    def test_is_not_fooled_by_part_of_another(self, text, number):
        assert not readability.names_number(text, number)
