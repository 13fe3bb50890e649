//! A small city with one system, served without a socket.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use desk::account::{Login, NewPerson, NewRights, PersonKind, code_at};
use desk::authority::Role;
use desk::view::{Account, RunFilter};
use desk::{Desk, Place};
use kernel::Moment;
use tower::ServiceExt;

use crate::memory::{Memory, ports};

pub const PASSWORD: &str = "three rivers meet";

pub struct Site {
    router: Router,
    desk: Desk,
    folder: tempfile::TempDir,
    pub memory: Arc<Memory>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub fn all(&self, name: &str) -> Vec<String> {
        self.headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).map(str::to_owned).collect()
    }

    /// The cookie that keeps the session, as a browser sends it back.
    pub fn session(&self) -> Option<String> {
        let cookie = self.all("set-cookie").into_iter().find(|c| c.starts_with("sanjiang_session="))?;
        cookie.split(';').next().map(str::to_owned)
    }

    /// The token in the page's forms.
    pub fn csrf(&self) -> String {
        let value = self.body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        value.unwrap_or_default().to_owned()
    }
}

impl Site {
    pub async fn open() -> Site {
        Site::with(&[]).await
    }

    /// The same city with more files in its folder: (path, text).
    pub async fn with(files: &[(&str, &str)]) -> Site {
        Site::at("", files).await
    }

    /// The same at an address that it knows as its own.
    pub async fn at(address: &str, files: &[(&str, &str)]) -> Site {
        let folder = tempfile::tempdir().expect("folder");
        prepare(folder.path());
        for (path, text) in files {
            let path = folder.path().join("city").join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
            std::fs::write(path, text).expect("file");
        }
        let place = Place { city_dir: folder.path().join("city"), data_dir: folder.path().join("data"), variables: [("SANJIANG_ADDRESS".to_owned(), address.to_owned())].into() };
        let memory: Arc<Memory> = Memory::new(-1);
        let desk = match Desk::open(place, ports(&memory)).await {
            Ok(desk) => desk,
            Err(desk::OpenError::City(diagnostics)) => panic!("{diagnostics:#?}"),
            Err(error) => panic!("{error}"),
        };
        Site { router: web::router(desk.clone(), web::Options::default()), desk, folder, memory }
    }

    /// Serves it where others can reach it.
    pub fn listen(&self, listener: tokio::net::TcpListener) {
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    /// What the system delivers from now on.
    pub fn deliver(&self, text: &str) {
        std::fs::write(self.folder.path().join("city/deliveries/people.csv"), text).expect("delivery");
    }

    /// The link of the first data steward.
    pub async fn setup_token(&self) -> String {
        self.desk.role_link(Role::Steward, now()).await.expect("set-up").expect("no steward yet")
    }

    pub async fn push_key(&self) -> String {
        self.desk.add_push_key(&command(), "gate", "", now()).await.expect("key")
    }

    /// The session of a citizen whose identity is confirmed.
    pub async fn citizen(&self, name: &str, number: &str) -> String {
        let new = NewPerson { name, display: "王芳", kind: PersonKind::Citizen, number };
        self.desk.add_person(&command(), new, PASSWORD, now()).await.expect("account");
        format!("sanjiang_session={}", self.desk.login(Login { name, password: PASSWORD, ..Login::default() }, now()).await.expect("login"))
    }

    /// The session of a new account with these rights; of an officer with the second factor.
    pub async fn session_of(&self, name: &str, rights: NewRights) -> String {
        let officer = rights.roles.iter().any(|role| Role::OFFICERS.contains(role));
        self.desk.add_account(&command(), name, PASSWORD, rights, now()).await.expect("account");
        let login = Login { name, password: PASSWORD, ..Login::default() };
        let token = self.desk.login(login, now()).await.expect("login");
        if officer {
            let who = self.desk.session(&token, now()).await.expect("session").expect("alive");
            let binding = self.desk.new_binding(&who);
            let code = code_at(&binding.secret, now()).expect("a secret");
            self.desk.bind_second(&who, &binding.salt, &code, "", now()).await.expect("bound");
        }
        format!("sanjiang_session={token}")
    }

    /// Waits until no run is under way.
    pub async fn settled(&self) {
        self.ended(1).await;
    }

    /// Waits until there have been so many runs, and none is under way.
    pub async fn ended(&self, count: u64) {
        for _ in 0..200 {
            let runs = self.desk.runs(&RunFilter::default(), 1, 10).await.expect("runs");
            if runs.total >= count && runs.entries.iter().all(|run| run.ended.is_some()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the collection did not end");
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("host", "a")], "").await
    }

    pub async fn get_as(&self, path: &str, session: &str) -> Answer {
        self.send("GET", path, &[("host", "a"), ("cookie", session)], "").await
    }

    /// A form as a browser sends it from our own page.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)], session: Option<&str>) -> Answer {
        let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", web::link::encode(v))).collect();
        let mut headers = vec![("host", "a"), ("origin", "http://a"), ("content-type", "application/x-www-form-urlencoded")];
        headers.extend(session.map(|s| ("cookie", s)));
        self.send("POST", path, &headers, &body.join("&")).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("request");
        let response = self.router.clone().oneshot(request).await.expect("answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 10_000_000).await.expect("body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

fn now() -> Moment {
    (web::Options::default().clock)()
}

/// Rows with a number, and three whose number is not one.
fn prepare(folder: &Path) {
    let city = folder.join("city");
    for room in ["departments", "systems", "resources", "deliveries"] {
        std::fs::create_dir_all(city.join(room)).expect("folder");
    }
    let write = |name: &str, text: &str| std::fs::write(city.join(name), text).expect("file");
    write("city.toml", "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n");
    write("departments/office.toml", "title = \"试验局\"\nuscc = \"113302000029290324\"\n");
    write("departments/other.toml", "title = \"另一局\"\nuscc = \"113302000029290324\"\n");
    write("systems/people.toml", "title = \"人员系统\"\ndepartment = \"office\"\n[connector]\nkind = \"files\"\npath = \"deliveries\"\n");
    write(
        "resources/person.toml",
        "title = \"人员名册\"\ncode = \"3990200/000001\"\nsummary = \"试验用的人员\"\nsystem = \"people\"\nclass = \"department\"\n\
         share = \"unconditional\"\nopen = \"unconditional\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"people.csv\"\n\
         [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"integer\"\nkey = true\n\
         [[item]]\nname = \"name\"\ntitle = \"姓名\"\nstandard = \"text\"\n",
    );
    write("systems/gate.toml", "title = \"闸机\"\ndepartment = \"office\"\n[connector]\nkind = \"push\"\n");
    write(
        "resources/pass.toml",
        "title = \"通行\"\ncode = \"3990200/000002\"\nsummary = \"试验用的通行记录\"\nsystem = \"gate\"\nclass = \"department\"\n\
         share = \"unconditional\"\nopen = \"none\"\ngrade = \"L1\"\nperiod = \"continuous\"\n[collect]\nfrom = \"pass\"\n\
         [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"integer\"\nkey = true\n",
    );
    let rows = (1..=40).map(|n| if n <= 3 { format!("第{n}号,人{n}\n") } else { format!("{n},人{n}\n") });
    write("deliveries/people.csv", &format!("id,name\n{}", rows.collect::<String>()));
}

/// Whoever works on the server itself.
fn command() -> Account {
    Account { name: "root".into(), ..Account::default() }
}
