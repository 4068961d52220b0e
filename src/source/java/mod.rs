//! What Java and Kotlin sources say: where they start, which ports they open, which variables and files they use.

pub mod file;
pub mod lex;
pub mod program;
