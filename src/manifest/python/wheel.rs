//! Names of wheels: which interpreters, which C library and which machines a built package is for.

/// What the name of a wheel says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wheel {
    pythons: Vec<String>,
    abis: Vec<String>,
    platforms: Vec<String>,
}

impl Wheel {
    /// Reads `numpy-2.1.0-cp313-cp313-manylinux_2_17_x86_64.whl`; `None` where it is no wheel's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.rsplit('/').next()?.split(['?', '#']).next()?.strip_suffix(".whl")?;
        let mut parts = name.rsplit('-');
        let tags = |part: &str| part.split('.').map(str::to_owned).collect();
        let (platforms, abis, pythons) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next()?;
        Some(Self { pythons: tags(pythons), abis: tags(abis), platforms: tags(platforms) })
    }

    /// Runs on every machine: no code of a processor in it.
    #[must_use]
    pub fn is_portable(&self) -> bool {
        self.platforms.iter().any(|one| one == "any")
    }

    /// Runs on Linux with glibc, on the processor that most servers have.
    #[must_use]
    pub fn is_glibc(&self) -> bool {
        let fits =
            |one: &String| one.starts_with("manylinux") && one.ends_with("x86_64") || one == "linux_x86_64";
        self.is_portable() || self.platforms.iter().any(fits)
    }

    /// Runs on Linux with musl.
    #[must_use]
    pub fn is_musl(&self) -> bool {
        let fits = |one: &String| one.starts_with("musllinux") && one.ends_with("x86_64");
        self.is_portable() || self.platforms.iter().any(fits)
    }

    /// Whether an interpreter of a minor version (`13` of 3.13) can load it.
    #[must_use]
    pub fn fits(&self, minor: u32) -> bool {
        self.pythons.iter().any(|tag| match tag.as_str() {
            "py3" => true,
            _ if tag.starts_with("py3") => numbered(tag, "py3").is_some_and(|least| least <= minor),
            _ => match numbered(tag, "cp3") {
                Some(least) if self.abis.iter().any(|abi| abi == "abi3") => least <= minor,
                // An interpreter's own tag without an ABI: every later one can read it.
                Some(least) if self.abis.iter().all(|abi| abi == "none") => least <= minor,
                Some(own) => own == minor,
                None => false,
            },
        })
    }
}

fn numbered(tag: &str, prefix: &str) -> Option<u32> {
    tag.strip_prefix(prefix)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wheel(name: &str) -> Wheel {
        Wheel::parse(name).unwrap()
    }

    #[test]
    fn which_interpreters() {
        let numpy = wheel("numpy-2.1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
        assert!(numpy.fits(13) && !numpy.fits(14) && numpy.is_glibc() && !numpy.is_musl());
        let cryptography = wheel("cryptography-44.0.0-cp39-abi3-musllinux_1_2_x86_64.whl");
        assert!(cryptography.fits(14) && !cryptography.fits(8) && cryptography.is_musl());
        let six = wheel("six-1.16.0-py2.py3-none-any.whl");
        assert!(six.fits(14) && six.is_portable());
        assert!(!wheel("old-1.0-py2-none-any.whl").fits(9));
        assert!(!wheel("pywin32-306-cp311-cp311-win_amd64.whl").is_glibc());
        assert!(wheel("torch-2.1.0-cp311-none-macosx_11_0_arm64.whl").fits(11));
        assert!(wheel("uv-0.5.1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl").fits(12));
        assert_eq!(Wheel::parse("x-1.0.tar.gz"), None);
    }
}
