//! The shape of the house: breaks the build when an arrow points the wrong way, a name stands where
//! it does not belong, or a file has outgrown its noun.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// What may stand at the top of the repository; anything else is a change of shape.
const TOP_LEVEL: &[&str] = &[
    ".ci",
    ".dockerignore",
    ".editorconfig",
    ".git",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "agent",
    "benches",
    "clippy.toml",
    "connectors",
    "data",
    "deny.toml",
    "deploy",
    "docker-compose.yml",
    "docs",
    "patchbay.toml",
    "room",
    "rustfmt.toml",
    "scripts",
    "src",
    "target",
    "tests",
    "web",
];

/// The arrows: who may depend on whom inside the workspace. `*` stands for one folder name. The
/// first line that fits decides; a crate that fits none has no place yet.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "",
        &["agent/*", "agent/providers/*", "connectors/*", "room/*"],
    ),
    ("benches", &[]),
    ("room/media", &[]),
    ("room/launcher", &[]),
    ("room/engine", &[]),
    ("room/libwebrtc", &["room/engine"]),
    ("room/os_info", &[]),
    ("room/contract", &["room/media"]),
    ("room/livekit", &["room/contract", "room/media"]),
    ("agent/turn", &[]),
    ("agent/contract", &["room/media"]),
    (
        "agent/session",
        &[
            "agent/contract",
            "agent/turn",
            "room/contract",
            "room/media",
        ],
    ),
    (
        "agent/tools",
        &["agent/contract", "agent/wire", "room/media"],
    ),
    ("agent/wire", &["agent/contract"]),
    ("agent/echo", &["room/contract", "room/media"]),
    ("agent/music", &["room/contract", "room/media"]),
    (
        "agent/providers/*",
        &["agent/contract", "agent/wire", "room/media"],
    ),
    ("tests/fakes", &[]),
    // Stands in for an outside service: knows how it speaks, and nothing of this house but its sound.
    ("connectors/twilio-twin", &["room/media"]),
    ("connectors/contract", &["room/contract", "room/media"]),
    (
        "connectors/*",
        &["connectors/contract", "room/contract", "room/media"],
    ),
    ("benches", &["room/*"]),
    (
        "tests/harness",
        &["agent/*", "agent/providers/*", "connectors/*", "room/*"],
    ),
];

/// Decide without a runtime, a socket or a clock.
const PURE: &[&str] = &["room/media", "agent/turn"];
/// Where the LiveKit SDK may be named; tests and benches may everywhere.
const KNOWS_LIVEKIT: &[&str] = &["room/livekit", "tests/harness"];
/// Names of services that one can buy. One file wires them, their own crates know them.
const VENDORS: &[&str] = &["twilio", "deepgram", "openai", "anthropic", "elevenlabs"];
/// Call C libraries, in modules that expect `unsafe_code` and give a reason; all other lints are the workspace's.
const CALLS_C: &[&str] = &["agent/providers/offline"];
const MOST_LINES: usize = 600;

#[test]
fn arrows_point_down() {
    let mut wrong = Vec::new();
    for package in packages() {
        let Some((_, allowed)) = ARROWS
            .iter()
            .find(|(folder, _)| fits(folder, &package.folder))
        else {
            wrong.push(format!("{} has no place in ARROWS", package.folder));
            continue;
        };
        for to in package.own_dependencies() {
            if !allowed.iter().any(|folder| fits(folder, &to)) {
                wrong.push(format!("{} -> {to}", package.folder));
            }
        }
    }
    assert_nothing(&wrong, "arrows point the wrong way");
}

#[test]
fn crates_are_called_after_their_folders() {
    let exceptions = [
        ("", "patchbay"),
        ("room/libwebrtc", "libwebrtc"),
        ("room/os_info", "os_info"),
    ];
    let named_otherwise: Vec<String> = packages()
        .iter()
        .filter(|p| !exceptions.contains(&(p.folder.as_str(), p.name.as_str())))
        .filter(|p| p.name != p.folder.replace('/', "-"))
        .map(|p| format!("{} is called {}", p.folder, p.name))
        .collect();

    assert_nothing(&named_otherwise, "a crate's name is its path");
}

#[test]
fn the_livekit_sdk_is_named_in_one_place() {
    let named: Vec<String> = packages()
        .iter()
        .filter(|p| !KNOWS_LIVEKIT.contains(&p.folder.as_str()))
        .flat_map(|p| p.with(|d| d == "livekit" || d.starts_with("livekit-") || d == "libwebrtc"))
        .collect();

    assert_nothing(&named, "only room/livekit knows the SDK");
}

#[test]
fn pure_crates_have_no_runtime_no_socket_and_no_clock() {
    let outside = ["tokio", "mio", "socket2", "reqwest", "async-std", "smol"];
    let mut wrong: Vec<String> = packages()
        .iter()
        .filter(|p| PURE.contains(&p.folder.as_str()))
        .flat_map(|p| p.with(|d| outside.contains(&d)))
        .collect();
    let forbidden = [
        "Instant::now",
        "SystemTime::now",
        "thread::sleep",
        "std::net",
        "std::fs",
        "async fn",
    ];
    for folder in PURE {
        let files = sources(&format!("{folder}/src"))
            .into_iter()
            .filter(|file| !is_test(file));
        wrong.extend(lines_with(&files.collect::<Vec<_>>(), &forbidden));
    }

    assert_nothing(&wrong, "time and I/O are arguments in pure crates");
}

fn is_wiring(file: &Path) -> bool {
    *file == root().join("src/wiring.rs") || file.starts_with(root().join("src/wiring"))
}

#[test]
fn concrete_parts_are_named_in_the_wiring_alone() {
    let files: Vec<PathBuf> = sources("src")
        .into_iter()
        .filter(|file| !is_wiring(file))
        .collect();
    let mut concrete = vec!["room_livekit::".to_owned()];
    for package in packages() {
        let is_plug_in =
            fits("connectors/*", &package.folder) || fits("agent/providers/*", &package.folder);
        if is_plug_in && package.folder != "connectors/contract" {
            concrete.push(package.name.replace('-', "_") + "::");
        }
    }
    let concrete: Vec<&str> = concrete.iter().map(String::as_str).collect();

    assert_nothing(
        &lines_with(&files, &concrete),
        "the wiring alone names concrete parts",
    );
}

#[test]
fn vendors_are_named_by_their_own_crates_alone() {
    let folders = [
        "room",
        "agent/echo",
        "agent/turn",
        "agent/contract",
        "agent/session",
        "agent/wire",
    ];
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|folder| sources(folder)).collect();
    // The configuration has to know the names of its variables, the API those of its routes.
    let own = [
        "src/config",
        "src/http/aliases.rs",
        "src/http/phone",
        "src/http/router.rs",
        "src/http/website",
        "src/phone",
        "src/commands/call",
        "src/commands/doctor/telephone.rs",
    ];
    files.extend(sources("src").into_iter().filter(|file| {
        let shown = shown(file);
        let is_own = own.iter().any(|own| shown.starts_with(own));
        !is_own && !is_wiring(file)
    }));

    assert_nothing(
        &lines_with(&files, VENDORS),
        "vendors have crates of their own",
    );
}

#[test]
fn the_engine_could_be_anybodys() {
    let mut wrong = lines_with(&sources("room/engine/src"), &["patchbay", "livekit"]);
    wrong.extend(lines_with(&sources("room/libwebrtc/src"), &["patchbay"]));

    assert_nothing(
        &wrong,
        "the engine knows neither this house nor who uses it",
    );
}

#[test]
fn files_hold_one_noun() {
    let mut wrong = Vec::new();
    for file in sources("") {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        let shown = shown(&file);
        if lines > MOST_LINES {
            wrong.push(format!("{shown} has {lines} lines"));
        }
        if !text.starts_with("//!") && !shown.ends_with("/tests.rs") {
            wrong.push(format!("{shown} does not open with a sentence of its own"));
        }
        if file.file_name().is_some_and(|name| name == "mod.rs") {
            wrong.push(format!("{shown} should stand beside its folder"));
        }
    }
    assert_nothing(
        &wrong,
        "files are small, say what they are, and are called after it",
    );
}

#[test]
fn tasks_have_owners_and_queues_have_bounds() {
    let files: Vec<PathBuf> = sources("")
        .into_iter()
        .filter(|file| !is_test(file))
        .collect();
    let mut wrong = lines_with(&files, &["unbounded_channel", "mpsc::unbounded("]);
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let bare = text
            .lines()
            .filter(|line| line.trim_start().starts_with("tokio::spawn("));
        wrong.extend(bare.map(|line| format!("{}: {}", shown(file), line.trim())));
    }
    assert_nothing(
        &wrong,
        "somebody waits for each task and each queue says what happens when full",
    );
}

#[test]
fn versions_and_lints_are_the_workspaces() {
    let mut wrong = Vec::new();
    for package in packages() {
        let manifest: toml::Table =
            fs::read_to_string(root().join(&package.folder).join("Cargo.toml"))
                .unwrap()
                .parse()
                .unwrap();
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            for (name, value) in dependencies {
                if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                    wrong.push(format!("{}: {name}", package.name));
                }
            }
        }
        let lints = manifest.get("lints").and_then(toml::Value::as_table);
        let kept = if CALLS_C.contains(&package.folder.as_str()) {
            lints == Some(&lints_for_c())
        } else {
            lints.is_some_and(|lints| lints.contains_key("workspace"))
        };
        if !kept {
            wrong.push(format!("{}: lints", package.name));
        }
    }
    assert_nothing(&wrong, "versions and lints are inherited");
}

#[test]
fn the_top_of_the_repository_keeps_its_shape() {
    let others: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .collect();

    assert_nothing(&others, "these do not belong at the top");
}

/// One crate of the workspace.
struct Package {
    name: String,
    /// Seen from the root, empty for the root itself.
    folder: String,
    /// What it needs outside its own tests: name and, for our own, folder.
    dependencies: Vec<(String, Option<String>)>,
}

impl Package {
    fn own_dependencies(&self) -> Vec<String> {
        self.dependencies
            .iter()
            .filter_map(|(_, folder)| folder.clone())
            .collect()
    }

    fn with(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let found = self.dependencies.iter().filter(|(name, _)| wanted(name));
        found
            .map(|(name, _)| format!("{} -> {name}", self.folder))
            .collect()
    }
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(package)
        .collect()
}

fn package(value: &Value) -> Package {
    let manifest = Path::new(value["manifest_path"].as_str().unwrap());
    let dependencies = value["dependencies"].as_array().unwrap().iter();
    // Tests may reach further than what they test.
    let dependencies = dependencies.filter(|d| d["kind"] != "dev").map(|d| {
        let folder = d["path"].as_str().map(|path| shown(Path::new(path)));
        (d["name"].as_str().unwrap().to_owned(), folder)
    });
    Package {
        name: value["name"].as_str().unwrap().to_owned(),
        folder: shown(manifest.parent().unwrap()),
        dependencies: dependencies.collect(),
    }
}

/// The workspace's lints with `unsafe_code` denied, which can be expected, instead of forbidden, which cannot.
fn lints_for_c() -> toml::Table {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let mut lints = manifest["workspace"]["lints"].as_table().unwrap().clone();
    let rust = lints.get_mut("rust").and_then(toml::Value::as_table_mut);
    rust.unwrap().insert("unsafe_code".into(), "deny".into());
    lints
}

/// Whether a folder fits a pattern in which `*` stands for one name.
fn fits(pattern: &str, folder: &str) -> bool {
    let (pattern, folder) = (pattern.split('/'), folder.split('/'));
    pattern.clone().count() == folder.clone().count()
        && pattern
            .zip(folder)
            .all(|(wanted, name)| wanted == "*" || wanted == name)
}

/// All Rust files below a folder that belong to the repository.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["target", "data", ".git", "node_modules"].contains(&name.as_str())
            {
                folders.push(path);
            } else if name.ends_with(".rs") {
                files.push(path);
            }
        }
    }
    files
}

fn is_test(file: &Path) -> bool {
    let shown = shown(file);
    ["tests", "benches"]
        .iter()
        .any(|part| shown.split('/').any(|name| name == *part))
        || shown.ends_with("tests.rs")
}

/// The lines that name one of `words`, whatever the case, outside the tests at a file's end.
fn lines_with(files: &[PathBuf], words: &[&str]) -> Vec<String> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let lines = text
            .lines()
            .take_while(|line| *line != "#[cfg(test)]")
            .enumerate();
        for (number, line) in lines {
            let line = line.to_lowercase();
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", shown(file), number + 1, line.trim()));
            }
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn assert_nothing(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}
