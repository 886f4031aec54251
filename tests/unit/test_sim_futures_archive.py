"""The simulator's archives of futures statistics: as published, column by column and label by label."""

from alphapulse_sim.archive_files import ArchiveFile
from alphapulse_sim.binance_futures_archive import BinanceFuturesArchive
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY


def lines(kind: str, start: str, symbol: str = "BTCUSDT", days: int = 1) -> list[list[str]]:
    sim = Simulator(SimConfig())
    listing = sim.catalogue.find("binanceusdm", "perpetual", symbol)
    assert listing is not None
    first = epoch_ms(start)
    found = BinanceFuturesArchive(sim).lines(ArchiveFile(listing, kind, first, first + days * DAY, "x"))
    assert found is not None
    return [line.split(",") for line in found]


def test_metrics_have_the_published_columns_and_a_row_each_five_minutes() -> None:
    header, *rows = lines("metrics", "2024-03-05")
    assert header == [
        "create_time", "symbol", "sum_open_interest", "sum_open_interest_value",
        "count_toptrader_long_short_ratio", "sum_toptrader_long_short_ratio", "count_long_short_ratio",
        "sum_taker_long_short_vol_ratio",
    ]  # fmt: skip
    assert len(rows) == 288
    assert (rows[0][0], rows[-1][0]) == ("2024-03-05 00:05:00", "2024-03-06 00:00:00")
    for row in rows:
        assert row[1] == "BTCUSDT"
        assert all(float(cell) > 0 for cell in row[2:])


def test_the_label_of_the_seam_stands_in_two_files_and_means_two_moments() -> None:
    before, after = lines("metrics", "2026-06-24")[1:], lines("metrics", "2026-06-25")[1:]
    assert before[-1][0] == after[0][0] == "2026-06-25 00:00:00"
    assert before[-1][2] != after[0][2]
    assert after[-1][0] == "2026-06-25 23:55:00"
    assert len(before) == len(after) == 288


def test_funding_has_the_published_columns_and_jitters_by_milliseconds() -> None:
    header, *rows = lines("fundingRate", "2024-02-01", "LINKUSDT")
    assert header == ["calc_time", "funding_interval_hours", "last_funding_rate"]
    hours = [int(row[1]) for row in rows]
    assert hours == [4] * 3 + [1] * 15  # 00:00, 04:00, 08:00, then each hour
    assert all(0 <= int(row[0]) % 3_600_000 < 1000 for row in rows)
    assert any(int(row[0]) % 1000 for row in rows)
    assert all(abs(float(row[2])) < 0.05 for row in rows)
