//! What only code says: main packages, the port in a flag's default, folders written. Readers that know a
//! language's comments and strings; they take text and give facts, and never fail.

pub mod command;
pub mod go;
pub mod java;
pub mod js;
pub mod php;
pub mod ports;
pub mod python;
pub mod rust;
