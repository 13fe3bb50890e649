//! Hashes and proofs against known answers and against a tree built naively.

use proptest::prelude::*;
use tlog::*;

fn hex(text: &str) -> Hash {
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex")).collect();
    Hash(bytes.try_into().expect("32 bytes"))
}

/// The leaves of Certificate Transparency's reference tests.
fn reference_leaves() -> Vec<Vec<u8>> {
    let texts = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    texts.iter().map(|text| (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex")).collect()).collect()
}

/// RFC 6962, section 2.1, word for word.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [one] => *one,
        more => {
            let mut k = 1;
            while k * 2 < more.len() {
                k *= 2;
            }
            node_hash(&naive(&more[..k]), &naive(&more[k..]))
        }
    }
}

struct Leaves(Vec<Hash>);

impl Nodes for Leaves {
    type Error = ProofError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, ProofError> {
        let (from, width) = ((index as usize) << level, 1usize << level);
        self.0.get(from..from + width).map(naive).ok_or(ProofError::OutOfRange { asked: index, size: self.0.len() as u64 })
    }
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

#[test]
fn the_reference_roots_come_out() {
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    assert_eq!(Frontier::new().root(), hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    let mut frontier = Frontier::new();
    for (leaf, root) in reference_leaves().iter().zip(roots) {
        frontier.push(leaf_hash(leaf), |_, _, _| {});
        assert_eq!(frontier.root(), hex(root));
    }
}

#[test]
fn the_reference_proofs_come_out() {
    let tree = Leaves(reference_leaves().iter().map(|leaf| leaf_hash(leaf)).collect());
    let inclusion = inclusion_proof(&tree, 5, 8).expect("proof");
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(inclusion, expected.map(hex));
    let consistency = consistency_proof(&tree, 6, 8).expect("proof");
    let expected = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(consistency, expected.map(hex));
}

#[test]
fn all_proofs_of_small_trees_hold_and_no_others() {
    for size in 1..=40u64 {
        let tree = Leaves(leaves(size as usize));
        let root = naive(&tree.0);
        for index in 0..size {
            let leaf = tree.0[index as usize];
            let proof = inclusion_proof(&tree, index, size).expect("proof");
            assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
            assert!(verify_inclusion(&leaf, (index + 1) % size, size, &proof, &root).is_err() || size == 1);
            assert!(verify_inclusion(&root, index, size, &proof, &root).is_err() || size == 1);
            let longer = [proof.as_slice(), &[leaf]].concat();
            assert!(verify_inclusion(&leaf, index, size, &longer, &root).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify_inclusion(&leaf, index, size, shorter, &root).is_err());
            }
        }
        for old in 0..=size {
            let old_root = naive(&tree.0[..old as usize]);
            let proof = consistency_proof(&tree, old, size).expect("proof");
            assert_eq!(verify_consistency(old, &old_root, size, &root, &proof), Ok(()));
            if old > 0 && old < size {
                assert!(verify_consistency(old, &root, size, &root, &proof).is_err());
                assert!(verify_consistency(old, &old_root, size, &old_root, &proof).is_err());
                let longer = [proof.as_slice(), &[root]].concat();
                assert!(verify_consistency(old, &old_root, size, &root, &longer).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(verify_consistency(old, &old_root, size, &root, shorter).is_err());
                }
            }
        }
    }
    assert!(verify_consistency(0, &EMPTY_ROOT, 0, &leaf_hash(b"x"), &[]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn frontier_and_proofs_agree_with_the_naive_tree(size in 1usize..700, one in any::<prop::sample::Index>(), two in any::<prop::sample::Index>()) {
        let tree = Leaves(leaves(size));
        let mut frontier = Frontier::new();
        for (count, leaf) in tree.0.iter().enumerate() {
            frontier.push(*leaf, |level, index, hash| assert_eq!(tree.node(level, index), Ok(hash)));
            if count % 97 == 0 || count + 1 == size {
                prop_assert_eq!(frontier.root(), naive(&tree.0[..=count]));
            }
        }
        prop_assert_eq!(Frontier::from_parts(frontier.size(), frontier.peaks().to_vec()), Some(frontier.clone()));
        let (index, old, n) = (one.index(size) as u64, two.index(size) as u64, size as u64);
        let proof = inclusion_proof(&tree, index, n).expect("proof");
        prop_assert_eq!(verify_inclusion(&tree.0[index as usize], index, n, &proof, &frontier.root()), Ok(()));
        let proof = consistency_proof(&tree, old, n).expect("proof");
        prop_assert_eq!(verify_consistency(old, &naive(&tree.0[..old as usize]), n, &frontier.root(), &proof), Ok(()));
    }

    #[test]
    fn a_changed_proof_does_not_hold(size in 2usize..300, index in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0usize..256) {
        let tree = Leaves(leaves(size));
        let root = naive(&tree.0);
        let index = index.index(size);
        let mut proof = inclusion_proof(&tree, index as u64, size as u64).expect("proof");
        let place = place.index(proof.len());
        proof[place].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_inclusion(&tree.0[index], index as u64, size as u64, &proof, &root).is_err());
    }
}
