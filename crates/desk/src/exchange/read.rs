//! Rows of another city: asked through its door with our signature, and given here only when its answer is believed: signed by its
//! node, for this very question, over the bytes that came. Its leaf and ours both tell of it, and the evidence is kept.

use std::path::PathBuf;
use std::time::Duration;

use ::collect::connect::{Asked, Heard};
use data::declare::Neighbour;
use data::share::Channel;
use kernel::{Moment, Text, uuid_v7};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::node::{NodeReadRow, NodeRequestRow};

use super::ask::asked_object;
use super::envelope::{GrantWord, moment};
use super::line::{Believed, Request, Response, problem};
use crate::account::hex;
use crate::authority::object;
use crate::share::{Call, Caller, Lending, invalid};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal, io_failure};

/// The longest that an answer, and a file, may take.
const DEADLINE: Duration = Duration::from_secs(30);
const FILE_DEADLINE: Duration = Duration::from_secs(600);
/// The largest file that is fetched, in bytes.
const FILE_MAX: u64 = 4 << 30;

/// An answer of another city.
#[derive(Clone, Debug)]
pub struct Across {
    /// As it came, with its leaf in our log.
    pub lending: Lending,
    /// Its leaf in the other city's log.
    pub theirs: u64,
}

/// A file of another city, kept here.
#[derive(Clone, Debug)]
pub struct KeptFile {
    pub path: PathBuf,
    pub name: String,
    pub bytes: u64,
    pub leaf: u64,
}

/// A call that may be made.
struct Opened {
    row: NodeRequestRow,
    grant: GrantWord,
    node: Neighbour,
}

impl Desk {
    /// An application or an officer of the department that asked: rows, by keys and filters; or with [`Channel::Verify`], whether
    /// what is said is so.
    pub async fn read_across(&self, caller: &Caller, request: &str, channel: Channel, call: &Call, parameters: &[(String, String)], now: Moment) -> Answer<Across> {
        let opened = self.open_across(caller, request, channel, now).await?;
        let what = if channel == Channel::Verify { "verify" } else { "rows" };
        let path = format!("/api/v1/grants/{}/{what}?{}", opened.grant.id, query(call));
        let body = serde_json::to_vec(&named(parameters)).map_err(internal)?;
        let asked = self.request_to(&opened.node, "POST", &path, Some(body), self.now())?;
        let heard = tokio::time::timeout(DEADLINE, self.line()?.ask(&sent(&asked))).await.map_err(|_| late())?;
        let response = self.answered(heard)?;
        let digest = Sha256::digest(&response.body).into();
        let believed = self.vouched(&opened.node, &asked, &response, digest, now).await?;
        let theirs = believed.leaf.unwrap_or_default();
        let leaf = self.told(caller, &opened, channel, call, believed, Kept::default(), now).await?;
        Ok(Across { lending: Lending { body: response.body, digest, leaf }, theirs })
    }

    /// An application or an officer: fetches a file of all rows, or of what has changed since the last one, verifies and keeps it.
    /// Answers its leaf.
    pub async fn fetch_across(&self, caller: &Caller, request: &str, call: &Call, changes: bool, now: Moment) -> Answer<u64> {
        let opened = self.open_across(caller, request, Channel::Batch, now).await?;
        let last = self.store().node_reads(request, 1_000).await.map_err(internal)?.into_iter().find_map(|read| read.next);
        let since = match (changes, last) {
            (true, None) => return Err(invalid("还没有取过文件，请先取全量。", "No file has been fetched yet; fetch all rows first.")),
            (true, Some(last)) => format!("&since={}", encode(&last)),
            (false, _) => String::new(),
        };
        let path = format!("/api/v1/grants/{}/batch?{}&form=csv{since}", opened.grant.id, query(call));
        let asked = self.request_to(&opened.node, "GET", &path, None, self.now())?;
        let arriving = self.keep_file();
        let fetched = self.line()?;
        let (question, into) = (sent(&asked), arriving.path().to_owned());
        let heard = tokio::time::timeout(FILE_DEADLINE, fetched.fetch(&question, &into, FILE_MAX)).await.map_err(|_| late())?;
        let response = self.answered(heard)?;
        let (digest, bytes) = tokio::task::spawn_blocking(move || hashed(&into)).await.map_err(internal)?.map_err(|error| io_failure(&error, full))?;
        let believed = self.vouched(&opened.node, &asked, &response, digest, now).await?;
        // From here on it is ours: whole, under a name of its own, on the disk before it is told of.
        let name = format!("nodes/{request}/{}.csv", uuid_v7(now, self.chance()));
        let (from, to) = (arriving.path().to_owned(), self.0.data_dir.join(&name));
        tokio::task::spawn_blocking(move || settle(&from, &to)).await.map_err(internal)?.map_err(|error| io_failure(&error, full))?;
        let kept = Kept { file: Some(name), bytes: Some(bytes), next: response.headers.get("sanjiang-next").cloned() };
        self.told(caller, &opened, Channel::Batch, call, believed, kept, now).await
    }

    /// Officers: a file that was fetched, to be given; told in the log like any reading.
    pub async fn kept_across(&self, who: &Account, request: &str, leaf: u64) -> Answer<KeptFile> {
        self.may_at_all(who, "node.read", &object("node_request", request)).await?;
        let row = self.node_request_for(who, request).await?;
        let theirs = asked_object(request, &row.department);
        self.may(who, "node.read", &theirs).await?;
        let read = self.store().node_read(leaf).await.map_err(internal)?.filter(|read| read.request == request).ok_or(DeskError::NotFound)?;
        let file = read.file.ok_or(DeskError::NotFound)?;
        self.log(who, "node.read", &theirs, json!({ "node": row.node, "resource": row.resource, "file": leaf, "answer": read.digest })).await?;
        let name = format!("{}-{leaf}.csv", row.resource);
        Ok(KeptFile { path: self.0.data_dir.join(file), name, bytes: read.bytes.unwrap_or_default(), leaf })
    }

    async fn open_across(&self, caller: &Caller, request: &str, channel: Channel, now: Moment) -> Answer<Opened> {
        if let Caller::Person(account) = caller {
            self.may_at_all(account, "node.read", &object("node_request", request)).await?;
        }
        let row = self.store().node_request(request).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        if caller.department() != Some(row.department.as_str()) || matches!(caller, Caller::Node { .. }) {
            return Err(DeskError::NotFound);
        }
        if let Caller::Person(account) = caller {
            self.may(account, "node.read", &asked_object(request, &row.department)).await?;
        }
        self.can_log()?;
        let grant = super::view::word(&row).and_then(|word| word.grant);
        let grant = grant.ok_or_else(|| invalid("对方还没有授权。", "The other city has not granted it."))?;
        if grant.ended.is_some() || moment(&grant.until) < now {
            return Err(DeskError::Forbidden(Text::new("对方的授权已结束。", "The grant of the other city is over.")));
        }
        if !grant.terms.channels.contains(&channel) {
            let title = channel.title();
            return Err(DeskError::Forbidden(Text::new(format!("授权不含“{}”方式。", title.zh), format!("The grant does not include the channel “{}”.", title.en))));
        }
        let node = self.city().nodes.get(&row.node).filter(|node| self.holds(node, now)).cloned();
        let node = node.ok_or_else(|| DeskError::Forbidden(Text::new("两市的协议现在无效。", "The agreement between the cities does not hold now.")))?;
        Ok(Opened { row, grant, node })
    }

    /// The answer, where it is one.
    fn answered(&self, heard: Result<Heard, ::collect::connect::Unposted>) -> Answer<Response> {
        let response = Response::from(heard.map_err(|unheard| DeskError::Busy(unheard.error.message))?);
        if response.status == 200 { Ok(response) } else { Err(problem(&response)) }
    }

    async fn vouched(&self, node: &Neighbour, asked: &Request, response: &Response, digest: [u8; 32], now: Moment) -> Answer<Believed> {
        let believed = self.believed(node, asked, response, digest).and_then(|believed| match believed.leaf {
            Some(_) => Ok(believed),
            None => Err(crate::signature::flaw("receipt", "应答没有回执编号", "the answer has no receipt")),
        });
        match believed {
            Ok(believed) => Ok(believed),
            Err(flaw) => Err(DeskError::Busy(self.disbelieve(node, &asked.path, flaw, now).await?)),
        }
    }

    #[allow(clippy::too_many_arguments)]
    async fn told(&self, caller: &Caller, opened: &Opened, channel: Channel, call: &Call, believed: Believed, kept: Kept, now: Moment) -> Answer<u64> {
        let Opened { row, grant, .. } = opened;
        let (theirs, digest) = (believed.leaf.unwrap_or_default(), hex(&believed.digest));
        let detail = json!({ "node": row.node, "resource": row.resource, "grant": grant.id, "channel": channel, "purpose": call.purpose,
            "case": call.case, "theirs": theirs, "answer": digest, "bytes": kept.bytes });
        let leaf = self.leaf(caller.actor(), "node.read", &crate::log::subject("node_request", &row.id), detail);
        let read = NodeReadRow {
            leaf: 0,
            request: row.id.clone(),
            channel: channel.word().to_owned(),
            caller: caller.actor().id(),
            time: now,
            theirs,
            digest,
            signed: believed.evidence.to_string(),
            file: kept.file,
            bytes: kept.bytes,
            next: kept.next,
        };
        self.store().add_node_read(leaf, read).await.map_err(internal)
    }
}

/// Of a file, what is kept of it.
#[derive(Default)]
struct Kept {
    file: Option<String>,
    bytes: Option<u64>,
    next: Option<String>,
}

fn sent(request: &Request) -> Asked {
    Asked { method: request.method, url: request.url.clone(), headers: request.headers.clone(), body: request.body.clone() }
}

fn query(call: &Call) -> String {
    let case = call.case.as_ref().map(|case| format!("&case={}", encode(case))).unwrap_or_default();
    format!("purpose={}{case}", encode(&call.purpose))
}

/// Parameters as a JSON object; what stands several times is a list.
fn named(parameters: &[(String, String)]) -> Map<String, Value> {
    let mut named: Map<String, Value> = Map::new();
    for (name, value) in parameters {
        let value = Value::from(value.as_str());
        match named.get_mut(name) {
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = json!([one.clone(), value]),
            None => drop(named.insert(name.clone(), value)),
        }
    }
    named
}

/// A text as it stands in an address.
fn encode(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}

/// SHA-256 and length of a file.
fn hashed(path: &std::path::Path) -> std::io::Result<([u8; 32], u64)> {
    let (mut file, mut hash) = (std::fs::File::open(path)?, Sha256::new());
    let bytes = std::io::copy(&mut file, &mut Hashing(&mut hash))?;
    Ok((hash.finalize().into(), bytes))
}

/// A hash that is written to.
struct Hashing<'h>(&'h mut Sha256);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Gives a file its place for good.
fn settle(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
    let Some(folder) = to.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder)?;
    std::fs::rename(from, to)?;
    for folder in folder.ancestors().take(3) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn full() -> Text {
    Text::new("磁盘已满，文件没有保存。", "The disk is full; the file was not kept.")
}

fn late() -> DeskError {
    DeskError::Busy(Text::new("对方没有及时回应。", "The other node did not answer in time."))
}
