//! Reads a web server's configuration of the project's own: where it listens, what it serves, whether it falls back.

use super::yaml::Lined;

/// What an nginx configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NginxConf {
    /// Where it belongs.
    pub scope: Scope,
    /// The ports of its servers.
    pub listen: Vec<Lined<u16>>,
    /// The folders that it serves.
    pub roots: Vec<Lined<String>>,
    /// Unknown paths get index.html: the site routes in the browser.
    pub fallback: bool,
    /// What it passes requests on to, servers of `upstream` among them.
    pub proxies: Vec<Lined<String>>,
    /// It has variables in `${}` that envsubst fills in.
    pub is_template: bool,
    /// The line of a brace without its partner: nginx would not start.
    pub unpaired: Option<u32>,
}

/// Where an nginx configuration belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// It has `http` or `events`: a whole nginx.conf.
    Whole,
    /// It has a `server` and nothing around it: a file for conf.d.
    Server,
    /// It has neither: something that others include.
    #[default]
    Part,
}

/// Reads it; what nginx would refuse is read as far as it goes.
#[must_use]
pub fn parse(text: &str) -> NginxConf {
    let mut conf = NginxConf::default();
    let mut blocks: Vec<String> = Vec::new();
    let mut opened: Vec<u32> = Vec::new();
    let mut words: Vec<Lined<String>> = Vec::new();
    for token in Tokens::new(text) {
        match token.value {
            Token::Word(word) => words.push(Lined::new(word, token.line)),
            Token::End => {
                conf.directive(&std::mem::take(&mut words), blocks.last().map_or("", String::as_str));
            }
            Token::Open => {
                let name = words.first().map(|word| word.value.clone()).unwrap_or_default();
                words.clear();
                conf.scope = match name.as_str() {
                    "http" | "events" => Scope::Whole,
                    "server" if conf.scope == Scope::Part && blocks.is_empty() => Scope::Server,
                    _ => conf.scope,
                };
                blocks.push(name);
                opened.push(token.line);
            }
            Token::Close => {
                blocks.pop();
                if opened.pop().is_none() {
                    conf.unpaired.get_or_insert(token.line);
                }
                words.clear();
            }
        }
    }
    conf.unpaired = conf.unpaired.or(opened.last().copied());
    conf.is_template = text.contains("${");
    conf
}

impl NginxConf {
    fn directive(&mut self, words: &[Lined<String>], block: &str) {
        let Some((name, arguments)) = words.split_first() else { return };
        let first = arguments.first();
        let text = || first.map(|word| Lined::new(word.value.clone(), word.line));
        match name.value.as_str() {
            "listen" => {
                let port = first.and_then(|word| Some(Lined::new(port(&word.value)?, word.line)));
                self.listen
                    .extend(port.filter(|port| self.listen.iter().all(|known| known.value != port.value)));
            }
            "root" => self.roots.extend(text()),
            "try_files" | "error_page" => {
                self.fallback |= arguments.iter().skip(1).any(|word| is_index(&word.value));
            }
            "proxy_pass" | "fastcgi_pass" | "uwsgi_pass" | "grpc_pass" => self.proxies.extend(text()),
            "server" if block == "upstream" => self.proxies.extend(text()),
            _ => {}
        }
    }
}

fn is_index(word: &str) -> bool {
    matches!(word, "/index.html" | "index.html") || word.starts_with("/index.html?")
}

/// `80`, `[::]:80`, `0.0.0.0:80`, `*:80`; an address alone means 80.
fn port(word: &str) -> Option<u16> {
    if word.starts_with("unix:") {
        return None;
    }
    let number = word.rsplit_once(':').map_or(word, |(_, number)| number);
    match number.parse::<u16>() {
        Ok(port) => Some(port).filter(|port| *port != 0),
        Err(_) => (!word.contains(['$', '{']) && (word.contains('.') || word.ends_with(']'))).then_some(80),
    }
}

enum Token {
    Word(String),
    End,
    Open,
    Close,
}

struct Tokens<'a> {
    letters: std::iter::Peekable<std::str::Chars<'a>>,
    line: u32,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self { letters: text.chars().peekable(), line: 1 }
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.letters.next()?;
        self.line = self.line.saturating_add(u32::from(letter == '\n'));
        Some(letter)
    }

    fn comment(&mut self) {
        while self.letters.next_if(|letter| *letter != '\n').is_some() {}
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut word = String::new();
        while let Some(letter) = self.take() {
            match letter {
                letter if letter == quote => break,
                '\\' => word.extend(self.take()),
                letter => word.push(letter),
            }
        }
        word
    }

    /// A word ends at white space, `;` or a brace that is not a variable's.
    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        let mut variable = false;
        while let Some(next) = self.letters.peek().copied() {
            match next {
                '{' if word.ends_with('$') => variable = true,
                '}' if variable => variable = false,
                '{' | '}' | ';' => break,
                next if next.is_whitespace() => break,
                _ => {}
            }
            word.extend(self.take());
        }
        word
    }
}

impl Iterator for Tokens<'_> {
    type Item = Lined<Token>;

    fn next(&mut self) -> Option<Lined<Token>> {
        loop {
            let letter = self.take()?;
            let line = self.line;
            let token = match letter {
                '#' => {
                    self.comment();
                    continue;
                }
                letter if letter.is_whitespace() => continue,
                ';' => Token::End,
                '{' => Token::Open,
                '}' => Token::Close,
                '"' | '\'' => Token::Word(self.quoted(letter)),
                letter => Token::Word(self.word(letter)),
            };
            return Some(Lined::new(token, line));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_site_that_routes_in_the_browser() {
        let conf = parse(
            "# listen 1;\nserver {\n  listen 8080 default_server;\n  listen [::]:8080;\n  root /usr/share/nginx/html;\n  location / {\n    try_files $uri $uri/ /index.html =404;\n  }\n}\n",
        );
        assert_eq!(conf.listen, [Lined::new(8080, 3)]);
        assert_eq!(conf.roots, [Lined::new("/usr/share/nginx/html".to_owned(), 5)]);
        assert!(conf.fallback && conf.scope == Scope::Server && !conf.is_template);
    }

    #[test]
    fn a_whole_file_that_passes_on() {
        let conf = parse(
            "events {}\nhttp {\n upstream api { server backend:3000; }\n server { listen 127.0.0.1; listen unix:/x; listen ${PORT};\n location ~ '^/a{2};' { proxy_pass http://api; }\n location / { try_files $uri =404; } } }\n",
        );
        assert!(conf.scope == Scope::Whole && !conf.fallback && conf.is_template);
        assert_eq!(conf.listen, [Lined::new(80, 4)]);
        let proxies: Vec<_> = conf.proxies.iter().map(|it| it.value.as_str()).collect();
        assert_eq!(proxies, ["backend:3000", "http://api"]);
    }

    #[test]
    fn braces_without_a_partner_are_found() {
        assert_eq!(parse("server {\n  location / {\n  }\n").unpaired, Some(1));
        assert_eq!(parse("server {\n}\n}\n").unpaired, Some(3));
        assert_eq!(parse("server { location ~ '^/a{2};' { } listen ${PORT}; }").unpaired, None);
    }

    #[test]
    fn an_error_page_falls_back_too() {
        assert!(parse("server { error_page 404 =200 /index.html; }").fallback);
        assert!(!parse("server { error_page 404 /404.html; index index.html; }").fallback);
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[a{};$"'#\\ \n]{0,60}"#) {
            let _ = parse(&text);
        }
    }
}
