"""A table of the shape of ClickBench's `hits`: the same 105 columns, rows spread as web traffic is (Zipf), by a fixed seed."""
import numpy as np, pyarrow as pa, pyarrow.parquet as pq

# Columns that hardly vary: name -> how many different values, spread by Zipf. Most of a tracking table is of this kind.
SMALL = {
    "JavaEnable": 2, "GoodEvent": 1, "CounterClass": 2, "OS": 90, "UserAgent": 80, "IsRefresh": 2, "RefererCategoryID": 40,
    "RefererRegionID": 500, "URLCategoryID": 60, "URLRegionID": 500, "ResolutionDepth": 4, "FlashMajor": 12, "FlashMinor": 8,
    "NetMajor": 3, "NetMinor": 3, "UserAgentMajor": 50, "CookieEnable": 2, "JavascriptEnable": 2, "IsMobile": 2,
    "MobilePhone": 60, "IPNetworkID": 4000, "TraficSourceID": 8, "SearchEngineID": 30, "AdvEngineID": 20, "IsArtifical": 2,
    "WindowClientWidth": 1500, "WindowClientHeight": 900, "ClientTimeZone": 24, "SilverlightVersion1": 4,
    "SilverlightVersion2": 2, "SilverlightVersion3": 300, "SilverlightVersion4": 2, "CodeVersion": 300, "IsLink": 2,
    "IsDownload": 2, "IsNotBounce": 2, "FUniqID": 100000, "HID": 1000000, "IsOldCounter": 1, "IsEvent": 1, "IsParameter": 1,
    "DontCountHits": 2, "WithHash": 1, "Age": 6, "Sex": 3, "Income": 5, "Interests": 5000, "Robotness": 20, "RemoteIP": 500000,
    "WindowName": 5000, "OpenerName": 5000, "HistoryLength": 60, "HTTPError": 3, "SendTiming": 1000, "DNSTiming": 500,
    "ConnectTiming": 500, "ResponseStartTiming": 2000, "ResponseEndTiming": 2000, "FetchTiming": 3000, "SocialSourceNetworkID": 8,
    "ParamPrice": 1, "ParamCurrencyID": 1, "HasGCLID": 2, "CLID": 300, "ResolutionWidth": 90, "ResolutionHeight": 70,
}
# Short texts that hardly vary.
WORDS = {
    "FlashMinor2": 20, "UserAgentMinor": 60, "MobilePhoneModel": 160, "Params": 2, "PageCharset": 4, "HitColor": 6,
    "BrowserLanguage": 40, "BrowserCountry": 80, "SocialNetwork": 6, "SocialAction": 4, "SocialSourcePage": 30,
    "ParamOrderID": 2, "ParamCurrency": 3, "OpenstatServiceName": 10, "OpenstatCampaignID": 50, "OpenstatAdID": 60,
    "OpenstatSourceID": 40, "UTMSource": 60, "UTMMedium": 20, "UTMCampaign": 200, "UTMContent": 300, "UTMTerm": 300, "FromTag": 20,
    "OriginalURL": 20000,
}
CHUNK = 500_000
MICROS_OF_JULY = 1_372_636_800_000_000


def zipf(random, rows, values, skew=1.2):
    """Ranks 0…values-1, the first the most frequent."""
    if values <= 1:
        return np.zeros(rows, dtype=np.int64)
    if values <= 1_000_000:
        weights = 1.0 / np.arange(1, values + 1) ** skew
        edges = np.cumsum(weights / weights.sum())
        return np.minimum(np.searchsorted(edges, random.random(rows)), values - 1)
    # Many values: the continuous form of the same law.
    tail = (random.random(rows) * (values ** (1 - skew) - 1) + 1) ** (1 / (1 - skew))
    return np.minimum(tail.astype(np.int64), values - 1)


def mixed(ranks, salt):
    """Ranks scattered over 63 bits, so that order tells nothing."""
    return ((ranks.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(1)).astype(np.int64)


def texts(ranks, make, empty=0.0, random=None):
    distinct, places = np.unique(ranks, return_inverse=True)
    values = pa.array([make(int(rank)) for rank in distinct], pa.string())
    if empty:
        blank = len(values)
        values = pa.concat_arrays([values, pa.array([""])])
        places = np.where(random.random(len(ranks)) < empty, blank, places)
    return values.take(pa.array(places))


def address(rank):
    site = rank % 997
    host = "google" if rank % 6151 == 17 else f"site{site}"
    return f"http://{'www.' if site % 3 else ''}{host}.example/{'news/' * (rank % 4)}{rank * 2654435761 % 4294967296:x}?page={rank % 50}&lang=zh"


def phrase(rank):
    return f"宁波 {rank % 313} 公交 {rank:x}" if rank % 3 else f"search words {rank % 977} {rank:x}"


def chunk(random, first, rows, total):
    c = {}
    users = zipf(random, rows, max(total // 6, 10), 1.05)
    when = MICROS_OF_JULY + random.integers(0, 31 * 86_400, rows) * 1_000_000
    urls, referers = zipf(random, rows, max(total // 5, 10), 1.1), zipf(random, rows, max(total // 6, 10), 1.1)
    c["WatchID"] = pa.array(mixed(np.arange(first, first + rows), 7))
    c["Title"] = texts(zipf(random, rows, max(total // 8, 10), 1.1), lambda r: f"{'Google ' if r % 4999 == 11 else ''}标题 {r % 4001} title of a page {r:x}", 0.15, random)
    c["EventTime"] = pa.array(when, pa.timestamp("us", "UTC"))
    c["EventDate"] = pa.array((when // 86_400_000_000).astype(np.int32), pa.date32())
    c["CounterID"] = pa.array(np.where(random.random(rows) < 0.07, 62, zipf(random, rows, 6000, 1.1) * 31 % 400_000).astype(np.int32))
    c["ClientIP"] = pa.array(mixed(users % 3_000_000, 3).astype(np.int32))
    c["RegionID"] = pa.array((zipf(random, rows, 9000, 1.1) * 7).astype(np.int32))
    c["UserID"] = pa.array(mixed(users, 11))
    c["URL"] = texts(urls, address, 0.001, random)
    c["Referer"] = texts(referers, address, 0.2, random)
    c["URLHash"], c["RefererHash"] = pa.array(mixed(urls, 13)), pa.array(mixed(referers, 17))
    c["SearchPhrase"] = texts(zipf(random, rows, max(total // 15, 10), 1.05), phrase, 0.87, random)
    c["ClientEventTime"] = pa.array(when + 3_000_000, pa.timestamp("us", "UTC"))
    c["LocalEventTime"] = pa.array(when + 5_000_000, pa.timestamp("us", "UTC"))
    for at, (name, values) in enumerate(SMALL.items()):
        ranks = zipf(random, rows, values, 2.5 if name in ("AdvEngineID", "SearchEngineID", "MobilePhone") else 1.3)
        kind = np.int32 if values > 32_000 else np.int16
        c[name] = pa.array((ranks * (at % 3 + 1) % 32_000 if kind is np.int16 else ranks).astype(kind))
    for name, values in WORDS.items():
        empty = 0.95 if name == "MobilePhoneModel" else 0.8
        c[name] = texts(zipf(random, rows, values, 1.3), lambda r, name=name: f"{name[:4].lower()}{r:x}", empty, random)
    return pa.table(c)


def write(path, rows, seed=20130701):
    random = np.random.default_rng(seed)
    partial, writer = path.with_suffix(".part"), None
    for first in range(0, rows, CHUNK):
        table = chunk(random, first, min(CHUNK, rows - first), rows)
        assert table.num_columns == 105, table.num_columns
        writer = writer or pq.ParquetWriter(partial, table.schema, compression="zstd", compression_level=1)
        writer.write_table(table)
    writer.close()
    partial.rename(path)
