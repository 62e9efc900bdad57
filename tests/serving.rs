//! The tests' own registry and sink, judged by other people's clients: curl and skopeo.

mod access;
mod quirks;
mod uploads;

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Output, Test, sha256, tree};
use crate::oracle::{Oracle, oracle};
use crate::servers::registry::{Options, Registry};
use crate::servers::sink::Sink;

/// curl, asking one server.
pub struct Curl {
    oracle: Oracle,
    dir: TempDir,
    address: String,
}

/// What curl got.
pub struct Got {
    /// 0 if there was no answer.
    pub status: u16,
    /// Whether curl found all of it in order.
    pub success: bool,
    headers: String,
    pub body: Vec<u8>,
}

impl Curl {
    /// `None` where curl is missing.
    pub fn of(address: &str) -> Option<Self> {
        Some(Self {
            oracle: oracle("curl")?,
            dir: TempDir::with_prefix("modelbuild-curl-").unwrap(),
            address: address.to_owned(),
        })
    }

    /// Sends `method` for `path` with curl's own `args`.
    pub fn ask(&self, method: &str, path: &str, args: &[&str]) -> Got {
        let url = format!("http://{}{path}", self.address);
        let method = if method == "HEAD" {
            vec!["--head"]
        } else {
            vec!["--request", method]
        };
        let common = [
            "--silent",
            "--max-time",
            "60",
            "--dump-header",
            "headers",
            "--output",
            "body",
            &url,
        ];
        for file in ["headers", "body"] {
            fs_err::write(self.dir.path().join(file), "").unwrap();
        }
        let answer = self.oracle.ask(self.dir.path(), [&method[..], args, &common].concat());
        let headers = fs_err::read_to_string(self.dir.path().join("headers")).unwrap();
        let mut statuses = headers.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 "));
        let status = statuses.next_back().and_then(|line| line.split(' ').next());
        Got {
            status: status.map_or(0, |status| status.parse().unwrap()),
            success: answer.success,
            headers,
            body: fs_err::read(self.dir.path().join("body")).unwrap(),
        }
    }

    pub fn get(&self, path: &str) -> Got {
        self.ask("GET", path, &[])
    }

    /// Sends `content`, by its length.
    pub fn send(&self, method: &str, path: &str, content: &[u8], args: &[&str]) -> Got {
        fs_err::write(self.dir.path().join("content"), content).unwrap();
        self.ask(method, path, &[&["--data-binary", "@content"], args].concat())
    }

    /// Begins an upload; its path.
    pub fn begin(&self, name: &str) -> String {
        let got = self.ask("POST", &format!("/v2/{name}/blobs/uploads/"), &[]);
        assert_eq!(got.status, 202);
        got.header("Location").unwrap().to_owned()
    }

    /// Puts a blob there whole; its digest.
    pub fn put_blob(&self, name: &str, content: &[u8]) -> String {
        let digest = sha256(content);
        let path = format!("{}?digest={digest}", self.begin(name));
        assert_eq!(self.send("PUT", &path, content, &[]).status, 201);
        digest
    }

    pub fn put_manifest(&self, name: &str, reference: &str, manifest: &Value) -> Got {
        let kind = format!("Content-Type: {}", manifest["mediaType"].as_str().unwrap());
        let path = format!("/v2/{name}/manifests/{reference}");
        self.send("PUT", &path, manifest.to_string().as_bytes(), &["--header", &kind])
    }
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of the error.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["code"].as_str().unwrap().to_owned()
    }
}

/// Bytes without a pattern that repeats.
pub fn noise(length: u32) -> Vec<u8> {
    (0..length)
        .map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect()
}

/// A layout `layout`, tagged `v1`, with a large layer and a small one.
pub fn layout() -> Output {
    Test::new()
        .file("model/Modelfile", "NAME tiny\nMODEL weights.bin\nDOC README.md\n")
        .file("model/weights.bin", noise(3_000_000))
        .file("model/README.md", "# tiny\n")
        .args(["build", "model", "--quiet", "--tag", "example/tiny:v1"])
        .args(["--output", "layout"])
        .run()
}

pub fn copy(skopeo: &Oracle, dir: &Path, from: &str, to: &str) {
    let common = ["--insecure-policy", "copy", "--all", "--preserve-digests"];
    let plain = ["--src-tls-verify=false", "--dest-tls-verify=false", from, to];
    skopeo.approve(dir, [common, plain].concat());
}

#[test]
fn skopeo_copies_to_the_registry_and_back() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let built = layout();
    let dir = built.dir();
    let registry = Registry::start(Options::default());
    let remote = format!("docker://{}/some/model:v1", registry.address());
    copy(&skopeo, &dir, "oci:layout:v1", &remote);
    assert_eq!(registry.tag("some/model", "v1").as_deref(), Some(built.text()));
    let weights = sha256(&noise(3_000_000));
    assert!(registry.has_blob("some/model", &weights));
    assert_eq!(registry.record.received_of(&noise(3_000_000)).0, 3_000_000);

    registry.record.clear();
    copy(&skopeo, &dir, &remote, "oci:back:v1");
    assert_eq!(tree(&dir.join("back/blobs")), tree(&dir.join("layout/blobs")));
    let methods = (registry.record.count("GET"), registry.record.count("*"));
    assert!(methods.0 > 3 && methods.0 == methods.1, "{}", registry.record.lines());
    assert!(registry.record.sent() > 3_000_000);
}

#[test]
fn manifests_keep_their_type_and_go_by_tag_or_digest() {
    let registry = Registry::start(Options::default());
    let Some(curl) = Curl::of(&registry.address()) else {
        return;
    };
    let config = curl.put_blob("a/b", b"{}");
    let index = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []});
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2, "mediaType": kind, "artifactType": "application/x",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2}, "layers": [],
    });
    let digest = sha256(manifest.to_string().as_bytes());
    let put = curl.put_manifest("a/b", "v1", &manifest);
    assert_eq!((put.status, put.header("Docker-Content-Digest")), (201, Some(&*digest)));
    for reference in ["v1", &digest] {
        for method in ["GET", "HEAD"] {
            let got = curl.ask(method, &format!("/v2/a/b/manifests/{reference}"), &[]);
            assert_eq!((got.status, got.header("Content-Type")), (200, Some(kind)));
            assert_eq!(got.header("Docker-Content-Digest"), Some(&*digest));
        }
    }
    let other = ["--header", "Accept: application/vnd.oci.image.index.v1+json"];
    assert_eq!(
        curl.ask("GET", "/v2/a/b/manifests/v1", &other).code(),
        "MANIFEST_UNKNOWN"
    );
    assert_eq!(curl.put_manifest("a/b", &config, &index).code(), "DIGEST_INVALID");
    assert_eq!(
        curl.put_manifest("other", "v1", &manifest).code(),
        "MANIFEST_BLOB_UNKNOWN"
    );

    assert_eq!(curl.ask("DELETE", "/v2/a/b/manifests/v1", &[]).status, 202);
    assert_eq!(curl.get("/v2/a/b/manifests/v1").status, 404);
    assert_eq!(curl.get(&format!("/v2/a/b/manifests/{digest}")).status, 200);
    assert_eq!(curl.put_manifest("a/b", "v2", &manifest).status, 201);
    assert_eq!(
        curl.ask("DELETE", &format!("/v2/a/b/manifests/{digest}"), &[]).status,
        202
    );
    assert_eq!(curl.get("/v2/a/b/manifests/v2").code(), "MANIFEST_UNKNOWN");
    assert_eq!(curl.ask("DELETE", &format!("/v2/a/b/blobs/{config}"), &[]).status, 202);
    assert_eq!(curl.get(&format!("/v2/a/b/blobs/{config}")).code(), "BLOB_UNKNOWN");
}

#[test]
fn tags_come_page_by_page_and_referrers_by_type() {
    let registry = Registry::start(Options::default());
    let Some(curl) = Curl::of(&registry.address()) else {
        return;
    };
    let index = "application/vnd.oci.image.index.v1+json";
    let subject = json!({"schemaVersion": 2, "mediaType": index, "manifests": []});
    let digest = sha256(subject.to_string().as_bytes());
    for tag in ["v1", "v2", "latest"] {
        assert_eq!(curl.put_manifest("a", tag, &subject).status, 201);
    }
    let page = curl.get("/v2/a/tags/list?n=2");
    assert_eq!(page.json(), json!({"name": "a", "tags": ["latest", "v1"]}));
    assert_eq!(page.header("Link"), Some("</v2/a/tags/list?n=2&last=v1>; rel=\"next\""));
    let page = curl.get("/v2/a/tags/list?n=2&last=v1");
    assert_eq!(
        (page.json(), page.header("Link")),
        (json!({"name": "a", "tags": ["v2"]}), None)
    );
    assert_eq!(curl.get("/v2/b/tags/list").code(), "NAME_UNKNOWN");

    let refer = |kind: &str| {
        json!({"schemaVersion": 2, "mediaType": index, "artifactType": kind, "manifests": [],
            "subject": {"mediaType": index, "digest": digest, "size": subject.to_string().len()},
            "annotations": {"kind": kind}})
    };
    for kind in ["x/signature", "x/card"] {
        let put = curl.put_manifest("a", &sha256(refer(kind).to_string().as_bytes()), &refer(kind));
        assert_eq!((put.status, put.header("OCI-Subject")), (201, Some(&*digest)));
    }
    let path = format!("/v2/a/referrers/{digest}");
    assert_eq!(curl.get(&path).json()["manifests"].as_array().unwrap().len(), 2);
    let got = curl.get(&format!("{path}?artifactType=x%2Fcard"));
    assert_eq!(got.header("OCI-Filters-Applied"), Some("artifactType"));
    let text = refer("x/card").to_string();
    assert_eq!(
        got.json()["manifests"],
        json!([{"mediaType": index, "digest": sha256(text.as_bytes()), "size": text.len(),
            "artifactType": "x/card", "annotations": {"kind": "x/card"}}])
    );
}

#[test]
fn the_sink_counts_what_skopeo_pushes() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let built = layout();
    let sink = Sink::start();
    let remote = format!("docker://{}/a:v1", sink.address());
    copy(&skopeo, &built.dir(), "oci:layout:v1", &remote);
    let first = sink.record.received();
    assert!(first > 3_000_000);
    // What it said it has taken is not sent again.
    copy(&skopeo, &built.dir(), "oci:layout:v1", &remote);
    assert!(sink.record.received() - first < 10_000, "{}", sink.record.lines());
}

#[test]
fn the_sink_gives_what_layouts_have() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let built = layout();
    let dir = built.dir();
    let sink = Sink::giving(&dir);
    let remote = format!("{}/layout:v1", sink.address());
    copy(&skopeo, &dir, &format!("docker://{remote}"), "oci:theirs:v1");
    built.then().args(["pull", "-q", &remote, "-o", "ours"]).run();
    for pulled in ["theirs", "ours"] {
        assert_eq!(tree(&dir.join(pulled).join("blobs")), tree(&dir.join("layout/blobs")));
    }
    assert_eq!(sink.record.sent() / 3_000_000, 2, "{}", sink.record.lines());
    // What no layout has nobody gets, the files beside them least of all.
    for other in ["layout:v2", "other:v1", "model:v1"] {
        let other = format!("{}/{other}", sink.address());
        built.then().args(["pull", "-q", &other, "-o", "none"]).status(5).run();
    }
}
