//! Readers of Rust sources, on tokens: where a program listens, what it reads, writes and asks of its environment.

mod branches;
pub mod cfg;
pub mod command;
pub mod environment;
mod fields;
pub mod file;
pub mod items;
pub mod lex;
pub mod listen;
pub mod paths;
pub mod program;
mod strip;
pub mod value;
