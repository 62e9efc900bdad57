use std::collections::BTreeMap;

use modelbuild::artifact::{Encoding, Envelope, Error, Recipe, assemble};
use modelbuild::modelfile::Kind;
use modelbuild::plan::Origin;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::{built, config, digests, everything, file, plan, text};

fn created() -> Recipe {
    Recipe {
        created: Some("2025-01-01T00:00:00Z".parse().unwrap()),
        ..Recipe::default()
    }
}

#[test]
fn the_least_model() {
    let artifact = built(&plan(vec![file("model.onnx", Kind::Weight, 5)]), &Recipe::default());
    assert_data_eq!(text(config(&artifact)), str![[r#"{"descriptor":{},"modelfs":{"type":"layers","diffIds":["sha256:d7c4b743081e6ccdf263598ab3a94f5df38c9f2aec014973c0806819d7762f26"]},"config":{}}"#]].raw());
    assert_data_eq!(text(&artifact.manifest), str![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","digest":"sha256:d034914a76f1f2f5294ae6eeb997c823390e79db81dffa2858fe75812e1b2134","size":143},"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.raw","digest":"sha256:d7c4b743081e6ccdf263598ab3a94f5df38c9f2aec014973c0806819d7762f26","size":5,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"model.onnx\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":5,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"model.onnx","org.opencontainers.image.title":"model.onnx"}}]}"#]].raw());
}

#[test]
fn every_field() {
    let mut plan = plan(vec![
        file("model.gguf", Kind::Weight, 268_802_457),
        file("mmproj.gguf", Kind::Projector, 1),
        file("chat_template.jinja", Kind::Template, 2),
        file("tokenizer.json", Kind::Config, 3),
        file("run.sh", Kind::Code, 4),
        file("docs/LICENSE", Kind::Doc, 5),
        file("data/rows.parquet", Kind::Dataset, 6),
    ]);
    plan.files[4].executable = true;
    plan.metadata = everything();
    let recipe = Recipe {
        annotations: BTreeMap::from([
            ("a.example".to_owned(), "from the command line".to_owned()),
            ("m.example".to_owned(), "<&>".to_owned()),
        ]),
        ..created()
    };
    let artifact = built(&plan, &recipe);
    assert_data_eq!(text(config(&artifact)), str![[r#"{"descriptor":{"createdAt":"2025-01-01T00:00:00Z","authors":["Ada","Grace"],"family":"llama","name":"smol","docURL":"https://example.com/doc?a=1\u0026b=2","sourceURL":"https://example.com/source","datasetsURL":["https://example.com/data"],"version":"1.0","revision":"abc123","vendor":"Acme","licenses":["Apache-2.0","MIT"],"title":"Smol \u003cchat\u003e \u0026 \"friends\"","description":"Größe:\tklein\u2028π"},"modelfs":{"type":"layers","diffIds":["sha256:c0549eba81e0af46821d2fa5d6190d76cd812fb69a2f9be876b09d88c5f6e554","sha256:11db012eefdddf3271ad69355eeb120882f5c50aa0c4dd08965ffb9e544d28f3","sha256:00824420d15876dddcfabe40381d9b9cc9804f6f1f73f2653edb74a9dc4c1b79","sha256:224931eb13f8d2471acd38a4a0d7417d20e8ea340160a467ceaa359d25197b87","sha256:d31ce0453051853c17ba2a5225b3d1bfab548e095bab0967d6acfd1b3ce1b35d","sha256:e953fee8efa1bde67856cc8cc6d00455db6cc42c4ff84c3c3a7f938a09387ae9","sha256:f2bc7c1a0fed4e1b7a412b4a7dc4c1d1941e9450dfcd24b5b681b3b9343da19b"]},"config":{"architecture":"transformer","format":"gguf","paramSize":"362M","precision":"float16","quantization":"Q4_K_M","capabilities":{"inputTypes":["text","image"],"outputTypes":["text"],"knowledgeCutoff":"2024-06-01T00:00:00Z","reasoning":true,"toolUsage":true,"reward":true,"languages":["en","de"]}}}"#]].raw());
    assert_data_eq!(text(&artifact.manifest), str![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","digest":"sha256:c1f2b46d0bb0d98b74e3b7d0e3ff7ab798c6c62d9e15f9c9eac3eef15529ca54","size":1277},"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.raw","digest":"sha256:c0549eba81e0af46821d2fa5d6190d76cd812fb69a2f9be876b09d88c5f6e554","size":268802457,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"model.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":268802457,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"model.gguf","org.opencontainers.image.title":"model.gguf"}},{"mediaType":"application/vnd.cncf.model.weight.v1.raw","digest":"sha256:11db012eefdddf3271ad69355eeb120882f5c50aa0c4dd08965ffb9e544d28f3","size":1,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"mmproj.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":1,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"mmproj.gguf","org.opencontainers.image.title":"mmproj.gguf"}},{"mediaType":"application/vnd.cncf.model.weight.config.v1.raw","digest":"sha256:00824420d15876dddcfabe40381d9b9cc9804f6f1f73f2653edb74a9dc4c1b79","size":2,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"chat_template.jinja\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":2,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"chat_template.jinja","org.opencontainers.image.title":"chat_template.jinja"}},{"mediaType":"application/vnd.cncf.model.weight.config.v1.raw","digest":"sha256:224931eb13f8d2471acd38a4a0d7417d20e8ea340160a467ceaa359d25197b87","size":3,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"tokenizer.json\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":3,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"tokenizer.json","org.opencontainers.image.title":"tokenizer.json"}},{"mediaType":"application/vnd.cncf.model.code.v1.raw","digest":"sha256:d31ce0453051853c17ba2a5225b3d1bfab548e095bab0967d6acfd1b3ce1b35d","size":4,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"run.sh\",\"mode\":493,\"uid\":0,\"gid\":0,\"size\":4,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"run.sh","org.opencontainers.image.title":"run.sh"}},{"mediaType":"application/vnd.cncf.model.doc.v1.raw","digest":"sha256:e953fee8efa1bde67856cc8cc6d00455db6cc42c4ff84c3c3a7f938a09387ae9","size":5,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"LICENSE\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":5,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"docs/LICENSE","org.opencontainers.image.title":"docs/LICENSE"}},{"mediaType":"application/vnd.cncf.model.dataset.v1.raw","digest":"sha256:f2bc7c1a0fed4e1b7a412b4a7dc4c1d1941e9450dfcd24b5b681b3b9343da19b","size":6,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"rows.parquet\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":6,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"data/rows.parquet","org.opencontainers.image.title":"data/rows.parquet"}}],"annotations":{"a.example":"from the command line","m.example":"\u003c\u0026\u003e","z.example":"from the Modelfile"}}"#]].raw());
}

#[test]
fn names_are_escaped_in_the_json_inside_the_json() {
    let name = "a \"b\"/<c>&\\\n\u{7f}ü\u{2028}😀.txt";
    let artifact = built(&plan(vec![file(name, Kind::Doc, 1)]), &Recipe::default());
    assert_data_eq!(text(&artifact.manifest), str![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","digest":"sha256:b498457c4c87879880ef59686d63c9a571dc7beafc83a2647f1dde475a370141","size":143},"layers":[{"mediaType":"application/vnd.cncf.model.doc.v1.raw","digest":"sha256:b295ebb0749ea5786d18ac279229af0968d50fa664fa61795d6221a50c226ca6","size":1,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"\\u003cc\\u003e\\u0026\\\\\\nü\\u2028😀.txt\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":1,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"a \"b\"/\u003cc\u003e\u0026\\\nü\u2028😀.txt","org.opencontainers.image.title":"a \"b\"/\u003cc\u003e\u0026\\\nü\u2028😀.txt"}}]}"#]].raw());
}

#[test]
fn a_tar_layer_is_as_large_as_its_envelope_and_file() {
    let plan = plan(vec![
        file("model.gguf", Kind::Weight, 513),
        file("big.gguf", Kind::Weight, 1 << 20),
    ]);
    let recipe = Recipe {
        encoding: Encoding::Tar,
        ..created()
    };
    let artifact = built(&plan, &recipe);
    assert_data_eq!(text(&artifact.manifest), str![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","digest":"sha256:14ecce479bc566d267a53d132aa816b11234d9b243bdb250cb43bb8cddea280c","size":251},"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.tar","digest":"sha256:c0549eba81e0af46821d2fa5d6190d76cd812fb69a2f9be876b09d88c5f6e554","size":2560,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"model.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":513,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"model.gguf","org.opencontainers.image.title":"model.gguf"}},{"mediaType":"application/vnd.cncf.model.weight.v1.tar","digest":"sha256:936096fed75148a241e6ba1ca6bf19898d14f55a64fbf2424a90d3a1e969ecde","size":1053696,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"big.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":1048576,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"big.gguf","org.opencontainers.image.title":"big.gguf"}}]}"#]].raw());
    for (file, layer) in plan.files.iter().zip(&artifact.layers) {
        let envelope = Envelope::of(file, &recipe).unwrap();
        assert_eq!(layer.size, envelope.blob_size(file.size()));
        assert_eq!(
            layer.size,
            envelope.prefix.len() as u64 + file.size() + envelope.suffix.len() as u64
        );
    }
}

#[test]
fn a_raw_layer_has_no_envelope() {
    let file = file("model.gguf", Kind::Weight, 513);
    assert_eq!(Envelope::of(&file, &Recipe::default()).unwrap(), Envelope::default());
}

#[test]
fn the_artifact_depends_on_nothing_but_its_arguments() {
    let mut plan = plan(vec![
        file("model.gguf", Kind::Weight, 1),
        file("README.md", Kind::Doc, 1),
    ]);
    plan.metadata = everything();
    let first = built(&plan, &created());
    for file in &mut plan.files {
        let Origin::Context(own) = &mut file.origin else {
            continue;
        };
        own.stamp.inode += 1;
        own.stamp.modified += 1;
        own.path = "/elsewhere".into();
    }
    assert_eq!(first, built(&plan, &created()));
}

#[test]
fn what_is_impossible_is_an_error() {
    let one = plan(vec![file("model.gguf", Kind::Weight, 1)]);
    let say = |error: Error| format!("{error}\nhelp: {}", error.help().unwrap_or("-"));
    let nothing = plan(Vec::new());
    assert_data_eq!(
        say(assemble(&nothing, &[], &Recipe::default()).unwrap_err()),
        str![[r#"
the plan holds no file: an artifact needs at least one layer
help: -
"#]]
    );
    assert_data_eq!(
        say(assemble(&one, &[], &Recipe::default()).unwrap_err()),
        str![[r#"
there must be one digest a file: files 1, digests 0
help: -
"#]]
    );
    let early = Recipe {
        created: Some("-000001-01-01T00:00:00Z".parse().unwrap()),
        ..Recipe::default()
    };
    assert_data_eq!(
        say(assemble(&one, &digests(&one), &early).unwrap_err()),
        str![[r#"
the creation time `-000001-01-01T00:00:00Z` cannot be written as RFC 3339: it lies before the year 0
help: give a later time with `--created` or `SOURCE_DATE_EPOCH`
"#]]
    );
}
