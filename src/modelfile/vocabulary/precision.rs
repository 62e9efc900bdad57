use super::{Findings, taken_as};
use crate::modelfile::show::{nearest, quoted};
use crate::modelfile::{Diagnostic, Span};

/// The names of the `ModelPack` specification.
const NAMES: [&str; 18] = [
    "float32",
    "float64",
    "float16",
    "bfloat16",
    "float8_e4m3",
    "float8_e5m2",
    "complex32",
    "complex64",
    "complex128",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
];

/// What weight formats, frameworks and people call them.
const ALIASES: [(&str, &str); 35] = [
    ("bf16", "bfloat16"),
    ("brain16", "bfloat16"),
    ("f16", "float16"),
    ("fp16", "float16"),
    ("half", "float16"),
    ("f32", "float32"),
    ("fp32", "float32"),
    ("float", "float32"),
    ("single", "float32"),
    ("f64", "float64"),
    ("fp64", "float64"),
    ("double", "float64"),
    ("f8_e4m3", "float8_e4m3"),
    ("f8_e4m3fn", "float8_e4m3"),
    ("fp8_e4m3", "float8_e4m3"),
    ("fp8_e4m3fn", "float8_e4m3"),
    ("float8_e4m3fn", "float8_e4m3"),
    ("f8_e5m2", "float8_e5m2"),
    ("fp8_e5m2", "float8_e5m2"),
    ("c32", "complex32"),
    ("c64", "complex64"),
    ("c128", "complex128"),
    ("i8", "int8"),
    ("i16", "int16"),
    ("short", "int16"),
    ("i32", "int32"),
    ("int", "int32"),
    ("i64", "int64"),
    ("long", "int64"),
    ("u8", "uint8"),
    ("byte", "uint8"),
    ("u16", "uint16"),
    ("u32", "uint32"),
    ("u64", "uint64"),
    ("boolean", "bool"),
];

/// `PRECISION`: one name, or several with commas between where weights are mixed. What is not in the vocabulary is
/// kept with a warning, since `modctl` passes it on.
pub fn precision(text: &str, span: Span, found: &mut Findings) -> String {
    let parts: Vec<String> = text.split(',').map(|part| one(part.trim(), span, found)).collect();
    let joined = parts.join(",");
    if joined != text {
        found.push(taken_as(text, &joined, span));
    }
    joined
}

fn one(part: &str, span: Span, found: &mut Findings) -> String {
    let lower = part.to_lowercase();
    let bare = lower.strip_prefix("torch.").unwrap_or(&lower);
    if NAMES.contains(&bare) {
        return bare.to_owned();
    }
    if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == bare) {
        return (*name).to_owned();
    }
    if bare.is_empty() {
        let problem = Diagnostic::warning("an empty name among the precisions", span).label("kept as it stands");
        found.push(problem.help("one comma stands between two names"));
        return part.to_owned();
    }
    let problem = Diagnostic::warning(format!("{} is not a precision of the vocabulary", quoted(part)), span)
        .label("kept as it stands");
    let words = NAMES.into_iter().chain(ALIASES.into_iter().map(|(alias, _)| alias));
    found.push(if matches!(bare, "fp8" | "f8" | "float8") {
        problem.help("say which of the two: `float8_e4m3` or `float8_e5m2`")
    } else if is_quantization(bare) {
        problem.help(format!(
            "a quantization has a keyword of its own: {}",
            quoted(&format!("QUANTIZATION {part}"))
        ))
    } else if let Some(near) = nearest(bare, words) {
        problem.help(format!("did you mean `{near}`?"))
    } else {
        problem.help(format!(
            "the precisions are {}; commas between several",
            NAMES.join(", ")
        ))
    });
    part.to_owned()
}

/// Names that say how weights were squeezed, not what number each one is: `Q4_0`, `IQ2_XS`, `int4`, `awq`.
fn is_quantization(lower: &str) -> bool {
    let ggml = lower
        .strip_prefix('i')
        .unwrap_or(lower)
        .strip_prefix('q')
        .or_else(|| lower.strip_prefix("tq"));
    ggml.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        || ["int2", "int3", "int4", "int5", "int6", "uint4", "w4a16", "w8a8"].contains(&lower)
        || ["awq", "gptq", "nf4", "fp4", "mxfp4", "nvfp4", "bnb", "hqq", "exl2"]
            .iter()
            .any(|name| lower.starts_with(name))
}
