//! Strings that would be code, if anything let them.
// Each test uses its part of this.
#![allow(dead_code)]

use proptest::prelude::*;

/// Text that tries to leave its string, its label, its comment or its folder.
pub fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "${",
        "%{",
        "$${",
        "%%{",
        "}",
        "\"",
        "\\",
        "\n",
        "\r",
        "\t",
        "\u{0}",
        "\u{1b}[31m",
        "/",
        "..",
        "../",
        "#",
        "//",
        "<<EOT",
        "\nEOT\n",
        "é",
        "日本",
        "😀",
        "\u{202e}",
        "\u{2028}",
        "'",
        "`",
        "$",
        "%",
        "a",
        "B",
        "0",
        " ",
        "=",
        "~}",
        "${file(\"/etc/passwd\")}",
        "\"}\nresource \"x\" \"y\" {",
        "*/",
        "-",
        "_",
        ".",
    ]);
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}
