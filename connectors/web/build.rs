//! Takes the built page and widget from `web/dist` into the crate; where they were not built, says so in their place.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Patchbay</title>\
    <p>This program was built without its page. Run <code>make web</code>, then build again. \
    The API is described at <a href=\"/docs\">/docs</a>.</p></html>\n";

const SCRIPT: &str =
    "console.error('Patchbay was built without its page: run `make web`, then build again.');\n";

/// The files of the page, and what stands in for them.
const FILES: [(&str, &str); 4] = [
    ("index.html", PAGE),
    ("page.js", SCRIPT),
    ("page.css", ""),
    ("widget.js", SCRIPT),
];

fn main() -> io::Result<()> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    println!("cargo:rerun-if-changed={}", built.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);

    for (name, stand_in) in FILES {
        let plain = fs::read(built.join(name)).unwrap_or_else(|_| stand_in.into());
        // Made beside the file; without it only the file itself is served.
        let gzip = fs::read(built.join(format!("{name}.gz"))).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        plain.hash(&mut hasher);
        fs::write(out.join(name), plain)?;
        fs::write(out.join(format!("{name}.gz")), gzip)?;
        fs::write(
            out.join(format!("{name}.tag")),
            format!("{:016x}", hasher.finish()),
        )?;
    }
    Ok(())
}
