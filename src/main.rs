//! `dfgen`, the program: everything is in the library's `cli`.

fn main() -> std::process::ExitCode {
    dfgen::cli::main()
}
