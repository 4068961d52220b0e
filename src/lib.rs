//! dfgen reads a repository and writes the Dockerfile and .dockerignore that an expert would have written for it.
//!
//! The way of the data: [`repo`] lists and reads, [`detect`] finds facts with evidence, `compose` says which
//! project plays what role, `plan` decides, `render` writes text, `emit` reads it back and puts it on disk.

pub mod answers;
pub mod detect;
pub mod error;
pub mod facts;
pub mod knowledge;
pub mod manifest;
pub mod repo;
pub mod source;
