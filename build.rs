//! `include_dir!` does not notice a new file: these lines make cargo look at both folders.
fn main() {
    println!("cargo::rerun-if-changed=detectors");
    println!("cargo::rerun-if-changed=templates");
}
