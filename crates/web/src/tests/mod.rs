//! Every page, drawn from the invented city in both languages and two modes, held to what a good page is.

mod html;
mod node;
mod share;
mod words;

use askama::Template;
use desk::account::Invitee;
use desk::authority::Role;
use desk::view::{CatalogFilter, Freshness, QuarantineFilter, RunFilter, RunState};
use kernel::{Lang, Text};

use crate::error::{ErrorPage, Trouble};
use crate::frame::{Frame, Mode, Place};
use crate::{api, catalog, district, help, home, login, quarantine, resource, run, sample, schedule, sql, system};

/// A page's name and its HTML.
struct Drawn {
    name: &'static str,
    html: String,
}

/// All pages for one reader.
fn pages(lang: Lang, mode: Mode, staff: bool) -> Vec<Drawn> {
    let f = |place, address: &str| -> Frame { sample::frame(lang, mode, staff, place, "标题", address) };
    let mut out = Vec::new();
    let mut add = |name, page: Result<String, askama::Error>| out.push(Drawn { name, html: page.expect(name) });
    let districts = sample::districts();
    let none = crate::chart::Districts::default();
    let source = &sample::source_title;

    add("home", home::HomePage::new(f(Place::Home, "/?map=population"), sample::overview(), &sample::home_panels(), sample::running(), "", &districts, source).render());
    add("home-empty", home::HomePage::new(f(Place::Home, "/"), sample::overview_empty(), &[], Vec::new(), "", &districts, source).render());
    add("home-no-map", home::HomePage::new(f(Place::Home, "/"), sample::overview(), &sample::home_panels(), Vec::new(), "", &none, source).render());
    let name = Text::new("鄞州区", "Yinzhou");
    let towns = vec![Text::new("首南街道", "Shounan"), Text::new("姜山镇", "Jiangshan")];
    add("district", district::DistrictPage::new(f(Place::Home, "/districts/330212"), "330212", name, &sample::district_panels(), towns, &districts, source).render());
    add("systems", system::SystemsPage::new(f(Place::Systems, "/systems"), sample::systems(), "").render());
    add("systems-stale", system::SystemsPage::new(f(Place::Systems, "/systems?state=stale"), sample::systems(), "stale").render());
    add("systems-empty", system::SystemsPage::new(f(Place::Systems, "/systems"), Vec::new(), "").render());
    add("system", system::SystemPage::new(f(Place::Systems, "/systems/air?started=2"), sample::system_detail(), Some(2)).render());
    let systems = vec![("air".to_owned(), "空气质量监测系统".to_owned())];
    let filter = RunFilter { resource: Some("air_daily".into()), ..RunFilter::default() };
    add("runs", run::RunsPage::new(f(Place::Runs, "/runs?page=2&resource=air_daily"), filter, sample::runs_page(), systems, Some("城市空气质量日报".into()), None).render());
    let nothing = desk::view::Page { entries: Vec::new(), total: 0, page: 1, size: 50 };
    add("runs-empty", run::RunsPage::new(f(Place::Runs, "/runs"), RunFilter::default(), nothing, Vec::new(), None, Some(0)).render());
    for (name, state) in [("run", RunState::Partial), ("run-running", RunState::Running), ("run-failed", RunState::Failed), ("run-held", RunState::Held), ("run-interrupted", RunState::Interrupted)] {
        add(name, run::RunPage::new(f(Place::Runs, "/runs/019a"), sample::run(state)).render());
    }
    let filter = CatalogFilter { query: "空气质量".into(), ..CatalogFilter::default() };
    let mut searching = f(Place::Catalog, "/catalog?q=%E7%A9%BA%E6%B0%94%E8%B4%A8%E9%87%8F&department=ecology");
    searching.query = "空气质量".into();
    add("catalog", catalog::CatalogPage::new(searching.clone(), filter.clone(), sample::catalog(true), &sample::department_title).render());
    add("catalog-none", catalog::CatalogPage::new(searching, filter, sample::catalog(false), &sample::department_title).render());
    add("resource", resource::ResourcePage::new(f(Place::Catalog, "/catalog/air_daily"), sample::resource_detail(true), sample::quality::section(&f(Place::Catalog, "/"), true), &sample::standard, None).render());
    add("resource-service", resource::ResourcePage::new(f(Place::Catalog, "/catalog/air_daily"), sample::service_detail(), sample::quality::section(&f(Place::Catalog, "/"), false), &sample::standard, None).render());
    add("resource-closed", resource::ResourcePage::new(f(Place::Catalog, "/catalog/air_daily"), sample::resource_detail(false), sample::quality::section(&f(Place::Catalog, "/"), false), &sample::standard, Some(1)).render());
    let filter = QuarantineFilter { resource: Some("air_daily".into()), code: Some("number.range".into()), item: Some("pm25".into()), ..QuarantineFilter::default() };
    add("quarantine", quarantine::QuarantinePage::new(f(Place::Quarantine, "/quarantine?code=number.range"), filter, sample::quarantine(), sample::corrections(), &quarantine::Names { item: &sample::item_title, thing: source }).render());
    river(lang, mode, staff, &mut add);
    quality_pages(lang, mode, staff, &mut add);
    models(lang, mode, staff, &mut add);
    open(lang, mode, staff, &mut add);
    figures(lang, mode, staff, &mut add);
    registers(lang, mode, staff, &mut add);
    let wrong = Some(Text::new("用户名或密码不对。", "Wrong name or password."));
    for (name, done) in [("login", ""), ("login-password", "password"), ("login-link", "link")] {
        let page = login::LoginPage { f: f(Place::Elsewhere, "/login"), next: "/quarantine".into(), name: "chen".into(), error: wrong.clone(), needs_setup: true, done: done.into(), identity: Some(Text::new("市统一<身份>认证", "City identity")) };
        add(name, page.render());
    }
    for (name, invitee) in [
        ("setup", Some(Invitee::Role(Role::Security))),
        ("setup-steward", Some(Invitee::Role(Role::Steward))),
        ("setup-account", Some(Invitee::Account("li.ming".into()))),
        ("setup-gone", None),
    ] {
        add(name, login::SetupPage { f: f(Place::Elsewhere, "/setup"), token: "t".into(), invitee, name: String::new(), error: wrong.clone() }.render());
    }
    accounts(lang, mode, staff, &mut add);
    share::pages(lang, mode, staff, &mut add);
    crate::sample_oidc::pages(&f, &mut add);
    node::pages(lang, mode, staff, &mut add);
    add("help", help::HelpPage::new(f(Place::Help, "/help")).render());
    for (name, answer) in [("sql", Some(sample::sql_rows())), ("sql-wrong", Some(sample::sql_wrong(lang))), ("sql-plan", Some(sample::sql_plan())), ("sql-empty", None)] {
        let tables = if answer.is_some() { sample::sql_tables() } else { Vec::new() };
        add(name, sql::SqlPage::new(f(Place::Sql, "/sql"), sql::Asked::default(), tables, answer).render());
    }
    add("schedule", schedule::SchedulePage::new(f(Place::Runs, "/schedule"), sample::schedule()).render());
    let sent = vec![("value:aqi".to_owned(), "x".to_owned()), ("reason".to_owned(), "经核实".to_owned())];
    for (name, sent) in [("repair", None), ("repair-wrong", Some((&sent, Text::new("不是整数。", "Not a whole number."))))] {
        add(name, quarantine::repair::RepairPage::new(f(Place::Quarantine, "/quarantine/air_daily/3-17"), sample::repair(), sent).render());
    }
    for (name, one, undone) in [("correction", false, 1), ("correction-row", true, 0), ("correction-gone", false, 2)] {
        add(name, quarantine::correction::CorrectionPage::new(f(Place::Quarantine, "/correction/019c"), sample::correction(undone), one).render());
    }
    add("correction-edits", quarantine::correction::CorrectionPage::new(f(Place::Quarantine, "/correction/019c"), sample::edits(), false).render());
    for (name, rule, sent) in [("edit", "aqi", None), ("edit-wrong", "", Some((&sent, Text::new("不是整数。", "Not a whole number."))))] {
        add(name, crate::quality::edit::EditPage::new(f(Place::Quality, "/catalog/air_daily/edit/7"), sample::edit(), rule, sent).render());
    }
    add("api", api::page::ApiPage::new(f(Place::Api, "/api"), "http://127.0.0.1:8080").render());
    let said = Text::new("归集正在进行。", "A collection is under way.");
    for (name, trouble) in [
        ("404", Trouble::NotFound),
        ("401", Trouble::Login),
        ("400", Trouble::Invalid(said.clone())),
        ("503", Trouble::Busy(said.clone())),
        ("507", Trouble::Full(said.clone())),
        ("403", Trouble::Forged),
        ("403-role", Trouble::Forbidden(said.clone())),
        ("500", Trouble::Internal("E65f-1".into())),
    ] {
        add(name, ErrorPage::framed(f(Place::Elsewhere, "/catalog/nowhere"), trouble).render());
    }
    out
}

/// Accounts, as each who may see them.
fn accounts(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::sample_account as drawn;
    let f = |address: &str| -> Frame { sample::frame(lang, mode, staff, Place::Accounts, "标题", address) };
    for (name, role, bound) in [("account", Role::Steward, true), ("account-unbound", Role::Security, false), ("account-emergency", Role::Analyst, false)] {
        add(name, drawn::own(f("/account"), role, bound).render());
    }
    for (name, role, wrong) in [("accounts", Role::System, false), ("accounts-wrong", Role::System, true), ("accounts-security", Role::Security, false)] {
        add(name, drawn::list(f("/accounts"), role, wrong).render());
    }
    for (name, role, own) in [("account-of", Role::System, false), ("account-rights", Role::Security, false), ("account-audit", Role::Audit, false), ("account-own", Role::System, true)] {
        add(name, drawn::one(f("/accounts/1"), role, own).render());
    }
    add("roles", drawn::roles(f("/accounts/roles")).render());
    for (name, role, any) in [("emergency", Role::Security, true), ("emergency-none", Role::Analyst, false)] {
        add(name, drawn::emergency(f("/emergency"), role, any).render());
    }
}

/// Quality and defects.
fn quality_pages(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::defect::DefectsPage;
    use crate::quality::QualityPage;
    use desk::defect::{DefectFilter, DefectState};
    let f = |place, address: &str| -> Frame { sample::frame(lang, mode, staff, place, "标题", address) };
    add("quality", QualityPage::new(f(Place::Quality, "/quality"), sample::quality::city(true), None).render());
    add("quality-of", QualityPage::new(f(Place::Quality, "/quality?department=ecology"), sample::quality::city(true), Some("市生态环境局".into())).render());
    add("quality-none", QualityPage::new(f(Place::Quality, "/quality"), sample::quality::city(false), None).render());
    for (name, any) in [("failing", true), ("failing-none", false)] {
        add(name, sample::quality::failing(f(Place::Quality, "/catalog/air_daily/quality/aqi"), any).render());
    }
    let departments = vec![("ecology".to_owned(), "市生态环境局".to_owned())];
    let filter = DefectFilter { standing: true, ..DefectFilter::default() };
    add("defects", DefectsPage::new(f(Place::Defects, "/defects?page=2"), filter, sample::quality::defects(), departments.clone()).render());
    let nothing = desk::view::Page { entries: Vec::new(), total: 0, page: 1, size: 50 };
    let filter = DefectFilter { late: true, resource: Some("air_daily".into()), department: Some("ecology".into()), ..DefectFilter::default() };
    add("defects-none", DefectsPage::new(f(Place::Defects, "/defects?late=1"), filter, nothing, departments).render());
    for (name, any) in [("messages", true), ("messages-none", false)] {
        add(name, crate::message::MessagesPage::new(f(Place::Defects, "/messages"), None, sample::quality::messages(any), any).render());
    }
    for (name, any) in [("log", true), ("log-none", false)] {
        add(name, crate::log::ActsPage::new(f(Place::Log, "/log"), Default::default(), crate::sample_log::page(any)).render());
    }
    for (name, published) in [("act", true), ("act-waiting", false)] {
        add(name, crate::log::ActPage::new(f(Place::Log, "/log/acts/1"), crate::sample_log::act(published)).render());
    }
    for (name, state, objection) in [("defect", DefectState::Open, false), ("defect-closed", DefectState::Closed, false), ("objection", DefectState::Rechecked, true)] {
        add(name, sample::quality::defect_page(f(Place::Defects, "/defects/019e"), state, objection).render());
    }
}

/// Drift, gaps and history.
fn river(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::{drift, gaps, history, sample_river};
    use desk::drift::{DriftFilter, DriftState};
    let f = |place, address: &str| -> Frame { sample::frame(lang, mode, staff, place, "标题", address) };
    let filter = DriftFilter { state: Some(DriftState::Held), resource: Some("air_daily".into()), run: None };
    add("drifts", drift::DriftsPage::new(f(Place::Drift, "/drift?page=2"), filter, sample_river::drifts()).render());
    let nothing = desk::view::Page { entries: Vec::new(), total: 0, page: 1, size: 50 };
    add("drifts-empty", drift::DriftsPage::new(f(Place::Drift, "/drift"), DriftFilter::default(), nothing).render());
    for (name, state) in [("drift", DriftState::Held), ("drift-used", DriftState::Used), ("drift-told", DriftState::Told)] {
        let title = |name: &str| (name == "pm25").then(|| "PM2.5 浓度".to_owned());
        add(name, drift::DriftPage::new(f(Place::Drift, "/drift/019d"), sample_river::drift_detail(state), &title).render());
    }
    for (name, any) in [("grading", true), ("grading-none", false)] {
        add(name, sample_river::grading(f(Place::Quality, "/grading"), any).render());
    }
    add("grade", sample_river::grade(f(Place::Quality, "/grading/air_daily/name")).render());
    add("gaps", gaps::GapsPage::new(f(Place::Catalog, "/gaps"), Default::default(), sample_river::gaps()).render());
    let filter = desk::gaps::GapFilter { department: Some("ecology".into()), lack: Some(desk::gaps::Lack::Stale) };
    add("gaps-none", gaps::GapsPage::new(f(Place::Catalog, "/gaps?lack=stale"), filter, sample_river::no_gaps()).render());
    for (name, any) in [("changes", true), ("changes-none", false)] {
        let page = history::ChangesPage::new(f(Place::Catalog, "/catalog/air_daily/changes"), sample_river::subject(), &sample_river::batches(), sample_river::changes(any));
        add(name, page.render());
    }
    let key = vec!["S<1>".to_owned(), "2026-11-23".to_owned()];
    add("row", history::RowPage { f: f(Place::Catalog, "/catalog/air_daily/row"), subject: sample_river::subject(), key, versions: sample_river::versions() }.render());
    for (name, rows) in [("as-of", vec![vec![Some("S<1>".to_owned()), None]]), ("as-of-none", Vec::new())] {
        let page = history::AsOfPage {
            f: f(Place::Catalog, "/catalog/air_daily/as-of"),
            subject: sample_river::subject(),
            at: "2026-11-23".into(),
            seq: 2,
            time: Some(sample::ago(900)),
            heads: vec![("站点编号".into(), false), ("PM2.5".into(), true)],
            rows,
            csv: "/catalog/air_daily/as-of?format=csv".into(),
        };
        add(name, page.render());
    }
}

/// Open data, and how it came to be open.
fn open(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::sample_open as drawn;
    use data::open::OpeningState;
    use desk::open::Weight;
    let f = |address: &str| -> Frame { sample::frame(lang, mode, staff, Place::Open, "标题", address) };
    for (name, any) in [("open", true), ("open-none", false)] {
        add(name, drawn::portal(f("/open?theme=environment&page=2"), any).render());
    }
    for (name, everybody) in [("dataset", true), ("dataset-restricted", false)] {
        add(name, drawn::dataset(f("/open/datasets/air_by_month"), everybody).render());
    }
    voices(lang, mode, staff, add);
    applications(lang, mode, staff, add);
    for (name, any) in [("others", true), ("others-none", false)] {
        add(name, drawn::others(f("/open/others?q=人口"), any).render());
    }
    for (name, gone) in [("other", false), ("other-gone", true)] {
        add(name, drawn::other(f("/open/datasets/tokyo-1-abcdef01"), gone).render());
    }
    for (name, any) in [("harvest", true), ("harvest-none", false)] {
        add(name, drawn::harvest(f("/harvest"), any).render());
    }
    add("ogc", drawn::ogc_document(f("/ogc?f=html")).render());
    for (name, any) in [("ogc-items", true), ("ogc-items-none", false)] {
        add(name, drawn::ogc_items(f("/ogc/collections/bus_stops/items?f=html&offset=10"), any).render());
    }
    add("ogc-item", drawn::ogc_item(f("/ogc/collections/bus_stops/items/7?f=html")).render());
    for (name, any) in [("openings", true), ("openings-none", false)] {
        add(name, drawn::openings(f("/openings"), any).render());
    }
    for (name, state, weight, own) in [
        ("opening", OpeningState::Proposed, Weight::Warns, false),
        ("opening-own", OpeningState::Proposed, Weight::Stops, true),
        ("opening-stopped", OpeningState::Proposed, Weight::Stops, false),
        ("opening-measuring", OpeningState::Measuring, Weight::Fine, false),
        ("opening-open", OpeningState::Approved, Weight::Fine, false),
        ("opening-refused", OpeningState::Refused, Weight::Fine, false),
    ] {
        add(name, drawn::opening(f("/openings/air_by_month"), state, weight, own).render());
    }
}

/// What the public says of open data.
fn voices(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::sample_voice as drawn;
    let f = |address: &str| -> Frame { sample::frame(lang, mode, staff, Place::Open, "标题", address) };
    for (name, any, of_dataset) in [("open-requests", true, false), ("open-requests-none", false, false), ("open-said", true, true)] {
        add(name, drawn::requests(f("/open/requests?done=asked"), any, of_dataset).render());
    }
    for (name, of_dataset, refused) in [("open-ask", true, false), ("open-ask-wrong", true, true), ("open-wish", false, false), ("open-wish-wrong", false, true)] {
        add(name, drawn::ask(f("/open/ask"), of_dataset, refused).render());
    }
    for (name, any) in [("open-front", true), ("open-front-none", false)] {
        add(name, drawn::front(f("/open"), any).render());
    }
    for (name, any) in [("open-statistics", true), ("open-statistics-none", false)] {
        add(name, drawn::statistics(f("/open/statistics"), any).render());
    }
    for (name, any) in [("open-score", true), ("open-score-none", false)] {
        add(name, drawn::score(f("/open/score"), any).render());
    }
    for (name, any) in [("open-guide", true), ("open-guide-none", false)] {
        add(name, drawn::guide(f("/open/guide"), any).render());
    }
    for (name, role, any) in [("voices", Role::Steward, true), ("voices-officer", Role::Officer, true), ("voices-none", Role::Steward, false)] {
        add(name, drawn::desk(f("/voices"), role, any).render());
    }
}

/// What is built with open data, and who may use restricted data.
fn applications(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::sample_app as drawn;
    use data::open::AccessState::{Ended, Granted, Waiting};
    let f = |address: &str| -> Frame { sample::frame(lang, mode, staff, Place::Open, "标题", address) };
    for (name, any) in [("open-apps", true), ("open-apps-none", false)] {
        add(name, drawn::apps(f("/open/applications"), any).render());
    }
    for (name, own, refused) in [("open-app", false, false), ("open-app-own", true, false), ("open-app-wrong", false, true)] {
        add(name, drawn::one(f("/open/applications/a1"), own, refused).render());
    }
    for (name, changed) in [("open-app-new", false), ("open-app-change", true)] {
        add(name, drawn::form(f("/open/applications/new"), changed).render());
    }
    for (name, before, refused) in [("open-apply", None, false), ("open-apply-wrong", Some(Ended), true), ("open-apply-again", Some(Waiting), false)] {
        add(name, drawn::apply(f("/open/datasets/energy/apply"), before, refused).render());
    }
    for (name, role, any) in [("open-access-own", None, true), ("open-access-officer", Some(Role::Officer), true), ("open-access-none", Some(Role::Steward), false)] {
        add(name, drawn::accesses(f("/open/access"), role, any).render());
    }
    for (name, state, own) in [("open-query", Granted, true), ("open-decide", Waiting, false), ("open-withdraw", Granted, false), ("open-ended", Ended, true)] {
        add(name, drawn::one_access(f("/open/access/r1"), state, own).render());
    }
}

/// Models and lineage.
fn models(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::{lineage, model, sample_model};
    use desk::model::ModelState;
    let f = |address: &str| -> Frame { sample::frame(lang, mode, staff, Place::Models, "标题", address) };
    let title = |table: &str| format!("表 {table} <b>");
    add("models", model::ModelsPage::new(f("/models?started=1"), sample_model::models(), &title, true).render());
    add("models-empty", model::ModelsPage::new(f("/models"), Vec::new(), &title, false).render());
    for (name, state) in [("model", ModelState::Failed), ("model-blocked", ModelState::Blocked("topic.a".into())), ("model-broken", ModelState::Broken)] {
        add(name, model::ModelPage::new(f("/models/topic.air_by_month"), sample_model::detail(state), sample::quality::of_model(), 2, &title, true).render());
    }
    for (name, any) in [("lineage", true), ("lineage-none", false)] {
        add(name, lineage::LineagePage::new(f("/lineage/standard.air_daily/aqi"), sample_model::lineage(any)).render());
    }
}

/// Figures, their rows, and a panel put to question.
fn figures(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::{figure, sample_figure as drawn};
    let f = |address: &str| -> Frame { sample::frame(lang, mode, staff, Place::Figures, "标题", address) };
    let districts = sample::districts();
    add("figures", figure::FiguresPage::new(f("/figures"), &drawn::views()).render());
    add("figures-none", figure::FiguresPage::new(f("/figures"), &[]).render());
    for (name, any) in [("figure", true), ("figure-bare", false)] {
        add(name, figure::FigurePage::new(f("/figures/good_air"), drawn::detail(any), "/models/topic.air_by_month".into(), &districts).render());
    }
    for (name, any) in [("figure-rows", true), ("figure-rows-none", false)] {
        add(name, figure::rows::FigureRowsPage::new(f("/figures/good_air/rows"), "good_air", drawn::rows(any), Some("2026-10-01")).render());
    }
    add("panel", figure::panel::PanelPage::new(f("/boards/home/industry"), drawn::panel(), &districts, &sample::source_title).render());
}

/// Registers: how they stand, entities, pairs in doubt, decisions and conflicts.
fn registers(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    use crate::paging::Paging;
    use crate::register::{Notice, RegistersPage, conflict::ConflictsPage, decision::DecisionsPage, detail::RegisterPage};
    use crate::register::{doubt::{DoubtsPage, PairPage}, entity::{EntitiesPage, EntityPage}};
    use crate::sample_register as drawn;
    use desk::register::EntityState;
    let f = |address: &str| -> Frame { sample::frame(lang, mode, staff, Place::Registers, "标题", address) };
    let title = |resource: &str| format!("表 {resource} <b>");
    let notice = |f: &Frame| drawn::decisions().first().map(|one| Notice::new(f, "persons", one));
    add("registers", RegistersPage::new(f("/registers"), &drawn::registers(), &title).render());
    add("registers-empty", RegistersPage::new(f("/registers"), &[], &title).render());
    let names = ["register-waiting", "register-never", "register-running", "register-failed", "register-changed", "register-fresh"];
    for (name, state) in names.into_iter().zip(drawn::states()) {
        add(name, RegisterPage::new(f("/registers/persons?started=1"), drawn::detail(state), &title, true).render());
    }
    let found = EntityState::Live;
    add("entities", EntitiesPage::new(f("/registers/persons/entities?q=a"), drawn::head(), "张\"三<", &[drawn::entity(found), drawn::entity(EntityState::Ended)], true).render());
    add("entities-none", EntitiesPage::new(f("/registers/persons/entities"), drawn::head(), "", &[], false).render());
    for (name, state) in [("entity", EntityState::Live), ("entity-merged", EntityState::Merged), ("entity-ended", EntityState::Ended)] {
        let f = f("/registers/persons/entities/019e");
        let notice = notice(&f).filter(|_| state == EntityState::Live);
        add(name, EntityPage::new(f, drawn::head(), drawn::entity(state), &title, notice).render());
    }
    for (name, doubts) in [("doubts", drawn::doubts(true)), ("doubts-none", drawn::doubts(false))] {
        let f = f("/registers/persons/doubts");
        let notice = notice(&f);
        add(name, DoubtsPage::new(f, drawn::head(), &doubts, notice).render());
    }
    for (name, decided, next) in [("pair", None, true), ("pair-same", Some(true), false), ("pair-different", Some(false), true)] {
        let f = f("/registers/persons/pair?left=1&right=2");
        let (notice, next) = (notice(&f), next.then(|| crate::link::pair("persons", "3", "4")));
        add(name, PairPage::new(f, drawn::head(), &drawn::pair(decided), next, notice).render());
    }
    for (name, decisions, undone) in [("decisions", drawn::decisions(), true), ("decisions-none", Vec::new(), false)] {
        let f = f("/registers/persons/decisions?page=2");
        let (notice, paging) = (notice(&f), Paging::open(&f, 2, undone));
        add(name, DecisionsPage::new(f, drawn::head(), &decisions, &title, paging, notice, undone).render());
    }
    for (name, conflicts, count) in [("conflicts", drawn::conflicts(), 345), ("conflicts-none", Vec::new(), 0)] {
        let address = "/registers/persons/conflicts?source=migrants&field=birth_date";
        add(name, ConflictsPage::new(f(address), drawn::head(), &drawn::conflict_count(count), &conflicts, 1).render());
    }
}

/// Of the page of that name, in Chinese, for staff.
fn drawn(name: &str) -> String {
    let found = pages(Lang::Zh, Mode::Standard, true).into_iter().find(|page| page.name == name);
    found.map(|page| page.html).unwrap_or_default()
}

#[test]
fn registers_say_how_they_stand_and_keep_what_is_not_theirs_apart() {
    let list = drawn("registers");
    for word in ["还没有这些来源的数据：表 migrants", "比对记录", "来源 &#60;表&#62; 不见了", "待归并", "data-busy"] {
        assert!(list.contains(word), "{word}: {list}");
    }
    assert!(drawn("registers-empty").contains("docs/registers.md"));
    assert!(!drawn("register-fresh").contains("data-busy"), "nothing is looked at again that does not move");
    let merged = drawn("entity-merged");
    assert!(merged.contains("本实体已并入") && merged.contains("/registers/persons/entities/019e%3Cother%3E"), "{merged}");
    let entity = drawn("entity");
    // What differs has a word beside its sign, and only merges and splits can be undone.
    assert!(entity.contains("与采信的不同") && entity.contains("另有来源称"), "{entity}");
    assert_eq!(entity.matches("/undo\"").count(), 3, "a merge, a split, and the decision of the notice: {entity}");
}

#[test]
fn the_waterfall_ends_where_its_pieces_lead_and_tells_every_figure() {
    let pair = drawn("pair");
    for figure in ["−19.3 比特", "+12.4 比特", "其中取值罕见 +3.2 比特", "−4.1 比特", "0.0 比特", "+60.0 比特", "归并的门槛是 +4.2 比特", "+58.9 比特"] {
        assert!(pair.contains(figure), "{figure}: {pair}");
    }
    assert_eq!(pair.matches("class=\"cut\"").count(), 7, "the threshold crosses every bar");
    assert!(!pair.contains("NaN") && !pair.contains("inf"), "{pair}");
}

#[test]
fn every_page_is_whole_in_both_languages_and_modes() {
    for lang in [Lang::Zh, Lang::En] {
        for mode in [Mode::Standard, Mode::Elder] {
            for staff in [false, true] {
                for page in pages(lang, mode, staff) {
                    let wrong = html::wrong(&page.html);
                    assert!(wrong.is_empty(), "{} ({lang:?}, {mode:?}, staff {staff}):\n{}", page.name, wrong.join("\n"));
                }
            }
        }
    }
}

#[test]
fn staff_see_what_others_do_not() {
    let find = |staff: bool, name: &str| pages(Lang::Zh, Mode::Standard, staff).into_iter().find(|p| p.name == name).map(|p| p.html).unwrap_or_default();
    for (name, secret) in [("home", "SELECT division"), ("home", "/quarantine"), ("system", "立即归集"), ("runs", "/collect")] {
        assert!(find(true, name).contains(secret), "staff should see {secret} on {name}");
        assert!(!find(false, name).contains(secret), "the public should not see {secret} on {name}");
    }
}

#[test]
fn states_say_what_they_mean_in_words() {
    let say = sample::frame(Lang::Zh, Mode::Standard, false, Place::Home, "", "/");
    for state in [Freshness::Never, Freshness::Fresh, Freshness::Stale, Freshness::Failed] {
        let word = say.freshness_word(state);
        assert!(say.freshness_badge(state).0.contains(&word));
    }
}

/// Writes every page to the folder that SANJIANG_PREVIEW names, for looking at in a browser.
#[test]
fn preview() {
    let Ok(folder) = std::env::var("SANJIANG_PREVIEW") else { return };
    let folder = std::path::Path::new(&folder);
    for (lang, word) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        for mode in Mode::ALL {
            for (staff, who) in [(false, "public"), (true, "staff")] {
                let place = folder.join(format!("{word}-{}-{who}", mode.word()));
                std::fs::create_dir_all(&place).expect("preview folder");
                for page in pages(lang, mode, staff) {
                    std::fs::write(place.join(format!("{}.html", page.name)), page.html).expect("preview page");
                }
            }
        }
    }
    for file in [&*crate::fixed::STYLE, &*crate::fixed::ISLANDS] {
        let path = folder.join(file.href.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().expect("folder")).expect("preview folder");
        std::fs::write(path, file.text()).expect("preview file");
    }
}
