//! What the shape of a single file cannot tell: rules over the whole city.

use super::read::Draft;

pub(super) fn check(_draft: &Draft<'_>) {}
