//! A judged query set over invented resources: what people look for, and what they should see first.

use std::time::Instant;

use kernel::Text;

use crate::query::{ALL_MEANS, Means};
use crate::{Doc, DocItem, Index};

const RESOURCES: &str = include_str!("../tests/judged/resources.txt");
const QUERIES: &str = include_str!("../tests/judged/queries.txt");

/// `id | 标题 | English | name:信息项:item, … | 摘要 | 关键词 … | 部门`
fn resources() -> Vec<Doc> {
    let lines = RESOURCES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .enumerate()
        .map(|(place, line)| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 7, "{line}");
            let items = cells[3].split(',').map(|item| {
                let parts: Vec<&str> = item.trim().split(':').collect();
                DocItem { name: parts[0].into(), title: Text::new(parts[1], parts[2]) }
            });
            Doc {
                id: cells[0].into(),
                title: Text::new(cells[1], cells[2]),
                items: items.collect(),
                summary: Text::new(cells[4], ""),
                keywords: cells[5].split_whitespace().map(str::to_owned).collect(),
                code: format!("330200/{:06}", place + 1),
                holders: vec![Text::new(cells[6], "")],
                facets: vec![("department", cells[6].into()), ("half", if place % 2 == 0 { "even" } else { "odd" }.into())],
            }
        })
        .collect()
}

/// `query | best [best …] [; good …]`
fn queries() -> Vec<(&'static str, Vec<&'static str>, Vec<&'static str>)> {
    let lines = QUERIES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (query, judged) = line.split_once('|').expect("a judgement");
            let (best, good) = judged.split_once(';').unwrap_or((judged, ""));
            (query.trim(), best.split_whitespace().collect(), good.split_whitespace().collect())
        })
        .collect()
}

/// nDCG@10 of one answer: gain 3 for the best, 1 for the good.
fn ndcg(found: &[String], best: &[&str], good: &[&str]) -> f64 {
    let discounted = |gains: Vec<f64>| -> f64 {
        gains.iter().take(10).enumerate().map(|(place, gain)| gain / (place as f64 + 2.0).log2()).sum()
    };
    let gain = |id: &String| match () {
        () if best.contains(&id.as_str()) => 3.0,
        () if good.contains(&id.as_str()) => 1.0,
        () => 0.0,
    };
    let ideal = best.iter().map(|_| 3.0).chain(good.iter().map(|_| 1.0)).collect();
    discounted(found.iter().map(gain).collect()) / discounted(ideal)
}

fn mean_ndcg(index: &Index, means: Means, say: bool) -> f64 {
    let queries = queries();
    let mut sum = 0.0;
    for (query, best, good) in &queries {
        let found = index.search_by(means, query, &[], 0, 10).expect("searched");
        let ids: Vec<String> = found.hits.into_iter().map(|hit| hit.id).collect();
        let quality = ndcg(&ids, best, good);
        if say && quality < 0.95 {
            println!("  {query}: {quality:.2}, found {ids:?}, wanted {best:?} {good:?}");
        }
        sum += quality;
    }
    sum / queries.len() as f64
}

#[test]
fn judged_queries_are_answered_better_than_by_words_or_pairs_alone() {
    let resources = resources();
    assert!(resources.len() >= 60 && queries().len() >= 40, "{} resources, {} queries", resources.len(), queries().len());
    for (query, best, good) in queries() {
        for id in best.iter().chain(&good) {
            assert!(resources.iter().any(|doc| doc.id == *id), "{query}: no resource {id}");
        }
    }
    let index = Index::build(resources.into_iter()).expect("built");
    let ours = mean_ndcg(&index, ALL_MEANS, true);
    let words = mean_ndcg(&index, Means { words: true, pairs: false, sounds: false }, false);
    let pairs = mean_ndcg(&index, Means { words: false, pairs: true, sounds: false }, false);
    println!("nDCG@10 of {} queries: ours {ours:.3}, words only {words:.3}, pairs only {pairs:.3}", queries().len());
    assert!(ours >= words && ours >= pairs);
    assert!(ours > 0.9, "{ours}");
}

#[test]
fn one_thing_is_found_by_every_way_of_asking_for_it() {
    let index = Index::build(resources().into_iter()).expect("built");
    for query in ["空气质量", "kqzl", "kongqizhiliang", "kong qi zhi liang", "air quality", "空氣質量", "AIR QUALITY", "kongqizhil", "ａｉｒ　ｑｕａｌｉｔｙ"] {
        let found = index.search(query, &[], 0, 10).expect("searched");
        assert_eq!(found.hits.first().map(|hit| hit.id.as_str()), Some("air_quality_hour"), "{query}: {found:?}");
        assert_eq!(found.suggestion, None, "{query}");
    }
    for exact in ["air_quality_hour", "空气质量小时监测", "Hourly air quality", "330200/000001"] {
        let found = index.search(exact, &[], 0, 10).expect("searched");
        assert_eq!(found.hits.first().map(|hit| hit.id.as_str()), Some("air_quality_hour"), "{exact}");
    }
    let found = index.search("空汽质量", &[], 0, 10).expect("searched");
    assert_eq!(found.hits.first().map(|hit| hit.id.as_str()), Some("air_quality_hour"), "{found:?}");
    assert_eq!(found.suggestion.as_deref(), Some("空气质量"));
    let nothing = index.search("火星探测器", &[], 0, 10).expect("searched");
    assert!(nothing.hits.len() <= 5, "{nothing:?}");
}

#[test]
fn items_that_match_are_named() {
    let index = Index::build(resources().into_iter()).expect("built");
    let found = index.search("pm2.5", &[], 0, 10).expect("searched");
    let first = found.hits.first().expect("a hit");
    assert_eq!(first.id, "air_quality_hour", "{found:?}");
    let docs = resources();
    let items: Vec<&str> = first.items.iter().map(|place| docs[0].items[*place].name.as_str()).collect();
    assert_eq!(items, ["pm25"], "{found:?}");
}

#[test]
fn facets_count_what_another_choice_would_give_and_an_empty_query_keeps_the_order() {
    let docs = resources();
    let index = Index::build(docs.clone().into_iter()).expect("built");
    let all = index.search("  ", &[], 0, 5).expect("searched");
    assert_eq!(all.total as usize, docs.len());
    assert_eq!(all.hits.iter().map(|hit| &hit.id).collect::<Vec<_>>(), docs.iter().take(5).map(|doc| &doc.id).collect::<Vec<_>>());
    let filters = [("department", vec!["市公安局".to_owned()]), ("half", vec!["even".to_owned()])];
    let found = index.search("", &filters, 0, 100).expect("searched");
    let count = |department: &str, half: &str| {
        let passes = |doc: &&Doc| {
            (department.is_empty() || doc.facets[0].1 == department) && (half.is_empty() || doc.facets[1].1 == half)
        };
        docs.iter().filter(passes).count() as u64
    };
    assert_eq!(found.total, count("市公安局", "even"));
    for (facet, counts) in &found.facets {
        for (value, counted) in counts {
            let expected = if *facet == "department" { count(value, "even") } else { count("市公安局", value) };
            assert_eq!(*counted, expected, "{facet} {value}");
        }
    }
    let nothing = index.search("", &[("department", vec!["无".to_owned()])], 0, 10).expect("searched");
    assert_eq!(nothing.total, 0);
    let empty = Index::build(std::iter::empty()).expect("built");
    assert!(empty.is_empty() && empty.search("空气", &[], 0, 10).expect("searched").total == 0);
    for odd in ["()\"*", "的", "　", "a", "水", "\u{0}", &"质量".repeat(5_000), "🦀", "-1", "AND OR NOT", "pm2.", "ﬀ"] {
        index.search(odd, &[], usize::MAX, usize::MAX).expect("any text is a query");
    }
}

#[test]
#[ignore = "prints figures"]
fn figures_at_ten_thousand_documents() {
    let base = resources();
    let docs: Vec<Doc> = (0..10_000)
        .map(|n| {
            let mut doc = base[n % base.len()].clone();
            let other = &base[(n / base.len() + 1) % base.len()];
            doc.id = format!("{}_{n}", doc.id);
            doc.title.zh = format!("{}{}", doc.title.zh, n % 97);
            doc.items.extend(other.items.iter().cloned());
            doc.summary.zh.push_str(&other.summary.zh);
            doc
        })
        .collect();
    let began = Instant::now();
    crate::terms::words("预热");
    println!("dictionary: {:?}, {} in memory", began.elapsed(), memory());
    let began = Instant::now();
    let index = Index::build(docs.into_iter()).expect("built");
    println!("{} documents built in {:?}, {} in memory", index.len(), began.elapsed(), memory());
    let mut times = Vec::new();
    for _ in 0..5 {
        for (query, ..) in queries() {
            let began = Instant::now();
            index.search(query, &[("half", vec!["even".to_owned()])], 0, 20).expect("searched");
            times.push((began.elapsed(), query));
        }
    }
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("search p50 {:?}, p90 {:?}, p99 {:?}, slowest {:?}", at(0.5), at(0.9), at(0.99), at(1.0));
}

/// What the process occupies, where the system tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")).map_or("unknown".to_owned(), |size| size.trim().to_owned())
}
