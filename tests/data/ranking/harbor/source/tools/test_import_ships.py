import pytest

from import_ships import BadRecord, imo_is_valid, parse_row


def test_imo_is_valid_checks_the_last_digit():
    assert imo_is_valid(9074729)
    assert not imo_is_valid(9074728)


def test_parse_row_refuses_a_wrong_imo_number():
    with pytest.raises(BadRecord):
        parse_row({"imo": "1234560", "name": "Anna", "length": "90", "draught": "5"})
