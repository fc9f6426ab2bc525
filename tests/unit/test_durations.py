from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.durations import (
    MAX_DURATION,
    MAX_MONTHS,
    ShiftLength,
    ShiftUnit,
    format_duration,
    parse_duration,
    parse_shift_length,
)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT1S", timedelta(seconds=1)),
        ("PT5M", timedelta(minutes=5)),
        ("PT90M", timedelta(minutes=90)),
        ("P1DT12H", timedelta(hours=36)),
        ("P1W", timedelta(weeks=1)),
        ("P1W2DT3H4M5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("pt5m", timedelta(minutes=5)),
        (" PT5M ", timedelta(minutes=5)),
    ],
)
def test_a_duration_is_read(text, length):
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", '"" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("5m", '"5m" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("P", '"P" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("PT", '"PT" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("P1DT", '"P1DT" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("PT0.5S", '"PT0.5S" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("-PT5M", '"-PT5M" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("PT٥M", '"PT٥M" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
        ("PT0S", '"PT0S" is no time at all: the shortest duration is PT1S.'),
        ("P1M", '"P1M" counts months or years, which have no fixed length: use days, such as P30D.'),
        ("P1Y", '"P1Y" counts months or years, which have no fixed length: use days, such as P30D.'),
        ("P3661D", '"P3661D" is longer than ten years: give a shorter duration.'),
        ("P999999999D", '"P999999999D" is longer than ten years: give a shorter duration.'),
    ],
)
def test_a_wrong_duration_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValueError) as refused:
        parse_duration(text)
    assert str(refused.value) == sentence


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=MAX_DURATION))
def test_every_duration_is_written_and_read_back(length):
    whole = timedelta(seconds=length // timedelta(seconds=1))
    assert parse_duration(format_duration(whole)) == whole


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(days=7), "P7D"),
        (timedelta(minutes=90), "PT1H30M"),
        (timedelta(days=1, seconds=1), "P1DT1S"),
        (timedelta(0), "PT0S"),
    ],
)
def test_a_duration_is_written_in_its_shortest_form(length, text):
    assert format_duration(length) == text


@pytest.mark.parametrize(
    ("text", "unit", "count"),
    [
        ("P7D", ShiftUnit.DAYS, 7),
        ("P1W", ShiftUnit.DAYS, 7),
        ("P1W1D", ShiftUnit.DAYS, 8),
        ("PT12H", ShiftUnit.SECONDS, 43_200),
        ("PT1S", ShiftUnit.SECONDS, 1),
        ("P1M", ShiftUnit.MONTHS, 1),
        ("P1Y6M", ShiftUnit.MONTHS, 18),
    ],
)
def test_a_shift_counts_calendar_or_elapsed_time(text, unit, count):
    assert parse_shift_length(text) == ShiftLength(unit, count)


def test_days_and_hours_are_different_lengths_even_when_they_look_equal():
    assert parse_shift_length("P1D") != parse_shift_length("PT24H")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("P1DT12H", '"P1DT12H" mixes calendar days with hours: write days (P7D) or hours (PT36H), not both.'),
        ("P1M1D", '"P1M1D" mixes months with shorter parts: give a shift in months alone, such as P1M.'),
        ("P1MT1H", '"P1MT1H" mixes months with shorter parts: give a shift in months alone, such as P1M.'),
        ("P11Y", '"P11Y" is longer than ten years: give a shorter shift.'),
        ("P600W", '"P600W" is longer than ten years: give a shorter duration.'),
        ("P0D", '"P0D" is no time at all: the shortest duration is PT1S.'),
        ("weekly", '"weekly" is not a duration: write an ISO 8601 duration, such as PT5M, PT1H30M or P7D.'),
    ],
)
def test_a_wrong_shift_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValueError) as refused:
        parse_shift_length(text)
    assert str(refused.value) == sentence


@given(
    st.one_of(
        st.builds(ShiftLength, st.just(ShiftUnit.MONTHS), st.integers(1, MAX_MONTHS)),
        st.builds(ShiftLength, st.just(ShiftUnit.DAYS), st.integers(1, MAX_DURATION.days)),
        st.builds(ShiftLength, st.just(ShiftUnit.SECONDS), st.integers(1, MAX_DURATION // timedelta(seconds=1))),
    )
)
def test_every_shift_length_is_written_and_read_back(length):
    assert parse_shift_length(str(length)) == length
