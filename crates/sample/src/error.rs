//! Why the sample could not be made.

use std::path::{Path, PathBuf};

use kernel::Text;

/// What stopped the generator; nothing it wrote before is removed.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// Scale is not a number above 0 and at most 100.
    #[error("scale {0} is not above 0 and at most 100")]
    Scale(f64),
    #[error("{path}: {source}", path = .path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// A library that writes one of the formats refused.
    #[error("{path}: {message}", path = .path.display())]
    Format { path: PathBuf, message: String },
}

impl SampleError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> SampleError + '_ {
        move |source| SampleError::File { path: path.to_owned(), source }
    }

    pub(crate) fn format<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> SampleError + '_ {
        move |error| SampleError::Format { path: path.to_owned(), message: error.to_string() }
    }

    /// For people, in both languages.
    pub fn text(&self) -> Text {
        match self {
            SampleError::Scale(scale) => Text::new(
                format!("规模 {scale} 无效：应大于 0 且不超过 100。"),
                format!("Scale {scale} is not valid: give a number above 0 and at most 100."),
            ),
            SampleError::File { path, source } => Text::new(
                format!("无法写入 {}：{source}。请检查磁盘空间与权限。", path.display()),
                format!("Cannot write {}: {source}. Check space and permissions.", path.display()),
            ),
            SampleError::Format { path, message } => Text::new(
                format!("无法生成 {}：{message}", path.display()),
                format!("Cannot make {}: {message}", path.display()),
            ),
        }
    }
}
