//! A format to a typed struct: pure functions from text, one file each. None of them knows the repository.

pub mod app_json;
pub mod bun_lock;
pub mod bunfig;
pub mod cargo_config;
pub mod cargo_lock;
pub mod cargo_toml;
pub mod compose;
pub mod dotenv;
pub mod go_mod;
pub mod go_work;
pub mod goreleaser;
pub mod gradle;
pub mod gradle_catalog;
pub mod helm;
pub mod ini;
pub mod java_properties;
pub mod json_lines;
pub mod kubernetes;
pub mod lock;
pub mod logback;
pub mod makefile;
pub mod maven_pom;
pub mod nginx_conf;
pub mod npmrc;
pub mod package_json;
pub mod package_lock;
pub mod php;
pub mod platforms;
pub mod pnpm_lock;
pub mod pnpm_workspace;
pub mod process;
pub mod procfile;
pub mod python;
pub mod rust_toolchain;
pub mod settings;
pub mod toml_tree;
pub mod tsconfig;
pub mod version_files;
pub mod xml;
pub mod yaml;
pub mod yarn_lock;
pub mod yarnrc;

/// The line, counted from 1, of a byte offset.
#[must_use]
pub fn line_at(text: &str, offset: usize) -> u32 {
    let end = offset.min(text.len());
    let lines = memchr::memchr_iter(b'\n', &text.as_bytes()[..end]).count();
    u32::try_from(lines).unwrap_or(u32::MAX - 1) + 1
}

/// The line of the first place that holds `needle`.
#[must_use]
pub fn line_of(text: &str, needle: &str) -> Option<u32> {
    memchr::memmem::find(text.as_bytes(), needle.as_bytes()).map(|offset| line_at(text, offset))
}
