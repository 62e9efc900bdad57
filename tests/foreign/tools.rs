//! Artifacts as other tools write them, to the byte: the order of members, what is annotated, what is left out.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::harness::{Test, sha256};

/// An artifact by a tool.
pub struct Row {
    /// The tool, and which of its ways to write one.
    pub name: &'static str,
    manifest: String,
    blobs: Vec<Vec<u8>>,
}

impl Row {
    /// The manifest's digest.
    pub fn digest(&self) -> String {
        sha256(self.manifest.as_bytes())
    }

    /// Puts it into a layout, under the tag `v1`.
    pub fn write(&self, test: Test, dir: &str) -> Test {
        let entry = json!({
            "mediaType": MANIFEST, "digest": self.digest(), "size": self.manifest.len(),
            "annotations": {"org.opencontainers.image.ref.name": "v1"},
        });
        let index = json!({"schemaVersion": 2, "manifests": [entry]});
        let test = test
            .file(format!("{dir}/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)
            .file(format!("{dir}/index.json"), index.to_string());
        let blobs = self.blobs.iter().map(Vec::as_slice).chain([self.manifest.as_bytes()]);
        blobs.fold(test, |test, blob| {
            test.file(format!("{dir}/blobs/sha256/{}", &sha256(blob)[7..]), blob)
        })
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A layer: media type, annotations as JSON in the order of their keys, bytes.
type Layer = (String, String, Vec<u8>);

/// How a tool writes manifests.
struct Manifest {
    /// What stands before the config.
    head: &'static str,
    /// Media type of the config.
    config_type: &'static str,
    /// What stands behind the config's own members.
    config_more: &'static str,
    /// What stands behind the layers.
    tail: &'static str,
    /// Types in the manner of go-containerregistry, which have the size before the digest.
    size_first: bool,
}

impl Manifest {
    /// `config` has the digests of the layers to make the config of.
    fn row(&self, name: &'static str, config: impl Fn(&[String]) -> String, layers: Vec<Layer>) -> Row {
        let digests: Vec<_> = layers.iter().map(|(_, _, bytes)| sha256(bytes)).collect();
        let config = config(&digests);
        let described: Vec<_> = layers
            .iter()
            .map(|(media_type, annotations, bytes)| {
                let more = match annotations.as_str() {
                    "" => String::new(),
                    annotations => format!(r#","annotations":{annotations}"#),
                };
                self.descriptor(media_type, bytes, &more)
            })
            .collect();
        let manifest = format!(
            r#"{{"schemaVersion":2,{}"config":{},"layers":[{}]{}}}"#,
            self.head,
            self.descriptor(self.config_type, config.as_bytes(), self.config_more),
            described.join(","),
            self.tail
        );
        let mut blobs: Vec<_> = layers.into_iter().map(|(_, _, bytes)| bytes).collect();
        blobs.push(config.into_bytes());
        Row { name, manifest, blobs }
    }

    fn descriptor(&self, media_type: &str, bytes: &[u8], more: &str) -> String {
        let (digest, size) = (sha256(bytes), bytes.len());
        if self.size_first {
            format!(r#"{{"mediaType":"{media_type}","size":{size},"digest":"{digest}"{more}}}"#)
        } else {
            format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}{more}}}"#)
        }
    }
}

/// What is known of files without names, each told by its first bytes.
fn content(path: &str) -> Vec<u8> {
    match path.rsplit('.').next() {
        // Without tensors and keys: magic, version 3, two counts, and something that tells files apart.
        Some("gguf") => [b"GGUF\x03\0\0\0".as_slice(), &[0; 16], path.as_bytes()].concat(),
        Some("safetensors") => [&[2, 0, 0, 0, 0, 0, 0, 0], b"{}".as_slice(), path.as_bytes()].concat(),
        _ => format!("{path}\n").into_bytes(),
    }
}

/// A tar of files, as Go's `archive/tar` writes them.
fn tar(paths: &[&str]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for path in paths {
        let bytes = content(path);
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(if path.starts_with("scripts/") { 0o755 } else { 0o644 });
        header.set_mtime(1_750_000_000);
        builder.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Stored, so that no other version of the library gives other bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One frame of one block (RFC 8878, 3.1.1), stored as well.
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).unwrap();
    let [low, middle, high, _] = (size << 3 | 1).to_le_bytes();
    let header = [0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    [&header, &size.to_le_bytes()[..], &[low, middle, high], bytes].concat()
}

/// The metadata of a file as the tools of both dialects annotate it, `key` being theirs.
fn metadata(path: &str, mode: u32, mtime: &str) -> String {
    let name = path.rsplit('/').next().unwrap();
    let size = content(path).len();
    let metadata =
        format!(r#"{{"name":"{name}","mode":{mode},"uid":0,"gid":0,"size":{size},"mtime":"{mtime}","typeflag":0}}"#);
    serde_json::to_string(&metadata).unwrap()
}

fn quoted(digests: &[String]) -> String {
    serde_json::to_string(digests).unwrap()
}

/// Every tool and every way.
pub fn rows() -> Vec<Row> {
    vec![
        modctl("modctl", "raw"),
        modctl("modctl-tar", "tar"),
        modctl("modctl-gzip", "tar+gzip"),
        modctl("modctl-zstd", "tar+zstd"),
        cnai(),
        cnai_snake_case(),
        page(),
        model_runner_0_1(),
        hub(),
        model_runner_0_2(),
        model_runner_modelpack("docker-modelpack-gguf", "gguf"),
        model_runner_modelpack("docker-modelpack-safetensors", "safetensors"),
        docker_draft("docker-draft", &["gguf.v3", "license"]),
        docker_draft(
            "docker-draft-parts",
            &["gguf.v3", "gguf.v3.lora", "gguf.v3.mmproj", "license"],
        ),
        kitops("kitops", false),
        kitops("kitops-raw", true),
        oras("oras", false),
        oras("oras-directory", true),
        image(),
    ]
}

/// What `modctl build` writes: config, model, code, doc, with the path as the one thing that every layer has. It writes no
/// layers that are compressed, which the specification has.
fn modctl(name: &'static str, encoding: &str) -> Row {
    let unpacked = |path: &str| if encoding == "raw" { content(path) } else { tar(&[path]) };
    let layer = |kind: &str, path: &str, mode| {
        let bytes = match encoding {
            "tar+gzip" => gzip(&unpacked(path)),
            "tar+zstd" => zstd(&unpacked(path)),
            _ => unpacked(path),
        };
        let metadata = metadata(path, mode, "2025-06-01T10:00:00.123456789+08:00");
        let annotations = format!(
            r#"{{"org.cncf.model.file.mediatype.untested":"true","org.cncf.model.file.metadata+json":{metadata},"org.cncf.model.filepath":"{path}"}}"#
        );
        (
            format!("application/vnd.cncf.model.{kind}.v1.{encoding}"),
            annotations,
            bytes,
        )
    };
    let paths = [
        "config.json",
        "tokenizer.json",
        "model.safetensors",
        "scripts/run.sh",
        "README.md",
    ];
    let config = |_: &[String]| {
        let diff_ids = quoted(&paths.map(|path| sha256(&unpacked(path))));
        format!(
            r#"{{"descriptor":{{"createdAt":"2025-06-01T10:00:00.123456789+08:00","family":"qwen2","name":"qwen2-0.5b","sourceURL":"https://models.example/qwen2","revision":"c540970"}},"modelfs":{{"type":"layers","diffIds":{diff_ids}}},"config":{{"architecture":"transformer","format":"safetensors","paramSize":"494032768","precision":"bfloat16"}}}}"#
        )
    };
    let manifest = Manifest {
        head: r#""mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","#,
        config_type: "application/vnd.cncf.model.config.v1+json",
        config_more: "",
        tail: "",
        size_first: false,
    };
    let kinds = ["weight.config", "weight.config", "weight", "code", "doc"];
    let modes = [0o600, 0o644, 0o644, 0o755, 0o644];
    let layers = kinds.into_iter().zip(paths).zip(modes);
    let layers = layers.map(|((kind, path), mode)| layer(kind, path, mode));
    manifest.row(name, config, layers.collect())
}

/// What modctl wrote in its first year: a tar a file, under the name before.
fn cnai() -> Row {
    let layer = |kind: &str, path: &str| {
        let media_type = format!("application/vnd.cnai.model.{kind}.v1.tar");
        let annotations = format!(r#"{{"org.cnai.model.filepath":"{path}"}}"#);
        (media_type, annotations, tar(&[path]))
    };
    let config = |diff_ids: &[String]| {
        let diff_ids = quoted(diff_ids);
        format!(
            r#"{{"descriptor":{{"createdAt":"2025-02-03T04:05:06.789Z","family":"llama3","name":"llama3-8b"}},"modelfs":{{"type":"layers","diffIds":{diff_ids}}},"config":{{"architecture":"transformer","format":"gguf","paramSize":"8b","precision":"int8","quantization":"Q4_K_M"}}}}"#
        )
    };
    let layers = vec![layer("weight", "llama.gguf"), layer("doc", "LICENSE")];
    CNAI.row("modctl-cnai", config, layers)
}

/// The same from before the config was in camel case, with files as they are.
fn cnai_snake_case() -> Row {
    let layer = |kind: &str, path: &str| {
        let media_type = format!("application/vnd.cnai.model.{kind}.v1.raw");
        let annotations = format!(
            r#"{{"org.cnai.model.file.mediatype.untested":"false","org.cnai.model.file.metadata+json":{},"org.cnai.model.filepath":"{path}"}}"#,
            metadata(path, 0o755, "2025-01-01T00:00:00Z")
        );
        (media_type, annotations, content(path))
    };
    let config = |diff_ids: &[String]| {
        let diff_ids = quoted(diff_ids);
        format!(
            r#"{{"descriptor":{{"created_at":"2025-01-01T00:00:00Z","family":"llama3","name":"llama3-8b","doc_url":"https://models.example/llama3"}},"modelfs":{{"type":"layers","diff_ids":{diff_ids}}},"config":{{"architecture":"transformer","format":"gguf","parameterSize":"8b","capabilities":{{"input_types":["text"],"output_types":["text"]}}}}}}"#
        )
    };
    let layers = vec![layer("weight", "llama.gguf"), layer("code", "run.py")];
    CNAI.row("modctl-cnai-snake-case", config, layers)
}

const CNAI: Manifest = Manifest {
    head: r#""mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cnai.model.manifest.v1+json","#,
    config_type: "application/vnd.cnai.model.config.v1+json",
    config_more: "",
    tail: "",
    size_first: false,
};

/// As the page of `ModelPack` on the web prints it, indented as it is there.
fn page() -> Row {
    let manifest = Manifest {
        head: r#""mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.modelpack.manifest.v1+json","#,
        config_type: "application/vnd.cncf.modelpack.config.v1+json",
        config_more: "",
        tail: "",
        size_first: false,
    };
    let config = |_: &[String]| {
        "{\n  \"name\": \"my-model\",\n  \"version\": \"1.0.0\",\n  \"framework\": \"pytorch\",\n  \
            \"frameworkVersion\": \"2.0.0\",\n  \"format\": \"safetensors\",\n  \"architecture\": \"transformer\",\n  \
            \"parameters\": \"7B\",\n  \"precision\": \"fp16\"\n}\n"
            .to_owned()
    };
    let layers = vec![(
        "application/vnd.cncf.modelpack.model.layer.v1.tar+gzip".to_owned(),
        String::new(),
        gzip(&tar(&["model.safetensors", "config.json"])),
    )];
    manifest.row("modelpack-page", config, layers)
}

const MODEL_RUNNER: Manifest = Manifest {
    head: r#""mediaType":"application/vnd.oci.image.manifest.v1+json","#,
    config_type: "application/vnd.docker.ai.model.config.v0.1+json",
    config_more: "",
    tail: "",
    size_first: true,
};

fn docker(name: &str, annotations: String, path: &str) -> Layer {
    (format!("application/vnd.docker.ai.{name}"), annotations, content(path))
}

/// A layer as Docker Model Runner has described them since 2025-11.
fn model_runner(name: &str, path: &str) -> Layer {
    let annotations = format!(
        r#"{{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":{},"org.cncf.model.filepath":"{path}"}}"#,
        metadata(path, 0o644, "2026-02-03T04:05:06.789012345+01:00")
    );
    docker(name, annotations, path)
}

fn gguf_config(diff_ids: &[String]) -> String {
    let diff_ids = quoted(diff_ids);
    format!(
        r#"{{"config":{{"format":"gguf","quantization":"MOSTLY_Q4_K_M","parameters":"361.82M","architecture":"llama","size":"256.35MiB","gguf":{{"general.architecture":"llama","llama.context_length":"8192"}},"context_size":8192}},"descriptor":{{"created":"2026-02-03T04:05:06.789012345+01:00"}},"rootfs":{{"type":"rootfs","diff_ids":{diff_ids}}}}}"#
    )
}

/// `docker model package --gguf model.gguf --mmproj … --chat-template … --license …`.
fn model_runner_0_1() -> Row {
    let layers = vec![
        model_runner("gguf.v3", "model.gguf"),
        model_runner("license", "LICENSE"),
        model_runner("mmproj", "mmproj.gguf"),
        model_runner("chat.template.jinja", "template.jinja"),
    ];
    MODEL_RUNNER.row("docker-v0.1", gguf_config, layers)
}

/// What lies in `ai/` at Docker's registry from before files had names.
fn hub() -> Row {
    let layers = vec![
        docker("gguf.v3", String::new(), "model.gguf"),
        docker("license", String::new(), "LICENSE"),
    ];
    MODEL_RUNNER.row("docker-v0.1-nameless", gguf_config, layers)
}

/// `docker model package --safetensors-dir`.
fn model_runner_0_2() -> Row {
    let manifest = Manifest {
        config_type: "application/vnd.docker.ai.model.config.v0.2+json",
        ..MODEL_RUNNER
    };
    let config = |diff_ids: &[String]| {
        let diff_ids = quoted(diff_ids);
        format!(
            r#"{{"config":{{"format":"safetensors","quantization":"BF16","parameters":"1.10B","architecture":"llama","size":"2.20GB","safetensors":{{"dtype":"BF16","tensor_count":"201"}},"context_size":2048}},"descriptor":{{"created":"2026-02-03T04:05:06Z"}},"rootfs":{{"type":"rootfs","diff_ids":{diff_ids}}}}}"#
        )
    };
    let layers = vec![
        model_runner("safetensors", "model-00001-of-00002.safetensors"),
        model_runner("safetensors", "model-00002-of-00002.safetensors"),
        model_runner("chat.template.jinja", "chat_template.jinja"),
        model_runner("model.file", "1_Pooling/config.json"),
        model_runner("license", "LICENSE.txt"),
        model_runner("model.file", "config.json"),
        model_runner("model.file", "tokenizer.json"),
    ];
    manifest.row("docker-v0.2", config, layers)
}

/// What Docker Model Runner wrote of `ModelPack` at first: weights of types that are its own.
fn model_runner_modelpack(name: &'static str, format: &'static str) -> Row {
    let manifest = Manifest {
        head: r#""mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","#,
        config_type: "application/vnd.cncf.model.config.v1+json",
        ..MODEL_RUNNER
    };
    let config = |diff_ids: &[String]| {
        let diff_ids = quoted(diff_ids);
        format!(
            r#"{{"descriptor":{{"createdAt":"2026-02-03T04:05:06Z","name":"smol"}},"modelfs":{{"type":"layers","diffIds":{diff_ids}}},"config":{{"format":"{format}","paramSize":"361.82M"}}}}"#
        )
    };
    let path = format!("model.{format}");
    let (_, annotations, bytes) = model_runner("gguf.v3", &path);
    let layers = vec![(
        format!("application/vnd.cncf.model.weight.v1.{format}"),
        annotations,
        bytes,
    )];
    manifest.row(name, config, layers)
}

/// As the published draft has it; its adapters and projectors are of types that nothing else has.
fn docker_draft(name: &'static str, types: &[&str]) -> Row {
    let config = |digests: &[String]| {
        let file = |(digest, name): (&String, &&str)| {
            format!(r#"{{"diffID":"{digest}","type":"application/vnd.docker.ai.{name}"}}"#)
        };
        let files: Vec<_> = digests.iter().zip(types).map(file).collect();
        format!(
            r#"{{"descriptor":{{"createdAt":"2025-01-01T00:00:00Z"}},"config":{{"format":"gguf","format_version":"3","gguf":{{"architecture":"llama","parameter_count":"1.10 B","quantization":"Q4_0"}},"size":"635992801"}},"files":[{}]}}"#,
            files.join(",")
        )
    };
    let layers = types.iter().map(|name| {
        let path = match *name {
            "gguf.v3" => "model.gguf",
            "gguf.v3.lora" => "lora.gguf",
            "gguf.v3.mmproj" => "vision.gguf",
            _ => "LICENSE",
        };
        docker(name, format!(r#"{{"org.cncf.model.filepath":"{path}"}}"#), path)
    });
    MODEL_RUNNER.row(name, config, layers.collect())
}

/// What `kit pack` writes: tars that the Kitfile names, and a manifest that says no type of itself. `raw` is as its
/// later versions write single files.
fn kitops(name: &'static str, raw: bool) -> Row {
    let manifest = Manifest {
        head: "",
        config_type: "application/vnd.kitops.modelkit.config.v1+json",
        config_more: "",
        tail: r#","annotations":{"ml.kitops.modelkit.cli-version":"1.10.0"}"#,
        size_first: false,
    };
    let diff_ids = [
        sha256(&tar(&["model.gguf"])),
        sha256(&if raw {
            content("tokenizer.json")
        } else {
            tar(&["tokenizer.json"])
        }),
        sha256(&tar(&["docs/README.md"])),
    ];
    let config = |digests: &[String]| {
        let info = |index: usize| format!(r#""digest":"{}","diffId":"{}""#, digests[index], diff_ids[index]);
        format!(
            r#"{{"manifestVersion":"1.0.0","package":{{"name":"kit","version":"1.2.0","license":"MIT","authors":["Ada"]}},"model":{{"name":"model","path":"./model.gguf","framework":"llama.cpp","format":"gguf","parts":[{{"name":"tokenizer","path":"tokenizer.json",{}}}],{}}},"docs":[{{"path":"docs/README.md",{}}}]}}"#,
            info(1),
            info(0),
            info(2)
        )
    };
    let media_type = |rest: &str| format!("application/vnd.kitops.modelkit.{rest}");
    let part = if raw {
        (media_type("modelpart.v1.raw+gzip"), gzip(&content("tokenizer.json")))
    } else {
        (media_type("modelpart.v1.tar+gzip"), gzip(&tar(&["tokenizer.json"])))
    };
    let layers = vec![
        (media_type("model.v1.tar"), String::new(), tar(&["model.gguf"])),
        (part.0, String::new(), part.1),
        (media_type("docs.v1.tar"), String::new(), tar(&["docs/README.md"])),
    ];
    manifest.row(name, config, layers)
}

/// `oras push --artifact-type application/x.my-model REF model.gguf README.md:text/markdown`, and a directory.
fn oras(name: &'static str, has_directory: bool) -> Row {
    let manifest = Manifest {
        head: r#""mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/x.my-model","#,
        config_type: "application/vnd.oci.empty.v1+json",
        config_more: r#","data":"e30=""#,
        tail: r#","annotations":{"org.opencontainers.image.created":"2025-06-01T10:00:00Z"}"#,
        size_first: false,
    };
    let titled = |path: &str| format!(r#"{{"org.opencontainers.image.title":"{path}"}}"#);
    let docs = tar(&["docs/usage.md"]);
    let directory = format!(
        r#"{{"io.deis.oras.content.digest":"{}","io.deis.oras.content.unpack":"true","org.opencontainers.image.title":"docs"}}"#,
        sha256(&docs)
    );
    let mut layers = vec![
        (
            "application/vnd.oci.image.layer.v1.tar".to_owned(),
            titled("model.gguf"),
            content("model.gguf"),
        ),
        ("text/markdown".to_owned(), titled("README.md"), content("README.md")),
    ];
    if has_directory {
        layers.push((
            "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
            directory,
            gzip(&docs),
        ));
    }
    manifest.row(name, |_| "{}".to_owned(), layers)
}

/// `FROM scratch` and `COPY . /models`, as `KServe` mounts it.
fn image() -> Row {
    let manifest = Manifest {
        head: r#""mediaType":"application/vnd.oci.image.manifest.v1+json","#,
        config_type: "application/vnd.oci.image.config.v1+json",
        config_more: "",
        tail: "",
        size_first: false,
    };
    let layer = tar(&["models/config.json", "models/model.safetensors"]);
    let diff_id = sha256(&layer);
    let config = |_: &[String]| {
        format!(
            r#"{{"architecture":"amd64","os":"linux","config":{{"Labels":{{"org.opencontainers.image.licenses":"MIT","org.opencontainers.image.title":"My model"}},"WorkingDir":"/"}},"created":"2025-06-01T10:00:00Z","history":[{{"created":"2025-06-01T10:00:00Z","created_by":"COPY . /models # buildkit","comment":"buildkit.dockerfile.v0"}}],"rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#
        )
    };
    let layers = vec![(
        "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        String::new(),
        gzip(&layer),
    )];
    manifest.row("image", config, layers)
}
