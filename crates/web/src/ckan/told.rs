//! Answers and errors in CKAN's form: each kind has the status and the name that clients tell it by.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use desk::DeskError;
use desk::open::{CkanRefusal, SodaRefusal};
use opendata::ckan::Wrong;
use serde_json::{Map, Value, json};

use crate::frame::Visit;

/// What an action comes to.
pub(super) type Told = Result<Value, Refused>;

#[derive(Debug)]
pub(super) enum Refused {
    /// 400, as a bare text.
    Bad(String),
    NotAuthorized(String),
    NotFound(String),
    /// Errors by field.
    Validation(Wrong),
    Search(String),
    SearchQuery(String),
    Busy(String),
    Failed(String),
}

impl From<DeskError> for Refused {
    fn from(error: DeskError) -> Refused {
        match error {
            DeskError::NotFound => Refused::NotFound("Not found".to_owned()),
            DeskError::LoginRequired => Refused::NotAuthorized("Access denied: log in first".to_owned()),
            DeskError::Forbidden(text) => Refused::NotAuthorized(format!("Access denied: {}", text.en)),
            DeskError::Invalid(text) | DeskError::Conflict(text) => Refused::Validation([("__before".to_owned(), vec![text.en])].into()),
            DeskError::Busy(text) | DeskError::Full(text) => Refused::Busy(text.en),
            DeskError::TooMany { text, .. } | DeskError::Away { text, .. } => Refused::Busy(text.en),
            other => Refused::Failed(other.to_string()),
        }
    }
}

impl From<CkanRefusal> for Refused {
    fn from(refusal: CkanRefusal) -> Refused {
        match refusal {
            CkanRefusal::Wrong(wrong) => Refused::Validation(wrong),
            CkanRefusal::Desk(error) => error.into(),
        }
    }
}

impl From<SodaRefusal> for Refused {
    fn from(refusal: SodaRefusal) -> Refused {
        match refusal {
            SodaRefusal::Soda(error) => Refused::Validation([("query".to_owned(), vec![error.message.en])].into()),
            SodaRefusal::Desk(error) => error.into(),
        }
    }
}

/// Whether a name may be called in a script.
pub(super) fn is_callback(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'$'))
}

pub(super) fn answer(visit: &Visit, name: &str, callback: Option<String>, done: Told) -> Response {
    let help = format!("{}/api/3/action/help_show?name={}", visit.origin(), crate::link::encode(name));
    let (status, body) = match done {
        Ok(result) => (StatusCode::OK, json!({ "help": help, "success": true, "result": result })),
        Err(Refused::Bad(text)) => (StatusCode::BAD_REQUEST, json!(text)),
        Err(refused) => {
            let (status, error) = refusal(visit, refused);
            (status, json!({ "help": help, "success": false, "error": error }))
        }
    };
    let (media, text) = match callback {
        Some(callback) => ("application/javascript; charset=utf-8", format!("/**/{callback}({body});")),
        None => ("application/json; charset=utf-8", body.to_string()),
    };
    (status, [(header::CONTENT_TYPE, media)], text).into_response()
}

fn refusal(visit: &Visit, refused: Refused) -> (StatusCode, Value) {
    let of = |status, kind: &str, message: String| (status, json!({ "__type": kind, "message": message }));
    match refused {
        Refused::Bad(text) => of(StatusCode::BAD_REQUEST, "Bad Request", text),
        Refused::NotAuthorized(text) => of(StatusCode::FORBIDDEN, "Authorization Error", text),
        Refused::NotFound(text) => of(StatusCode::NOT_FOUND, "Not Found Error", text),
        Refused::Validation(wrong) => {
            let mut error: Map<String, Value> = wrong.into_iter().map(|(field, why)| (field, json!(why))).collect();
            error.insert("__type".to_owned(), json!("Validation Error"));
            (StatusCode::CONFLICT, Value::Object(error))
        }
        Refused::Search(text) => of(StatusCode::CONFLICT, "Search Error", text),
        Refused::SearchQuery(text) => of(StatusCode::BAD_REQUEST, "Search Query Error", text),
        Refused::Busy(text) => of(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", text),
        Refused::Failed(cause) => {
            let incident = visit.app.incident(visit.now);
            tracing::error!(%incident, address = %visit.address, %cause, "request failed");
            of(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", format!("Tell us {incident}"))
        }
    }
}
