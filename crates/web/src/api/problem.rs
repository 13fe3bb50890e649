//! What went wrong, as RFC 9457 problem details, and the one place where the desk's refusals become statuses.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use desk::DeskError;
use desk::view::SqlError;
use kernel::{Lang, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::shape::Words;
use crate::frame::{Refusal, Visit};

/// RFC 9457 problem details. `type` is stable; texts may be worded better one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `/api#` and a stable word: `not_found`, `login_required`, `signature`, `forged`, `forbidden`, `invalid`, `conflict`, `busy`, `full`,
    /// `sql`, `too_many`, `too_large`, `unsupported_media_type`, `method_not_allowed`, `internal`, `upstream`, `late`.
    #[serde(rename = "type")]
    #[schema(example = "/api#invalid")]
    kind: String,
    title: String,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// In the reader's language (`Accept-Language` or the chosen one).
    detail: String,
    /// In both.
    details: Words,
    /// Of an SQL error: the word at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Fault>,
    /// Of an internal error: under this id the cause stands in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
    #[serde(skip)]
    cause: Option<String>,
    /// Seconds after which to try again.
    #[serde(skip)]
    after: Option<u64>,
}

/// The word at fault in a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Fault {
    /// 1-based; 0 when the place is unknown.
    line: u64,
    /// 1-based, in characters; 0 when the place is unknown.
    column: u64,
    /// Characters meant.
    length: u64,
    suggestion: Option<String>,
}

/// Every word that `type` may end in, with its status.
pub(super) const WORDS: [(&str, u16); 17] = [
    ("invalid", 400),
    ("sql", 400),
    ("login_required", 401),
    ("signature", 401),
    ("forged", 403),
    ("forbidden", 403),
    ("not_found", 404),
    ("method_not_allowed", 405),
    ("too_large", 413),
    ("unsupported_media_type", 415),
    ("conflict", 422),
    ("too_many", 429),
    ("internal", 500),
    ("upstream", 502),
    ("busy", 503),
    ("late", 504),
    ("full", 507),
];

impl Problem {
    fn new(status: StatusCode, word: &str, text: Text) -> Problem {
        Problem {
            kind: format!("/api#{word}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: text.zh.clone(),
            details: text.into(),
            at: None,
            incident: None,
            cause: None,
            after: None,
        }
    }

    pub(super) fn not_found() -> Problem {
        let text = Text::new("没有找到您要的内容，请核对地址或编号。", "There is no such thing; please check the address or id.");
        Problem::new(StatusCode::NOT_FOUND, "not_found", text)
    }

    pub(super) fn method() -> Problem {
        let text = Text::new("此地址不支持这种请求方法，可用的方法见 Allow。", "This address does not take that method; Allow tells which it takes.");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
    }

    pub(super) fn invalid(zh: impl Into<String>, en: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "invalid", Text::new(zh, en))
    }

    pub(super) fn too_large() -> Problem {
        Problem::larger_than("256 KiB")
    }

    pub(super) fn larger_than(limit: &str) -> Problem {
        let text = Text::new(format!("请求内容过大，上限为 {limit}。"), format!("The body is too large; the limit is {limit}."));
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text)
    }

    pub(super) fn media_type() -> Problem {
        let text = Text::new("请以 application/json 发送内容。", "Please send the body as application/json.");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", text)
    }

    /// The signature of the request is not believed.
    pub(super) fn unbelieved(text: Text) -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "signature", text)
    }

    /// Nobody has signed the request.
    pub(super) fn unsigned() -> Problem {
        let text = Text::new("请求须签名（RFC 9421，tag=\"sanjiang-request\"）。", "The request is to be signed (RFC 9421, tag=\"sanjiang-request\").");
        Problem::new(StatusCode::UNAUTHORIZED, "login_required", text)
    }

    /// No living key came with the request.
    pub(super) fn no_key() -> Problem {
        let text = Text::new(
            "密钥缺失、有误或已停用：请在请求头写 Authorization: Bearer <密钥>。",
            "The key is missing, wrong or revoked: send the header Authorization: Bearer <key>.",
        );
        Problem::new(StatusCode::UNAUTHORIZED, "login_required", text)
    }

    pub(super) fn media_of_rows() -> Problem {
        let text = Text::new(
            "请以 application/x-ndjson（每行一个 JSON 对象）或 application/vnd.apache.arrow.stream 发送。",
            "Send it as application/x-ndjson (a JSON object a line) or application/vnd.apache.arrow.stream.",
        );
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", text)
    }

    pub(super) fn busy(text: Text) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text)
    }

    fn sql(error: SqlError) -> Problem {
        let at = Fault { line: error.line, column: error.column, length: error.length, suggestion: error.suggestion };
        Problem { at: Some(at), ..Problem::new(StatusCode::BAD_REQUEST, "sql", error.message) }
    }

    fn internal(cause: String) -> Problem {
        let text = Text::new("服务器出错，您的数据没有改变；请稍后再试，并告知编号。", "The server failed; nothing of yours was changed. Please try again and tell us the id.");
        Problem { cause: Some(cause), ..Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text) }
    }

    /// In the reader's language; a failure of ours gets its id and goes to the log.
    pub(super) fn for_reader(mut self, visit: &Visit) -> Problem {
        self.detail = match visit.lang {
            Lang::Zh => self.details.zh.clone(),
            Lang::En => self.details.en.clone(),
        };
        if let Some(cause) = self.cause.take() {
            let incident = visit.app.incident(visit.now);
            tracing::error!(%incident, address = %visit.address, %cause, "request failed");
            self.incident = Some(incident);
        }
        self
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Problem {
        match error {
            DeskError::NotFound => Problem::not_found(),
            DeskError::LoginRequired => {
                let text = Text::new("请先登录。", "Please log in first.");
                Problem::new(StatusCode::UNAUTHORIZED, "login_required", text)
            }
            DeskError::Invalid(text) => Problem::new(StatusCode::BAD_REQUEST, "invalid", text),
            DeskError::Busy(text) => Problem::busy(text),
            DeskError::Forbidden(text) => Problem::new(StatusCode::FORBIDDEN, "forbidden", text),
            DeskError::Conflict(text) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "conflict", text),
            DeskError::Full(text) => Problem::new(StatusCode::INSUFFICIENT_STORAGE, "full", text),
            DeskError::TooMany { text, seconds } => Problem { after: Some(seconds), ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", text) },
            DeskError::Away { text, seconds } => Problem { after: Some(seconds), ..Problem::busy(text) },
            DeskError::Upstream(text) => Problem::new(StatusCode::BAD_GATEWAY, "upstream", text),
            DeskError::Late(text) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "late", text),
            DeskError::Sql(error) => Problem::sql(error),
            DeskError::Internal(cause) => Problem::internal(cause),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Desk(error) => error.into(),
            Refusal::To(_) => Problem::not_found(),
            Refusal::Forged => {
                let text = Text::new("此请求不是从本站发出的，已拒绝。", "This request did not come from this site and was refused.");
                Problem::new(StatusCode::FORBIDDEN, "forged", text)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let after = self.after.map(HeaderValue::from);
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let mut say = |name, value| response.headers_mut().insert(name, HeaderValue::from_static(value));
        match status {
            StatusCode::SERVICE_UNAVAILABLE => drop(say(header::RETRY_AFTER, "10")),
            StatusCode::UNAUTHORIZED => drop(say(header::WWW_AUTHENTICATE, "Cookie realm=\"sanjiang\", cookie-name=sanjiang_session")),
            _ => {}
        }
        if let Some(after) = after {
            response.headers_mut().insert(header::RETRY_AFTER, after);
        }
        response
    }
}

/// Gives a handler's refusal the reader's language.
pub(crate) trait ForReader<T> {
    fn told(self, visit: &Visit) -> Result<T, Problem>;
}

impl<T, E: Into<Problem>> ForReader<T> for Result<T, E> {
    fn told(self, visit: &Visit) -> Result<T, Problem> {
        self.map_err(|error| error.into().for_reader(visit))
    }
}
