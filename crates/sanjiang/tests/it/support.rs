//! Starting the binary, asking it over HTTP, and tearing it down.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub fn sanjiang() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sanjiang"));
    command.env_remove("SANJIANG_CITY").env_remove("SANJIANG_DATA");
    command
}

pub fn run(arguments: &[&str]) -> Output {
    sanjiang().args(arguments).output().expect("the binary starts")
}

/// Runs and insists on success; answers standard output.
pub fn must(arguments: &[&str]) -> String {
    let output = run(arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "sanjiang {arguments:?}\n{out}\n{err}");
    out.into_owned()
}

/// A server under test; killed when dropped.
pub struct Server {
    pub child: Child,
    pub address: String,
    pub setup: Option<String>,
}

impl Server {
    /// Starts `sanjiang ARGUMENTS --listen 127.0.0.1:0` and waits for its address.
    pub fn start(arguments: &[&str]) -> Server {
        let mut child = sanjiang()
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let mut address = None;
        let mut setup = None;
        for line in &mut lines {
            let line = line.expect("text");
            let found = line.split_whitespace().find_map(|word| word.strip_prefix("http://")).map(str::to_owned);
            match found {
                Some(found) if found.contains("/setup") => {
                    setup = Some(found.split_once('/').map(|(_, path)| format!("/{path}")).expect("path"));
                }
                // The address is the last that is said.
                Some(found) => {
                    address = Some(found);
                    break;
                }
                None => {}
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        Server { child, address: address.expect("an address was printed"), setup }
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        request(&self.address, "GET", path, &[], "").unwrap_or_default()
    }

    pub fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.get("/api/v1/status").1).unwrap_or_default()
    }

    /// Waits until something was collected and nothing is running, or panics after `limit`.
    pub fn wait_collected(&self, limit: Duration) -> serde_json::Value {
        let end = Instant::now() + limit;
        let mut quiet = 0;
        while Instant::now() < end {
            let status = self.status();
            let idle = status["running"] == 0 && !status["last_run"].is_null();
            quiet = if idle { quiet + 1 } else { 0 };
            if quiet >= 8 {
                return status;
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        panic!("not collected within {limit:?}: {}", self.status());
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One HTTP/1.1 exchange; answers status and body.
pub fn request(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<(u16, String)> {
    let (status, _, body) = exchange(address, method, path, headers, body)?;
    Some((status, body))
}

/// Status, head and body.
pub fn exchange(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<(u16, String, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(40))).ok()?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    Some((status, head.to_owned(), if chunked { unchunk(body) } else { body.to_owned() }))
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        if size == 0 || rest.len() < size {
            break;
        }
        whole += &rest[..size];
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

pub fn write(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    std::fs::write(path, text).expect("file");
}

/// A small city of one department and one system of files.
pub fn small_city(dir: &Path) {
    write(&dir.join("city.toml"), "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n");
    write(
        &dir.join("departments/office.toml"),
        "title = \"试验局\"\ntitle_en = \"Trial office\"\nuscc = \"113302000029290324\"\nsummary = \"试验\"\n",
    );
    write(
        &dir.join("systems/files.toml"),
        "title = \"文件\"\ntitle_en = \"Files\"\ndepartment = \"office\"\nsummary = \"试验\"\n[connector]\nkind = \"files\"\npath = \"sources/files\"\n",
    );
}

/// A resource with an integer key and a text, from a file glob.
pub fn small_resource(dir: &Path, id: &str, sequence: u32, from: &str) {
    let text = format!(
        r#"title = "{id}"
title_en = "{id}"
code = "3990200/{sequence:06}"
summary = "试验"
system = "files"
class = "department"
share = "unconditional"
open = "none"
open_condition = "试验数据不开放"
grade = "L1"
period = "daily"

[collect]
from = "{from}"

[[item]]
name = "id"
title = "编号"
title_en = "id"
standard = "integer"
key = true
required = true

[[item]]
name = "name"
title = "名称"
title_en = "name"
standard = "text"
"#
    );
    write(&dir.join(format!("resources/files/{id}.toml")), text);
}

/// People from `person.csv`, with a rule on their age.
pub fn person_resource(city: &Path) {
    write(
        &city.join("resources/person.toml"),
        "title = \"人员\"\ncode = \"3990200/000001\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\nshare = \"unconditional\"\n\
         open = \"none\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"person.csv\"\n\
         [[item]]\nname = \"id\"\ntitle = \"编号\"\nstandard = \"text\"\nkey = true\n\
         [[item]]\nname = \"age\"\ntitle = \"年龄\"\nstandard = \"integer\"\n\
         [[rule]]\nname = \"alive\"\ntitle = \"年龄在常理内\"\ndimension = \"validity\"\nexpression = \"age between 0 and 130\"\n",
    );
}

/// A path as an argument of a command.
pub fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
