use modelbuild::modelfile::{Modelfile, Source};

/// What the user gets to see about `text`, errors or not.
fn findings(text: &str) -> String {
    let source = Source {
        name: "Modelfile".to_owned(),
        text: text.to_owned(),
    };
    match Modelfile::parse(&source) {
        Ok((_, findings)) | Err(findings) => findings.render(&source, false),
    }
}

#[test]
fn look() {
    for text in [
        "MODELS x\nMODEL a\nNAME a b # c\n\nNAME x\nARCH\nLICENSE apache2\nPRECISION bf16,Q4_0\nFOO\n",
        "",
        "NAME x\nMODEL \"a b\nMODEL x\\",
        "FROM ./x.gguf\nPARAMETER temperature 1\nTEMPLATE \"\"\"\nMODEL x\n\"\"\"\nSYSTEM you are",
        "\u{feff}NAME x\nMODEL a\u{1b}[31mb\u{a0}c\n",
        "NAME a\n\n\n\n\n\n\n\nMODEL x\nNAME b\n",
        "NAME a\nMODEL x\nNAME b",
        "NAME a\n\tMODEL\t\"a\tb\" \u{65e5}\u{672c}\u{8a9e} x\"\n",
        "# c\nNAME x\n\n\n",
        "MODEL a\u{a0}b\nMODEL\u{a0}a\nLICENSE \"gpl-3.0 or foo\"\nCUTOFF 2024-06\nLANGUAGE en-US\nLANGUAGE EN\nPARAMSIZE \"1.5 B\"\nCONTEXT 8k",
    ] {
        println!("=========\n{}", findings(text));
    }
    println!(
        "{}",
        findings(&format!("MODEL a\nNAME a{}\u{1b}{}", "b ".repeat(500), "c".repeat(500)))
    );
    let t = std::time::Instant::now();
    println!("{}", findings(&format!("NAME {}", "b ".repeat(2 << 20))));
    println!("{:?}", t.elapsed());
    let t = std::time::Instant::now();
    println!("{}", findings(&"x\n".repeat(2 << 20)).len());
    println!("{:?}", t.elapsed());
    let t = std::time::Instant::now();
    println!("{}", findings(&format!("NAME a\n{}NAME b\n", "# x\n".repeat(1 << 20))));
    println!("{:?}", t.elapsed());
    panic!();
}
