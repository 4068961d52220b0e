//! INI files: sections of keys and values, as flat settings.

use super::settings::Setting;

/// The settings of a file, the section in front of the key; what is commented out counts for nothing.
#[must_use]
pub fn read(text: &str) -> Vec<Setting> {
    let mut section = String::new();
    let mut all = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1u32..) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.trim().clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once('=') {
            let key =
                if section.is_empty() { key.trim().to_owned() } else { format!("{section}.{}", key.trim()) };
            let value = value.trim().trim_matches(['"', '`']).to_owned();
            all.push(Setting { key, value, profile: None, line: number });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn keys_have_their_section() {
        let all = read("NAME = x\n[server]\n; HTTP_PORT = 1\nHTTP_PORT = 3000\n[]\nplain\n");
        let told: Vec<_> = all.iter().map(|one| (one.key.as_str(), one.value.as_str(), one.line)).collect();
        assert_eq!(told, [("NAME", "x", 1), ("server.HTTP_PORT", "3000", 4)]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)[a-b=\\[\\]#;\"` \n]{0,60}") {
            let _ = read(&text);
        }
    }
}
