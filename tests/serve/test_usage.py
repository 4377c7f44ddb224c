"""What `GET /predict` says of a model's faithfulness."""

from alpenglow._serve.signature import Parity
from alpenglow._serve.usage import faithfulness


def test_an_exact_model() -> None:
    text = faithfulness(Parity(131_174, 82_332, 0, 0.0, 1e-12))
    assert text == (
        "\nCompared with scikit-learn on 131,174 rows when it was exported: no label differed, "
        "numbers by up to 0 (1e-12 allowed).\n"
    )


def test_accepted_differences_are_not_hidden() -> None:
    text = faithfulness(Parity(100, 50, 3, 2e-7, 1e-6, 5))
    assert "3 labels differed (5 allowed), numbers by up to 2e-07 (1e-06 allowed)" in text


def test_what_was_compared_with_given_answers_is_labels_or_numbers() -> None:
    labels = faithfulness(Parity(150, 0, 0, None, 1e-5, reference="given answers"))
    assert labels == "\nCompared with given answers on 150 rows when it was adopted: no label differed.\n"
    numbers = faithfulness(Parity(150, 0, 0, 1e-7, 1e-5, reference="given answers"))
    assert "when it was adopted: numbers by up to 1e-07 (1e-05 allowed).\n" in numbers


def test_nobody_looked() -> None:
    assert faithfulness(None) == (
        "\nNot proved: nobody has compared its answers with those of the model that it was made of.\n"
    )
