//! Exchange with the nodes of other cities: their departments ask ours for data and ours theirs, under the agreement that each city
//! declares. What is asked and decided travels in signed envelopes, kept until the other side has taken them and applied there
//! once; rows are read through the other side's door, and given here when its signature holds.

mod ask;
mod envelope;
mod inbound;
mod line;
mod offer;
mod outbound;
mod read;
mod state;
mod view;

use kernel::Moment;

use crate::Desk;
use data::declare::Neighbour;

pub use ask::{NodeAct, NodeAsking};
pub use envelope::{Envelope, GrantWord, Outcome, Reply, RequestWord, WordAct};
pub use line::{Request, Response};
pub use offer::{Offer, OfferedItem, OfferedResource};
pub use outbound::{Outgoing, Sendings};
pub use read::{Across, KeptFile};
pub use view::{EnvelopeView, LinkState, NodeDetail, NodeReadView, NodeRequestDetail, NodeRequestState, NodeRequestView, NodeView};

/// Where envelopes are posted to, and where what is offered is asked.
pub const INBOX: &str = "/api/v1/exchange/inbox";
pub const OFFER: &str = "/api/v1/exchange/offer";

impl Desk {
    /// Whether the agreement with a neighbour holds today.
    fn holds(&self, node: &Neighbour, now: Moment) -> bool {
        node.holds(&self.day(now).to_string())
    }
}
