//! Go: what only the sources of a program say.

pub mod command;
pub mod constraint;
pub mod environment;
pub mod file;
pub mod header;
pub mod lex;
pub mod listen;
pub mod paths;
pub mod program;
pub mod scan;
mod setting;
mod tokens;
pub mod value;
