//! Reads `detectors/*.toml` once, while dfgen is compiled: the binary carries them as JSON, which a start reads an order
//! of magnitude faster than TOML. A table that does not parse fails the build, at its line.
//!
//! What `src/knowledge` reads on demand is taken out of its table into `PARTS`, so that a start does not even pass over
//! it: the table holds the part's number.
//!
//! `include_dir!` does not notice a new file: the first lines make cargo look at both folders.

#![expect(
    clippy::disallowed_methods,
    reason = "what is forbidden to dfgen while it runs is how its tables come into it while it is compiled"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// Values of a language's table that are a `Lazy` in `src/knowledge`.
const VALUES: [&str; 14] = [
    "brings",
    "ceilings",
    "conflicts",
    "downloads",
    "frameworks",
    "gates",
    "jvm",
    "packages",
    "php",
    "programs",
    "servers",
    "supports",
    "tools",
    "unlocked",
];

/// Tables of `_bases.toml` and `_system.toml` each of whose values is one.
const TABLES: [&str; 3] = ["capabilities", "images", "toolchains"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=detectors");
    println!("cargo::rerun-if-changed=templates");
    let mut files: Vec<PathBuf> =
        fs::read_dir("detectors")?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let (mut rows, mut parts) = (String::new(), Vec::new());
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name that is not UTF-8")?;
        let mut table = table(path)?;
        let names: &[&str] = if name.starts_with('_') { &[] } else { &VALUES };
        take_parts(&mut table, names, &mut parts);
        writeln!(rows, "    ({name:?}, {:?}),", table.to_string())?;
    }
    let out = Path::new(&env::var("OUT_DIR")?).join("tables.rs");
    let tables =
        format!("static TABLES: &[(&str, &str)] = &[\n{rows}];\nstatic PARTS: &[&str] = &{parts:?};\n");
    fs::write(out, tables)?;
    Ok(())
}

fn table(path: &Path) -> Result<Value, Box<dyn Error>> {
    let table: toml::Table =
        toml::from_str(&fs::read_to_string(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::to_value(table)?)
}

/// Takes out the values called `names`, and every value of a table of [`TABLES`].
fn take_parts(table: &mut Value, names: &[&str], parts: &mut Vec<String>) {
    let Some(table) = table.as_object_mut() else { return };
    let mut take = |value: &mut Value| {
        let number = parts.len();
        parts.push(std::mem::replace(value, Value::String(format!("@part {number}"))).to_string());
    };
    for (name, value) in table {
        if names.contains(&name.as_str()) {
            take(value);
        } else if TABLES.contains(&name.as_str()) {
            value.as_object_mut().into_iter().flatten().for_each(|(_, value)| take(value));
        }
    }
}
