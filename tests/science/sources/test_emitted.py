"""Mass of hours: from concentration and flow, nothing without flow, gaps by the capture rate of their quarter."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.sources import (
    MEASURED,
    OPEN,
    OUTSIDE,
    STOPPED,
    SUBSTITUTED,
    ZERO,
    Quarter,
    emitted_mass,
    waste_water_mass,
)

DAY = date(2026, 11, 1)
NAN = float("nan")


def whole(hours: int) -> list[Quarter]:
    return [Quarter(0, hours, DAY)]


def test_hj212_appendix_d_mass_of_flue_gas_and_waste_water() -> None:
    gas = emitted_mass([50.0], [100_000.0], [False], "flue_gas", whole(1))
    assert (gas.mass.tolist(), gas.how.tolist()) == ([pytest.approx(5.0)], [MEASURED])
    water = emitted_mass([40.0], [25.0], [False], "waste_water", whole(1))
    assert water.mass.tolist() == [pytest.approx(1.0)]


def test_batch_discharge_emits_nothing_between_batches_and_lacks_nothing() -> None:
    found = emitted_mass([40.0, NAN, 40.0], [25.0, 0.0, 0.0], [False] * 3, "waste_water", whole(3))
    assert found.how.tolist() == [MEASURED, ZERO, ZERO]
    assert found.mass.tolist() == [pytest.approx(1.0), 0.0, 0.0]
    assert found.captures == [1.0]
    assert waste_water_mass([NAN], [0.0]).tolist() == [0.0]


def test_hj75_tables_5_and_6_a_short_gap_takes_the_largest_of_180_hours() -> None:
    content = np.full(400, 10.0)
    content[100], content[150], content[200:210] = 90.0, 30.0, NAN
    found = emitted_mass(content, np.full(400, 1e6), np.zeros(400), "flue_gas", whole(400))
    assert found.mass[200:210].tolist() == [pytest.approx(90.0)] * 10
    (gap,) = found.gaps
    assert (gap.first, gap.last, gap.rule, gap.reason) == (200, 209, "max180", "")
    assert found.captures == [pytest.approx(0.975)]
    content[100] = 10.0
    again = emitted_mass(content, np.full(400, 1e6), np.zeros(400), "flue_gas", whole(400))
    assert again.mass[200] == pytest.approx(30.0)


def test_below_75_percent_nothing_is_told() -> None:
    content = [10.0] * 7 + [NAN] * 3
    found = emitted_mass(content, [1e6] * 10, [False] * 10, "flue_gas", whole(10))
    assert found.how.tolist()[7:] == [OPEN] * 3
    assert np.isnan(found.mass[7:]).all()
    assert "不能用于核算" in found.gaps[0].reason


def test_a_stopped_plant_emits_nothing_and_lacks_nothing() -> None:
    found = emitted_mass([10.0, NAN, NAN], [1e6, NAN, 1e6], [False, True, True], "flue_gas", whole(3))
    assert (found.how.tolist(), found.mass.tolist()) == ([MEASURED, STOPPED, STOPPED], [pytest.approx(10.0), 0.0, 0.0])
    assert found.captures == [1.0]


def test_each_quarter_has_its_own_capture_and_looks_back_over_its_edge() -> None:
    content = [80.0] + [10.0] * 99 + [NAN] + [10.0] * 99
    quarters = [Quarter(0, 100, DAY), Quarter(100, 200, DAY)]
    found = emitted_mass(content, [1e6] * 200, [False] * 200, "flue_gas", quarters)
    assert found.captures == [1.0, pytest.approx(0.99)]
    assert found.mass[100] == pytest.approx(80.0)


def test_waste_water_takes_the_mean_of_as_long_before() -> None:
    found = emitted_mass([10.0, 20.0, 40.0, NAN, NAN], [100.0] * 5, [False] * 5, "waste_water", whole(5))
    assert found.mass.tolist()[3:] == [pytest.approx(3.0)] * 2
    assert found.how.tolist()[3:] == [SUBSTITUTED] * 2
    assert found.gaps[0].rule == "mean_before"


def test_hj356_concentration_and_flow_are_filled_each() -> None:
    """40 mg/L in a flow that doubled is twice the mass; a flow that is missing is the mean of as long before."""
    found = emitted_mass([40.0, 40.0, NAN, 20.0], [100.0, 100.0, 200.0, NAN], [False] * 4, "waste_water", whole(4))
    assert found.mass.tolist() == pytest.approx([4.0, 4.0, 8.0, 4.0])
    assert found.how.tolist() == [MEASURED, MEASURED, SUBSTITUTED, SUBSTITUTED]
    batches = emitted_mass([40.0, 90.0, NAN], [100.0, 0.0, 100.0], [False] * 3, "waste_water", whole(3))
    assert batches.mass.tolist() == pytest.approx([4.0, 0.0, 4.0])
    first = emitted_mass([NAN, 40.0], [100.0, 100.0], [False] * 2, "waste_water", whole(2))
    assert first.how.tolist() == [OPEN, MEASURED]


@settings(deadline=None, derandomize=True, max_examples=80)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(NAN), st.floats(0, 500)),
            st.one_of(st.just(NAN), st.just(0.0), st.floats(0, 1e6)),
            st.booleans(),
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from(["flue_gas", "waste_water"]),
)
def test_every_hour_is_accounted_for_once(hours: list[tuple[float, float, bool]], medium: str) -> None:
    content, flow, stopped = (list(column) for column in zip(*hours, strict=True))
    found = emitted_mass(content, flow, stopped, medium, whole(len(hours)))  # type: ignore[arg-type]
    assert (np.isnan(found.mass) == (found.how == OPEN)).all()
    assert (found.mass[found.how != OPEN] >= 0).all()
    assert ((found.how == STOPPED) == np.array(stopped)).all()
    in_gaps = sum(gap.hours for gap in found.gaps)
    assert in_gaps >= int((found.how == SUBSTITUTED).sum())
    measured = found.how == MEASURED
    scale = 1e-6 if medium == "flue_gas" else 1e-3
    assert found.mass[measured] == pytest.approx((np.array(content) * np.array(flow) * scale)[measured])


def test_an_outlet_that_begins_in_mid_quarter_is_held_to_its_own_hours() -> None:
    """Ten hours before its first and four after its last counted as missing: nothing could be substituted."""
    lack = float("nan")
    content = [lack] * 10 + [50.0] * 9 + [lack] + [50.0] * 16 + [lack] * 4
    outside = [True] * 10 + [False] * 26 + [True] * 4
    flow, still = [1e5] * 40, [False] * 40
    found = emitted_mass(content, flow, still, "flue_gas", [Quarter(0, 40, DAY)], outside=outside)
    assert found.captures == [pytest.approx(25 / 26)]
    assert (found.how == OUTSIDE).tolist() == outside
    assert [(g.first, g.last, g.value) for g in found.gaps] == [(19, 19, pytest.approx(5.0))]
    assert np.isnan(found.mass[:10]).all()
    before = emitted_mass(content, flow, still, "flue_gas", [Quarter(0, 40, DAY)])
    assert before.captures == [pytest.approx(25 / 40)]


def test_as_many_of_each() -> None:
    with pytest.raises(BadArgumentError):
        emitted_mass([1.0], [1.0, 2.0], [False], "flue_gas", whole(1))
