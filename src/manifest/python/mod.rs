//! Formats of the Python world: requirements, manifests, lock files and the specifiers of PEP 440 that they share.

pub mod lock;
pub mod pep440;
pub mod pip_conf;
pub mod pipfile;
pub mod project;
pub mod requirements;
pub mod setup;
pub mod version_files;
pub mod wheel;

/// A package's name as indexes compare it (PEP 503): `Flask_Login` and `flask-login` are one.
#[must_use]
pub fn normal(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.trim().chars() {
        match letter {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            letter => normal.extend(letter.to_lowercase()),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_compared_as_indexes_do() {
        assert_eq!(super::normal("Flask_Login"), "flask-login");
        assert_eq!(super::normal("zope.interface"), "zope-interface");
        assert_eq!(super::normal("A--_b"), "a-b");
    }
}
