"""The form that is made from the signature."""

import re

from playwright.sync_api import expect

from tests.serve.page import models
from tests.serve.page.fields import answered, field, sent

SIZE = f"size {models.MARKUP}"


def test_the_form_has_a_field_for_each_column_with_a_typical_value(server, visit) -> None:
    page = visit(server)
    signature = server.get("/model").json()["signature"]
    assert page.locator("#fields label").all_inner_texts() == [column["name"] for column in signature["columns"]]
    assert sent(page) == {column["name"]: column["example"] for column in signature["columns"]}
    assert page.title() == "adult, served by Alpenglow"


def test_numbers_hint_at_the_training_range_and_note_what_is_outside(server, visit) -> None:
    page = visit(server)
    age = field(page, "age")
    expect(age).to_have_accessible_description("17 to 90 in training")
    age.fill("95")
    expect(age).to_have_accessible_description("17 to 90 in training, this is outside")
    answered(page)
    expect(age).not_to_have_attribute("aria-invalid", "true")


def test_known_categories_are_choices_with_their_blanks_shown(server, visit) -> None:
    page = visit(server)
    sex = field(page, "sex")
    assert sex.locator("option").all_inner_texts() == ["␣Female", "␣Male", "(missing)", "(another value)"]
    sex.select_option("␣Female")
    answered(page)
    assert sent(page)["sex"] == " Female"
    sex.select_option("(missing)")
    answered(page)
    assert sent(page)["sex"] is None


def test_a_value_that_is_no_known_category_can_be_typed(server, visit) -> None:
    page = visit(server)
    field(page, "workclass").select_option("(another value)")
    page.get_by_label("Another value of workclass").fill("Mountain guide")
    answered(page)
    assert sent(page)["workclass"] == "Mountain guide"


def test_an_empty_number_is_a_missing_one(server, visit) -> None:
    page = visit(server)
    field(page, "age").fill("")
    answered(page)
    assert sent(page)["age"] is None
    expect(field(page, "age")).to_have_attribute("placeholder", "missing")


def test_what_does_not_fit_is_said_at_its_field_and_beside_the_form(server, visit) -> None:
    page = visit(server)
    age = field(page, "age")
    age.fill("abc")
    expect(age).to_have_attribute("aria-invalid", "true")
    expect(age).to_have_accessible_description('expected a number, got "abc" 17 to 90 in training')
    field(page, "fnlwgt").fill("1e999")
    expect(page.locator("#answer")).to_have_text("These values do not fit:agefnlwgt")
    expect(page.locator("#bars")).to_be_hidden()
    page.locator("#answer").get_by_role("link", name="age").click()
    expect(age).to_be_focused()
    age.fill("25")
    field(page, "fnlwgt").fill("1e5")
    answered(page)
    expect(age).to_have_attribute("aria-invalid", "false")
    assert sent(page)["fnlwgt"] == 100_000


def test_required_columns_and_many_categories_and_free_text(exported, visit) -> None:
    page = visit(exported(models.odd))
    size, city, note = (field(page, name) for name in (SIZE, 'it\'s a "city"', "note"))
    expect(size).to_have_accessible_description("required, 41.51 to 145.99 in training")
    assert size.get_attribute("required") is not None
    expect(city).to_have_role("combobox")
    expect(city).to_have_accessible_description("60 known values")
    expect(field(page, "new")).to_have_value("true")
    size.fill("")
    expect(size).to_have_accessible_description(
        "expected a number, as the model takes no missing value here, got null required, 41.51 to 145.99 in training"
    )
    size.fill("100.5")
    note.fill('two\nlines "quoted"')
    field(page, "new").select_option("(missing)")
    answered(page)
    assert sent(page)["note"] == 'two\nlines "quoted"'
    assert sent(page)["new"] is None


def test_a_closed_column_has_its_categories_and_no_others(exported, visit) -> None:
    kind = field(visit(exported(models.odd)), "kind")
    assert sorted(kind.locator("option").all_inner_texts()) == sorted(
        ["(empty text)", "␣blank␣", *models.ODD[:1], *models.ODD[3:]]
    )


def test_markup_in_names_and_values_is_text(exported, visit) -> None:
    page = visit(exported(models.odd))
    expect(page.locator("img")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"odd {models.MARKUP}")
    expect(page.locator("#bars")).to_contain_text(models.MARKUP)
    field(page, SIZE).fill(f"<b>{models.MARKUP}")
    expect(page.locator("#fields .error").first).to_contain_text("<b><img src=x")
    expect(page.locator("img")).to_have_count(0)


def test_a_server_with_a_token_gets_it_from_a_field(guarded, visit) -> None:
    page = visit(guarded)
    expect(page.locator("#answer")).to_have_text(
        "No prediction: predictions want a token: send Authorization: Bearer ..."
    )
    page.get_by_label("Token").fill("secret's-token")
    expect(page.locator("#answer")).to_contain_text("␣<=50K")
    expect(page.get_by_label("Token")).to_have_attribute("type", "password")
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


def test_times_are_text_with_their_range_and_days_have_a_calendar(exported, visit) -> None:
    server = exported(models.dated)
    page = visit(server)
    columns = {column["name"]: column for column in server.get("/model").json()["signature"]["columns"]}
    assert [columns[name]["type"] for name in ("when", "at", "day", "took")] == ["datetime"] * 3 + ["duration"]
    assert sent(page) == {name: column["example"] for name, column in columns.items()}
    when, time = field(page, "when"), columns["when"]["time"]
    expect(when).to_have_accessible_description(f"{time['minimum']} to {time['maximum']} in training")
    when.fill("2031-05-06T07:08")
    expect(when).to_have_accessible_description(f"{time['minimum']} to {time['maximum']} in training, this is outside")
    answered(page)
    assert sent(page)["when"] == "2031-05-06T07:08"
    when.fill("yesterday")
    answered(page)
    expect(when).to_have_accessible_description(re.compile("expected a time as ISO 8601 has it, such as 2024-03-01T12"))
    when.fill("")
    answered(page)
    assert sent(page)["when"] is None
    expect(field(page, "day")).to_have_attribute("type", "date")
    field(page, "day").fill("2024-02-29")
    answered(page)
    assert sent(page)["day"] == "2024-02-29"
    expect(page.locator("#answer strong")).to_have_count(1)
