//! Finds out whether tests may make network namespaces here; those that need them say so if not.

use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(namespaces)");
    println!("cargo::rerun-if-changed=build.rs");
    // Another user may build here later.
    println!("cargo::rerun-if-env-changed=USER");
    if can_make_namespaces() {
        println!("cargo::rustc-cfg=namespaces");
    }
}

fn can_make_namespaces() -> bool {
    let name = format!("build-probe-{}", std::process::id());
    let made = runs("ip", &["netns", "add", &name])
        && runs("ip", &["netns", "exec", &name, "nft", "list", "ruleset"]);
    runs("ip", &["netns", "del", &name]);
    made
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
