use modelbuild::artifact::{Encoding, Error, Recipe, Spec, assemble, media_type};
use modelbuild::modelfile::Kind;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::{built, config, digests, everything, file, plan, text};

fn docker() -> Recipe {
    Recipe {
        spec: Spec::Docker,
        ..Recipe::default()
    }
}

#[test]
fn the_least_model() {
    let mut plan = plan(vec![file("model.gguf", Kind::Weight, 268_802_457)]);
    plan.metadata.format = Some("gguf".to_owned());
    let artifact = built(&plan, &docker());
    assert_data_eq!(text(config(&artifact)), str![[r#"{"config":{"format":"gguf","size":"256.35MiB"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":["sha256:c0549eba81e0af46821d2fa5d6190d76cd812fb69a2f9be876b09d88c5f6e554"]}}"#]].raw());
    assert_data_eq!(text(&artifact.manifest), str![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","digest":"sha256:08c51b9a41f3e105257929575b93774d4c79582ac8f26ddc103a4aba63278d65","size":177},"layers":[{"mediaType":"application/vnd.docker.ai.gguf.v3","digest":"sha256:c0549eba81e0af46821d2fa5d6190d76cd812fb69a2f9be876b09d88c5f6e554","size":268802457,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"model.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":268802457,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"model.gguf","org.opencontainers.image.title":"model.gguf"}}]}"#]].raw());
}

#[test]
fn every_field() {
    let mut plan = plan(vec![
        file("model-00001-of-00002.safetensors", Kind::Weight, 300_000),
        file("model-00002-of-00002.safetensors", Kind::Weight, 360),
        file("mmproj.gguf", Kind::Projector, 1),
        file("chat_template.jinja", Kind::Template, 2),
        file("tokenizer.json", Kind::Config, 3),
        file("run.py", Kind::Code, 4),
        file("LICENSE", Kind::Doc, 5),
    ]);
    plan.metadata = everything();
    plan.metadata.format = Some("safetensors".to_owned());
    let recipe = Recipe {
        created: Some("2025-01-01T00:00:00Z".parse().unwrap()),
        ..docker()
    };
    let artifact = built(&plan, &recipe);
    assert_data_eq!(text(config(&artifact)), str![[r#"{"config":{"format":"safetensors","quantization":"Q4_K_M","parameters":"362M","architecture":"llama","size":"300.36kB","context_size":8192},"descriptor":{"created":"2025-01-01T00:00:00Z"},"rootfs":{"type":"rootfs","diff_ids":["sha256:27a6880801425ddcb613f45ef3058c2c29b3f3e8e75966d10becb34e3631761d","sha256:2cca3b5a8849aa8aa53fa46b8af28710fa8ec7b318932ce0827891ad91c1b61d","sha256:11db012eefdddf3271ad69355eeb120882f5c50aa0c4dd08965ffb9e544d28f3","sha256:00824420d15876dddcfabe40381d9b9cc9804f6f1f73f2653edb74a9dc4c1b79","sha256:224931eb13f8d2471acd38a4a0d7417d20e8ea340160a467ceaa359d25197b87","sha256:d6af0459a37d985953d7040c14f53feb3b9cc9e58b543aa3c2b80256d276c5e0","sha256:c693279643b8cd5d248172d9c22cb7cf4ed163a3c98c8a3f69c2717edd3eacb7"]}}"#]].raw());
    assert_data_eq!(text(&artifact.manifest), str![[r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.docker.ai.model.config.v0.2+json","digest":"sha256:8778c46ba3058ee0e18dfc3e585c1135817c9e173fde3a70b3bb5560a1ad01c0","size":746},"layers":[{"mediaType":"application/vnd.docker.ai.safetensors","digest":"sha256:27a6880801425ddcb613f45ef3058c2c29b3f3e8e75966d10becb34e3631761d","size":300000,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"model-00001-of-00002.safetensors\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":300000,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"model-00001-of-00002.safetensors","org.opencontainers.image.title":"model-00001-of-00002.safetensors"}},{"mediaType":"application/vnd.docker.ai.safetensors","digest":"sha256:2cca3b5a8849aa8aa53fa46b8af28710fa8ec7b318932ce0827891ad91c1b61d","size":360,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"model-00002-of-00002.safetensors\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":360,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"model-00002-of-00002.safetensors","org.opencontainers.image.title":"model-00002-of-00002.safetensors"}},{"mediaType":"application/vnd.docker.ai.mmproj","digest":"sha256:11db012eefdddf3271ad69355eeb120882f5c50aa0c4dd08965ffb9e544d28f3","size":1,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"mmproj.gguf\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":1,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"mmproj.gguf","org.opencontainers.image.title":"mmproj.gguf"}},{"mediaType":"application/vnd.docker.ai.chat.template.jinja","digest":"sha256:00824420d15876dddcfabe40381d9b9cc9804f6f1f73f2653edb74a9dc4c1b79","size":2,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"chat_template.jinja\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":2,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"chat_template.jinja","org.opencontainers.image.title":"chat_template.jinja"}},{"mediaType":"application/vnd.docker.ai.model.file","digest":"sha256:224931eb13f8d2471acd38a4a0d7417d20e8ea340160a467ceaa359d25197b87","size":3,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"tokenizer.json\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":3,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"tokenizer.json","org.opencontainers.image.title":"tokenizer.json"}},{"mediaType":"application/vnd.docker.ai.model.file","digest":"sha256:d6af0459a37d985953d7040c14f53feb3b9cc9e58b543aa3c2b80256d276c5e0","size":4,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"run.py\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":4,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"run.py","org.opencontainers.image.title":"run.py"}},{"mediaType":"application/vnd.docker.ai.license","digest":"sha256:c693279643b8cd5d248172d9c22cb7cf4ed163a3c98c8a3f69c2717edd3eacb7","size":5,"annotations":{"org.cncf.model.file.mediatype.untested":"false","org.cncf.model.file.metadata+json":"{\"name\":\"LICENSE\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":5,\"mtime\":\"2025-01-01T00:00:00Z\",\"typeflag\":0}","org.cncf.model.filepath":"LICENSE","org.opencontainers.image.title":"LICENSE"}}],"annotations":{"a.example":"from the Modelfile","z.example":"from the Modelfile"}}"#]].raw());
}

#[test]
fn dduf_goes_by_what_is_inside() {
    let mut plan = plan(vec![file("flux.dduf", Kind::Weight, 512)]);
    plan.metadata.format = Some("dduf".to_owned());
    assert_data_eq!(text(config(&built(&plan, &docker()))), str![[r#"{"config":{"format":"diffusers","size":"512.00B"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":["sha256:fae06b24a01197bec7e45f8c8162b47ffa1fcc7409d1458b6d8d208c84396fff"]}}"#]].raw());
}

#[test]
fn a_model_without_weights_states_no_size() {
    assert_data_eq!(
        text(config(&built(&plan(vec![file("a.md", Kind::Doc, 512)]), &docker()))),
        str![[r#"{"config":{},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":["sha256:fecccc97532467adbf93017b357c8b17e0c75527df76a143de5cfecc2613f615"]}}"#]].raw()
    );
}

#[test]
fn layer_type_by_kind_and_name() {
    use media_type::{
        DOCKER_DDUF, DOCKER_FILE, DOCKER_GGUF, DOCKER_LICENSE, DOCKER_PROJECTOR, DOCKER_SAFETENSORS, DOCKER_TEMPLATE,
    };
    let cases = [
        (Kind::Weight, "model.gguf", DOCKER_GGUF),
        (Kind::Weight, "MODEL.GGUF", DOCKER_GGUF),
        (Kind::Weight, "a/b.safetensors", DOCKER_SAFETENSORS),
        (Kind::Weight, "flux.dduf", DOCKER_DDUF),
        (Kind::Weight, "model.onnx", DOCKER_FILE),
        (Kind::Weight, "gguf", DOCKER_FILE),
        (Kind::Weight, "license.bin", DOCKER_FILE),
        (Kind::Projector, "mmproj.gguf", DOCKER_PROJECTOR),
        (Kind::Projector, "vision.safetensors", DOCKER_PROJECTOR),
        (Kind::Template, "prompt.txt", DOCKER_TEMPLATE),
        (Kind::Config, "template.JINJA", DOCKER_TEMPLATE),
        (Kind::Config, "chat_template.json", DOCKER_TEMPLATE),
        (Kind::Config, "tokenizer.json", DOCKER_FILE),
        (Kind::Doc, "LICENSE", DOCKER_LICENSE),
        (Kind::Doc, "docs/Licence.md", DOCKER_LICENSE),
        (Kind::Doc, "COPYING", DOCKER_LICENSE),
        (Kind::Doc, "NOTICE.txt", DOCKER_LICENSE),
        (Kind::Doc, "license/README.md", DOCKER_FILE),
        (Kind::Code, "render.jinja", DOCKER_FILE),
        (Kind::Code, "notice.py", DOCKER_FILE),
        (Kind::Dataset, "rows.safetensors", DOCKER_FILE),
    ];
    for (kind, path, expected) in cases {
        let artifact = built(&plan(vec![file(path, kind, 1)]), &docker());
        assert_eq!(artifact.layers[0].media_type, expected, "{kind} {path}");
    }
}

#[test]
fn config_version_by_what_is_in_it() {
    use media_type::{DOCKER_CONFIG_V0_1 as V0_1, DOCKER_CONFIG_V0_2 as V0_2};
    let gguf = || file("model.gguf", Kind::Weight, 1);
    let with = |more: Vec<_>| [vec![gguf()], more].concat();
    let cases = [
        (V0_1, with(vec![])),
        (V0_1, with(vec![file("model-2.gguf", Kind::Weight, 1)])),
        (V0_1, vec![file("flux.dduf", Kind::Weight, 1)]),
        (
            V0_1,
            with(vec![file("p", Kind::Projector, 1), file("t", Kind::Template, 1)]),
        ),
        (
            V0_1,
            with(vec![file("LICENSE", Kind::Doc, 1), file("NOTICE", Kind::Doc, 1)]),
        ),
        (
            V0_2,
            with(vec![file("p", Kind::Projector, 1), file("q", Kind::Projector, 1)]),
        ),
        (
            V0_2,
            with(vec![file("t", Kind::Template, 1), file("u.jinja", Kind::Config, 1)]),
        ),
        (V0_2, with(vec![file("README.md", Kind::Doc, 1)])),
        (V0_2, with(vec![file("config.json", Kind::Config, 1)])),
        (V0_2, vec![file("model.safetensors", Kind::Weight, 1)]),
        (V0_2, vec![file("model.onnx", Kind::Weight, 1)]),
    ];
    for (expected, files) in cases {
        let names: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
        assert_eq!(
            built(&plan(files), &docker()).config().unwrap().descriptor.media_type,
            expected,
            "{names:?}"
        );
    }
}

#[test]
fn what_is_impossible_is_an_error() {
    let mut plan = plan(vec![file("model.gguf", Kind::Weight, 1)]);
    let say = |error: Error| format!("{error}\nhelp: {}", error.help().unwrap_or("-"));
    let tar = Recipe {
        encoding: Encoding::Tar,
        ..docker()
    };
    assert_data_eq!(
        say(assemble(&plan, &digests(&plan), &tar).unwrap_err()),
        str![[r#"
tar layers are not possible in Docker's format: Docker Model Runner takes the file's bytes only
help: leave out `--tar`, or build for ModelPack with `--spec modelpack`
"#]]
    );
    plan.metadata.context_size = Some(1 << 31);
    assert_data_eq!(
        say(assemble(&plan, &digests(&plan), &docker()).unwrap_err()),
        str![[r#"
the context size of 2147483648 tokens is not possible in Docker's format: it ends at 2147483647 tokens
help: state a smaller `CONTEXT`
"#]]
    );
}
