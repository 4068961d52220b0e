//! A format to a typed struct: pure functions from text, one file each. None of them knows the repository.

/// The line, counted from 1, of a byte offset.
#[must_use]
pub fn line_at(text: &str, offset: usize) -> u32 {
    let end = offset.min(text.len());
    let lines = text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines).unwrap_or(u32::MAX - 1) + 1
}
