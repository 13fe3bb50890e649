//! Forms as pages receive them: what cannot be read is refused with a page, not with a line of text.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use desk::DeskError;
use kernel::Text;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::error::ErrorPage;
use crate::frame::{Refusal, Visit};

/// The visit and the fields it sent.
pub(crate) struct Sent<T>(pub Visit, pub T);

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(visit) = <Visit as axum::extract::FromRequestParts<App>>::from_request_parts(&mut parts, app).await;
        match axum::Form::<T>::from_request(Request::from_parts(parts, body), app).await {
            Ok(axum::Form(fields)) => Ok(Sent(visit, fields)),
            Err(_) => {
                let text = Text::new("表单没有完整送达，或格式不对。", "The form did not arrive whole, or is not one.");
                Err(visit.answer::<ErrorPage>(Err(Refusal::Desk(DeskError::Invalid(text)))))
            }
        }
    }
}
