//! Reads `detectors/*.toml` once, while dfgen is compiled: the binary carries them as JSON, which a start reads an order
//! of magnitude faster than TOML. A table that does not parse fails the build, at its line.
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

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=detectors");
    println!("cargo::rerun-if-changed=templates");
    let mut files: Vec<PathBuf> =
        fs::read_dir("detectors")?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let mut rows = String::new();
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name that is not UTF-8")?;
        writeln!(rows, "    ({name:?}, {:?}),", json(path)?)?;
    }
    let out = Path::new(&env::var("OUT_DIR")?).join("tables.rs");
    fs::write(out, format!("static TABLES: &[(&str, &str)] = &[\n{rows}];\n"))?;
    Ok(())
}

fn json(path: &Path) -> Result<String, Box<dyn Error>> {
    let table: toml::Table =
        toml::from_str(&fs::read_to_string(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::to_string(&table)?)
}
