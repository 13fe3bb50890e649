//! A tamper-evident log: entries in a Merkle tree, kept as plain files in the forms of C2SP, so that strangers' verifiers
//! read it. It signs, proves, cosigns and verifies; of what the entries mean it knows nothing, and neither does it know
//! HTTP, clocks or where randomness and keys come from: those are given to it.
//!
//! The standards: RFC 6962 hashing (SHA-256) and proofs, c2sp.org/tlog-tiles, tlog-checkpoint, signed-note,
//! tlog-cosignature (v1, Ed25519), tlog-witness and tlog-proof. One signature type is our own, by the note's rule for
//! types without a number: SM2 with SM3 (GB/T 32918, GB/T 32905).

mod checkpoint;
mod error;
mod folder;
mod hash;
mod key;
mod note;
mod path;
mod proof;
mod reader;
mod recover;
mod retain;
mod signer;
mod submit;
mod tile;
mod tree;
mod verify;
mod witness;
mod writer;

pub use checkpoint::{Checkpoint, EXTENSIONS_MOST, ORIGIN_MOST};
pub use error::{LogError, NoteError, ProofError};
pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use key::{Algorithm, SM2_IDENTIFIER, Verifier};
pub use note::{NOTE_MOST, Note, SIGNATURES_MOST, Signature, Vouched};
pub use path::{Nodes, consistency_proof, inclusion_proof, subtree_root, verify_consistency, verify_inclusion};
pub use proof::ReceiptProof;
pub use reader::{Entries, Reader};
pub use signer::Signer;
pub use submit::{Answer, answered, request_body};
pub use tile::{ENTRY_MOST, Kind, TILE_WIDTH, Tile, bundle_entries};
pub use tree::Frontier;
pub use verify::{Fault, FaultKind, Report, Verification, verify};
pub use witness::{Refusal, Witness};
pub use writer::{Appended, Clock, Writer};
