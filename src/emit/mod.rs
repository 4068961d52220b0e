//! Reads its own output back, and is the only writer.

pub mod bake;
pub mod dockerfile;
pub mod dockerignore;
pub mod lock;
pub mod verify;
pub mod write;
