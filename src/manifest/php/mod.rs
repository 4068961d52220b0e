//! Composer's files: the manifest, the lock file, its grammar of constraints, and Apache's settings of a folder.

pub mod composer;
pub mod constraint;
pub mod htaccess;
pub mod lock;
