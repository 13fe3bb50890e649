//! Inclusion and consistency proofs: made from any source of hashes, and verified (RFC 6962, section 2.1.1 and 2.1.2;
//! the verifying as RFC 9162 writes it down).

use crate::error::ProofError;
use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// Where the hashes of complete nodes come from.
pub trait Nodes {
    /// What may go wrong in reading one.
    type Error: From<ProofError>;

    /// The hash of the complete subtree over the leaves `index << level` to `(index + 1) << level`.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// The largest power of two below `n`, for `n` above 1.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The root of the leaves from `from` to before `to`, where `from` is a place at which RFC 6962 splits a tree (0 is one).
pub fn subtree_root<N: Nodes>(nodes: &N, from: u64, to: u64) -> Result<Hash, N::Error> {
    let n = to.saturating_sub(from);
    if n == 0 {
        return Ok(EMPTY_ROOT);
    }
    if n.is_power_of_two() {
        let level = n.trailing_zeros() as u8;
        return nodes.node(level, from >> level);
    }
    let middle = from + split(n);
    Ok(node_hash(&subtree_root(nodes, from, middle)?, &subtree_root(nodes, middle, to)?))
}

/// The hashes that lead from the leaf to the root of the tree of that size, the leaf's sibling first.
///
/// Fails with [`ProofError::OutOfRange`] when the tree has no such leaf, or as the source does.
pub fn inclusion_proof<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    if index >= size {
        return Err(ProofError::OutOfRange { asked: index, size }.into());
    }
    let (mut from, mut to) = (0, size);
    let mut proof = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(subtree_root(nodes, middle, to)?);
            to = middle;
        } else {
            proof.push(subtree_root(nodes, from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes that show the tree of size `old` to be the beginning of that of size `new`. Nothing is needed, and nothing
/// given, for an empty tree or one of the same size.
///
/// Fails with [`ProofError::OutOfRange`] when `old` is above `new`, or as the source does.
pub fn consistency_proof<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    if old > new {
        return Err(ProofError::OutOfRange { asked: old, size: new }.into());
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut from, mut to) = (0, new);
    let mut proof = Vec::new();
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            proof.push(subtree_root(nodes, middle, to)?);
            to = middle;
        } else {
            proof.push(subtree_root(nodes, from, middle)?);
            from = middle;
        }
    }
    // The old tree itself needs no hash when it is a whole subtree from the first leaf on: its root is known.
    if from != 0 {
        proof.push(subtree_root(nodes, from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether the leaf with that hash is at `index` in the tree of that size and root (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { asked: index, size });
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root { expected: *root, found: hash }),
        _ => Err(ProofError::Length),
    }
}

/// Whether the old tree is the beginning of the new one (RFC 9162, section 2.1.4.2). Of an empty old tree there is nothing
/// to prove but that its root is that of an empty tree.
pub fn verify_consistency(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::OutOfRange { asked: old, size: new });
    }
    if old == 0 || old == new {
        if !proof.is_empty() {
            return Err(ProofError::Length);
        }
        let must = |expected: &Hash, found: &Hash| if expected == found { Ok(()) } else { Err(ProofError::Root { expected: *expected, found: *found }) };
        if old == 0 {
            must(&EMPTY_ROOT, old_root)?;
        }
        return if old == new { must(old_root, new_root) } else { Ok(()) };
    }
    let (first, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some(found) => found,
        None => return Err(ProofError::Length),
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut from_old, mut from_new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node_hash(&from_new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    for (expected, found) in [(old_root, from_old), (new_root, from_new)] {
        if found != *expected {
            return Err(ProofError::Root { expected: *expected, found });
        }
    }
    Ok(())
}
