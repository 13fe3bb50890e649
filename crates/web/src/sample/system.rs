//! The sample city's system page.

use desk::view::*;
use kernel::{Moment, Text};

use super::{NOW, ago, department, resource_summary, runs, system};

pub(crate) fn system_detail() -> SystemDetail {
    let summary = SystemSummary {
        id: "air".into(),
        title: Text::new("空气质量监测系统", "Air quality monitoring"),
        department: "ecology".into(),
        department_title: Text::new("市生态环境局", "Bureau of Ecology and Environment"),
        connector: "files",
        address: "sources/air".into(),
        resources: 2,
        rows: Rows { raw: 190_014, standard: 182_576, quarantined: 64 },
        worst: Freshness::Fresh,
        last_collected: Some(ago(45)),
        running: false,
    };
    SystemDetail { system: system(), department: department(), summary, resources: vec![resource_summary()], runs: runs(), contact: Some(contact()) }
}

fn contact() -> ContactView {
    ContactView {
        requests: 1_204,
        last_answer: Some(Moment(NOW.0 - 60_000_000)),
        latency_ms: Some(83),
        last_error: Some(Text::new("服务器没有及时回应。", "The server did not answer in time.")),
        held_until: Some(Moment(NOW.0 + 600_000_000)),
    }
}
