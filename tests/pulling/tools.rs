//! Other people's tools read what we pushed, and we read what they pushed: in both dialects, and of many layers.

use std::path::Path;

use super::{Line, blobs};
use crate::authorized::{DOCKER, SECRET, auths, entry};
use crate::harness::{Output, Test, sha256};
use crate::oracle::oracle;
use crate::registry::{Access, Registry, Settings};
use crate::serving::noise;

/// A model, and the dialect that it is pushed in.
struct Model {
    files: Vec<(String, Vec<u8>)>,
    modelfile: &'static str,
    spec: &'static str,
}

/// What a GGUF file begins with that has no tensors and no keys: Docker's dialect wants that.
fn gguf(tail: &[u8]) -> Vec<u8> {
    [b"GGUF\x03\0\0\0".as_slice(), &[0; 16], tail].concat()
}

impl Model {
    fn small(spec: &'static str) -> Self {
        let files = [
            ("m.gguf", gguf(b"weights\n")),
            ("config.json", b"{}\n".to_vec()),
            ("README.md", b"# tiny\n".to_vec()),
        ];
        Self {
            files: files.map(|(name, content)| (name.to_owned(), content)).to_vec(),
            modelfile: "NAME tiny\nFORMAT gguf\nMODEL m.gguf\nCONFIG config.json\nDOC README.md\n",
            spec,
        }
    }

    /// Of more layers than go at once, some of them large.
    fn of_many_layers(spec: &'static str) -> Self {
        let shard = |number: u32| {
            let name = format!("weights/{number:05}.gguf");
            (name, gguf(&noise(3_000_000 + number)))
        };
        let small = |number: u32| (format!("docs/{number}.md"), format!("# {number}\n").into_bytes());
        Self {
            files: (0..8).map(shard).chain((0..20).map(small)).collect(),
            modelfile: "NAME many\nFORMAT gguf\nMODEL weights/*.gguf\nDOC docs\n",
            spec,
        }
    }

    fn all() -> [Self; 4] {
        let small = ["modelpack", "docker"].map(Self::small);
        let large = ["modelpack", "docker"].map(Self::of_many_layers);
        let [[first, second], [third, fourth]] = [small, large];
        [first, second, third, fourth]
    }

    /// Builds it to the layout `pushed`.
    fn build(&self) -> Output {
        let test = Test::new().file("Modelfile", self.modelfile);
        let files = self.files.iter();
        let test = files.fold(test, |test, (name, content)| test.file(name, content));
        let args = ["build", "-q", "-o", "pushed", "-t", "a/tiny:v1", "--spec", self.spec];
        test.args(args).run()
    }

    /// The same, which goes on to a repository of the registry.
    fn push(&self, registry: &Registry) -> (Output, String) {
        let remote = format!("{}/a/{}:v1", registry.address(), self.spec);
        let built = self.build();
        built.then().args(["push", "-q", "pushed", &remote]).run();
        (built, remote)
    }

    /// Checks that a tool has put each of its files there, and no other.
    #[track_caller]
    fn check_files(&self, dir: &Path) {
        for (name, content) in &self.files {
            assert!(
                fs_err::read(dir.join(name)).unwrap() == *content,
                "{name} {}",
                self.spec
            );
        }
        let found = walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap);
        let found = found.filter(|entry| entry.file_type().is_file()).count();
        assert_eq!(found, self.files.len(), "{}", self.spec);
    }

    /// Checks that a layout has a blob for each of its files.
    #[track_caller]
    fn check_blobs(&self, layout: &Path) {
        let found = blobs(layout);
        for (name, content) in &self.files {
            assert!(found.contains_key(&sha256(content).replace(':', "/")), "{name}");
        }
    }
}

const COPY: [&str; 4] = ["--insecure-policy", "copy", "--preserve-digests", "--quiet"];

#[test]
fn skopeo_both_ways() {
    let (Some(skopeo), Some(registry)) = (oracle("skopeo"), Registry::start()) else {
        return;
    };
    for model in Model::all() {
        let (built, remote) = model.push(&registry);
        let dir = built.dir();
        let ours = format!("docker://{remote}");
        let from = ["--src-tls-verify=false", &ours, "oci:theirs:v1"];
        skopeo.approve(&dir, [&COPY[..], &from].concat());
        assert_eq!(blobs(&dir.join("theirs")), blobs(&dir.join("pushed")));
        let theirs = format!("{}/b/tiny:v1", registry.address());
        let there = format!("docker://{theirs}");
        let to = ["--dest-tls-verify=false", "oci:pushed:v1", &there];
        skopeo.approve(&dir, [&COPY[..], &to].concat());
        built.then().args(["pull", "-q", &theirs, "-o", "ours"]).run();
        assert_eq!(blobs(&dir.join("ours")), blobs(&dir.join("pushed")));
    }
}

/// As in a company: an authority of its own, and nobody without a password.
#[test]
fn skopeo_both_ways_over_tls_with_a_password() {
    let settings = Settings {
        tls: true,
        access: Access::Basic {
            user: "bob".to_owned(),
            password: SECRET.to_owned(),
        },
        ..Settings::default()
    };
    let (Some(skopeo), Some(registry)) = (oracle("skopeo"), Registry::start_with(&settings)) else {
        return;
    };
    let authority = registry.authority().to_str().unwrap();
    let host = registry.address();
    for model in Model::all() {
        let built = model.build();
        let dir = built.dir();
        let run = |args: &[&str]| {
            let test = built.then().file(DOCKER, auths(host, &entry("bob", SECRET)));
            test.args(args).args(["-q", "--ca-file", authority]).run()
        };
        let remote = format!("{host}/a/{}:v1", model.spec);
        run(&["push", "pushed", &remote]);
        fs_err::create_dir(dir.join("trusted")).unwrap();
        fs_err::copy(authority, dir.join("trusted/ca.crt")).unwrap();
        let known = format!("bob:{SECRET}");
        let ours = format!("docker://{remote}");
        let from = ["--src-cert-dir=trusted", "--src-creds", &known, &ours, "oci:theirs:v1"];
        skopeo.approve(&dir, [&COPY[..], &from].concat());
        assert_eq!(blobs(&dir.join("theirs")), blobs(&dir.join("pushed")));
        let theirs = format!("{host}/b/{}:v1", model.spec);
        let there = format!("docker://{theirs}");
        let to = [
            "--dest-cert-dir=trusted",
            "--dest-creds",
            &known,
            "oci:pushed:v1",
            &there,
        ];
        skopeo.approve(&dir, [&COPY[..], &to].concat());
        run(&["pull", &theirs, "-o", "ours"]);
        assert_eq!(blobs(&dir.join("ours")), blobs(&dir.join("pushed")));
        // It is the certificate, and the password, that let both in.
        let no_one = ["--src-cert-dir=trusted", &ours, "oci:none:v1"];
        assert!(!skopeo.ask(&dir, [&COPY[..], &no_one].concat()).success);
        let nobody = ["pull", "-q", &theirs, "-o", "nothing", "--ca-file", authority];
        Test::new().args(nobody).status(5).run();
    }
}

#[test]
fn oras_both_ways() {
    let (Some(python), Some(registry)) = (oracle("python3"), Registry::start()) else {
        return;
    };
    let client = "import sys, oras.client as o; c = o.OrasClient(insecure=True); ";
    for model in Model::all() {
        let (built, remote) = model.push(&registry);
        let dir = built.dir();
        let pull = format!("{client}c.pull(sys.argv[1], outdir='pulled')");
        python.approve(&dir, ["-c", &pull, &remote]);
        model.check_files(&dir.join("pulled"));
        // No model of ours: an artifact all the same, which is moved as it is.
        let theirs = format!("{}/b/files:v1", registry.address());
        let push = format!("{client}c.push(sys.argv[1], files=sys.argv[2:])");
        let files = model.files.iter().map(|(name, _)| format!("{name}:text/plain"));
        let args = ["-c", &push, &theirs].map(str::to_owned);
        python.approve(&dir, args.into_iter().chain(files));
        built.then().args(["pull", "-q", &theirs, "-o", "ours"]).run();
        model.check_blobs(&dir.join("ours"));
    }
}

/// It knows no dialect but its own.
#[test]
fn modelpack_client_both_ways() {
    let (Some(client), Some(registry)) = (oracle("modelpack"), Registry::start()) else {
        return;
    };
    for model in [Model::small("modelpack"), Model::of_many_layers("modelpack")] {
        let (built, remote) = model.push(&registry);
        let dir = built.dir();
        client.approve(&dir, ["--insecure", "pull", &remote, "pulled"]);
        model.check_files(&dir.join("pulled"));
        let theirs = format!("{}/b/tiny:v1", registry.address());
        fs_err::write(
            dir.join("model.json"),
            r#"{"descriptor":{"name":"tiny"},"modelfs":{"type":"layers","diffIds":[]},"config":{}}"#,
        )
        .unwrap();
        let mut push = ["--insecure", "push", "--config", "model.json"]
            .map(str::to_owned)
            .to_vec();
        for (name, _) in &model.files {
            push.extend([
                "--layer".to_owned(),
                format!("{name}:application/vnd.cncf.model.weight.v1.raw"),
            ]);
        }
        push.push(theirs.clone());
        client.approve(&dir, push);
        built.then().args(["pull", "-q", &theirs, "-o", "ours"]).run();
        model.check_blobs(&dir.join("ours"));
    }
}

/// What one program wrote another goes on with: docker-registry answers ranges as ours does.
#[test]
fn docker_registry_is_asked_for_parts() {
    let Some(registry) = Registry::start() else { return };
    let line = Line::new();
    let to = format!("docker://{}/a/tiny:v1", registry.address());
    line.built.then().args(["copy", "-q", "pushed", &to]).run();
    let proxy = crate::servers::proxy::Proxy::start(registry.address(), []);
    let blob = format!("/v2/a/tiny/blobs/{}", line.weights);
    proxy.change([format!("GET {blob} cut-down=3000000").parse().unwrap()]);
    let remote = format!("{}/a/tiny:v1", proxy.address());
    line.built.then().args(["pull", "-q", &remote, "-o", "out"]).run();
    line.check();
    let mut entries = proxy.record.of("GET");
    entries.retain(|entry| entry.path() == blob);
    assert_eq!(entries.iter().map(|entry| entry.sent()).sum::<u64>(), super::WEIGHTS);
    assert_eq!(entries.last().unwrap().status(), 206);
}
