"""Numbers, names and negations in what was said."""

import pytest

from pipeline.context.details import about_the_same, digit_run, names, negates, numbers, subjects, written_numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It takes 25 days, or twenty six.", ["25", "26"]),
        ("No one knows, but one or zero.", []),
        ("On the 3rd of May.", []),
        ("二十五分钟", ["25"]),
        ("", []),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str, found: list[str]) -> None:
    assert numbers(text) == found


def test_only_digits_are_written_numbers() -> None:
    assert written_numbers("It takes 25 days, or twenty six.") == ["25"]


@pytest.mark.parametrize("text", ["The code is 4719.", "four seven one nine", "Code 4 7 1 9", "47 19"])
def test_a_code_is_the_same_in_one_piece_and_digit_by_digit(text: str) -> None:
    assert "4719" in digit_run(text)


def test_a_leading_zero_is_not_lost() -> None:
    assert "0171" in digit_run("Call 0171 555.")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Then Ottilie went to Bruges.", ["Ottilie", "Bruges"]),
        ("Ottilie came. Nobody saw her.", []),
        ("I think I'm fine, OK?", []),
        ("他读《活着》。", ["活着"]),
        ("He said “Paddington” is nice", ["Paddington"]),
    ],
)
def test_names_are_in_capitals_where_others_are_not(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("I don’t eat fish.", True),
        ("He never comes.", True),
        ("She cannot come.", True),
        ("Without sugar, please.", True),
        ("I eat fish.", False),
        ("A notable knot.", False),
        ("我不吃鱼。", True),
        ("别告诉他。", True),
        ("我吃鱼。", False),
    ],
)
def test_what_is_negated(text: str, negative: bool) -> None:
    assert negates(text) is negative


@pytest.mark.parametrize(
    ("sentence", "other", "same"),
    [
        ("We do not eat meat on Fridays.", "They eat meat on Fridays.", True),
        ("We do not eat meat on Fridays.", "The user asked about Fridays.", False),
        ("Never.", "They never.", False),
    ],
)
def test_sentences_about_the_same(sentence: str, other: str, same: bool) -> None:
    assert about_the_same(sentence, other) is same


def test_whose_it_is_makes_no_other_subject() -> None:
    assert subjects("Ottilie's trains") == subjects("the train of Ottilie")
