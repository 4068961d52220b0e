//! dfgen reads a repository and writes the Dockerfile and .dockerignore that an expert would have written for it.
//!
//! The way of the data: [`repo`] lists and reads, [`detect`] finds facts with evidence, [`compose`] says which
//! project plays what role, [`plan`] decides, [`render`] writes text, [`emit`] reads it back and puts it on disk.
//! [`generate`] is that way in one function, [`cli`] the door in front of it.

pub mod answers;
pub mod cli;
pub mod compose;
pub mod detect;
pub mod emit;
pub mod error;
pub mod explain;
pub mod facts;
pub mod generate;
pub mod knowledge;
pub mod manifest;
pub mod merge;
pub mod parallel;
pub mod plan;
pub mod render;
pub mod repo;
pub mod report;
pub mod review;
pub mod source;
pub mod text;
pub mod update;
