//! Which page comes next, and whether the last one was the end.

use std::collections::HashSet;

use data::declare::Paging;
use url::Url;

use super::address::{same_place, set};
use super::pointer;
use super::request::Caller;
use crate::CollectError;

/// A walk longer than this is taken for endless.
const PAGE_LIMIT: u64 = 1_000_000;

/// The walk through a paged API.
pub struct Walk {
    paging: Option<Paging>,
    /// The address to fetch next; `None` when the walk is over.
    pub next: Option<Url>,
    pages: u64,
    offset: u64,
    /// Hash of the last page's body.
    last: Option<u128>,
    /// Hashes of the addresses and cursors that were followed.
    followed: HashSet<u128>,
    /// Whether a page as long as asked for was seen: then a shorter one is surely the last.
    seen_full: bool,
    /// The last page was short, and it is being looked whether the server merely gives smaller pages than asked for.
    probing: bool,
}

impl Walk {
    /// Begins at the first page of an address.
    pub fn new(paging: Option<Paging>, mut url: Url) -> Walk {
        match &paging {
            Some(Paging::Page { parameter, size_parameter, size, first }) => {
                set(&mut url, parameter, &first.to_string());
                set(&mut url, size_parameter, &size.to_string());
            }
            Some(Paging::Offset { parameter, size_parameter, size }) => {
                set(&mut url, parameter, "0");
                set(&mut url, size_parameter, &size.to_string());
            }
            Some(Paging::Next { .. }) | None => {}
        }
        Walk {
            paging,
            next: Some(url),
            pages: 0,
            offset: 0,
            last: None,
            followed: HashSet::new(),
            seen_full: false,
            probing: false,
        }
    }

    /// Pages fetched so far.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// The server has no page at this address: the end, if it is not the first page that is missing.
    pub fn missing(&mut self, caller: &Caller, url: &Url) -> Result<(), CollectError> {
        self.next = None;
        let by_number = matches!(self.paging, Some(Paging::Page { .. } | Paging::Offset { .. }));
        match self.pages > 0 && by_number {
            true => Ok(()),
            false => Err(caller.error(
                "http.missing",
                url,
                "这个地址没有数据（HTTP 404），请核对路径",
                "there is nothing at this address (HTTP 404): check the path",
            )),
        }
    }

    /// Takes note of a page before it is read. `false`: it is the last one given once more, which some servers do
    /// beyond the end; it is not to be read.
    pub fn arrived(&mut self, caller: &Caller, url: &Url, body: &[u8]) -> Result<bool, CollectError> {
        let hash = xxhash_rust::xxh3::xxh3_128(body);
        let again = self.last.replace(hash) == Some(hash);
        if again && self.probing {
            self.next = None;
            return Ok(false);
        }
        self.pages += 1;
        if self.pages > PAGE_LIMIT {
            return Err(caller.error(
                "http.endless",
                url,
                "超过一百万页，已停止",
                "more than a million pages: stopped",
            ));
        }
        match again {
            true => Err(looping(caller, url)),
            false => Ok(true),
        }
    }

    /// Goes on behind a page of so many rows.
    pub fn advance(&mut self, caller: &Caller, url: &Url, body: &[u8], rows: u64) -> Result<(), CollectError> {
        self.next = match self.paging.clone() {
            None => None,
            Some(Paging::Next { next, parameter }) => self.follow(caller, url, body, &next, parameter.as_deref())?,
            Some(Paging::Page { parameter, size, first, .. }) => {
                self.more(rows, size).then(|| with(url, &parameter, u64::from(first) + self.pages))
            }
            Some(Paging::Offset { parameter, size, .. }) => {
                self.offset += rows;
                let offset = self.offset;
                self.more(rows, size).then(|| with(url, &parameter, offset))
            }
        };
        Ok(())
    }

    /// Whether there may be more. A server may cap pages below the size asked for, so a short first page proves
    /// nothing until the next one was looked at.
    fn more(&mut self, rows: u64, size: u32) -> bool {
        let full = rows >= u64::from(size);
        self.seen_full |= full;
        self.probing = !full;
        rows > 0 && (full || !self.seen_full)
    }

    fn follow(
        &mut self,
        caller: &Caller,
        url: &Url,
        body: &[u8],
        next: &str,
        parameter: Option<&str>,
    ) -> Result<Option<Url>, CollectError> {
        let found = pointer::find(body, next).map_err(|error| {
            caller.error(
                "http.next",
                url,
                &format!("回答不是完整的 JSON，找不到下一页：{error}"),
                &format!("the answer is not whole JSON, so the next page is not known: {error}"),
            )
        })?;
        let Some(found) = found else { return Ok(None) };
        if !self.followed.insert(xxhash_rust::xxh3::xxh3_128(found.as_bytes())) {
            return Err(looping(caller, url));
        }
        if let Some(parameter) = parameter {
            let mut url = url.clone();
            set(&mut url, parameter, &found);
            return Ok(Some(url));
        }
        let target = url.join(&found).ok().filter(|target| same_place(url, target));
        target.map(Some).ok_or_else(|| {
            caller.error(
                "http.next",
                url,
                "下一页的地址无效或在另一台主机上，已拒绝",
                "the address of the next page is not valid or on another host: refused",
            )
        })
    }
}

fn with(url: &Url, parameter: &str, value: u64) -> Url {
    let mut url = url.clone();
    set(&mut url, parameter, &value.to_string());
    url
}

fn looping(caller: &Caller, url: &Url) -> CollectError {
    caller.error(
        "http.loop",
        url,
        "同一页出现了两次，翻页没有前进：请核对 paging 的声明（服务器不分页时应删去）",
        "the same page came twice, so paging does not advance: check its declaration (remove it if the server has no pages)",
    )
}
