//! Texts in the forms of the standards: their own examples, and what must not be accepted.

use tlog::*;

use crate::{ORIGIN, signer, signers, verifiers};

/// The example of golang.org/x/mod/sumdb/note.
const GO_VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_SIGNER: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn gos_example_of_a_note_is_read_and_written() {
    let verifier = Verifier::parse(GO_VERIFIER).expect("verifier");
    let signing = Signer::parse(GO_SIGNER).expect("signer");
    assert_eq!(signing.verifier(), &verifier);
    assert_eq!((verifier.to_string().as_str(), signing.to_secret_text().as_str()), (GO_VERIFIER, GO_SIGNER));
    let note = Note::parse(GO_NOTE.as_bytes()).expect("note");
    assert_eq!(note.verify(std::slice::from_ref(&verifier)).expect("signed").len(), 1);
    assert_eq!(signing.sign(&note.text, 0).expect("signature"), note.signatures[0]);
    assert_eq!(note.to_string(), GO_NOTE);
}

#[test]
fn the_standards_example_of_a_checkpoint_is_read() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let note = Note::parse(text.as_bytes()).expect("note");
    let checkpoint = Checkpoint::parse(&note.text).expect("checkpoint");
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20852163));
    assert_eq!((checkpoint.to_text(), note.to_string()), (note.text.clone(), text.to_owned()));
    assert_eq!(note.signatures[1].bytes[..8], 1679315147u64.to_be_bytes());
}

#[test]
fn keys_of_all_kinds_sign_and_are_read_again() {
    for algorithm in [Algorithm::Ed25519, Algorithm::Cosignature, Algorithm::Sm2] {
        let key = signer(algorithm, "a.example/key", 9);
        let again = Signer::parse(&key.to_secret_text()).expect("signer");
        let verifier = Verifier::parse(&key.verifier().to_string()).expect("verifier");
        assert_eq!((again.verifier(), &verifier, verifier.algorithm()), (key.verifier(), &verifier, algorithm));
        let mut signature = key.sign("text\n", 1_679_315_147).expect("signature");
        let time = (algorithm == Algorithm::Cosignature).then_some(1_679_315_147);
        assert_eq!(verifier.verify("text\n", &signature.bytes), Ok(time));
        assert!(verifier.verify("text.\n", &signature.bytes).is_err());
        for at in 0..signature.bytes.len() {
            signature.bytes[at] ^= 1;
            assert!(verifier.verify("text\n", &signature.bytes).is_err(), "{algorithm:?} byte {at}");
            signature.bytes[at] ^= 1;
        }
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }
}

#[test]
fn the_national_standards_example_of_sm2_holds() {
    // GB/T 32918.5, annex A.2: the key pair, and the signature that the standard works out over "message digest".
    let mut secret = [0; 32];
    for (at, byte) in secret.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&"3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"[at * 2..at * 2 + 2], 16).expect("hex");
    }
    let hex = |text: &str| -> Vec<u8> { (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex")).collect() };
    let key = Signer::new(Algorithm::Sm2, "sm2", &secret).expect("key");
    let signature = [
        hex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"),
        hex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"),
    ];
    assert_eq!(key.verifier().verify("message digest", &signature.concat()), Ok(None));
    use base64::Engine;
    let text = key.verifier().to_string();
    let encoded = base64::prelude::BASE64_STANDARD.decode(text.splitn(3, '+').nth(2).expect("key")).expect("Base 64");
    let point = ["0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020", "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"];
    assert_eq!(encoded, [vec![0xff], SM2_IDENTIFIER.to_vec(), hex(point[0]), hex(point[1])].concat());
}

#[test]
fn what_is_not_in_its_form_is_refused() {
    for key in ["", "a", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"] {
        assert!(Verifier::parse(key).is_err(), "{key}");
        assert!(Signer::parse(&format!("PRIVATE+KEY+{key}")).is_err(), "{key}");
    }
    for note in ["", "\n", "text\n", "text\n\n", "text\n\n— a", "text\n\n— a b\n", "text\n\n— a AAAA\n", "text\n\n- a AAAAAAA=\n", "te\rxt\n\n— a AAAAAAA=\n", "text\n\n— a AAAAAAA=", "text\n\n— a  AAAAAAA=\n", "text\n\n— a AAAAAAB=\n"] {
        assert!(Note::parse(note.as_bytes()).is_err(), "{note:?}");
    }
    let line = "— a AAAAAAA=\n";
    assert!(Note::parse(format!("text\n\n{}", line.repeat(16)).as_bytes()).is_ok());
    assert!(matches!(Note::parse(format!("text\n\n{}", line.repeat(65)).as_bytes()), Err(NoteError::TooLarge(_))));
    assert!(matches!(Note::parse(format!("{}\n\n{line}", "x".repeat(NOTE_MOST)).as_bytes()), Err(NoteError::TooLarge(_))));
    let root = EMPTY_ROOT;
    for text in [String::new(), "a\n".to_owned(), "a\n1\n".to_owned(), format!("\n1\n{root}\n"), format!("a\n01\n{root}\n"), format!("a\n+1\n{root}\n"), format!("a\n1\n{root}"), format!("a\n1\n{root}\n\n"), format!("a\n18446744073709551616\n{root}\n"), "a\n1\nAAAA\n".to_owned()] {
        assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
    }
    assert!(Checkpoint::parse(&format!("a\n0\n{root}\nextension\n")).is_ok());
}

#[test]
fn one_wrong_signature_of_a_known_key_is_too_many() {
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 3, root: leaf_hash(b""), extensions: Vec::new() };
    let note = checkpoint.sign(&signers(), 0).expect("signed");
    assert_eq!(note.verify(&verifiers()).expect("both").len(), 2);
    assert_eq!(note.verify(&verifiers()[..1]).expect("one").len(), 1);
    let stranger = signer(Algorithm::Ed25519, ORIGIN, 99);
    assert!(matches!(note.verify(&[stranger.verifier().clone()]), Err(NoteError::Unsigned(_))));
    let mut forged = note.clone();
    forged.signatures[1].bytes[5] ^= 1;
    assert!(matches!(forged.verify(&verifiers()), Err(NoteError::Forged(_))));
    assert!(forged.verify(&verifiers()[..1]).is_ok());
    assert!(Checkpoint::open(note.to_string().as_bytes(), "another", &verifiers()).is_err());
}

#[test]
fn tiles_have_the_paths_of_the_standard() {
    let paths = [
        (Kind::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067"),
        (Kind::Hashes(0), 273, 112, "tile/0/273.p/112"),
        (Kind::Hashes(7), 0, 1, "tile/7/000.p/1"),
        (Kind::Entries, 1_000, 255, "tile/entries/x001/000.p/255"),
        (Kind::Entries, 999, 256, "tile/entries/999"),
    ];
    for (kind, index, width, path) in paths {
        let tile = Tile { kind, index, width };
        assert_eq!((tile.path().as_str(), Tile::parse(path)), (path, Some(tile)));
    }
    for path in ["tile/00/000", "tile/64/000", "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/001/002", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/300", "tile/0/000.p/01", "tile/0/000.p", "tile/0", "tile/entries", "tile/+1/000", "tile/0/x001/x000.p/1", "checkpoint", "tile/0/000/"] {
        assert_eq!(Tile::parse(path), None, "{path}");
    }
    // The standard's example: a tree of 70,000.
    let widths = |level| (Kind::Hashes(level), (0..).map_while(move |index| Tile::at(Kind::Hashes(level), index, 70_000)).map(|tile| tile.width).collect::<Vec<_>>());
    let (_, zero) = widths(0);
    assert_eq!((zero.len(), zero.last()), (274, Some(&112)));
    assert_eq!((widths(1).1, widths(2).1, widths(3).1), (vec![256, 17], vec![1], Vec::new()));
    assert_eq!(Tile { kind: Kind::Hashes(1), index: 1, width: 17 }.leaves(), 65_536..69_888);
}
