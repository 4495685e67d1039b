"""An import as a batch: its points matched, made by a tick, and all it brought taken back; lists of points; boundaries."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bureau.office import Office
from needs import shared
from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, AreaParent
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base import uploads
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.actions.import_jobs import run_next_job, start_import, sweep_lost_jobs
from qingyuan.bureau.monitoring.actions.import_profiles import save_profile
from qingyuan.bureau.monitoring.actions.import_undo import undo_import
from qingyuan.bureau.monitoring.models import ImportJob, ImportProfile
from qingyuan.bureau.monitoring.queries.imports import preview
from qingyuan.bureau.registers.actions.places_file import import_places
from qingyuan.bureau.registers.actions.points_file import PointsChoice, import_points
from qingyuan.bureau.registers.actions.rosters import put_area_in_roster
from qingyuan.bureau.registers.models import Point, PointName, RosterEntry, SectionTarget, Station
from qingyuan.web.pages.imports.steps import next_steps

pytestmark = pytest.mark.django_db
HEAD = "时间,站点编码,站点名称,PM2.5\n"


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def hours(code: str = "A9", name: str = "城东站", first: int = 30, count: int = 3) -> str:
    return "".join(f"2026-11-02 {n + 1:02d}:00,{code},{name},{first + n}\n" for n in range(count))


def run(job: ImportJob) -> ImportJob:
    while run_next_job():
        pass
    job.refresh_from_db()
    return job


def values(point: str) -> list[float | None]:
    return [r.value for r in readings().window([s.id for s in readings().series_of_points([point])], 0, 2**40)]


def upload(text: str, name: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, text.encode())


class TestPoints:
    def test_new_ones_are_counted_in_the_trial_and_made_only_by_a_tick(self, office: Office, tmp_path: Path) -> None:
        path = written(tmp_path, HEAD + hours())
        trial = run(start_import(office["chief"], path, dry_run=True))
        assert (trial.state, trial.told["new_points"]) == ("done", [["A9", "城东站"]])
        assert "新点位 1 个：A9（城东站）" in trial.message
        refused = run(start_import(office["chief"], path))
        assert refused.state == "failed"
        assert "--new-points" in refused.message
        assert not Point.objects.filter(code="A9").exists()
        done = run(start_import(office["chief"], path, new_points=True))
        assert (done.state, done.readings_new, done.told["made"]) == ("done", 3, ["A9"])

    def test_one_that_is_known_goes_on_without_a_tick(self, office: Office, tmp_path: Path) -> None:
        run(start_import(office["chief"], written(tmp_path, HEAD + hours()), new_points=True))
        text = HEAD + hours(first=50) + hours("A10", "城西站")
        job = run(start_import(office["chief"], written(tmp_path, text)))
        assert (job.state, job.readings_new, job.rows_bad) == ("done", 3, 3)
        assert values("A9") == [50.0, 51.0, 52.0]
        assert not Point.objects.filter(code="A10").exists()

    @pytest.mark.parametrize("name", ["城东站", "城东旧站", " 城 东 站"])
    def test_by_name_or_former_name(self, office: Office, tmp_path: Path, name: str) -> None:
        point = Point.objects.create(code="P1", name="城东站", kind="air")
        PointName.objects.create(point=point, name="城东旧站", noted_at=clock.now())
        text = "时间,站点名称,PM2.5\n2026-11-02 01:00," + name + ",30\n"
        job = run(start_import(office["chief"], written(tmp_path, text)))
        assert (job.state, job.told["by_name"]) == ("done", {name.strip(): "P1"})
        assert values("P1") == [30.0]

    def test_two_places_never_become_one_series(self, office: Office, tmp_path: Path) -> None:
        """Code 1 of one file is not code 1 of another; two stations of one name are not one station."""
        run(start_import(office["chief"], written(tmp_path, HEAD + hours("1", "甲镇")), new_points=True))
        job = run(start_import(office["chief"], written(tmp_path, HEAD + hours("1", "乙镇", 80)), new_points=True))
        assert job.state == "failed"
        assert "已登记为“甲镇”" in job.errors[0]["expected"]
        assert values("1") == [30.0, 31.0, 32.0]
        both = HEAD + hours("X1", "甲镇") + hours("X2", "甲镇")
        job = run(start_import(office["chief"], written(tmp_path, both), new_points=True))
        assert job.state == "failed"
        assert "有几处" in job.errors[0]["expected"] or "几处叫" in job.errors[0]["expected"]
        renamed = HEAD + hours("Z1", "丙镇") + "2026-11-03 01:00,Z1,丁镇,9\n"
        job = run(start_import(office["chief"], written(tmp_path, renamed), new_points=True))
        assert "几个名称" in job.errors[0]["expected"]

    def test_a_saved_profile_keeps_no_point_for_the_next_file(self, office: Office, tmp_path: Path) -> None:
        path = written(tmp_path, "时间,PM2.5\n2026-11-02 01:00,30\n")
        shown = preview(path)
        assert "点位" in shown["problem"]
        save_profile(office["chief"], "镇站", shown["proposal"] | {"fixed_point": "T1"})
        assert ImportProfile.objects.get().mapping["fixed_point"] == ""
        assert run(start_import(office["chief"], path, "镇站")).state == "failed"
        job = run(start_import(office["chief"], path, "镇站", new_points=True, given={"point": "T2"}))
        assert (job.state, values("T2")) == ("done", [30.0])
        clash = run(start_import(office["chief"], written(tmp_path, HEAD + hours()), given={"point": "T2"}))
        assert "二者之一" in clash.message


class TestUndo:
    def test_all_that_it_brought_is_taken_back_and_may_come_again(self, office: Office, tmp_path: Path) -> None:
        first = run(start_import(office["chief"], written(tmp_path, HEAD + hours()), new_points=True))
        later = run(start_import(office["chief"], written(tmp_path, HEAD + hours(first=80, count=5))))
        assert values("A9") == [80.0, 81.0, 82.0, 83.0, 84.0]
        run(undo_import(office["chief"], later, "弄错了镇"))
        later.refresh_from_db()
        assert (later.state, later.readings_undone, later.undo_reason) == ("undone", 5, "弄错了镇")
        assert values("A9") == [30.0, 31.0, 32.0, None, None]
        (series,) = readings().series_of_points(["A9"])
        assert len(readings().revisions(series.id, 0, 2**40)) == 3 + 5 + 5
        assert AuditEntry.objects.filter(verb="import.undo").count() == 1
        again = run(start_import(office["chief"], written(tmp_path, HEAD + hours(first=80, count=5))))
        assert (again.readings_new, values("A9")) == (5, [80.0, 81.0, 82.0, 83.0, 84.0])
        run(undo_import(office["chief"], first, "也不对"))
        assert values("A9") == [80.0, 81.0, 82.0, 83.0, 84.0]
        run(undo_import(office["chief"], again, "全部重来"))
        assert values("A9") == [None] * 5

    def test_what_an_undoing_brought_back_goes_with_its_own_import(self, office: Office, tmp_path: Path) -> None:
        """A, then B over it; B undone brings A back; A undone must not leave the copies of A behind."""
        first = run(start_import(office["chief"], written(tmp_path, HEAD + hours()), new_points=True))
        later = run(start_import(office["chief"], written(tmp_path, HEAD + hours(first=80))))
        run(undo_import(office["chief"], later, "x"))
        assert values("A9") == [30.0, 31.0, 32.0]
        run(undo_import(office["chief"], first, "x"))
        assert values("A9") == [None] * 3

    def test_only_a_finished_one_for_a_reason(self, office: Office, tmp_path: Path) -> None:
        path = written(tmp_path, HEAD + hours())
        trial = run(start_import(office["chief"], path, dry_run=True))
        with pytest.raises(WrongState):
            undo_import(office["chief"], trial, "x")
        done = run(start_import(office["chief"], path, new_points=True))
        with pytest.raises(Missing):
            undo_import(office["chief"], done, " ")
        for who in ("director", "officer", "south", "firm", "security", "audit"):
            with pytest.raises(NotAllowed):
                undo_import(office[who], done, "x")
        run(undo_import(office["chief"], done, "x"))
        done.refresh_from_db()
        with pytest.raises(WrongState, match="已撤回"):
            undo_import(office["chief"], done, "x")

    def test_one_that_was_cut_off_goes_on(self, office: Office, tmp_path: Path) -> None:
        done = run(start_import(office["chief"], written(tmp_path, HEAD + hours()), new_points=True))
        undo_import(office["chief"], done, "x")
        ImportJob.objects.filter(pk=done.pk).update(lease_until=clock.SystemClock().now() - timedelta(seconds=1))
        assert sweep_lost_jobs() == 1
        run(done)
        assert values("A9") == [None] * 3


def test_a_job_that_ends_its_worker_again_and_again_is_given_up(office: Office, tmp_path: Path) -> None:
    job = start_import(office["chief"], written(tmp_path, HEAD + hours()))
    past = clock.SystemClock().now() - timedelta(seconds=1)
    ImportJob.objects.filter(pk=job.pk).update(state="running", lease_until=past, attempts=3)
    assert sweep_lost_jobs() == 0
    job.refresh_from_db()
    assert (job.state, "3 次" in job.message) == ("failed", True)


def test_two_uploads_of_one_name_never_mix(office: Office, tmp_path: Path) -> None:
    """Both were written to one temporary file named after the upload's name."""
    one, other = upload(HEAD + hours(first=1), "小时.csv"), upload(HEAD + hours(first=500), "小时.csv")
    chunks, started = other.chunks, []

    def slowly(*words: Any) -> Any:
        for chunk in chunks(*words):
            if not started:
                started.append(start_import(office["chief"], one, new_points=True))
            yield chunk

    other.chunks = slowly
    second = start_import(office["chief"], other, new_points=True)
    assert started[0].file_digest != second.file_digest
    tokens = {uploads.hold(upload(text, name)) for text in ("a", "b") for name in ("x.csv", "y.csv", "../x.csv")}
    assert len(tokens) == 4
    assert {uploads.held(token).name for token in tokens} == {"x.csv", "y.csv"}
    assert not [p for p in (uploads._folder()).iterdir() if p.is_file()]


def test_what_comes_next_is_said(office: Office, tmp_path: Path) -> None:
    job = run(start_import(office["chief"], written(tmp_path, HEAD + hours()), new_points=True))
    steps = {step.name: step for step in next_steps(job)}
    assert (steps["points_made"].count, steps["roster"].count, steps["area"].count) == (1, 1, 1)
    assert steps["to_judge"].count > 0
    assert all(step.link.startswith("/") for step in steps.values())


class TestListOfPoints:
    def test_the_headings_of_the_public_list_are_read(self, office: Office) -> None:
        Area.objects.update(geometry=None)
        path = shared("data", "air_cnemc_jiangsu_2019", "stations_jiangsu.csv")
        tried = import_points(office["chief"], path, dry_run=True)
        assert (tried.kind_guessed, tried.errors, Point.objects.filter(code="1151A").exists()) == ("air", [], False)
        choice = PointsChoice(roster="county_air", since=date(2019, 1, 1))
        report = import_points(office["chief"], path, choice=choice)
        assert (report.new, report.rosters, report.errors) == (report.rows, report.rows, [])
        point = Point.objects.get(code="1151A")
        assert (point.name, point.lon, point.station.kind) == ("迈皋桥", 118.803, "standard")
        again = import_points(office["chief"], path, choice=choice)
        assert (again.new, again.changed, again.same, again.rosters) == (0, 0, report.rows, 0)

    def test_each_wrong_cell_is_told_and_the_other_rows_taken(self, office: Office, tmp_path: Path) -> None:
        area = Area.objects.filter(kind="town").first()
        assert area is not None
        Area.objects.update(geometry=None)
        rows = [
            f"S1,一号断面,断面,119°48′44″,31°27′24″,{area.name},,河流,Ⅲ,2024-01-01,,",
            f"K1,一号站,空气站,119.81,31.45,{area.name},微型站,,,,2026-01-01,2027-01-01",
            "K2,二号站,空气站,31.45,119.81,,,,,,,",
            "K3,三号站,空气站,0,0,,,,,,,",
            "K4,四号站,飞船,,,,,,,,,",
            "K5,五号站,空气站,,,没有镇,,,,,,",
            "S2,二号断面,断面,,,,,沟,,,,",
            "S3,三号断面,断面,,,,,,Ⅸ,,,",
            "K1,又一次,空气站,,,,,,,,,",
            "K6,六号站,空气站,,,,,,,,昨天,",
        ]
        head = "编码,名称,类别,经度,纬度,镇街,站点类型,水体类型,目标类别,目标起,名册起,名册止\n"
        path = written(tmp_path, "某县点位表\n" + head + "\n".join(rows) + "\n")
        report = import_points(office["chief"], path)
        assert report.new == 2
        assert [(e["row"], e["column"]) for e in report.errors] == [
            (5, "经度"), (6, "经度"), (7, "点位类别"), (8, "区域"),
            (9, "水体类型"), (10, "目标类别"), (11, "点位编码"), (12, "名册起"),
        ]  # fmt: skip
        assert "写反" in report.errors[0]["expected"]
        assert SectionTarget.objects.get(section__point__code="S1").water_class == "III"
        assert Station.objects.get(point__code="K1").kind == "micro"
        entry = RosterEntry.objects.get(point__code="K1")
        assert (entry.valid_from, entry.valid_to) == (date(2026, 1, 1), date(2027, 1, 1))
        renamed = written(tmp_path, "编码,名称,类别\nK1,一号新站,空气站\n")
        assert import_points(office["chief"], renamed).changed == 1
        assert PointName.objects.get().name == "一号站"

    def test_a_list_without_a_kind_asks_for_it(self, office: Office, tmp_path: Path) -> None:
        path = written(tmp_path, "编码,名称\nQ1,甲\n")
        assert import_points(office["chief"], path).errors[0]["column"] == "点位类别"
        assert import_points(office["chief"], path, choice=PointsChoice(kind="water")).new == 1
        with pytest.raises(Invalid, match="缺少列"):
            import_points(office["chief"], written(tmp_path, "甲,乙\n1,2\n"))

    def test_placemarks_and_features_are_points(self, office: Office, tmp_path: Path) -> None:
        Area.objects.update(geometry=None)
        choice = PointsChoice(kind="outlet")
        report = import_points(office["chief"], shared("cases", "15-gis", "points.kml"), choice=choice)
        assert (report.new, Point.objects.get(code="某排污口").lat) == (1, 31.41)
        feature = {"type": "Feature", "properties": {"code": "G1", "名称": "甲站"},
                   "geometry": {"type": "Point", "coordinates": [119.8, 31.4]}}  # fmt: skip
        path = written(tmp_path, json.dumps({"type": "FeatureCollection", "features": [feature]}), "p.geojson")
        assert import_points(office["chief"], path, choice=PointsChoice(kind="air")).new == 1
        assert Point.objects.get(code="G1").lon == 119.8

    @pytest.mark.parametrize("who", ["director", "officer", "firm", "security", "audit"])
    def test_who_may_not(self, office: Office, tmp_path: Path, who: str) -> None:
        with pytest.raises(NotAllowed):
            import_points(office[who], written(tmp_path, "编码\nA\n"))
        with pytest.raises(NotAllowed):
            import_places(office[who], written(tmp_path, "{}"))


class TestBoundary:
    def test_counties_and_prefectures_of_a_province(self, office: Office) -> None:
        cities = import_places(office["chief"], shared("data", "geo_jiangsu", "jiangsu_prefectures.geojson"))
        counties = import_places(office["chief"], shared("data", "geo_jiangsu", "jiangsu_counties.geojson"))
        assert (cities.errors, counties.errors) == ([], [])
        assert Area.objects.get(code="320904").kind == "county"
        assert AreaParent.objects.get(area__code="320904").parent.code == "320900"
        again = import_places(office["chief"], shared("data", "geo_jiangsu", "jiangsu_counties.geojson"))
        assert (again.new, again.changed, again.same) == (0, 0, counties.new + counties.changed + counties.same)
        import_points(office["chief"], shared("data", "air_cnemc_jiangsu_2019", "stations_jiangsu.csv"))
        assert Point.objects.get(code="1151A").area is not None
        nanjing = Area.objects.get(code="320100")
        count = put_area_in_roster(office["chief"], nanjing, "county_air", date(2019, 1, 1))
        assert count >= 5
        assert RosterEntry.objects.filter(point__code="1151A").exists()

    @pytest.mark.parametrize(
        ("ring", "words"),
        [
            ([[31.4, 119.8], [31.5, 119.8], [31.5, 119.9], [31.4, 119.8]], "写反"),
            ([[13336000, 3700000], [13337000, 3700000], [13337000, 3701000], [13336000, 3700000]], "投影"),
            ([[0, 0], [0, 1], [1, 1], [0, 0]], "没有填"),
            ([[119.8, 31.4], [119.9, 31.4]], "四个点"),
        ],
    )
    def test_corners_are_checked(self, office: Office, tmp_path: Path, ring: Any, words: str) -> None:
        shape = {"type": "Polygon", "coordinates": [ring]}
        feature = {"type": "Feature", "properties": {"name": "某镇"}, "geometry": shape}
        path = written(tmp_path, json.dumps({"type": "FeatureCollection", "features": [feature]}), "p.geojson")
        report = import_places(office["chief"], path)
        assert report.good == 0
        assert words in report.errors[0]["expected"] + report.errors[0]["got"]

    def test_towns_hang_on_the_county(self, office: Office, tmp_path: Path) -> None:
        report = import_places(office["chief"], shared("cases", "15-gis", "places.geojson"))
        assert (report.new, Area.objects.get(name="某镇").kind) == (1, "town")
        assert AreaParent.objects.get(area__name="某镇").parent == office.county
        with pytest.raises(Invalid, match="地图数据"):
            import_places(office["chief"], written(tmp_path, "a,b\n1,2\n"))


def test_files_of_bad_rows_run_nothing(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "=cmd|' /C calc'!A0,A9,城东站,1\n" + hours())
    job = run(start_import(office["chief"], path, new_points=True))
    text = Path(job.errors_file).read_text(encoding="utf-8-sig")
    assert ",'=cmd" in text
    assert io.StringIO(text).readline().startswith("原行号")
