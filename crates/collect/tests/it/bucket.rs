//! A bucket of a real S3 stand-in that checks signatures: listing, globs, what changed, parts, refusals.

use std::collections::HashMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use collect::connect::{self, Context};
use collect::{CollectError, Position, Source};
use data::declare::{Resource, System};
use serde_json::{Value, json};

use crate::api::ids;
use crate::city::{context, drain, item, resource, system};

/// A stand-in of the test's own, with one bucket and keys to it.
struct Stand {
    child: Child,
    python: PathBuf,
    port: u16,
    access: String,
    secret: String,
    runtime: tokio::runtime::Runtime,
}

impl Stand {
    /// Starts it, or says loudly that there is none on this machine.
    fn start() -> Option<Stand> {
        let Some(python) = python() else {
            eprintln!("SKIP: moto is not installed (scripts/install-test-tools): buckets are NOT tested here");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(&python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut stand = Stand { child, python, port, access: String::new(), secret: String::new(), runtime };
        let deadline = Instant::now() + Duration::from_secs(300);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "the stand-in does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let keys = stand.python("s3.create_bucket(Bucket='city'); s3.create_bucket(Bucket='empty')\niam.create_user(UserName='u')\niam.put_user_policy(UserName='u', PolicyName='p', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}]}))\nk = iam.create_access_key(UserName='u')['AccessKey']; print(k['AccessKeyId'], k['SecretAccessKey'])");
        let (access, secret) = keys.trim().split_once(' ').unwrap();
        (stand.access, stand.secret) = (access.to_owned(), secret.to_owned());
        Some(stand)
    }

    /// Runs a script with clients of the stand-in.
    fn python(&self, script: &str) -> String {
        let head = format!(
            "import boto3, json\nfrom botocore.config import Config\na = dict(endpoint_url='http://127.0.0.1:{}', region_name='us-east-1', aws_access_key_id='{}', aws_secret_access_key='{}')\n\
             s3 = boto3.client('s3', **a, config=Config(s3={{'addressing_style': 'path'}})); iam = boto3.client('iam', **a)\n",
            self.port,
            if self.access.is_empty() { "root" } else { &self.access },
            if self.secret.is_empty() { "root" } else { &self.secret },
        );
        let output = Command::new(&self.python).args(["-c", &format!("{head}{script}")]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// From now on requests are refused unless their signature is right.
    fn guard(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let body = "0";
        write!(stream, "POST /moto-api/reset-auth HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert!(answer.contains("200"), "{answer}");
    }

    fn system(&self, more: Value) -> System {
        let mut connector = json!({
            "kind": "s3", "endpoint": format!("http://127.0.0.1:{}", self.port), "bucket": "city", "prefix": "in/",
            "access_key": "${S3_ACCESS}", "secret_key": "${S3_SECRET}", "retries": 1, "timeout_seconds": 120,
        });
        connector.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        system(serde_json::from_value(connector).unwrap())
    }

    fn open(&self, system: &System, from: &str, position: &Position) -> Result<Box<dyn Source>, CollectError> {
        let variables = HashMap::from([
            ("S3_ACCESS".to_owned(), self.access.clone()),
            ("S3_SECRET".to_owned(), self.secret.clone()),
        ]);
        let ctx: Context = context(&self.runtime, variables);
        connect::open(&ctx, system, &declared(from), position)
    }

    fn read(&self, from: &str, position: &Position) -> (Vec<u64>, Box<dyn Source>) {
        let mut source = self.open(&self.system(json!({})), from, position).unwrap();
        (ids(&drain(source.as_mut())), source)
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the test tools were installed: other versions of the stand-in sign differently.
fn python() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-tools/python/bin/python");
    let named = std::env::var_os("SANJIANG_TEST_PYTHON").map(PathBuf::from);
    [named, Some(root)].into_iter().flatten().find(|python| {
        let check =
            Command::new(python).args(["-c", "import moto.server, boto3, flask"]).stderr(Stdio::null()).status();
        check.is_ok_and(|status| status.success())
    })
}

fn declared(from: &str) -> Resource {
    let mut resource = resource(vec![item("id", "integer")]);
    resource.collect.from = from.to_owned();
    resource
}

#[test]
fn objects_are_listed_fetched_when_changed_and_refused_without_the_right_keys() {
    let Some(stand) = Stand::start() else { return };
    stand.python(
        "put = lambda k, b: s3.put_object(Bucket='city', Key=k, Body=b)\n\
         for n in range(1100): put(f'many/{n:04}.csv', b'id\\n1\\n' if n % 100 == 99 else b'')\n\
         put('in/2026/people-01.csv', b'id,v\\n1,a\\n2,b\\n'); put('in/2026/people-02.csv', b'id,v\\n3,c\\n')\n\
         put('in/2026/people-03.csv.part', b'id\\n9\\n'); put('in/2026/', b''); put('out/2026/people-04.csv', b'id\\n9\\n')\n\
         put('in/\u{4eba}\u{53e3} a+b&c=%20.csv', b'id,v\\n7,x\\n')\n\
         m = s3.create_multipart_upload(Bucket='city', Key='in/big.csv')['UploadId']\n\
         body = b'id,v\\n' + b''.join(b'%d,x\\n' % n for n in range(900000)); at = 5 << 20; parts = []\n\
         for n, piece in enumerate([body[:at], body[at:]], 1):\n    \
             parts.append({'PartNumber': n, 'ETag': s3.upload_part(Bucket='city', Key='in/big.csv', PartNumber=n, UploadId=m, Body=piece)['ETag']})\n\
         s3.complete_multipart_upload(Bucket='city', Key='in/big.csv', UploadId=m, MultipartUpload={'Parts': parts})\n",
    );
    stand.guard();
    let (found, first) = stand.read("2026/people-*.csv", &Position::default());
    assert_eq!((found, first.delivery()), (vec![1, 2, 3], 2));
    let position = first.position();
    assert!(position.files["2026/people-01.csv"].etag.is_some() && position.files.len() == 2);
    let (found, again) = stand.read("2026/people-*.csv", &position);
    assert_eq!((found.len(), again.skipped(), again.position()), (0, 3, position.clone()));

    // Of an object that was replaced only that one is fetched; one that is gone is told.
    stand.python("s3.put_object(Bucket='city', Key='in/2026/people-02.csv', Body=b'id,v\\n3,C\\n4,d\\n'); s3.delete_object(Bucket='city', Key='in/2026/people-01.csv')");
    let (found, changed) = stand.read("**/*-*.csv", &position);
    assert_eq!((found, changed.skipped()), (vec![3, 4], 0));
    assert!(changed.decisions().iter().any(|told| told.what == "removed" && told.about == "2026/people-01.csv"));

    assert_eq!(stand.read("\u{4eba}\u{53e3} a+b&c=%20.csv", &Position::default()).0, [7]);
    let (found, big) = stand.read("big.csv", &Position::default());
    assert_eq!(found.len(), 900_000);
    assert!(big.position().files["big.csv"].etag.as_deref().is_some_and(|etag| etag.ends_with("-2\"")));

    refusals(&stand);
}

fn refusals(stand: &Stand) {
    let fails = |more: Value, from: &str| {
        let mut source = match stand.open(&stand.system(more), from, &Position::default()) {
            Err(error) => return error,
            Ok(source) => source,
        };
        source.next(10).unwrap_err()
    };
    let error = fails(json!({}), "2026/poeple-02.csv");
    assert!(error.code == "s3.missing" && error.message.zh.contains("people-02.csv"), "{error:?}");
    let error = fails(json!({ "secret_key": "wrong" }), "*.csv");
    assert!(error.code == "http.login" && error.message.en.contains("SignatureDoesNotMatch"), "{error:?}");
    let error = fails(json!({ "access_key": "nobody" }), "*.csv");
    assert!(error.code == "http.login" && error.message.en.contains("InvalidAccessKeyId"), "{error:?}");
    assert_eq!(fails(json!({ "bucket": "no-such-bucket" }), "*.csv").code, "s3.bucket");
    let error = fails(json!({ "largest_mib": 1 }), "big.csv");
    assert_eq!(error.code, "http.too_large");
    // The listing has two pages.
    let mut many = stand.open(&stand.system(json!({ "prefix": "many/" })), "*99.csv", &Position::default()).unwrap();
    assert_eq!(ids(&drain(many.as_mut())).len(), 11);
    let mut shut = stand.system(json!({}));
    let data::declare::Connector::S3 { endpoint, .. } = &mut shut.connector else { panic!() };
    *endpoint = format!("http://[::ffff:127.0.0.1]:{}", stand.port);
    assert_eq!(stand.open(&shut, "*.csv", &Position::default()).err().unwrap().code, "network.forbidden");
}
