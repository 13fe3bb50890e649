//! `/help`: what this is, the words it uses, the keyboard, and how to read the states.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::app::App;
use crate::frame::{Frame, Place, Visit};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/help", get(show))
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(Ok(HelpPage::new(visit.frame(Place::Help, |say| say.t("help-title")))))
}

#[derive(Template)]
#[template(path = "help/help.html")]
pub(crate) struct HelpPage {
    f: Frame,
    /// (word in the reader's language, word in the other, what it is).
    words: Vec<(String, &'static str, String)>,
}

impl HelpPage {
    pub(crate) fn new(f: Frame) -> HelpPage {
        let zh = f.lang == kernel::Lang::Zh;
        let word = |own: String, chinese: &'static str, english: &'static str, is: String| (own, if zh { english } else { chinese }, is);
        let words = vec![
            word(f.t("department"), "部门", "department", f.t("word-department")),
            word(f.t("system"), "系统", "system", f.t("word-system")),
            word(f.t("resource"), "信息资源", "resource", f.t("word-resource")),
            word(f.t("item"), "信息项", "item", f.t("word-item")),
            word(f.t("standard"), "数据元", "standard", f.t("word-standard")),
            word(f.t("code-list"), "代码集", "code list", f.t("word-code-list")),
            word(f.t("run"), "归集任务", "run", f.t("word-run")),
            word(f.t("batch"), "批次", "batch", f.t("word-batch")),
            word(f.t("rows-quarantined"), "问题数据", "quarantine", f.t("word-quarantine")),
            word(f.t("rows-raw"), "贴源", "raw", f.t("word-raw")),
            word(f.t("rows-standard"), "标准", "standard layer", f.t("word-standard-layer")),
            word(f.t("class"), "分类", "class", f.t("word-class")),
            word(f.t("grade"), "分级", "grade", f.t("word-grade")),
            word(f.t("share"), "共享类型", "share type", f.t("word-share")),
            word(f.t("open"), "开放类型", "open type", f.t("word-open")),
            word(f.t("request"), "申请", "request", f.t("word-request")),
            word(f.t("grant"), "授权", "grant", f.t("word-grant")),
            word(f.t("receipt"), "回执", "receipt", f.t("word-receipt")),
            word(f.t("board"), "驾驶舱", "board", f.t("word-board")),
        ];
        HelpPage { f, words }
    }
}
