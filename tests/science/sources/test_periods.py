"""Roll-ups at outlets: what counts, when it is enough, which flag it must carry, how missing mass is substituted."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.sources import (
    Part,
    Tally,
    capture_rate,
    flag_differs,
    period_flag,
    period_value,
    substitute_mass,
    together,
    transmission,
)

DAY = date(2026, 6, 1)


def gas(values: list[float | None], expected: int, level: str, flag: str = "N") -> tuple[float | None, int, bool]:
    found = period_value([Part(v, flag) for v in values], expected, level, "flue_gas", "SO2", DAY)  # type: ignore[arg-type]
    return found.value, found.n_valid, found.is_valid


class TestFlueGas:
    def test_45_minutes_make_an_hour_and_44_do_not(self) -> None:
        assert gas([10.0] * 45, 60, "hour") == (10.0, 45, True)
        assert gas([10.0] * 44, 60, "hour") == (10.0, 44, False)

    def test_20_hours_make_a_day(self) -> None:
        assert gas([10.0] * 20, 24, "day")[2]
        assert not gas([10.0] * 19, 24, "day")[2]

    def test_on_a_day_with_stopped_hours_the_share_of_operating_hours_counts(self) -> None:
        stopped = [Part(None, "F")] * 12
        nine = [Part(10.0)] * 9
        assert period_value([*stopped, *nine], 24, "day", "flue_gas", "SO2", DAY).is_valid
        found = period_value([*stopped, *nine[:8]], 24, "day", "flue_gas", "SO2", DAY)
        assert (found.is_valid, found.n_stopped, found.n_missing, found.n_expected) == (False, 12, 4, 12)
        assert "75%" in found.reason

    def test_a_day_that_was_stopped_has_no_value_and_lacks_nothing(self) -> None:
        found = period_value([Part(None, "F")] * 24, 24, "day", "flue_gas", "SO2", DAY)
        assert (found.value, found.is_valid, found.n_missing) == (None, True, 0)

    def test_negative_null_and_flagged_never_enter(self) -> None:
        parts = [Part(10.0), Part(-5.0), Part(None), Part(99.0, "C"), Part(20.0, "")]
        found = period_value(parts, 60, "hour", "flue_gas", "SO2", DAY)
        assert (found.value, found.n_valid, found.n_invalid, found.n_missing) == (15.0, 2, 2, 56)

    def test_more_parts_than_expected_are_refused(self) -> None:
        with pytest.raises(BadArgumentError, match="expected"):
            gas([1.0] * 25, 24, "day")


class TestWasteWater:
    def test_weighted_by_flow(self) -> None:
        parts = [Part(10.0, "", 1.0), Part(40.0, "", 3.0)]
        found = period_value(parts, 2, "day", "waste_water", "COD", DAY)
        assert (found.value, found.low, found.high) == (32.5, 10.0, 40.0)

    @pytest.mark.parametrize(
        ("valid", "expected", "is_valid"), [(120, 120, True), (119, 120, False), (12, 12, True), (11, 12, False)]
    )
    def test_hj212_appendix_d_ten_minutes_need_120_samples(self, valid: int, expected: int, is_valid: bool) -> None:
        """It was judged by the 75 % of an hour: 90 samples were enough."""
        found = period_value([Part(30.0, "N", 5.0)] * valid, expected, "minute", "waste_water", "COD", DAY)
        assert found.is_valid is is_valid

    def test_zero_flow_is_no_discharge_and_expects_nothing(self) -> None:
        parts = [Part(900.0, "", 0.0)] * 18 + [Part(30.0, "", 2.0)] * 6
        found = period_value(parts, 24, "day", "waste_water", "COD", DAY)
        assert (found.value, found.n_stopped, found.n_valid, found.is_valid) == (30.0, 18, 6, True)

    def test_batch_discharge_needs_its_share_of_the_discharging_hours(self) -> None:
        parts = [Part(30.0, "", 2.0)] * 4 + [Part(None, "D", 2.0)] * 2
        assert not period_value(parts + [Part(None, "", 0.0)] * 18, 24, "day", "waste_water", "COD", DAY).is_valid

    def test_without_all_flows_the_mean_is_plain_and_ph_goes_by_ions(self) -> None:
        plain = period_value([Part(10.0, "", 1.0), Part(40.0)], 2, "day", "waste_water", "COD", DAY)
        assert plain.value == 25.0
        ph = period_value([Part(6.0), Part(8.0)], 2, "day", "waste_water", "pH", DAY)
        assert ph.value == pytest.approx(-np.log10((1e-6 + 1e-8) / 2))
        assert (ph.low, ph.high) == (6.0, 8.0)


class TestFlags:
    @pytest.mark.parametrize(
        ("flags", "medium", "expected"),
        [
            (["N"] * 45 + ["C"] * 15, "flue_gas", "N"),
            (["N"] * 44 + ["C"] * 16, "flue_gas", "D"),
            ([""] * 4, "flue_gas", "N"),
            (["F"] * 3, "flue_gas", "F"),
            (["N"] * 23 + ["M"], "waste_water", "M"),
            (["N", "M", "D"], "waste_water", "D"),
            (["N", "C", "C", "D"], "waste_water", "C"),
            (["N"] * 24, "waste_water", "N"),
        ],
    )
    def test_what_a_period_must_carry(self, flags: list[str], medium: str, expected: str) -> None:
        assert period_flag(flags, medium, DAY) == expected  # type: ignore[arg-type]

    def test_the_devices_own_word_is_held_against_it(self) -> None:
        bad = ["N"] * 10 + ["D"] * 50
        assert flag_differs("N", bad, "flue_gas", DAY)
        assert flag_differs("", bad, "flue_gas", DAY)
        assert not flag_differs("D", bad, "flue_gas", DAY)
        assert not flag_differs("C", ["N", "M"], "waste_water", DAY), "which letter is the device's"
        with pytest.raises(BadArgumentError, match="flag"):
            period_flag([], "flue_gas", DAY)

    @given(st.lists(st.sampled_from("NFMDC"), min_size=1, max_size=60), st.randoms())
    @settings(deadline=None, derandomize=True)
    def test_order_does_not_matter(self, flags: list[str], dice: object) -> None:
        for medium in ("flue_gas", "waste_water"):
            assert period_flag(flags, medium, DAY) == period_flag(sorted(flags), medium, DAY)  # type: ignore[arg-type]


class TestSubstitution:
    mass = np.concatenate([np.arange(300.0), [np.nan] * 3, [7.0]])

    def test_the_largest_of_the_last_180_valid_hours(self) -> None:
        filled, (gap,) = substitute_mass(self.mass, [True] * 304, 0.95, DAY)
        assert (gap.first, gap.last, gap.hours, gap.value, gap.rule, gap.reason) == (300, 302, 3, 299.0, "max180", "")
        assert filled[300:303].tolist() == [299.0] * 3
        assert filled[303] == 7.0

    @pytest.mark.parametrize(
        ("capture", "hours", "rule"),
        [(0.9, 24, "max180"), (0.9, 25, "max720"), (1.0, 1, "max180"), (0.8999, 1, "max2160"), (0.75, 400, "max2160")],
    )
    def test_which_rule(self, capture: float, hours: int, rule: str) -> None:
        mass = np.concatenate([np.ones(10), [np.nan] * hours])
        _, (gap,) = substitute_mass(mass, [True] * len(mass), capture, DAY)
        assert gap.rule == rule
        assert "只有 10 个" in gap.reason

    def test_below_75_percent_nothing_is_defined(self) -> None:
        filled, (gap,) = substitute_mass(self.mass, [True] * 304, 0.7499, DAY)
        assert gap.value is None
        assert "没有规定" in gap.reason
        assert np.isnan(filled[300])

    def test_out_of_control_looks_back_from_the_last_calibration(self) -> None:
        _, (gap,) = substitute_mass(self.mass, [True] * 304, 0.95, DAY, anchors=[100])
        assert gap.value == 99.0

    def test_what_was_filled_is_never_looked_back_on_and_stops_are_no_gaps(self) -> None:
        mass = np.array([5.0, np.nan, 3.0, np.nan, np.nan])
        filled, gaps = substitute_mass(mass, [True, True, True, True, False], 0.95, DAY)
        assert [g.value for g in gaps] == [5.0, 5.0]
        assert np.isnan(filled[4])
        _, (first,) = substitute_mass([np.nan, 5.0], [True, True], 0.95, DAY)
        assert first.value is None

    def test_capture_rate(self) -> None:
        assert capture_rate(2160, 216, 0) == pytest.approx(0.9)
        assert capture_rate(2160, 216, 1080) == pytest.approx(0.8)
        assert capture_rate(24, 0, 24) is None
        with pytest.raises(BadArgumentError):
            capture_rate(24, 20, 10)


class TestTransmission:
    def test_rates_and_their_product(self) -> None:
        found = transmission([(DAY, Tally(24, 0, 18, 9))], "SO2", "flue_gas")
        assert (found.transmission, found.validity, found.effective) == (0.75, 0.5, 0.375)

    def test_stopped_hours_leave_the_denominator(self) -> None:
        found = transmission([(DAY, Tally(24, 12, 12, 12))], "SO2", "flue_gas")
        assert (found.expected, found.effective) == (12, 1.0)
        nothing = transmission([(DAY, Tally(24, 24, 0, 0))], "SO2", "flue_gas")
        assert (nothing.expected, nothing.effective) == (0, None)

    def test_23_of_24_count_as_all_for_cod_and_not_for_ph(self) -> None:
        day = [(DAY, Tally(24, 0, 23, 23))]
        assert transmission(day, "COD", "waste_water").effective == 1.0
        assert transmission(day, "pH", "waste_water").effective == pytest.approx(23 / 24)
        assert transmission(day, "COD", "waste_water", hourly=False).effective == pytest.approx(23 / 24)

    def test_a_day_with_more_than_expected_does_not_pay_for_another(self) -> None:
        days = [(DAY, Tally(24, 0, 24, 24)), (DAY + timedelta(days=1), Tally(24, 0, 0, 0))]
        found = transmission(days, "COD", "waste_water")
        assert (found.expected, found.received) == (46, 23)

    def test_hj75_capture_has_no_allowance_and_knows_stops(self) -> None:
        """Of 20 running hours 15 are valid, 3 invalid, 2 missing; the hour of the automatic check is no excuse here."""
        found = transmission([(DAY, Tally(24, 4, 18, 15))], "COD", "waste_water")
        assert (found.running, found.captured, found.capture, found.expected) == (20, 15, 0.75, 19)
        stopped = transmission([(DAY, Tally(24, 24, 0, 0))], "SO2", "flue_gas")
        assert stopped.capture is None
        assert together([found, stopped]).capture == 0.75

    def test_together_adds_counts(self) -> None:
        one = transmission([(DAY, Tally(24, 0, 24, 24))], "SO2", "flue_gas")
        none = transmission([(DAY, Tally(24, 0, 0, 0))], "NOx", "flue_gas")
        both = together([one, none])
        assert (both.expected, both.transmission, both.validity, both.effective) == (48, 0.5, 1.0, 0.5)
        assert together([]).effective is None

    def test_impossible_counts_are_refused(self) -> None:
        with pytest.raises(BadArgumentError):
            Tally(24, 0, 3, 4)
